"""The desk for programs, described: an OpenAPI 3.1 document made of the same tables of steps, fields and choices that
the screens use."""

from typing import Any

from services.workflow import store
from services.workflow.actions.admission import SCREENED
from services.workflow.actions.looking import PURPOSES
from services.workflow.domain.checks import OF_COMMENTS, OUTCOMES
from services.workflow.domain.counter import DIRECTIONS, RECEIVERS
from services.workflow.web import words
from services.workflow.web.frame import Desk
from services.workflow.web.moves import MOVES, Asks

Schema = dict[str, Any]

TEXT: Schema = {"type": "string", "maxLength": 8000}
DAY: Schema = {"type": "string", "format": "date"}
FIELDS: dict[str, Schema] = {
    "outcome": {"type": "string", "enum": [*dict.fromkeys((*OUTCOMES, *OF_COMMENTS)), *SCREENED]},
    "ground": {"type": "string", "description": "A ground that holds for the kind of the case on the day."},
    "given_to": {"type": "string", "enum": list(RECEIVERS)},
    "direction": {"type": "string", "enum": list(DIRECTIONS)},
    "promised_on": DAY,
    "given_on": DAY,
    "due_on": DAY,
    "signed_on": DAY,
    "knew_on": DAY,
    "obstacle_from": DAY,
    "obstacle_to": DAY,
    "how": {"type": "string", "enum": [name for name in words.SIGNATURES if name != "none"]},
    "criteria": {"type": "array", "items": {"type": "string"}, "description": "Codes out of grounds.json, criteria."},
    "is_remote": {"type": "boolean"},
    "answer_by": DAY,
    "replies": {"type": "array", "items": {"type": "integer"}, "description": "Numbers of the questions answered."},
    "files": {"type": "array", "items": {"type": "string", "format": "uuid"}},
    "is_waiting": {"type": "boolean", "description": "Whether the clock waits, where the rules allow it."},
    "language": {"type": "string", "enum": ["vi", "en"]},
    "consult_id": {"type": "string", "format": "uuid"},
    "paper": {"type": "string", "format": "uuid"},
    "who": {"type": "string", "description": "The pseudonym of a person, or the code of a unit."},
    "is_signed": {"type": "boolean"},
    "is_told": {"type": "boolean", "description": "Whether the citizen reads it too."},
    "officer": {"type": "string", "description": "A pseudonym out of /people."},
    "into": {"type": "string", "description": "The code or the id of the case to follow."},
    "kind": {"type": "string", "description": "Empty: as it is."},
    "topic": {"type": "string", "description": "Empty: as it is."},
    "unit": {"type": "string", "description": "Empty: by the rules of routing."},
    "to": {"type": "string", "description": "The code of another body."},
}
"""What a field may be; one that does not stand here is text."""

RESPONSES = {
    "Unreadable": "The body is no JSON object, or a header is malformed.",
    "Unauthorised": "The token is missing, wrong, over, or was revoked.",
    "Forbidden": "The token only reads, or its owner may not do this to the case; `reason` says why.",
    "Unknown": "There is no such thing, as far as the token's owner is concerned.",
    "Conflict": "The case changed meanwhile (`stale`, with what changed), or the step is not possible now.",
    "OtherKind": "The body is not JSON.",
    "Incomplete": "Fields need mending, each named in `errors`; or the key was used for something else.",
    "VersionMissing": "Say which version of the case you saw.",
    "TooMany": "Too many requests with this token; see Retry-After.",
}


