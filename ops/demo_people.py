"""Accounts for demonstrations: the desk's by its own list, and one auditor, whose account is the memory's own."""

from ops.world import World
from services.workflow.commands import add_demo_people as add_desk_people
from services.workflow.commands import demo_rows
from shared import auth

AUDITOR = ("kiem-tra-vien", "Kiểm tra viên", "kiem-tra-vien@example.vn")


def add_demo_people(world: World, password: str) -> list[tuple[str, str]]:
    """Make the accounts that are missing. Returns all of them as (login, what it is for)."""
    desk, memory = world["workflow"], world["audit"]
    with desk.database.writing() as tx:
        add_desk_people(tx, desk.settings.config_dir, password=password)
    login, name, email = AUDITOR
    with memory.database.writing() as tx:
        if login not in {person.login for person in auth.list_people(tx)}:
            auth.add_account(tx, login=login, name=name, email=email, role="auditor", unit=None, password=password)
    rows = demo_rows(desk.settings.config_dir)
    return [(row["login"], f"{row['role']}, {row['unit']}") for row in rows] + [(login, "auditor, at /audit")]
