"""The list of what shows is whole, and the same everywhere."""

from pathlib import Path

from network import migrations
from network.surrender.domain import IN_CLEAR, PASSING, WITH_SECRET, as_table

SECURITY = Path(__file__).parents[2] / "SECURITY.md"
TABLES = migrations.tables()


def test_every_column_in_clear_is_said_and_no_other() -> None:
    """A new column stands in network/surrender/domain.py, with what it says to whoever reads it."""
    bare = {
        name: {column.name for column in table.columns if not column.info.get("sealed")}
        for name, table in TABLES.items()
    }
    assert bare == {name: set(each.columns) for name, each in IN_CLEAR.items()}


def test_everything_the_server_secret_opens_is_said() -> None:
    sealed = {
        f"{name}.{column.name}"
        for name, table in TABLES.items()
        for column in table.columns
        if column.info.get("sealed") == "server"
    }
    assert sealed == set(WITH_SECRET)
    assert sealed >= PASSING


def test_security_md_has_the_same_list() -> None:
    """`flask --app wsgi hilo surrender --list` prints it."""
    assert as_table() in SECURITY.read_text()
