"""The migrations make exactly the tables the code reads, on both databases."""

from network import migrations
from network.db import Database


def test_migrated_databases_and_tables_are_the_same(database: Database) -> None:
    assert migrations.differences(database.engine) == []
