"""What may stand in a table in clear, said column by column."""

from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import Column, Date, DateTime, LargeBinary
from sqlalchemy.orm import Mapper

from network import migrations
from network.db import Database, Instant, Row
from tests.ground.databases import migrate

READABLE_BY = {"case", "pair", "member", "server", "quorum"}
VENDOR = Path(__file__).parents[2] / "network" / "web" / "static" / "vendor"
every_table = pytest.mark.parametrize(
    "columns",
    [[*table.columns] for table in migrations.tables().values()],
    ids=list(migrations.tables()),
)


@every_table
def test_every_column_of_bytes_says_who_can_read_it(columns: list[Column[object]]) -> None:
    for column in columns:
        if isinstance(column.type, LargeBinary):
            info = column.info
            known = info.get("sealed") in READABLE_BY or info.get("blind") or info.get("public")
            assert known, column.name


@every_table
def test_every_moment_in_clear_has_a_written_reason(columns: list[Column[object]]) -> None:
    for column in columns:
        if isinstance(column.type, Instant):
            assert len(column.info.get("why", "")) > 20, column.name
        else:
            wide = isinstance(column.type, DateTime)
            assert not wide, f"{column.name}: use Instant, or a Date where a day will do"


@every_table
def test_no_column_is_named_after_what_must_not_show(columns: list[Column[object]]) -> None:
    words = {"duress", "danger", "name", "phone", "chat_id", "telegram_id", "text", "note", "email"}
    for column in columns:
        assert not words & set(column.name.split("_")) - {"chat"}, column.name
        assert column.name not in words
        assert not isinstance(column.type, Date) or column.name.endswith("on"), column.name


def test_every_foreign_key_that_is_read_has_an_index() -> None:
    for table in migrations.tables().values():
        first = {index.columns.values()[0].name for index in table.indexes}
        first |= {table.primary_key.columns.values()[0].name}
        first |= {c.name for c in table.columns if c.unique}
        bare = {key.parent.name for key in table.foreign_keys} - first
        bare -= {c.name for c in table.primary_key.columns}
        assert not bare, f"{table.name}: {bare}"


def test_the_tables_are_what_the_migrations_make(database: Database) -> None:
    assert migrations.differences(database.engine) == []


def test_migrations_go_back_and_forth(database: Database, database_url: str) -> None:
    migrations.downgrade(database.engine, "base")
    assert len(migrations.differences(database.engine)) > 10
    migrate(database_url)
    assert migrations.differences(database.engine) == []


def test_rows_print_as_their_id_alone() -> None:
    for mapper in Row.registry.mappers:
        assert isinstance(mapper, Mapper)
        assert "__repr__" not in vars(mapper.class_)


def test_vendored_files_are_what_was_published() -> None:
    listed = dict(
        line.split("  ")[::-1] for line in (VENDOR / "SHA256SUMS").read_text().splitlines()
    )
    found = {
        path.name: sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.iterdir()
        if path.suffix in {".js", ".css"}
    }
    assert found == listed
