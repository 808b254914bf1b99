"""One service's web application, dressed: headers, errors, languages, assets, limits, health and figures."""

import time
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from types import CodeType
from typing import Any
from urllib.parse import urlencode

from apiflask import APIFlask
from flask import Request, Response, current_app, g, jsonify, request, url_for
from flask.typing import ResponseReturnValue
from flask_limiter import Limiter
from flask_wtf.csrf import CSRFProtect, generate_csrf
from jinja2 import BytecodeCache, ChoiceLoader, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket
from limits import parse
from limits.errors import ConfigurationError
from werkzeug.formparser import FormDataParser
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import BuildError

from shared import telemetry
from shared.files import file_kind, file_state
from shared.settings import BadSetting, Settings
from shared.telemetry import HTTP_REQUESTS, HTTP_SECONDS, log
from shared.web import errors, guard, i18n
from shared.web.assets import Assets
from shared.web.org import Org, read_org

KIT = Path(__file__).parent
KIT_FOLDERS = ("css", "js", "fonts", "img", "vendor")
BODY_LIMIT = 2 * 1024 * 1024  # bytes; a view that takes files raises it for itself
YEAR_S = 31_536_000

Check = Callable[[], object]


class NamedParts(FormDataParser):
    """A form without its parts that have no name: no view has to think of them."""

    def parse(self, *given: Any, **more: Any) -> Any:
        stream, form, files = super().parse(*given, **more)
        named = [self.cls(one for one in some.items(multi=True) if one[0] is not None) for some in (form, files)]
        return stream, *named


class WebRequest(Request):
    form_data_parser_class = NamedParts


class WebApp(APIFlask):
    """A Flask application with the kit's few own words: refuses, limit, ready_check."""

    request_class = WebRequest

    def __init__(self, import_name: str, settings: Settings, *, is_staff: bool, openapi: str) -> None:
        super().__init__(
            import_name,
            title="Lắng Nghe",
            version="1.0",
            spec_path=openapi or None,
            docs_path=None,
            json_errors=False,
            static_folder=None,  # type: ignore[arg-type]  # Flask takes None: our own route serves the files
        )
        self.settings = settings
        self.is_staff = is_staff
        self.folder = _package_folder(import_name, self.root_path)
        self.org: Org = read_org(settings.config_dir / "org.yaml")
        self.language_of: Callable[[], str | None] = lambda: None
        self.person_of: Callable[[], Any] = lambda: None
        self.desk_name = ""
        self.home = "/"
        self.way_back: Callable[[], errors.WayBack | None] = lambda: None
        self.csrf: CSRFProtect | None = None
        self.limiter = _limiter(settings)
        self._checks: dict[str, Check] = {}
        self.extensions["web"] = self

    def refuses(self, refusal: type[Exception], status: int, *, words: str = "") -> None:
        """An anticipated refusal of the domain becomes a page (or a problem document) with this status."""
        self.register_error_handler(refusal, errors.on_refusal(status, words))

    def limit(
        self,
        rates: str,
        *,
        methods: list[str] | None = None,
        key: Callable[[], str] | None = None,
        counts: Callable[[Response], bool] | None = None,
    ) -> Any:
        """A decorator for a view: so many requests for one address, or one key.

        `rates` is written like "5 per minute; 30 per hour"; `counts` says of an answer whether it counts at all.
        """
        return self.limiter.limit(rates, methods=methods, key_func=key or guard.client_address, deduct_when=counts)

    def within(self, rate: str, *whom: str, is_counted: bool = True) -> bool:
        """Whether so much is still within a rate, counted now unless only looked at. True where nothing can be counted:
        who sends must not suffer from that.
        """
        try:
            count = self.limiter.limiter.hit if is_counted else self.limiter.limiter.test
            return bool(count(parse(rate), *whom))
        except Exception:
            log.warning("cannot count", rate=rate, exc_info=True)
            return True

    def ready_check(self, name: str, check: Check) -> None:
        """What must work before requests are sent here; it raises when it does not."""
        self._checks[name] = check

    def place(self, words: str) -> None:
        """The name of this staff place, shown in its head."""
        self.desk_name = words

    def log_exception(self, exc_info: Any) -> None:
        log.error("unexpected error", route=_route(), method=request.method, exc_info=exc_info)

    def readiness(self) -> Response:
        """Each check by name: ok, or failing. Reasons go to the log, not to who asks."""
        found = {}
        for name, check in self._checks.items():
            try:
                check()
                found[name] = "ok"
            except Exception:
                log.warning("not ready", check=name, exc_info=True)
                found[name] = "failing"
        is_ready = set(found.values()) <= {"ok"}
        response = jsonify(ready=is_ready, checks=found)
        response.status_code = 200 if is_ready else 503
        return response


