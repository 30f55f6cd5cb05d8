"""One PostgreSQL database for test after test, emptied in between.

To make one costs a checkpoint of everything the server has written, and an engine that knows no
statement yet; to empty one costs a few deletes. Whatever a test did to the tables themselves, or to
the server, costs it the database, and the next test is given a new one.
"""

from dataclasses import dataclass, field
from typing import Any, Final

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from tests.ground.postgresql import Cluster, plain
from tests.ground.reopened import Reopened

SHAPE: Final = """
    select md5(string_agg(line, ',' order by line)) from (
        select concat_ws(' ', c.relkind, c.relname, a.attname, a.atttypid, a.attnotnull) as line
        from pg_class c left join pg_attribute a on a.attrelid = c.oid and not a.attisdropped
        where c.relnamespace = 'public'::regnamespace
        union all
        select concat_ws(' ', conname, contype, convalidated) from pg_constraint
        where connamespace = 'public'::regnamespace
        union all
        select tgname from pg_trigger where not tgisinternal
    ) as found
"""
OTHERS_END: Final = """
    select pg_terminate_backend(pid, 5000) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()
"""
MOVED: Final = """
    select setval(format('%I.%I', schemaname, sequencename)::regclass, 1, false)
    from pg_sequences where last_value is not null
"""
PATIENCE: Final = 20_000  # milliseconds for a lock that nobody should hold

Rows = list[tuple[Any, ...]]


@dataclass(slots=True)
class Emptied(Reopened):
    """Gives one test at a time a database that looks like the template."""

    cluster: Cluster
    template: str
    _own: "psycopg.Connection[tuple[Any, ...]] | None" = None
    _shape: str = ""
    _born_with: dict[str, Rows] = field(default_factory=dict)
    _tables: sql.Composed = field(default_factory=lambda: sql.Composed([]))

    def url(self) -> str:
        """The database, empty but for what migrations put there."""
        if self._url is None:
            self._begin()
        assert self._url is not None
        return self._url

    def empty(self) -> None:
        """Everything goes that a test left: rows, connections, and the whole where it differs."""
        if self._url is None or self._own is None:
            return
        if self._opened is not None:
            self._opened.dispose()
        try:
            self._own.execute(OTHERS_END)
            same = self._own.execute(SHAPE).fetchone() == (self._shape,)
            if same:
                self._swept(self._own)
        except psycopg.Error:
            same = False
        if not same:
            self.drop()

    def drop(self) -> None:
        """End it; the next one who asks is given a new one."""
        if self._opened is not None:
            self._opened.dispose()
        if self._own is not None:
            self._own.close()
        if self._url is not None:
            self.cluster.drop(self._url)
        self._url = self._own = self._opened = None

    def _begin(self) -> None:
        self._url = self.cluster.create(self.template)
        self._own = psycopg.connect(plain(make_url(self._url)), autocommit=True)
        self._own.execute(sql.SQL("set lock_timeout = {}").format(PATIENCE))
        self._own.execute("set session_replication_role = replica")  # no order among the deletes
        (shape,) = self._own.execute(SHAPE).fetchall()[0]
        self._shape = str(shape)
        names = self._own.execute("select tablename from pg_tables where schemaname = 'public'")
        one = sql.SQL("select {} where exists (select from {})")
        self._tables = sql.SQL(" union all ").join(
            one.format(sql.Literal(name), sql.Identifier(name)) for (name,) in names.fetchall()
        )
        self._born_with = {name: self._rows(self._own, name) for name in self._filled(self._own)}

    def _filled(self, own: "psycopg.Connection[tuple[Any, ...]]") -> list[str]:
        return [str(name) for (name,) in own.execute(self._tables).fetchall()]

    def _rows(self, own: "psycopg.Connection[tuple[Any, ...]]", table: str) -> Rows:
        return own.execute(sql.SQL("select * from {}").format(sql.Identifier(table))).fetchall()

    def _swept(self, own: "psycopg.Connection[tuple[Any, ...]]") -> None:
        with own.transaction():
            left = set(self._filled(own))
            for table in sorted(left | self._born_with.keys()):
                born_with = self._born_with.get(table, [])
                if table in left and born_with and self._rows(own, table) == born_with:
                    continue
                own.execute(sql.SQL("delete from {}").format(sql.Identifier(table)))
                for row in born_with:
                    places = sql.SQL(", ").join([sql.Placeholder()] * len(row))
                    own.execute(
                        sql.SQL("insert into {} values ({})").format(sql.Identifier(table), places),
                        row,
                    )
            own.execute(MOVED)
