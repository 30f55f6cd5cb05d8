"""The database: base row, column types, the two engines, and the one transaction a request gets."""

import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import Enum
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Executable,
    Integer,
    LargeBinary,
    MetaData,
    Result,
    Select,
    Table,
    TypeDecorator,
    Uuid,
    create_engine,
    event,
    make_url,
)
from sqlalchemy import Enum as EnumColumn
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column, sessionmaker

from config.country import Pack
from network.encryption.server import ServerSecret
from network.kernel.ids import read_id

pk = Annotated[UUID, mapped_column(primary_key=True)]
# Grows by one per row: the order of things inside the house, shown to nobody.
ordinal = Annotated[
    int,
    mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    ),
]
# An envelope says in its column who can open it: a case's members, the two coordinators who vet
# somebody, one member, the machine, or several coordinators together.
sealed_to_case = Annotated[bytes, mapped_column(LargeBinary, info={"sealed": "case"})]
sealed_to_pair = Annotated[bytes, mapped_column(LargeBinary, info={"sealed": "pair"})]
sealed_to_member = Annotated[bytes, mapped_column(LargeBinary, info={"sealed": "member"})]
sealed_to_server = Annotated[bytes, mapped_column(LargeBinary, info={"sealed": "server"})]
sealed_to_quorum = Annotated[bytes, mapped_column(LargeBinary, info={"sealed": "quorum"})]
blind_index = Annotated[bytes, mapped_column(LargeBinary(32), info={"blind": True})]
# A hash blinded by random bytes that live in an envelope alone.
blinded_hash = Annotated[bytes, mapped_column(LargeBinary(32), info={"blind": True})]
public_half = Annotated[bytes, mapped_column(LargeBinary, info={"public": True})]


# A full disk, a locked file, a database that went away: nobody's input is to blame.
TROUBLE: tuple[type[Exception], ...] = (DBAPIError, PoolTimeout)
# Of these, the database is well and what was asked of it is not.
FAULTS: tuple[type[Exception], ...] = (IntegrityError, DataError)


class Instant(TypeDecorator[datetime]):
    """A moment in UTC. Refuses naive datetimes on the way in."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("naive datetime")
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any] | None:
        """SQLite keeps text, which is read in one step: a tick reads thousands."""
        return _read if dialect.name == "sqlite" else super().result_processor(dialect, coltype)


def _read(stored: str | None) -> datetime | None:
    return None if stored is None else datetime.fromisoformat(f"{stored}+00:00")


class Id(Uuid[UUID]):
    """A UUID. Where it is kept as text it is read in one step: a tick reads thousands."""

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any] | None:
        """As the type itself does, twice as fast; PostgreSQL's driver hands over a UUID."""
        return _read_id if dialect.name == "sqlite" else None


def _read_id(stored: str | None) -> UUID | None:
    return None if stored is None else read_id(stored)


def moment(why: str, *, index: bool = False) -> Any:  # noqa: ANN401  # as mapped_column itself
    """A time column outside an envelope; `why` is the reason it may stand there in clear."""
    return mapped_column(Instant, info={"why": why}, index=index)


