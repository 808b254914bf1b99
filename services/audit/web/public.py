"""What everybody may see: checkpoint, tiles, the log's key, receipts, and the page that checks a receipt.

Entries are for auditors. Hashes tell nothing about them, since every entry has a random value of its own.
Source: c2sp.org/tlog-tiles.
"""

import hmac
import json
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Response, abort, render_template, request
from flask.typing import ResponseReturnValue

from services.audit import store
from services.audit.entries import digest_of
from services.audit.prove import NotSignedYet, receipt_of
from services.audit.tlog.note import BadKey, BadNote, Verifier
from services.audit.tlog.proof import BadProof
from services.audit.tlog.receipt import MAX_RECEIPT, Receipt, open_receipt
from services.audit.tlog.tiles import BadPath, read_path
from services.audit.web import words
from shared.db import Database, Reading
from shared.events.codec import b64u
from shared.web import WebApp, _

PLAIN = "text/plain; charset=utf-8"
FOR_EVER = "public, max-age=31536000, immutable"
A_MOMENT = "public, max-age=2"
MOST_CHECKPOINTS = 500


def add_to(app: WebApp, database: Database, verifier: Verifier) -> None:
    """Put the public pages up."""
    _serve_log(app, database, verifier)
    _serve_receipts(app, database, verifier)


def _serve_log(app: WebApp, database: Database, verifier: Verifier) -> None:
    @app.get("/log/checkpoint")
    def checkpoint() -> Response:
        with database.reading() as tx:
            latest = store.latest_checkpoint(tx)
        if latest is None:
            abort(404)
        return _answer(latest.note, A_MOMENT)

    @app.get("/log/checkpoints")
    def checkpoints() -> Response:
        """Older checkpoints, smallest first: notes one after the other, each after the size of the one it follows."""
        with database.reading() as tx:
            found = store.checkpoints_from(tx, request.args.get("from", 0, type=int), limit=MOST_CHECKPOINTS)
        return _answer("\n".join(signed.note for signed in found), A_MOMENT)

    @app.get("/log/vkey")
    def vkey() -> Response:
        return _answer(verifier.vkey + "\n", "public, max-age=3600")

    @app.get("/log/tile/<path:rest>")
    def tile(rest: str) -> Response:
        try:
            place = read_path(f"tile/{rest}")
        except BadPath:
            abort(404)
        if place.level is None:
            abort(404)  # entries are for auditors
        with database.reading() as tx:
            latest = store.latest_checkpoint(tx)
            is_signed = latest is not None and place.end <= latest.size
            data = store.load_tile(tx, place.level, place.index, place.width) if is_signed else None
        if data is None:
            abort(404)
        return _answer(data, FOR_EVER, "application/octet-stream")

    for name in ("checkpoint", "checkpoints", "vkey", "tile"):
        app.limiter.exempt(app.view_functions[name])


def _serve_receipts(app: WebApp, database: Database, verifier: Verifier) -> None:
    def receipt(event_id: UUID) -> Response:
        with database.reading() as tx:
            text = find_receipt(tx, event_id, request.args.get("digest", ""))
        if text is None:
            response = _answer(_("Chưa có biên nhận này. Nếu vừa gửi, hãy thử lại sau ít phút.") + "\n", "no-store")
            response.status_code = 404
            response.headers["Retry-After"] = "5"
            return response
        response = _answer(text, "no-store")
        response.headers["Content-Disposition"] = f'attachment; filename="{event_id}.tlog-proof"'
        return response

    @app.get("/verify")
    def verify_page() -> ResponseReturnValue:
        event_id, digest = request.args.get("event", type=UUID), request.args.get("digest", "")
        text = None
        if event_id is not None:
            with database.reading() as tx:
                text = find_receipt(tx, event_id, digest)
        is_missing = event_id is not None and text is None
        return _show(text or "", verifier.vkey, verifier, is_missing=is_missing)

    def verify_here() -> ResponseReturnValue:
        file = request.files.get("file")
        text = file.read(MAX_RECEIPT + 1).decode(errors="replace") if file else ""
        text = text or request.form.get("receipt", "").replace("\r\n", "\n")
        return _show(text, request.form.get("vkey", ""), verifier)

    app.add_url_rule("/receipts/<uuid:event_id>", "receipt", app.limit("120 per minute")(receipt))
    app.add_url_rule("/verify", "verify_here", app.limit("60 per minute")(verify_here), methods=["POST"])


def find_receipt(tx: Reading, event_id: UUID, digest: str) -> str | None:
    """The receipt of an event, for whoever knows its digest; None while it is not in the log, or without the digest."""
    line = store.line_of_event(tx, event_id)
    if line is None:
        return None
    entry = store.load_entry(tx, line.idx)
    if entry is None or not _is_digest(entry, digest):
        return None
    try:
        return receipt_of(tx, line.idx)
    except NotSignedYet:
        return None


def _is_digest(entry: bytes, given: str) -> bool:
    """Hexadecimal, or base64url without padding."""
    wanted = digest_of(entry)
    return any(hmac.compare_digest(spelling.encode(), given.encode()) for spelling in (wanted.hex(), b64u(wanted)))


def _show(text: str, vkey: str, verifier: Verifier, *, is_missing: bool = False) -> ResponseReturnValue:
    """The page; what was sent has been checked here, for browsers that cannot."""
    verdict: dict[str, Any] | None = None
    if text:
        try:
            key = Verifier.read(vkey or verifier.vkey)
            verdict = _told(open_receipt(text, key))
        except (BadProof, BadNote, BadKey) as problem:
            verdict = {"state": "bad", "why": str(problem)}
    status = 422 if verdict and verdict["state"] == "bad" else 404 if is_missing else 200
    page = render_template(
        "verify.html",
        receipt=text if verdict and verdict["state"] == "ok" else "",
        vkey=vkey or verifier.vkey,
        own_vkey=verifier.vkey,
        verdict=verdict,
        is_missing=is_missing,
    )
    return page, status


def _told(receipt: Receipt) -> dict[str, Any]:
    event = json.loads(receipt.entry)
    return {
        "state": "ok",
        "title": words.title_of(event["type"], event["data"]),
        "at": datetime.fromisoformat(event["time"]),
        "index": receipt.index,
        "size": receipt.checkpoint.size,
        "origin": receipt.checkpoint.origin,
        "root": receipt.checkpoint.root.hex(),
        "event": event["id"],
    }


def _answer(body: str | bytes, cache: str, type_: str = PLAIN) -> Response:
    response = Response(body, content_type=type_)
    response.headers["Cache-Control"] = cache
    response.headers["Access-Control-Allow-Origin"] = "*"  # other people's pages may check the log as well
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