def make_app(import_name: str, settings: Settings, *, is_staff: bool = False, openapi: str = "") -> WebApp:
    """An application with everything a service's pages need; add routes to it. Raises BadSetting.

    `openapi` is the address of the OpenAPI document of its /api/ paths, or empty.
    """
    app = WebApp(import_name, settings, is_staff=is_staff, openapi=openapi)
    _configure(app)
    _dress(app)
    _answer_monitors(app)
    _watch(app)
    errors.install(app)
    if app.is_staff:
        app.csrf = CSRFProtect(app)
    try:
        app.limiter.init_app(app)
    except ConfigurationError as problem:
        raise BadSetting(f"RATE_LIMIT_URL cannot be used: {problem}") from None
    return app


def _configure(app: WebApp) -> None:
    is_https = app.settings.public_url.startswith("https:")
    name = f"ln-{app.settings.service}"
    app.secret_key = app.settings.session_secret
    app.config.update(
        SESSION_COOKIE_NAME=f"__Host-{name}" if is_https else name,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=is_https,
        SESSION_COOKIE_PATH="/",
        MAX_CONTENT_LENGTH=BODY_LIMIT,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session itself
        OPENAPI_VERSION="3.1.0",
        LOCAL_SPEC_JSON_INDENT=0,
    )
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    if app.settings.environment.flag("TRUST_PROXY"):
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]
    app.spec_processor(_only_the_api)


class Compiled(BytecodeCache):
    """Templates as they were compiled, for all applications that one process makes of the same folder.

    Half a second of computing for the largest page, which every application would spend anew.
    """

    def __init__(self) -> None:
        self._codes: dict[str, tuple[str, CodeType]] = {}  # checksum of the source and what became of it, by template

    def load_bytecode(self, bucket: Bucket) -> None:
        checksum, code = self._codes.get(bucket.key, ("", None))
        if checksum == bucket.checksum:
            bucket.code = code

    def dump_bytecode(self, bucket: Bucket) -> None:
        assert bucket.code is not None
        self._codes[bucket.key] = (bucket.checksum, bucket.code)


_compiled: defaultdict[Path, Compiled] = defaultdict(Compiled)


def _dress(app: WebApp) -> None:
    """Templates, words, assets."""
    app.jinja_loader = ChoiceLoader([FileSystemLoader(app.folder / "templates"), FileSystemLoader(KIT / "templates")])
    app.jinja_options = {
        "trim_blocks": True,
        "lstrip_blocks": True,
        "undefined": StrictUndefined,
        "bytecode_cache": _compiled[app.folder],
    }
    environment = app.jinja_env
    environment.filters["file_kind"] = file_kind
    i18n.install(environment)
    app.extensions["words"] = i18n.read_catalog(KIT / "translations" / "en.po", app.folder / "translations" / "en.po")
    app.extensions["choose_language"] = _choose_language
    assets = _assets(app)
    environment.globals.update(
        asset=assets.url,
        org=app.org,
        nonce=guard.nonce,
        with_query=with_query,
        person=lambda: app.person_of(),
        csrf_token=generate_csrf if app.is_staff else lambda: "",
        desk_name=lambda: app.desk_name,
        service=app.settings.service,
        file_state=partial(file_state, app.settings.files_dir),
        sign_out_url=sign_out_url,
        home_url=lambda: app.home,
    )
    app.add_url_rule("/static/<path:path>", "static", assets.serve)


def _assets(app: WebApp) -> Assets:
    folders = {name: KIT / "static" / name for name in KIT_FOLDERS if (KIT / "static" / name).is_dir()}
    if (app.folder / "static").is_dir() and app.folder != KIT:
        folders[app.settings.service] = app.folder / "static"
    return Assets(
        folders,
        {"img/emblem.svg": app.org.icon()},
        appended={"css/app.css": app.org.stylesheet().encode()},
    )


