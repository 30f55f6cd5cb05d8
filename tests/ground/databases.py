"""Both databases, each made once by our own migrations and then copied, an empty one per test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url
from sqlalchemy.orm import Session, sessionmaker

from network.db import Database, open_database
from tests.ground.copied import Copied
from tests.ground.emptied import Emptied
from tests.ground.postgresql import Cluster

# Pages do not know which database they stand on: what they show is looked at on SQLite, and in the
# long form (`make chaos`) on PostgreSQL. The services below them are tried on both, and on both
# tests/web/test_matrix.py asks every route.
PAGES = pytest.mark.parametrize(
    "database_url",
    ["sqlite", pytest.param("postgresql", marks=pytest.mark.chaos)],
    indirect=True,
)


def migrate(url: str) -> None:
    """Every table of ours, in an empty database."""
    # Imported here, so that a room that cannot be imported fails its own tests and no other.
    from network import migrations  # noqa: PLC0415

    database = open_database(url)
    migrations.upgrade(database.engine)
    database.dispose()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def sqlite_copied(sqlite_template: Path) -> Copied:
    """The copies of it, and the one engine of this worker that goes to each in turn."""
    return Copied(sqlite_template)


@pytest.fixture(scope="session")
def postgresql_template(postgres_server: Cluster) -> Iterator[str]:
    """The name of a migrated, empty PostgreSQL database."""
    url = postgres_server.create()
    migrate(url)
    yield make_url(url).database or ""
    postgres_server.drop(url)


@pytest.fixture(scope="session")
def postgresql_emptied(postgres_server: Cluster, postgresql_template: str) -> Iterator[Emptied]:
    """The one PostgreSQL database of this worker, emptied after each test."""
    emptied = Emptied(postgres_server, postgresql_template)
    yield emptied
    emptied.drop()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A migrated, empty database of this test alone, on each kind in turn.

    A test that is about one of them says
    `@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)`.
    """
    if request.param == "sqlite":
        copied: Copied = request.getfixturevalue("sqlite_copied")
        yield copied.url(tmp_path / "network.db")
        return
    emptied: Emptied = request.getfixturevalue("postgresql_emptied")
    yield emptied.url()
    emptied.empty()


@pytest.fixture
def database(request: pytest.FixtureRequest, database_url: str) -> Iterator[Database]:
    """That database, open."""
    known = "sqlite_copied" if database_url.startswith("sqlite") else "postgresql_emptied"
    ground: Copied | Emptied = request.getfixturevalue(known)
    opened = ground.open(database_url) or open_database(database_url)
    yield opened
    opened.dispose()


@pytest.fixture
def sessions(database: Database) -> sessionmaker[Session]:
    """Writing sessions, for arranging what no service arranges."""
    return database.writing
