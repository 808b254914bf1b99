"""The entrance for programs, described: an OpenAPI 3.1 document made of the same limits and choices that the rules
use."""

from datetime import date
from typing import Any

from services.intake.catalogue import Catalogue
from services.intake.domain.petition import CONSENTS, FILES_AT_MOST, LANGUAGES, LIMITS, PARTIES, SHORTEST_TEXT
from services.intake.words import STAGES

Schema = dict[str, Any]


ANSWERS_AT_MOST = 60


def describe(catalogue: Catalogue, public_url: str, day: date) -> Schema:
    """The document, with today's kinds, topics and wards as enumerations."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Lắng Nghe",
            "version": "1.0.0",
            "summary": "File a petition and follow it.",
            "description": "Problems are application/problem+json (RFC 9457), in the language that is asked for.",
            "license": {"name": "Apache 2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": public_url}],
        "tags": [{"name": "petitions", "description": "What citizens send us"}],
        "paths": {
            "/api/v1/petitions": {"post": _filing()},
            "/api/v1/petitions/{code}": {"get": _following()},
            "/api/v1/catalogue": {"get": _choosing()},
        },
        "components": {
            "schemas": {
                "Petition": _petition(catalogue, day),
                "PetitionWithFiles": _with_files(_petition(catalogue, day)),
                "Receipt": _receipt(),
                "Progress": _progress(),
                "Catalogue": _catalogue(),
                "Problem": _problem(),
            },
            "responses": {
                name: {
                    "description": words,
                    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
                }
                for name, words in {
                    "Unreadable": "The body is no JSON object, or the Idempotency-Key is malformed.",
                    "Unauthorised": "The secret is missing.",
                    "Unknown": "There is no such petition, or the secret is not its own.",
                    "TooLarge": "The body is larger than 256 KB, or than 48 MB with files.",
                    "OtherKind": "The body is neither JSON nor a form.",
                    "Refused": "Fields need mending, each named in errors; or the key was used for something else.",
                    "TooMany": "Too many requests from this network; see Retry-After.",
                }.items()
            },
        },
    }


def _filing() -> Schema:
    return {
        "operationId": "filePetition",
        "tags": ["petitions"],
        "summary": "File a petition",
        "description": "After a lost reply send the same Idempotency-Key again: filed once, answered alike.",
        "parameters": [
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": False,
                "description": "A random value of your own, such as a UUID.",
                "schema": {"type": "string", "minLength": 16, "maxLength": 100, "pattern": "^[\\x20-\\x7e]+$"},
            },
            _language(),
        ],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": {"$ref": "#/components/schemas/Petition"}},
                "multipart/form-data": {"schema": {"$ref": "#/components/schemas/PetitionWithFiles"}},
            },
        },
        "responses": {
            "201": {
                "description": "Filed. What is answered here is already safe on the disk.",
                "headers": {"Location": {"schema": {"type": "string"}}},
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Receipt"}}},
            },
            **_problems(
                {"400": "Unreadable", "413": "TooLarge", "415": "OtherKind", "422": "Refused", "429": "TooMany"}
            ),
        },
    }


def _following() -> Schema:
    return {
        "operationId": "followPetition",
        "tags": ["petitions"],
        "summary": "Where a petition stands",
        "parameters": [
            {"name": "code", "in": "path", "required": True, "schema": {"type": "string"}},
            {
                "name": "X-Petition-Secret",
                "in": "header",
                "required": True,
                "description": "The secret of the receipt. It is never part of an address.",
                "schema": {"type": "string"},
            },
            _language(),
        ],
        "responses": {
            "200": {
                "description": "Stage, due day, story, answer.",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Progress"}}},
            },
            **_problems({"401": "Unauthorised", "404": "Unknown"}),
        },
    }


def _choosing() -> Schema:
    return {
        "operationId": "listChoices",
        "tags": ["petitions"],
        "summary": "Kinds, topics and wards of today",
        "responses": {
            "200": {
                "description": "What may be chosen.",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Catalogue"}}},
            }
        },
    }


def _language() -> Schema:
    return {
        "name": "Accept-Language",
        "in": "header",
        "required": False,
        "schema": {"type": "string", "examples": ["vi", "en"]},
    }


def _problems(names: dict[str, str]) -> Schema:
    return {status: {"$ref": f"#/components/responses/{name}"} for status, name in names.items()}


def _petition(catalogue: Catalogue, day: date) -> Schema:
    choices = catalogue.choices_on(day)
    words = {name: {"type": ["string", "null"], "maxLength": most} for name, most in LIMITS.items() if name != "text"}
    return {
        "type": "object",
        "required": ["kind", "text"],
        "additionalProperties": False,
        "properties": {
            "kind": {"type": "string", "enum": sorted(choices.kinds)},
            "topic": {"type": ["string", "null"], "enum": [*sorted(choices.topics), None]},
            "text": {"type": "string", "minLength": SHORTEST_TEXT, "maxLength": LIMITS["text"]},
            "ward": {"type": ["string", "null"], "enum": [*sorted(choices.wards), None]},
            **words,
            "lat": {"type": ["number", "null"], "description": "WGS 84"},
            "lng": {"type": ["number", "null"], "description": "WGS 84"},
            "party": {"type": "string", "enum": list(PARTIES), "default": PARTIES[0]},
            "consents": {"type": "array", "items": {"type": "string", "enum": list(CONSENTS)}, "uniqueItems": True},
            "language": {"type": "string", "enum": list(LANGUAGES)},
            "signature": {
                "type": "string",
                "enum": ["none", "scanned", "digital"],
                "default": "none",
                "description": "How the letter among the files is signed, where the law wants it signed. "
                "Of a digital signature we look whether it is there, never whose it is.",
            },
            "answers": {
                "type": "object",
                "maxProperties": ANSWERS_AT_MOST,
                "description": "Answers to questions of the kind or topic, by their code: words, a number, a day as "
                "dd/mm/yyyy, the code of an option or several. None is required of programs. In a form: as JSON.",
                "additionalProperties": {
                    "oneOf": [
                        {"type": "string"},
                        {"type": "number"},
                        {"type": "array", "items": {"type": "string"}},
                    ]
                },
            },
        },
    }


def _with_files(petition: Schema) -> Schema:
    files = {
        "type": "array",
        "maxItems": FILES_AT_MOST,
        "items": {"type": "string", "format": "binary"},
        "description": "JPEG, PNG, WebP, HEIC, PDF, or a document of Word, Excel or LibreOffice without macros; up to "
        "10 MB each. Pictures lose their metadata.",
    }
    return petition | {"properties": petition["properties"] | {"files": files}}


def _receipt() -> Schema:
    return _object(
        {
            "code": {"type": "string", "description": "Follows the petition; eight characters in two groups."},
            "secret": {"type": "string", "description": "Opens the petition. Keep it."},
            "pin": {
                "type": ["string", "null"],
                "description": "Opens it with the code, where no telephone number does.",
            },
            "tracking_url": {"type": "string", "format": "uri"},
            "received_at": {"type": "string", "format": "date-time"},
            "event_id": {"type": "string", "format": "uuid"},
            "digest": {"type": "string", "description": "SHA-256 of the event in the log, hexadecimal."},
        }
    )


def _progress() -> Schema:
    text, nothing = {"type": "string"}, {"type": "null"}
    maybe = {"type": ["string", "null"]}
    day, instant = {"type": ["string", "null"], "format": "date"}, {"type": "string", "format": "date-time"}
    return _object(
        {
            "code": text,
            "kind": maybe,
            "topic": maybe,
            "stage": {"type": "string", "enum": list(STAGES)},
            "label": text,
            "received_at": instant,
            "due_on": day,
            "is_estimate": {
                "type": "boolean",
                "description": "The due day is our guess until the desk has said its own.",
            },
            "unit": {"oneOf": [_object({"code": text, "name": text}), nothing]},
            "question": {"oneOf": [_object({"text": text, "reply_by": day}), nothing]},
            "answer": {
                "oneOf": [
                    _object(
                        {
                            "round": {"type": "integer"},
                            "outcome": text,
                            "text": maybe,
                            "signer": maybe,
                            "promised_on": day,
                            "is_on_time": {"type": "boolean"},
                            "answered_at": instant,
                        }
                    ),
                    nothing,
                ]
            },
            "parts": {
                "type": "array",
                "description": "Of a petition about several matters: where each stands. Empty for all others.",
                "items": _object(
                    {
                        "number": {"type": "integer"},
                        "topic": maybe,
                        "stage": {"type": "string", "enum": list(STAGES)},
                        "label": text,
                        "due_on": day,
                        "unit": {"oneOf": [_object({"code": text, "name": text}), nothing]},
                        "answer": maybe,
                    }
                ),
            },
            "timeline": {
                "type": "array",
                "items": _object({"at": instant, "what": text, "title": text, "note": maybe}),
            },
            "openings": {
                "type": "array",
                "items": _object({"who": text, "purpose": text, "last_at": instant, "times": {"type": "integer"}}),
            },
            "event_id": {"type": "string", "format": "uuid"},
            "digest": text,
        }
    )


def _catalogue() -> Schema:
    text = {"type": "string"}
    rows = {
        "kinds": _object({"id": text, "name": text, "name_en": text}),
        "topics": _object({"code": text, "name": text, "name_en": text}),
        "wards": _object({"code": text, "name": text}),
    }
    return _object({name: {"type": "array", "items": row} for name, row in rows.items()})


def _problem() -> Schema:
    text = {"type": "string"}
    return {
        "type": "object",
        "required": ["type", "title", "status"],
        "properties": {
            "type": text,
            "title": text,
            "status": {"type": "integer"},
            "detail": text,
            "errors": {"type": "array", "items": _object({"field": text, "code": text, "detail": text})},
            "correlation": text,
        },
    }


def _object(properties: Schema) -> Schema:
    return {"type": "object", "required": list(properties), "properties": properties}
