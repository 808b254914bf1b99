"""The least a server can do for an accepted petition: one row, one commit. What the door is measured against."""

import os

from flask import Flask, request
from sqlalchemy import Column, Integer, MetaData, Table, Text, create_engine

metadata = MetaData()
accepted = Table("accepted", metadata, Column("id", Integer, primary_key=True), Column("body", Text, nullable=False))


def wsgi() -> Flask:
    app = Flask(__name__)
    engine = create_engine(os.environ["DATABASE_URL"], pool_size=8)

    @app.post("/api/v1/petitions")
    def accept() -> tuple[dict[str, int], int]:
        body = request.get_data(as_text=True)
        with engine.begin() as connection:
            key = connection.execute(accepted.insert().values(body=body)).inserted_primary_key
        return {"id": key[0] if key else 0}, 201

    return app
