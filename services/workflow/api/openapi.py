"""The desk for programs, described: an OpenAPI 3.1 document made of the same tables of steps, fields and choices that
the screens use."""

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from services.workflow import store
from services.workflow.actions.admission import SCREENED
from services.workflow.actions.looking import PURPOSES
from services.workflow.actions.splitting import Part
from services.workflow.domain.checks import OF_COMMENTS, OUTCOMES
from services.workflow.domain.counter import DIRECTIONS, RECEIVERS
from services.workflow.web import words
from services.workflow.web.addresses import ACTS, LOOKS, PAPERS, Act, Look, Paper
from services.workflow.web.asks import Asks
from services.workflow.web.consultations import OPEN
from services.workflow.web.dialogues import PETITIONER, PLAN, STEPS
from services.workflow.web.frame import Desk
from services.workflow.web.moves import MOVES, NOTE, PURPOSE
from services.workflow.web.procedures import DECIDE, VERDICTS
from services.workflow.web.surveys import OPEN_IT

Schema = dict[str, Any]

TEXT: Schema = {"type": "string", "maxLength": 8000}
DAY: Schema = {"type": "string", "format": "date"}
FIELDS: dict[str, Schema] = {
    "outcome": {"type": "string", "enum": [*dict.fromkeys((*OUTCOMES, *OF_COMMENTS)), *SCREENED]},
    "purpose": {"type": "string", "enum": list(PURPOSES)},
    "ground": {"type": "string", "description": "A ground that holds for the kind of the case on the day."},
    "given_to": {"type": "string", "enum": list(RECEIVERS)},
    "direction": {"type": "string", "enum": list(DIRECTIONS)},
    "how": {"type": "string", "enum": [name for name in words.SIGNATURES if name != "none"]},
    "criteria": {"type": "array", "items": {"type": "string"}, "description": "Codes out of grounds.json, criteria."},
    "replies": {"type": "array", "items": {"type": "integer"}, "description": "Numbers of the questions answered."},
    "is_waiting": {"type": "boolean", "description": "Whether the clock waits, where the rules allow it."},
    "language": {"type": "string", "enum": ["vi", "en"]},
    "who": {"type": "string", "description": "The pseudonym of a person, or the code of a unit."},
    "is_told": {"type": "boolean", "description": "Whether the citizen reads it too."},
    "officer": {"type": "string", "description": "A pseudonym out of /people."},
    "into": {"type": "string", "description": "The code or the id of the case to follow."},
    "kind": {"type": "string", "description": "Empty: as it is."},
    "topic": {"type": "string", "description": "Empty: as it is."},
    "unit": {"type": "string", "description": "Empty: by the rules of routing."},
    "to": {"type": "string", "description": "The code of another body."},
}
"""What a field may be; of one that does not stand here its action says it."""

IDS: Schema = {"type": "string", "format": "uuid"}
BY_TYPE: dict[Any, Schema] = {
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    int | None: {"type": ["integer", "null"]},
    date: DAY,
    date | None: DAY,
    UUID: IDS,
    UUID | None: IDS,
    Sequence[str]: {"type": "array", "items": TEXT},
    Collection[UUID]: {"type": "array", "items": IDS},
    Sequence[Part]: {
        "type": "array",
        "description": "The parts of the letter: the words of each, and what it is, where it is something else.",
        "items": {
            "type": "object",
            "properties": dict.fromkeys(("text", "kind", "topic", "unit"), TEXT),
            "required": ["text"],
        },
    },
    Mapping[str, str]: {"type": "object", "additionalProperties": TEXT},
    Mapping[str, Any]: {"type": "object"},
}


OWN: dict[tuple[Asks, str], Schema] = {
    (DECIDE.asks, "outcome"): TEXT,
    (DECIDE.asks, "verdict"): {"type": "string", "enum": list(VERDICTS)},
    (PLAN.asks, "kind"): {"type": "string", "description": "A code out of dialogues.json, kinds."},
    (STEPS["commit"].asks, "topic"): TEXT,
    (STEPS["commit"].asks, "officer"): {"type": "string", "description": "pseudonym@UNIT"},
    (STEPS["held"].asks, "petitioner"): {"type": "string", "enum": ["", *PETITIONER]},
    (OPEN.asks, "seen"): {"type": "string", "description": "`prepared_at` of the draft that was looked at."},
    (OPEN_IT.asks, "seen"): {"type": "string", "description": "`prepared_at` of the round that was looked at."},
}
"""Fields that mean something else in one act."""


def _field(asks: Asks, name: str) -> Schema:
    return OWN.get((asks, name)) or FIELDS.get(name) or BY_TYPE.get(asks.type_of(name), TEXT)


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
        "tags": [{"name": name} for name in _tags()],
        "paths": _together(_reading_paths(desk), _changing_paths(), _table_paths()),
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


def _tags() -> list[str]:
    of_tables = sorted({address.split("/")[0] for table in (LOOKS, ACTS, PAPERS) for address in table})
    return list(dict.fromkeys(["cases", "steps", "people", *of_tables]))


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


def _together(*tables: Schema) -> Schema:
    """The operations of each path, from wherever they come."""
    found: Schema = {}
    for path, operations in (one for table in tables for one in table.items()):
        found[path] = found.get(path, {}) | operations
    return found


# ---- what stands in the tables of the screens


def _table_paths() -> Schema:
    looks = {_path_of(address): {"get": _look(address, look)} for address, look in LOOKS.items()}
    acts = {_path_of(address): {"post": _act(address, act)} for address, act in ACTS.items()}
    papers = {
        _path_of(address): {method.lower(): _given(address, paper, method) for method in paper.methods}
        for address, paper in PAPERS.items()
    }
    return _together(looks, acts, papers)


