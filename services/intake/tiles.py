"""The map behind the form: whose tiles, if any. Without a setting there is no map, and nothing is missing."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from shared.settings import BadSetting, Environment

MIN_ZOOM = 9
"""Further out a map shows borders and islands of the whole country, which a tile server from elsewhere may draw
otherwise than the law does.

Source: Luật Đo đạc và bản đồ 2018: maps published in Vietnam show its territory and sovereignty rightly.
"""


@dataclass(frozen=True)
class Tiles:
    """A tile server: `https://host/{z}/{x}/{y}.png`, or a path of this host."""

    url: str
    attribution: str
    max_zoom: int

    @classmethod
    def read(cls, environment: Environment) -> "Tiles | None":
        """The tiles of the settings; none where no address is given. Raises BadSetting."""
        url = environment.text("MAP_TILE_URL", "-").removeprefix("-")
        if not url:
            return None
        parts = urlsplit(url)
        is_own = url.startswith("/") and not url.startswith("//")
        if not (is_own or (parts.scheme in {"http", "https"} and parts.hostname and "{" not in parts.netloc)):
            raise BadSetting(f"MAP_TILE_URL must begin with https://host/ or /, with one host for all; it is {url!r}")
        if not all(name in url for name in ("{z}", "{x}", "{y}")):
            raise BadSetting(f"MAP_TILE_URL must hold {{z}}, {{x}} and {{y}}; it is {url!r}")
        if any(letter in parts.netloc for letter in " ;,'\"*"):
            raise BadSetting(f"MAP_TILE_URL names no host: {url!r}")
        attribution = environment.text("MAP_ATTRIBUTION", "-").removeprefix("-")
        return cls(url, attribution, environment.integer("MAP_MAX_ZOOM", 18, low=MIN_ZOOM + 1, high=22))

    @property
    def origin(self) -> str:
        """The one host from which pictures may come besides ours; empty for our own."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
