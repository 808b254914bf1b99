"""Virtual hosts of RabbitMQ for tests, made several at a time: each call of rabbitmqctl starts a machine of its own.

Those that were used go when the next are made, for each holds files open; the rest when the process ends.
"""

import atexit
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

from ops.stack import rabbitmqctl

AT_ONCE = 4
DELETE = """lists:foreach(fun(Name) -> rabbit_vhost:delete(Name, <<"tests">>) end, [{names}])."""
MAKE = """lists:foreach(fun(Name) ->
    ok = rabbit_vhost:add(Name, <<"tests">>),
    ok = rabbit_auth_backend_internal:set_permissions(<<"{user}">>, Name, <<".*">>, <<".*">>, <<".*">>, <<"tests">>)
end, [{names}])."""

_fresh: list[str] = []
_used: list[str] = []


@contextmanager
def fresh_vhost(server: str) -> Iterator[str]:
    """The address of a virtual host that nobody has used: fresh_vhost("amqp://guest:guest@127.0.0.1:5672/")."""
    parts = urlsplit(server)
    if not _fresh:
        _make(parts.username or "guest")
    name = _fresh.pop()
    try:
        yield urlunsplit(parts._replace(path=f"/{name}"))
    finally:
        _used.append(name)


def _make(user: str) -> None:
    _delete()
    names = [f"test_{uuid4().hex[:12]}" for _ in range(AT_ONCE)]
    _fresh.extend(names)
    rabbitmqctl("eval", MAKE.format(user=user, names=_listed(names)))


def _delete() -> None:
    names = [*_used, *_fresh]
    if names:
        rabbitmqctl("eval", DELETE.format(names=_listed(names)))
    _used.clear()
    _fresh.clear()


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f'<<"{name}">>' for name in names)


atexit.register(_delete)