def _path_of(address: str) -> str:
    return "/desk/api/v1/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", address)


def _called(method: str, address: str) -> str:
    """A name for an operation: see_unit, do_unit_duties_end."""
    words_of_it = re.sub(r"<[^>]*>", "", address)
    return "_".join([method, *re.findall(r"\w+", words_of_it), *(["one"] if address.endswith(">") else [])])


def _places(address: str, query: tuple[str, ...]) -> list[Schema]:
    found = re.findall(r"<(?:(\w+):)?(\w+)>", address)
    in_path = [_path(name) if kind == "uuid" else _path(name) | {"schema": {"type": "string"}} for kind, name in found]
    return in_path + [{"name": name, "in": "query", "schema": {"type": "string"}} for name in query]


def _for(roles: Collection[str]) -> str:
    return f"For: {', '.join(sorted(roles))}."


def _look(address: str, look: Look) -> Schema:
    shown = {"type": "object", "properties": {name: {} for name in look.gives}, "required": list(look.gives)}
    summary = first_line(look.see)
    return _get(_called("see", address), address.split("/")[0], summary, shown, _places(address, look.query)) | {
        "description": _for(look.roles)
    }


def _act(address: str, act: Act) -> Schema:
    done = _object({"made": {"description": "What came of it: an id, a thing, a list, or null."}, "done": TEXT})
    key = [_parameter("Key")] if act.asks.is_in_one else []
    return {
        "operationId": _called("do", address),
        "tags": [address.split("/")[0]],
        "summary": first_line(act.asks.action),
        "description": _for(act.roles),
        "parameters": [*_places(address, act.query), *key, _parameter("Language")],
        "requestBody": _files(act) if act.upload else _request(act.asks, is_versioned=False),
        "responses": {
            "200": _answer("Done.", done),
            **_problems("400", "401", "403", "404", "409", "415", "422", "429"),
        },
    }


def _files(act: Act) -> Schema:
    """A form with files; where it has other fields too, JSON says the same without a file."""
    body = _request(act.asks, is_versioned=False)
    fields = body["content"]["application/json"]["schema"]
    files = {"type": "array", "items": {"type": "string", "contentMediaType": "application/octet-stream"}}
    form = fields | {"properties": fields["properties"] | {act.upload: files}}
    if not act.asks.fields:
        form["required"], body["content"] = [act.upload], {}
    body["content"]["multipart/form-data"] = {"schema": form}
    return body | {"required": True}


def _given(address: str, paper: Paper, method: str) -> Schema:
    body = {"requestBody": _request(paper.asks, is_versioned=False)} if method == "POST" else {}
    return {
        "operationId": _called(method.lower(), address),
        "tags": [address.split("/")[0]],
        "summary": first_line(paper.give),
        "description": _for(paper.roles),
        "parameters": [*_places(address, paper.query), _parameter("Language")],
        **body,
        "responses": {
            "200": {"description": first_line(paper.give) + ".", "content": {paper.media_type: {}}},
            **_problems("400", "401", "403", "404", "422", "429"),
        },
    }


def first_line(of: Any) -> str:
    """The first sentence of a docstring, without its full stop."""
    return re.split(r"\.?\n|\. |\.$", str(of.__doc__ or of.__name__).strip())[0]


def _step(name: str) -> Schema:
    act, _ = MOVES[name]
    done = _object(
        {"step": {"const": name}, "done": {"type": "string"}, "case": {"anyOf": [_ref("Brief"), {"type": "null"}]}}
    )
    return {
        "operationId": "step_" + name,
        "tags": ["steps"],
        "summary": first_line(act.action),
        "parameters": [_parameter(one) for one in ("CaseId", "Version", "Key", "Language")],
        "requestBody": _request(act),
        "responses": {
            "200": _answer("Done. `case` is null where it is out of one's sight now.", done, has_version=True),
            **_problems(*("400", "401", "403", "404", "409", "415", "422", "428", "429")),
        },
    }


def _request(asks: Asks, *, is_versioned: bool = True) -> Schema:
    version = {"version": {"type": "integer", "description": "In place of If-Match."}} if is_versioned else {}
    schema: Schema = {
        "type": "object",
        "properties": version | {name: _field(asks, name) for name in asks.fields},
        "additionalProperties": False,
    }
    if asks.needs:
        schema["required"] = list(asks.needs)
    return {"required": bool(asks.needs), "content": {"application/json": {"schema": schema}}}


def _note() -> Schema:
    return {
        "operationId": "addNote",
        "tags": ["cases"],
        "summary": "A note among colleagues",
        "parameters": [_parameter(one) for one in ("CaseId", "Key", "Language")],
        "requestBody": _request(NOTE),
        "responses": {
            "201": _answer("Kept.", _object({"case_id": {"type": "string", "format": "uuid"}})),
            **_problems("400", "401", "403", "404", "415", "422", "429"),
        },
    }


def _open_contact() -> Schema:
    return {
        "operationId": "openContact",
        "tags": ["cases"],
        "summary": "Name and contact of the sender, for a purpose that the citizen sees",
        "parameters": [_parameter(one) for one in ("CaseId", "Language")],
        "requestBody": _request(PURPOSE),
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
    lists = ("asked", "supplements", "attachments", "deadlines", "questions", "answers", "checks", "handovers",
             "timeline", "notices", "readings", "followers", "related")  # fmt: skip
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
    return _object(dict.fromkeys(("organisation", "name", "phone", "email", "address"), maybe) | {"shown_until": until})


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
