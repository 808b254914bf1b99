"""Settings: read once from the environment, checked, and refused by name when they are wrong."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

SERVICES = ("intake", "workflow", "notify", "audit", "insight")


class BadSetting(Exception):
    """A setting is missing or malformed; the message names the variable and says what to do."""


@dataclass(frozen=True)
class Environment:
    """The environment's variables, each read with a type. Every getter raises BadSetting."""

    values: Mapping[str, str]

    def text(self, name: str, default: str | None = None) -> str:
        value = self.values.get(name, "").strip() or default
        if value is None:
            raise BadSetting(f"{name} is not set")
        return value

    def url(self, name: str, default: str | None = None) -> str:
        """A URL with a scheme. `NAME_PASSWORD_FILE`'s content, if given, becomes its password."""
        value = self.text(name, default)
        if not urlsplit(value).scheme:
            raise BadSetting(f"{name} must be a URL with a scheme, such as smtp://host:25; it is {value!r}")
        return self._with_password(name, value)

    def _with_password(self, name: str, value: str) -> str:
        variable = name.removesuffix("_URL") + "_PASSWORD"
        if f"{variable}_FILE" not in self.values and variable not in self.values:
            return value
        scheme, rest = value.split("://", 1)
        user, at, host = rest.partition("@")
        if not at:
            raise BadSetting(f"{variable} is given, so {name} must name a user: {scheme}://user@host")
        return f"{scheme}://{user.split(':')[0]}:{quote(self.secret(variable), safe='')}@{host}"

    def path(self, name: str, default: Path | str | None = None) -> Path:
        return Path(self.text(name, None if default is None else str(default))).expanduser().absolute()

    def integer(self, name: str, default: int, *, low: int = 0, high: int = 2**31) -> int:
        value = self.text(name, str(default))
        if not value.isdecimal() or not low <= int(value) <= high:
            raise BadSetting(f"{name} must be a whole number from {low} to {high}; it is {value!r}")
        return int(value)

    def flag(self, name: str, default: bool = False) -> bool:
        value = self.text(name, "yes" if default else "no").lower()
        if value not in {"yes", "no", "true", "false", "1", "0", "on", "off"}:
            raise BadSetting(f"{name} must be yes or no; it is {value!r}")
        return value in {"yes", "true", "1", "on"}

    def secret(self, name: str, default: str | None = None) -> str:
        """A secret from NAME, or from the file that NAME_FILE names."""
        file = self.values.get(f"{name}_FILE", "").strip()
        if not file:
            return self.text(name, default)
        try:
            value = Path(file).read_text(encoding="utf-8").strip()
        except OSError as problem:
            raise BadSetting(f"{name}_FILE cannot be read: {file} ({problem.strerror})") from None
        if not value:
            raise BadSetting(f"{name}_FILE is empty: {file}")
        return value


@dataclass(frozen=True)
class Settings:
    """What all services need. What only one needs it reads itself, from `environment`, in its `__main__`."""

    service: str
    database_url: str  # sqlite:///… or postgresql+psycopg://…
    broker_url: str  # inproc://… or amqp://…
    config_dir: Path
    keys_dir: Path
    files_dir: Path
    public_url: str  # no slash at its end
    session_secret: str
    feed_url: str  # address of a service's feed, with {service} in it; empty: same process
    feed_token: str
    log_format: str  # console, json
    environment: Environment

    @property
    def is_embedded(self) -> bool:
        return self.broker_url.startswith("inproc:")

    def feed_of(self, service: str) -> str:
        """The address of another service's feed."""
        return self.environment.url(f"FEED_URL_{service.upper()}", self.feed_url.format(service=service))


def read_settings(service: str, values: Mapping[str, str]) -> Settings:
    """The settings of one service. Raises BadSetting, naming the variable."""
    if service not in SERVICES:
        raise BadSetting(f"there is no service {service!r}; there are {', '.join(SERVICES)}")
    known = Environment(values)
    var = known.path("VAR_DIR", "var")
    settings = Settings(
        service=service,
        database_url=known.url("DATABASE_URL", f"sqlite:///{var / service}.sqlite"),
        broker_url=known.url("BROKER_URL", "inproc://lang-nghe"),
        config_dir=known.path("CONFIG_DIR", "config"),
        keys_dir=known.path("KEYS_DIR", var / "keys"),
        files_dir=known.path("FILES_DIR", var / "files"),
        public_url=known.url("PUBLIC_URL", f"http://127.0.0.1:{known.integer('PORT', 8000, low=1, high=65535)}").rstrip(
            "/"
        ),
        session_secret=known.secret("SESSION_SECRET", secrets.token_hex(32)),
        feed_url=known.text("FEED_URL", "-").removeprefix("-"),
        feed_token=known.secret("FEED_TOKEN", "-").removeprefix("-"),
        log_format=known.text("LOG_FORMAT", "console"),
        environment=known,
    )
    _check(settings)
    return settings


def _check(settings: Settings) -> None:
    if not settings.database_url.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise BadSetting("DATABASE_URL must begin with sqlite:/// or postgresql+psycopg://")
    if not settings.broker_url.startswith(("inproc://", "amqp://", "amqps://")):
        raise BadSetting("BROKER_URL must begin with amqp://, amqps:// or inproc://")
    if not settings.public_url.startswith(("http://", "https://")):
        raise BadSetting("PUBLIC_URL must begin with http:// or https://")
    if not settings.config_dir.is_dir():
        raise BadSetting(f"CONFIG_DIR is no folder: {settings.config_dir}")
    if settings.log_format not in {"console", "json"}:
        raise BadSetting("LOG_FORMAT must be console or json")
    if not settings.is_embedded:
        if not settings.feed_url or "{service}" not in settings.feed_url:
            raise BadSetting("FEED_URL must be set, such as http://{service}-web:8000, for repair after a loss")
        if len(settings.feed_token) < 16:
            raise BadSetting("FEED_TOKEN must be set (16 characters or more), by FEED_TOKEN or FEED_TOKEN_FILE")
        if settings.environment.secret("SESSION_SECRET", "-") == "-":
            raise BadSetting("SESSION_SECRET must be set, by SESSION_SECRET or SESSION_SECRET_FILE")