class Row(DeclarativeBase):
    """Base of every table. Prints as its id, never as its columns."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {
        datetime: Instant,
        UUID: Id(),
        Enum: EnumColumn(
            Enum,
            values_callable=lambda kind: [one.value for one in kind],
            native_enum=False,
            length=24,
            create_constraint=False,
        ),
    }

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {getattr(self, 'id', '?')}>"


BUSY_MILLISECONDS = 15_000
ASKED_AGAIN_AFTER = 0.0005  # seconds
PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "secure_delete=ON",
    "temp_store=MEMORY",
    f"busy_timeout={BUSY_MILLISECONDS}",
)


# A server that lost its power, or its cable, says nothing: without these whoever waits for it waits
# for a quarter of an hour, and where nothing was left to send, for ever. An address may say other.
PATIENCE: dict[str, str | Sequence[str]] = {
    "connect_timeout": "5",  # seconds, for each of its machines
    "keepalives_idle": "5",  # seconds until a server that is silent is asked whether it lives,
    "keepalives_interval": "3",  # and between two such questions,
    "keepalives_count": "3",  # of which so many may go unanswered
    "tcp_user_timeout": "12000",  # milliseconds for which what we sent may stay unconfirmed
}


@dataclass(frozen=True, slots=True)
class Database:
    """Two ways in: `writing` takes the write lock as it begins (SQLite), `reading` never waits for
    it.
    """

    engine: Engine
    writing: sessionmaker[Session]
    reading: sessionmaker[Session]

    def dispose(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    def forget_pages(self) -> None:
        """Empty SQLite's write-ahead log, where what was erased stands until it is written over.

        Waits for nobody: while somebody reads or writes, the next call does it.
        """
        if self.engine.dialect.name != "sqlite":
            return
        connection = self.engine.raw_connection()
        try:
            connection.execute("PRAGMA busy_timeout=0")
            with suppress(sqlite3.OperationalError):
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        finally:
            connection.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")
            connection.close()


# A write changes rows and no object: whoever reads them again asks the database.
_AS_WRITTEN = {"synchronize_session": False}


def open_database(url: str) -> Database:
    """Open `url` (`sqlite:///…` or `postgresql+psycopg://…`). Creates no tables."""
    if url.startswith("sqlite"):
        engine = create_engine(url, pool_size=8, max_overflow=24, hide_parameters=True)
        _begin_as_sqlite_should(engine)
    else:
        engine = create_engine(
            make_url(url).update_query_dict(PATIENCE | dict(make_url(url).query)),
            pool_size=8,
            max_overflow=24,
            pool_pre_ping=True,
            hide_parameters=True,
        )
    _write_what_was_gathered_first(engine)
    reading = engine.execution_options(read_only=True)
    return Database(
        engine,
        sessionmaker(engine, expire_on_commit=False, execution_options=_AS_WRITTEN),
        sessionmaker(reading, expire_on_commit=False, execution_options=_AS_WRITTEN),
    )


def _write_what_was_gathered_first(engine: Engine) -> None:
    @event.listens_for(engine, "before_execute")
    def write(
        connection: Connection,
        _statement: Executable,
        _many: object,
        _one: object,
        options: Mapping[str, Any],
    ) -> None:
        batch: Batch | None = connection.info.get(_BATCH)
        if batch is not None and "peeks" not in options:
            batch.write()


def _begin_as_sqlite_should(engine: Engine) -> None:
    """The driver's own BEGIN loses updates: here writers lock at once, and readers never."""

    @event.listens_for(engine, "connect")
    def prepare(connection: DBAPIConnection, _record: object) -> None:
        connection.isolation_level = None
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if connection.get_execution_options().get("read_only"):
            connection.exec_driver_sql("BEGIN")
            return
        driver: Any = connection.connection.dbapi_connection
        driver.execute("PRAGMA busy_timeout=0")
        try:
            _wait_for_the_pen(driver)
            if not driver.in_transaction:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
        finally:
            driver.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")


def _wait_for_the_pen(driver: Any) -> None:  # noqa: ANN401  # SQLAlchemy promises no more of it
    """Begin to write as soon as nobody else does; where that cannot be, one more try tells why.

    SQLite's own waiting sleeps longer each time, up to a tenth of a second, and whoever comes later
    goes first: beside a busy worker a postman waited two thirds of its time.
    """
    until = time.monotonic() + BUSY_MILLISECONDS / 1_000
    while time.monotonic() < until:
        try:
            driver.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                return
            time.sleep(ASKED_AGAIN_AFTER)
        else:
            return


class Batch:
    """What the answers of one commit share: inserts gathered, and what was read ahead for all.

    Before anything else is asked of the database, what was gathered is written and what was read
    ahead is forgotten: nobody reads past what they wrote, or believes what may have changed.
    """

    def __init__(self, connection: Connection) -> None:
        self.ahead: dict[Any, Any] = {}
        self._connection = connection
        self._gathered: dict[Executable, list[dict[str, Any]]] = {}

    def gather(self, statement: Executable, row: dict[str, Any]) -> None:
        """Keep an insert for later."""
        self._gathered.setdefault(statement, []).append(row)

    def write(self) -> None:
        """Write what was gathered, and forget what was read ahead."""
        self.ahead.clear()
        gathered, self._gathered = self._gathered, {}
        for statement, rows in gathered.items():
            self._connection.execute(statement, rows)


