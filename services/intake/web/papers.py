"""What pages hand out besides themselves: files, letters, squares to be photographed."""

import io

import segno
from flask import Response
from markupsafe import Markup

from shared.files import ending_of


def file_response(data: bytes, media_type: str) -> Response:
    """A citizen's file: shown or saved, never run."""
    response = Response(data, content_type=media_type)
    is_picture = media_type.startswith("image/")
    response.headers["Content-Disposition"] = (
        "inline" if is_picture else f'attachment; filename="tep.{ending_of(media_type)}"'
    )
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def letter_response(data: bytes, *, name: str) -> Response:
    """A letter of ours: saved under a name that says nothing of anybody."""
    response = file_response(data, "application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def qr_code(link: str, words: str) -> Markup:
    """A link as a square to be photographed: SVG without styles of its own."""
    out = io.BytesIO()
    segno.make(link, error="m").save(
        out, kind="svg", xmldecl=False, svgns=True, svgclass=None, lineclass=None, omitsize=True, border=1, title=words
    )
    return Markup(out.getvalue().decode())  # our own drawing
