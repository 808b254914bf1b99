"""Programs that act for people at the desk."""

import json
from typing import Any
from uuid import UUID

from flask import Flask
from flask.testing import FlaskClient

from services.workflow import actions
from shared import auth
from shared.db import Database
from tests.workflow.builders import Office, Staff

URL = "/desk/api/v1"


class Program:
    """A program that acts for somebody."""

    def __init__(self, app: Flask, token: str) -> None:
        self.client: FlaskClient = app.test_client()
        self.headers = {"Authorization": f"Bearer {token}"}

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(URL + path, headers=self.headers | headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.client.post(
            URL + path, data=json.dumps(body or {}), content_type="application/json", headers=self.headers | headers
        )

    def step(self, office: Office, case_id: UUID, name: str, **fields: Any) -> Any:
        version = f'"{office.case(case_id).version}"'
        return self.post(f"/cases/{case_id}/steps/{name}", fields, **{"If-Match": version})


def account_of(database: Database, person: Staff) -> auth.Person:
    with database.reading() as look:
        return next(one for one in auth.list_people(look) if one.person == person.person)


def token_of(database: Database, person: Staff, *, scope: str = "write") -> str:
    owner = account_of(database, person)
    with database.writing() as tx:
        _, secret = actions.make_token(tx, person=owner, name="một chương trình", scope=scope, days=30)
    return secret
