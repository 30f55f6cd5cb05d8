"""Whether the database is of this code's version, and of this secret. Told at each start; the
version by /healthz, too, for it may change meanwhile.
"""

from enum import Enum
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, Inspector, inspect, text

from network.db import TROUBLE, Database, Tx
from network.encryption.server import ServerSecret
from network.kernel.actor import Actor

VERSIONS = Path(__file__).parent / "migrations" / "versions"
BOOK = "alembic_version"
SEALED = text("SELECT DISTINCT substr(profile, 1, 6) FROM people")
FOREIGN = (
    "HILO_SECRET is not the secret this database was sealed under: set that one again, or name it"
    " in HILO_SECRET_RETIRED."
)
NAME = "schema"  # in /healthz, where it is of another version


class Standing(Enum):
    """How the database stands to this code; the value is what whoever starts it is told."""

    OURS = ""
    EMPTY = "The database is empty: run `flask --app wsgi hilo migrate` once, then start again."
    OLDER = (
        "The database is older than this code: run `flask --app wsgi hilo migrate` once, then start"
        " again."
    )
    NEWER = (
        "The database is newer than this code: start the code it was last used with, or a newer"
        " one."
    )


class WrongSchema(RuntimeError):
    """The database is of another version. One sentence that says what to do."""


def require(database: Database, secret: ServerSecret) -> None:
    """Return where this code can work on it, raise WrongSchema where it cannot.

    A database that does not answer is not refused: engines wait for it, as they do at any time.
    Under another secret everything would seem well, and no family would be known again.
    """
    try:
        with database.engine.connect() as connection:
            found = of(connection)
            sealed = connection.scalars(SEALED).all() if found is Standing.OURS else ()
    except TROUBLE:
        return
    if found is not Standing.OURS:
        raise WrongSchema(found.value)
    if sealed and not any(secret.knows(bytes(one)) for one in sealed):
        raise WrongSchema(FOREIGN)


def standing(tx: Tx, actor: Actor) -> Standing:
    """How the database stands now: somebody may have migrated it while we run."""
    return of(tx.session.connection())


def of(connection: Connection) -> Standing:
    """How the database at the other end stands to this code."""
    seen = inspect(connection)
    assert isinstance(seen, Inspector)
    if not seen.has_table(BOOK):
        return Standing.EMPTY
    found = connection.scalar(text(f"SELECT max(version_num) FROM {BOOK}"))  # noqa: S608  # our own
    if found is None:
        return Standing.EMPTY
    if found == known()[-1]:
        return Standing.OURS
    return Standing.OLDER if found in known() else Standing.NEWER


@cache
def known() -> tuple[str, ...]:
    """The names of the versions this code knows, the oldest first."""
    return tuple(sorted(one.name.partition("_")[0] for one in VERSIONS.glob("[0-9]*_*.py")))
