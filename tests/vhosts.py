"""Virtual hosts of RabbitMQ for tests, made several at a time: each call of rabbitmqctl starts a machine of its own.

They are deleted when the process ends.
"""

import atexit
from collections.abc import Sequence
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

from ops.stack import rabbitmqctl

AT_ONCE = 8
MAKE = """lists:foreach(fun(Name) ->
    ok = rabbit_vhost:add(Name, <<"tests">>),
    ok = rabbit_auth_backend_internal:set_permissions(<<"{user}">>, Name, <<".*">>, <<".*">>, <<".*">>, <<"tests">>)
end, [{names}])."""
DELETE = """lists:foreach(fun(Name) -> rabbit_vhost:delete(Name, <<"tests">>) end, [{names}])."""

_made: list[str] = []
_fresh: list[str] = []


def fresh_vhost(server: str) -> str:
    """The address of a virtual host that nobody has used: fresh_vhost("amqp://guest:guest@127.0.0.1:5672/")."""
    parts = urlsplit(server)
    if not _fresh:
        _make(parts.username or "guest")
    return urlunsplit(parts._replace(path=f"/{_fresh.pop()}"))


def _make(user: str) -> None:
    if not _made:
        atexit.register(_delete)
    names = [f"test_{uuid4().hex[:12]}" for _ in range(AT_ONCE)]
    _made.extend(names)
    rabbitmqctl("eval", MAKE.format(user=user, names=_listed(names)))
    _fresh.extend(names)


def _delete() -> None:
    rabbitmqctl("eval", DELETE.format(names=_listed(_made)))


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f'<<"{name}">>' for name in names)
