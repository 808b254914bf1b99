"""The authority whose pages these are: its names, its emblem and its colour, read from config/org.yaml."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import yaml
from markupsafe import Markup, escape

from shared.config import parse_yaml
from shared.settings import BadSetting
from shared.web.i18n import said

SAFE_IN_URI = " /:="  # what stays readable within an attribute
LEAST_CONTRAST = 4.5  # Source: WCAG 2.2, 1.4.3, text on white
DRAWINGS = {
    "road": '<path d="M15 36 20 8h4l5 28z" fill="#fff"/>'
    '<path d="M22 11v4m0 4v5m0 4v6" stroke="{brand}" stroke-width="2.2"/>'
    '<path d="M6 25c5 3 9-3 14 0M24 25c5 3 9-3 14 0" stroke="#ffb703" stroke-width="2.4" fill="none"/>',
    "river": '<path d="M6 19c5.3-5 10.7 5 16 0s10.7 5 16 0M6 27c5.3-5 10.7 5 16 0s10.7 5 16 0" stroke="#fff" '
    'stroke-width="3" fill="none" stroke-linecap="round"/>'
    '<path d="M10 12h24" stroke="#ffb703" stroke-width="2.6" stroke-linecap="round"/>',
    "star": '<path d="m22 8 4.1 8.9 9.8 1.1-7.3 6.6 2 9.6-8.6-4.8-8.6 4.8 2-9.6-7.3-6.6 9.8-1.1z" fill="#ffb703"/>',
}


@dataclass(frozen=True)
class Org:
    """The authority. Its texts come in the language of the page that asks."""

    texts: Mapping[str, Mapping[str, str]]
    hotline: str
    email: str
    website: str
    emergency: str
    emblem: str
    brand: str
    emblem_file: bytes | None = None
    jurisdiction: str = ""  # how programs of other cities name us

    @property
    def name(self) -> str:
        return said(self.texts["name"])

    @property
    def short_name(self) -> str:
        return said(self.texts["short_name"])

    @property
    def place(self) -> str:
        return said(self.texts["place"])

    @property
    def address(self) -> str:
        return said(self.texts["address"])

    @property
    def hotline_tel(self) -> str:
        """The hotline as a link dials it: `tel:` and digits."""
        return "tel:" + re.sub(r"[^+\d]", "", self.hotline)

    def drawing(self, size: int = 44) -> Markup:
        """The emblem as SVG that stands in the page, in the authority's own colour."""
        inner = DRAWINGS[self.emblem].replace("{brand}", str(escape(self.brand)))
        return Markup(  # our own drawing, the colour is checked
            f'<svg width="{size}" height="{size}" viewBox="0 0 44 44" aria-hidden="true">'
            f'<circle cx="22" cy="22" r="22" fill="{escape(self.brand)}"/>{inner}</svg>'
        )

    def icon_uri(self) -> str:
        """Our own drawing for the browser's tab, within the page; empty where the authority has a file."""
        return "" if self.emblem_file is not None else f"data:image/svg+xml,{quote(self.icon(), safe=SAFE_IN_URI)}"

    def icon(self) -> bytes:
        """The emblem as a file of its own, for the browser's tab."""
        if self.emblem_file is not None:
            return self.emblem_file
        drawing = self.drawing().replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
        return drawing.encode()

    def stylesheet(self) -> str:
        """The authority's colour as tokens, with a darker and a lighter step of it."""
        dark, tint = mix(self.brand, "#000000", 0.28), mix(self.brand, "#ffffff", 0.915)
        return f"@layer base {{ :root {{ --brand: {self.brand}; --brand-d: {dark}; --tint: {tint} }} }}\n"


def read_org(file: Path) -> Org:
    """The authority as config/org.yaml has it. Raises BadSetting, naming the line to mend."""
    try:
        found = parse_yaml(file.read_text(encoding="utf-8"))
    except OSError as problem:
        raise BadSetting(f"{file} cannot be read ({problem.strerror})") from None
    except yaml.YAMLError as problem:
        raise BadSetting(f"{file} is not YAML: {problem}") from None
    if not isinstance(found, dict):
        raise BadSetting(f"{file} must hold names and values")
    texts = {key: _in_languages(file, found, key) for key in ("name", "place")}
    texts |= {key: _in_languages(file, found, key, default=texts["name"]) for key in ("short_name",)}
    texts |= {key: _in_languages(file, found, key, default=texts["place"]) for key in ("address",)}
    emblem = str(found.get("emblem", "road"))
    org = Org(
        texts=texts,
        hotline=_line(file, found, "hotline"),
        email=_line(file, found, "email"),
        website=str(found.get("website", "")),
        emergency=str(found.get("emergency", "113")),
        emblem=emblem,
        brand=str(found.get("brand", "#0b4f6c")).lower(),
        emblem_file=None if emblem in DRAWINGS else _emblem_file(file, emblem),
        jurisdiction=str(found.get("jurisdiction", "")),
    )
    _check_brand(file, org.brand)
    return org


def contrast(one: str, other: str) -> float:
    """How far two colours (#rrggbb) stand apart, from 1 to 21. Source: WCAG 2.2, relative luminance."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def mix(one: str, other: str, share: float) -> str:
    """A colour between two, with this share (0 to 1) of the other."""
    parts = (round(a + (b - a) * share) for a, b in zip(_parts(one), _parts(other), strict=True))
    return "#" + "".join(f"{part:02x}" for part in parts)


def _parts(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    shares = [part / 255 for part in _parts(colour)]
    red, green, blue = (s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _check_brand(file: Path, brand: str) -> None:
    if not re.fullmatch(r"#[0-9a-f]{6}", brand):
        raise BadSetting(f"{file}: brand must look like #0b4f6c; it is {brand!r}")
    found = contrast(brand, "#ffffff")
    if found < LEAST_CONTRAST:
        raise BadSetting(
            f"{file}: brand {brand} has a contrast of {found:.1f} on white; "
            f"choose a darker one, at least {LEAST_CONTRAST}"
        )


def _line(file: Path, found: Mapping[str, Any], key: str) -> str:
    value = found.get(key)
    if not isinstance(value, str) or not value.strip():
        raise BadSetting(f"{file}: {key} is missing, or needs quotation marks")
    return value.strip()


def _in_languages(
    file: Path, found: Mapping[str, Any], key: str, *, default: Mapping[str, str] | None = None
) -> Mapping[str, str]:
    value = found.get(key, default)
    if isinstance(value, str):
        value = {"vi": value}
    if not isinstance(value, Mapping) or not all(isinstance(text, str) for text in value.values()) or "vi" not in value:
        raise BadSetting(f"{file}: {key} must be a text, or {{vi: …, en: …}} with at least vi")
    return {str(language): str(text) for language, text in value.items()}


def _emblem_file(file: Path, emblem: str) -> bytes:
    path = file.parent / emblem
    if path.suffix != ".svg" or not path.is_file():
        raise BadSetting(
            f"{file}: emblem must be one of {', '.join(DRAWINGS)}, or an SVG file beside it; {emblem!r} is neither"
        )
    return path.read_bytes()
