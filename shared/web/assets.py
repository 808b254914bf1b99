"""Stylesheets, scripts, fonts: read once, named by their content, compressed beforehand, served with a year of caching.

What is said to readers of the code (comments, indents) is left out of what is sent; foreign files stay as they are.

The price: they stay in memory (about 0.3 MB a service), and a changed file needs a restart.
"""

import gzip
import hashlib
import mimetypes
import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flask import Response, abort, request

YEAR_S = 31_536_000
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".json": "application/json",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
}
SQUEEZED = {".css", ".js", ".mjs", ".svg", ".json", ".txt", ".webmanifest"}
_REFERENCES = {
    ".css": re.compile(r"""(?P<before>url\(\s*['"]?)(?P<path>\.{1,2}/[^'")#?]+)"""),
    ".js": re.compile(r"""(?P<before>(?:from|import)\s*\(?\s*['"])(?P<path>\.{1,2}/[^'"]+)"""),
}
FOREIGN = "vendor/"
_FOR_READERS = {
    ".css": re.compile(r"/\*.*?\*/\n?|^[ \t]+|^\n", re.DOTALL | re.MULTILINE),
    ".js": re.compile(r"^[ \t]*//[^\n]*\n|^[ \t]+|^\n", re.MULTILINE),  # whole lines: no string of ours spans two
}
_JOINED = re.compile(r"^import '(?P<path>\.{1,2}/[^']+)'\n", re.MULTILINE)
_HASHED = re.compile(r"^(?P<stem>.+)\.(?P<digest>[0-9a-f]{10})(?P<suffix>\.[a-z0-9]+)$")


class NoSuchAsset(Exception):
    """A page names a file that is not there."""


@dataclass(frozen=True)
class Asset:
    """One file as it is served."""

    path: str  # as pages name it: css/app.css
    body: bytes
    squeezed: bytes | None  # gzip, when that is smaller
    type: str
    digest: str  # ten hex digits of SHA-256

    @property
    def url(self) -> str:
        stem, suffix = posixpath.splitext(self.path)
        return f"/static/{stem}.{self.digest}{suffix}"


class Assets:
    """The files of the kit, of one service (under its name), and those made from settings."""

    def __init__(
        self, folders: Mapping[str, Path], made: Mapping[str, bytes], *, appended: Mapping[str, bytes]
    ) -> None:
        self._files = {
            posixpath.join(prefix, file.relative_to(folder).as_posix()): file
            for prefix, folder in folders.items()
            for file in sorted(folder.rglob("*"))
            if file.is_file() and not file.name.startswith(".")
        }
        self._made = dict(made)
        self._appended = dict(appended)
        self._ready: dict[str, Asset] = {}
        for path in [*self._files, *self._made]:
            self.find(path)

    def find(self, path: str) -> Asset:
        """The asset under its plain name. Raises NoSuchAsset."""
        if path not in self._ready:
            self._ready[path] = self._prepare(path)
        return self._ready[path]

    def url(self, path: str) -> str:
        """Where a page finds it, for good: another content would have another address."""
        return self.find(path).url

    def serve(self, path: str) -> Response:
        """The file, under its hashed name for a year, under its plain name until it changes."""
        named = _HASHED.match(path)
        plain = f"{named['stem']}{named['suffix']}" if named else path
        if plain not in self._ready:
            abort(404)
        asset = self._ready[plain]
        squeeze = asset.squeezed is not None and request.accept_encodings.quality("gzip") > 0
        response = Response(asset.squeezed if squeeze else asset.body)
        response.headers["Content-Type"] = asset.type
        if squeeze:
            response.headers["Content-Encoding"] = "gzip"
        if asset.squeezed is not None:
            response.headers["Vary"] = "Accept-Encoding"
        response.headers["X-Content-Type-Options"] = "nosniff"
        if named and named["digest"] == asset.digest:
            response.headers["Cache-Control"] = f"public, max-age={YEAR_S}, immutable"
        else:
            response.headers["Cache-Control"] = "no-cache"
            response.set_etag(asset.digest + ("-gzip" if squeeze else ""))
            response.make_conditional(request)
        return response

    def _prepare(self, path: str) -> Asset:
        if path in self._made:
            body = self._made[path]
        elif path in self._files:
            body = self._files[path].read_bytes()
        else:
            raise NoSuchAsset(f"there is no asset {path!r}")
        suffix = posixpath.splitext(path)[1]
        if suffix in _FOR_READERS and not path.startswith(FOREIGN):
            body = _FOR_READERS[suffix].sub("", body.decode()).encode()
        body += self._appended.get(path, b"")
        if suffix == ".js" and not path.startswith(FOREIGN):
            body = self._joined(path, body)
        if suffix in _REFERENCES:
            body = self._with_hashed_names(path, suffix, body)
        return _packed(path, suffix, body)

    def _joined(self, path: str, body: bytes) -> bytes:
        # A script that begins with another one brings it along, in a block that keeps their names apart: one request.
        def brought(found: re.Match[str]) -> str:
            return "{\n" + self.find(_beside(path, found["path"])).body.decode() + "}\n"

        return _JOINED.sub(brought, body.decode()).encode()

    def _with_hashed_names(self, path: str, suffix: str, body: bytes) -> bytes:
        # A font named by a stylesheet must be cached for a year too, so the stylesheet names its hashed address.
        def named(found: re.Match[str]) -> str:
            return found["before"] + self.find(_beside(path, found["path"])).url

        return _REFERENCES[suffix].sub(named, body.decode()).encode()


def _beside(path: str, reference: str) -> str:
    """The plain name of what an asset refers to."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), reference))


@cache
def _packed(path: str, suffix: str, body: bytes) -> Asset:
    """Compressed once a process, also when five services share it."""
    squeezed = gzip.compress(body, 9, mtime=0) if suffix in SQUEEZED else None
    return Asset(
        path=path,
        body=body,
        squeezed=squeezed if squeezed and len(squeezed) < len(body) else None,
        type=TYPES.get(suffix) or mimetypes.guess_type(path)[0] or "application/octet-stream",
        digest=hashlib.sha256(body).hexdigest()[:10],
    )