def describe(desk: Desk, public_url: str) -> Schema:
    """The document."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Lắng Nghe: the desk",
            "version": "1.0.0",
            "summary": "What the screens of the desk do, for programs.",
            "description": "The same steps, rights and words as on the screens. Whoever reads a case is told to its "
            "citizen. Problems are application/problem+json (RFC 9457) with a `code`, in the language that is asked "
            "for. What one may not see does not exist: 404.",
            "license": {"name": "Apache 2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": public_url}],
        "security": [{"token": []}],
        "tags": [{"name": "cases"}, {"name": "steps"}, {"name": "people"}],
        "paths": _reading_paths(desk) | _changing_paths(),
        "components": {
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A personal token, made on the page /desk/tokens.",
                }
            },
            "parameters": {"CaseId": _path("case_id"), "Language": _language(), "Key": _key(), "Version": _version()},
            "schemas": {
                "Brief": _brief(),
                "Row": _row(),
                "Case": _case(),
                "Contact": _contact(),
                "Person": _person(),
                "Problem": _problem(),
            },
            "responses": {
                name: {
                    "description": said,
                    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
                }
                for name, said in RESPONSES.items()
            },
        },
    }


# ---- paths


def _reading_paths(desk: Desk) -> Schema:
    unit = {"name": "unit", "in": "query", "schema": {"type": "string", "enum": sorted(desk.rules.unit_codes)}}
    people = _object({"people": {"type": "array", "items": _ref("Person")}})
    page = _object(
        {
            "view": {"type": "string"},
            "cases": {"type": "array", "items": _ref("Row")},
            "newer": {"type": ["string", "null"], "description": "For `before`."},
            "older": {"type": ["string", "null"], "description": "For `after`."},
        }
    )
    return {
        "/desk/api/v1/me": {"get": _get("whoAmI", "people", "Whose token this is", _ref("Person"))},
        "/desk/api/v1/people": {"get": _get("listPeople", "people", "Who works on cases", people, [unit])},
        "/desk/api/v1/counts": {
            "get": _get(
                "countCases",
                "cases",
                f"How many cases each view holds, counted up to {store.COUNTED}",
                {"type": "object", "additionalProperties": {"type": "integer"}},
            )
        },
        "/desk/api/v1/cases": {"get": _get("listCases", "cases", "The cases of a view", page, _narrowing(desk))},
        "/desk/api/v1/cases/{case_id}": {
            "get": _get(
                "readCase", "cases", "A case as its page shows it", _ref("Case"), [_parameter("CaseId")], is_one=True
            )
        },
        "/desk/api/v1/attachments/{attachment_id}": {"get": _file()},
        "/desk/api/v1/openapi.json": {
            "get": {
                "operationId": "describe",
                "tags": ["people"],
                "summary": "This document",
                "security": [],
                "responses": {"200": _answer("This document.", {"type": "object"})},
            }
        },
    }


def _narrowing(desk: Desk) -> list[Schema]:
    known = {
        "view": {"type": "string", "enum": list(store.VIEWS)},
        "q": {"type": "string", "maxLength": 80, "description": "Words, or the beginning of a code."},
        "group": {"type": "string", "enum": list(words.GROUPS)},
        "stage": {"type": "string"},
        "topic": {"type": "string"},
        "ward": {"type": "string"},
        "priority": {"type": "string", "enum": list(words.PRIORITIES)},
        "officer": {"type": "string", "description": "A pseudonym out of /people; - for nobody."},
        "unit": {"type": "string", "enum": sorted(desk.rules.unit_codes)},
        "kind": {"type": "string"},
        "channel": {"type": "string", "enum": list(words.CHANNELS)},
        "from": DAY | {"description": "Received on this day or later."},
        "to": DAY | {"description": "Received on this day or before."},
        "provisional": {"type": "string", "description": "Anything: due where holidays are not known for certain."},
        "only": {"type": "string", "enum": list(words.ONLY)},
        "after": {"type": "string", "description": "`older` of the page before."},
        "before": {"type": "string", "description": "`newer` of the page after."},
    }
    return [{"name": name, "in": "query", "required": False, "schema": schema} for name, schema in known.items()]


def _changing_paths() -> Schema:
    steps = {f"/desk/api/v1/cases/{{case_id}}/steps/{name}": {"post": _step(name)} for name in MOVES}
    return steps | {
        "/desk/api/v1/cases/{case_id}/notes": {"post": _note()},
        "/desk/api/v1/cases/{case_id}/contact": {"post": _open_contact()},
    }


def _step(name: str) -> Schema:
    act, _ = MOVES[name]
    fields = act.fields if isinstance(act, Asks) else ()
    needs = act.needs if isinstance(act, Asks) else ()
    done = _object(
        {"step": {"const": name}, "done": {"type": "string"}, "case": {"anyOf": [_ref("Brief"), {"type": "null"}]}}
    )
    return {
        "operationId": "step_" + name,
        "tags": ["steps"],
        "summary": (act.action.__doc__ or name).split("\n")[0] if isinstance(act, Asks) else name,
        "parameters": [_parameter(one) for one in ("CaseId", "Version", "Key", "Language")],
        "requestBody": _request(fields, needs, is_open=not isinstance(act, Asks)),
        "responses": {
            "200": _answer("Done. `case` is null where it is out of one's sight now.", done, has_version=True),
            **_problems(*("400", "401", "403", "404", "409", "415", "422", "428", "429")),
        },
    }


def _request(fields: tuple[str, ...], needs: tuple[str, ...], *, is_open: bool = False) -> Schema:
    schema: Schema = {
        "type": "object",
        "properties": {"version": {"type": "integer", "description": "In place of If-Match."}}
        | {name: FIELDS.get(name, TEXT) for name in fields},
        "additionalProperties": is_open,
    }
    if needs:
        schema["required"] = list(needs)
    return {"required": bool(needs), "content": {"application/json": {"schema": schema}}}


def _note() -> Schema:
    return {
        "operationId": "addNote",
        "tags": ["cases"],
        "summary": "A note among colleagues",
        "parameters": [_parameter(one) for one in ("CaseId", "Key", "Language")],
        "requestBody": _request(("note",), ("note",)),
        "responses": {
            "201": _answer("Kept.", _object({"case_id": {"type": "string", "format": "uuid"}})),
            **_problems("400", "401", "403", "404", "415", "422", "429"),
        },
    }


def _open_contact() -> Schema:
    body = _request((), ())
    body["required"] = True
    purpose = {"purpose": {"type": "string", "enum": list(PURPOSES)}}
    body["content"]["application/json"]["schema"] |= {"properties": purpose, "required": ["purpose"]}
    return {
        "operationId": "openContact",
        "tags": ["cases"],
        "summary": "Name and contact of the sender, for a purpose that the citizen sees",
        "parameters": [_parameter(one) for one in ("CaseId", "Language")],
        "requestBody": body,
        "responses": {
            "200": _answer("Open for some minutes.", _ref("Contact")),
            **_problems("400", "401", "403", "404", "415", "422", "429"),
        },
    }


def _file() -> Schema:
    return {
        "operationId": "readAttachment",
        "tags": ["cases"],
        "summary": "A file of the citizen; that it was read is told first",
        "parameters": [_path("attachment_id")],
        "responses": {
            "200": {
                "description": "The file.",
                "content": {kind: {} for kind in ("image/jpeg", "application/octet-stream")},
            },
            **_problems("401", "403", "404", "429"),
        },
    }


def _get(
    name: str, tag: str, summary: str, schema: Schema, parameters: list[Schema] | None = None, *, is_one: bool = False
) -> Schema:
    return {
        "operationId": name,
        "tags": [tag],
        "summary": summary,
        "parameters": [*(parameters or []), _parameter("Language")],
        "responses": {
            "200": _answer(summary + ".", schema, has_version=is_one),
            **_problems("400", "401", "403", "404", "429"),
        },
    }


# ---- parts


def _answer(said: str, schema: Schema, *, has_version: bool = False) -> Schema:
    found: Schema = {"description": said, "content": {"application/json": {"schema": schema}}}
    if has_version:
        found["headers"] = {"ETag": {"description": "The version, for If-Match.", "schema": {"type": "string"}}}
    return found


def _problems(*statuses: str) -> Schema:
    names = dict(
        zip(
            ("400", "401", "403", "404", "409", "415", "422", "428", "429"),
            ("Unreadable", "Unauthorised", "Forbidden", "Unknown", "Conflict", "OtherKind", "Incomplete",
             "VersionMissing", "TooMany"),
            strict=True,
        )
    )  # fmt: skip
    return {status: {"$ref": f"#/components/responses/{names[status]}"} for status in statuses}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _parameter(name: str) -> Schema:
    return {"$ref": f"#/components/parameters/{name}"}


def _path(name: str) -> Schema:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}


def _language() -> Schema:
    return {
        "name": "Accept-Language",
        "in": "header",
        "required": False,
        "schema": {"type": "string", "examples": ["vi", "en"]},
    }


def _key() -> Schema:
    return {
        "name": "Idempotency-Key",
        "in": "header",
        "required": False,
        "description": "A random value of your own: sent again within seven days, it is done once and answered alike.",
        "schema": {"type": "string", "minLength": 16, "maxLength": 100, "pattern": "^[\\x20-\\x7e]+$"},
    }


def _version() -> Schema:
    return {
        "name": "If-Match",
        "in": "header",
        "required": False,
        "description": "The ETag of the case as you saw it; `*` for whichever there is. Or `version` in the body.",
        "schema": {"type": "string"},
    }


def _object(properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _brief() -> Schema:
    return _object(
        {
            "id": {"type": "string", "format": "uuid"},
            "code": {"type": "string"},
            "version": {"type": "integer"},
            "stage": {"type": "string"},
            "stage_words": {"type": "string"},
            "is_ended": {"type": "boolean"},
        }
    )


def _row() -> Schema:
    text, maybe = {"type": "string"}, {"type": ["string", "null"]}
    more = {
        "title": maybe,
        "place": maybe,
        "kind": text,
        "topic": maybe,
        "ward": maybe,
        "unit": text,
        "officer": maybe,
        "priority": {"type": "string", "enum": list(words.PRIORITIES)},
        "class": {"type": "string", "enum": ["ordinary", "restricted", "secret"]},
        "attachment_count": {"type": "integer"},
        "received_at": {"type": "string", "format": "date-time"},
        "answer_due_on": {"type": ["string", "null"], "format": "date"},
        "answer_due_at": {"type": ["string", "null"], "format": "date-time"},
        "time_left": text,
        "is_paused": {"type": "boolean"},
        "is_apology_owed": {"type": "boolean"},
        "linked_to": {"type": ["string", "null"], "format": "uuid"},
    }
    return {"allOf": [_ref("Brief"), _object(more)]}


def _case() -> Schema:
    lists = ("supplements", "attachments", "deadlines", "questions", "answers", "checks", "handovers", "timeline",
             "notices", "readings", "followers", "related")  # fmt: skip
    more: Schema = {
        "steps": {"type": "array", "items": {"type": "string", "enum": list(MOVES)}},
        "text": {"type": "string"},
        "channel": {"type": "string"},
        "contact": _ref("Contact"),
        "counter": {"type": ["object", "null"]},
    }
    more |= {name: {"type": "array", "items": {"type": "object"}} for name in lists}
    return {"allOf": [_ref("Row"), _object(more)]}


def _contact() -> Schema:
    maybe = {"type": ["string", "null"]}
    until = {"type": ["string", "null"], "format": "date-time", "description": "null: the values are masked."}
    return _object(dict.fromkeys(("name", "phone", "email", "address"), maybe) | {"shown_until": until})


def _person() -> Schema:
    return _object(
        {
            "person": {"type": "string", "description": "The pseudonym that stands in events."},
            "name": {"type": "string"},
            "role": {"type": "string", "enum": list(words.ROLES)},
            "role_words": {"type": "string"},
            "unit": {"type": ["string", "null"]},
        }
    )


def _problem() -> Schema:
    error = _object({"field": {"type": "string"}, "code": {"type": "string"}, "detail": {"type": "string"}})
    return {
        "type": "object",
        "required": ["type", "title", "status"],
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "code": {"type": "string", "description": "For programs: stale, incomplete, not_allowed, case_unknown …"},
            "reason": {"type": "string"},
            "errors": {"type": "array", "items": error},
            "case": _ref("Brief"),
            "changed": {"type": "array", "items": {"type": "object"}},
            "correlation": {"type": "string"},
        },
    }
