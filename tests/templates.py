"""SQLite databases made once in a process: each test gets a copy of the file, which takes no time."""

import atexit
import shutil
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import MetaData, create_engine

from shared import migrate
from shared.service import migrations_of
from tests.pool import Tables

_folder = TemporaryDirectory(prefix="databases-of-tests-")
atexit.register(_folder.cleanup)


def copy_to(file: Path, service: str, tables: Tables) -> None:
    """A database without rows at this place; what the caller is to make in it is there already."""
    if tables is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(_made(service, tables, tuple(tables.tables) if isinstance(tables, MetaData) else ()), file)


@cache
def _made(service: str, tables: Tables, names: tuple[str, ...]) -> Path:
    """`names`: of the tables, since a service adds to its metadata until it is put together."""
    file = Path(_folder.name) / f"{service}-{len(list(Path(_folder.name).iterdir()))}.sqlite"
    engine = create_engine(f"sqlite:///{file}")
    if isinstance(tables, MetaData):
        tables.create_all(engine)
    else:
        migrate.upgrade(engine, migrations_of(service))
    engine.dispose()
    return file
