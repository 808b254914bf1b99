"""Make the secrets of the container stack, in ./secrets/. What is there stays; needs nothing but Python itself.

    python3 ops/docker/make_secrets.py [FOLDER]

One password per role: each service has one in PostgreSQL for its work, one for its migrations, and one in RabbitMQ. The
services' keys are made inside the stack, since no two of them may share a file.
"""

import base64
import hashlib
import json
import os
import secrets
import sys
from pathlib import Path
from typing import Any

SERVICES = ("intake", "workflow", "notify", "audit", "insight")
VHOST = "lang-nghe"


def main(folder: Path) -> None:
    """Write what is missing. The broker's definitions are written anew: they hold only hashes of the passwords."""
    # Containers run under ids of their own and must read these files; the folder keeps others on this machine out.
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _write(folder / ".gitignore", "*\n")
    for name in names():
        _keep(folder / name, secrets.token_urlsafe(32))
    passwords = {service: (folder / f"{service}_broker_password").read_text() for service in SERVICES}
    _write(folder / "rabbitmq_definitions.json", json.dumps(definitions(passwords), indent=1))


def names() -> list[str]:
    """All secrets that are random words."""
    roles = [f"{s}_{kind}_password" for s in SERVICES for kind in ("database", "owner", "broker")]
    return ["postgres_password", "session_secret", "feed_token", *roles]


def definitions(passwords: dict[str, str]) -> dict[str, Any]:
    """The broker's users and what each may do. Exchanges and queues are declared by the services themselves."""
    return {
        "vhosts": [{"name": VHOST}],
        "users": [
            {
                "name": service,
                "password_hash": password_hash(password),
                "hashing_algorithm": "rabbit_password_hashing_sha256",
                "tags": [],
            }
            for service, password in passwords.items()
        ],
        "permissions": [permissions(service) for service in passwords],
        "topic_permissions": [
            # Under its own name only may a service speak; it may listen to everybody, and cannot read what is sealed.
            {"user": service, "vhost": VHOST, "exchange": "events", "write": rf"^{service}\..*", "read": ".*"}
            for service in passwords
        ],
    }


def permissions(service: str) -> dict[str, str]:
    """What a service needs to declare and bind its two queues, to speak and to hear, and no more.

    The broker asks for `write` on a queue that is bound and on the exchange that its dead letters go to, and for `read`
    on an exchange that is bound.
    """
    own = rf"^(events|events\.dead|{service}\.(events|dead))$"
    return {"user": service, "vhost": VHOST, "configure": own, "write": own, "read": own}


def password_hash(password: str, salt: bytes | None = None) -> str:
    """As RabbitMQ keeps it: four bytes of salt and the SHA-256 of salt and password, in base64."""
    salt = salt or secrets.token_bytes(4)
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()


def _keep(path: Path, value: str) -> None:
    if not path.exists():
        _write(path, value)


def _write(path: Path, value: str) -> None:
    fresh = path.with_name(path.name + ".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644), "w") as file:
        file.write(value)
    fresh.chmod(0o644)  # whatever the umask is
    fresh.replace(path)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "secrets"))