_BATCH = "batch"
_PEEKS = {"peeks": True}


@dataclass(frozen=True, slots=True)
class Tx:
    """One transaction: its session, its single notion of now, the server secret and the country."""

    session: Session
    now: datetime
    secret: ServerSecret
    pack: Pack
    batch: Batch | None = None

    @property
    def known(self) -> dict[Any, Any]:
        """What a store has read and will not read again before this transaction ends."""
        return self.session.info

    @property
    def ahead(self) -> dict[Any, Any]:
        """What was read for all answers of this commit at once; empty as soon as it may be old."""
        return {} if self.batch is None else self.batch.ahead

    def gather(self, statement: Executable, row: dict[str, Any]) -> None:
        """Insert a row: with those of the other answers of this commit, or now."""
        if self.batch is None:
            self.session.connection().execute(statement, [row])
        else:
            self.batch.gather(statement, row)

    def peek(self, statement: Executable, params: Mapping[str, Any]) -> Result[Any]:
        """Read what nothing that is gathered can change."""
        return self.session.execute(statement, params, execution_options=_PEEKS)

    @property
    def today(self) -> date:
        """The day it is where the network is: what a date on a page or in a chat means."""
        return self.now.astimezone(ZoneInfo(self.pack.time_zone)).date()

    def insert(self, table: type[Row] | Table) -> postgresql.Insert | sqlite.Insert:
        """An insert that can say what is to happen where its row is there already."""
        return postgresql.insert(table) if self.on_postgresql else sqlite.insert(table)

    @property
    def only_looks(self) -> bool:
        """True where whatever is written will be rolled back."""
        return bool(self.session.get_bind().get_execution_options().get("read_only"))

    @property
    def on_postgresql(self) -> bool:
        """True where rows are locked one by one rather than the whole file."""
        return self.session.get_bind().dialect.name == "postgresql"


def skipping_locked(tx: Tx, query: Select[Any]) -> Select[Any]:
    """The same query, taking its rows for this transaction and passing by those somebody else took.

    On SQLite a writer already holds the whole file, so the query is returned as it is.
    """
    return query.with_for_update(skip_locked=True) if tx.on_postgresql else query


@contextmanager
def writing(database: Database, now: datetime, secret: ServerSecret, pack: Pack) -> Iterator[Tx]:
    """Commit on a clean exit, roll back on any exception. Nothing else commits."""
    with database.writing.begin() as session:
        yield Tx(session, now, secret, pack)


@contextmanager
def writing_together(
    database: Database, now: datetime, secret: ServerSecret, pack: Pack
) -> Iterator[Tx]:
    """The same for many answers, whose inserts are gathered."""
    with database.writing.begin() as session:
        connection = session.connection()
        batch = Batch(connection)
        shared = connection.info
        shared[_BATCH] = batch
        try:
            yield Tx(session, now, secret, pack, batch)
            batch.write()
        finally:
            del shared[_BATCH]


@contextmanager
def savepoint(tx: Tx) -> Iterator[Tx]:
    """What is done inside is undone alone where it raises; the rest of the transaction stands."""
    try:
        with tx.session.begin_nested():
            yield tx
    except BaseException:
        tx.known.clear()  # what was read inside was undone with it
        raise


@contextmanager
def reading(database: Database, now: datetime, secret: ServerSecret, pack: Pack) -> Iterator[Tx]:
    """Look without leaving a mark: whatever happens inside is rolled back."""
    with database.reading() as session:
        try:
            yield Tx(session, now, secret, pack)
        finally:
            session.rollback()


def sealed_columns(readable_by: str | None = None) -> list[Column[Any]]:
    """Every sealed column of every table there is, or those that one kind of reader can open."""
    return [
        column
        for table in Row.metadata.sorted_tables
        for column in table.columns
        if column.info.get("sealed") and readable_by in {None, column.info["sealed"]}
    ]
