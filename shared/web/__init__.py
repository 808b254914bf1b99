"""The web kit: what all pages share, citizens' and staff's. Frames, parts, words, headers, errors, assets, limits.

A service makes its application with `make_app`, adds routes, and writes templates on `_page.html` or `_desk.html` with
the macros of `_parts.html`. The kit knows no service and no word of the domain beyond what every page of ours shows.
"""

from shared.web.app import WebApp, make_app
from shared.web.errors import problem, sorry, wants_json
from shared.web.forms import Form, typed_once
from shared.web.guard import (
    ForeignRequest,
    allow_pictures,
    cacheable,
    client_address,
    client_network,
    private,
)
from shared.web.i18n import current_language, gettext, lazy, ngettext, said, speaking, untranslated

_ = gettext

__all__ = [
    "ForeignRequest",
    "Form",
    "WebApp",
    "_",
    "allow_pictures",
    "cacheable",
    "client_address",
    "client_network",
    "current_language",
    "gettext",
    "lazy",
    "make_app",
    "ngettext",
    "private",
    "problem",
    "said",
    "sorry",
    "speaking",
    "typed_once",
    "untranslated",
    "wants_json",
]