def _answer_monitors(app: WebApp) -> None:
    def healthz() -> ResponseReturnValue:
        return jsonify(alive=True, service=app.settings.service)

    def metrics() -> ResponseReturnValue:
        return Response(telemetry.exposition(), content_type=telemetry.METRICS_TYPE)

    app.add_url_rule("/healthz", "healthz", healthz)
    app.add_url_rule("/readyz", "readyz", app.readiness)
    app.add_url_rule("/metrics", "metrics", metrics)
    for name in ("healthz", "readyz", "metrics", "static"):
        app.limiter.exempt(app.view_functions[name])


def _watch(app: WebApp) -> None:
    is_https = app.settings.public_url.startswith("https:")

    @app.before_request
    def begin() -> None:
        g.began = time.perf_counter()
        g.correlation = telemetry.bind_request(request.headers.get("X-Request-Id"), service=app.settings.service)
        guard.refuse_foreign(app.settings.public_url, is_open_api=not app.is_staff)

    @app.after_request
    def end(response: Response) -> Response:
        if request.endpoint != "static":
            guard.protect(response, is_https=is_https, is_private=app.is_staff)
            _remember_language(response, is_https=is_https)
            if not app.is_staff:
                guard.squeeze(response)
        response.headers["X-Request-Id"] = g.get("correlation", "")
        spent = time.perf_counter() - g.get("began", time.perf_counter())
        route = _route()
        HTTP_REQUESTS.labels(app.settings.service, request.method, route, str(response.status_code)).inc()
        HTTP_SECONDS.labels(app.settings.service, route).observe(spent)
        if request.endpoint not in {"static", "healthz", "readyz", "metrics"}:
            # The route, not the address: an address may hold a token.
            log.info(
                "request", method=request.method, route=route, status=response.status_code, ms=round(spent * 1000, 1)
            )
        return response


def _route() -> str:
    return request.url_rule.rule if request.url_rule else "(none)"


def with_query(**changes: str | None) -> str:
    """The present address with some of its query changed; None takes a name away."""
    query = request.args.to_dict(flat=False)
    for name, value in changes.items():
        if value is None:
            query.pop(name, None)
        else:
            query[name] = [value]
    return request.path + ("?" + urlencode(query, doseq=True) if query else "")


def sign_out_url() -> str:
    """Where the frame's sign-out form goes; empty when this application signs nobody in."""
    try:
        return url_for("sign_out")
    except BuildError:
        return ""


def _choose_language() -> str:
    app: WebApp = current_app.extensions["web"]
    chosen = (request.args.get("lang"), request.cookies.get("lang"), app.language_of())
    for language in chosen:
        if language in i18n.LANGUAGES:
            return language
    return request.accept_languages.best_match(i18n.LANGUAGES, i18n.SOURCE) or i18n.SOURCE


def _remember_language(response: Response, *, is_https: bool) -> None:
    asked = request.args.get("lang")
    if asked in i18n.LANGUAGES and asked != request.cookies.get("lang"):
        response.set_cookie("lang", asked, max_age=YEAR_S, samesite="Lax", httponly=True, secure=is_https)


def _only_the_api(spec: Any) -> Any:
    """The document describes what programs may call, not our pages."""
    spec["paths"] = {path: what for path, what in spec.get("paths", {}).items() if path.startswith("/api/")}
    return spec


def _limiter(settings: Settings) -> Limiter:
    address = settings.environment.url("RATE_LIMIT_URL", "memory://")
    return Limiter(
        guard.client_address,
        storage_uri=address,
        strategy="fixed-window",
        headers_enabled=True,
        in_memory_fallback_enabled=not address.startswith("memory:"),
        key_prefix=f"ln:{settings.service}",
    )


def _package_folder(import_name: str, root_path: str) -> Path:
    """Where templates, static and translations lie: the service's own folder, whichever of its modules asked."""
    if import_name.startswith("services."):
        spec = find_spec(".".join(import_name.split(".")[:2]))
        if spec is not None and spec.origin is not None:
            return Path(spec.origin).parent
    return Path(root_path)
