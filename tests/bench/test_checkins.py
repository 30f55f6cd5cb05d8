"""What a million rhythms cost when nothing is due, and how late an alarm is when much is."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median, quantiles
from uuid import UUID

import pytest
from sqlalchemy import bindparam, make_url, text, update

from config.country import Pack, load_pack
from network.cases import services as cases
from network.checkins import services
from network.checkins.domain.rhythms import Plan, RhythmStatus
from network.checkins.domain.subjects import Subject
from network.checkins.store import rhythms
from network.checkins.store.rhythms import Rhythm
from network.checkins.tables import RhythmRow
from network.clock import utc_now
from network.db import Database, open_database, writing
from network.door import Door
from network.encryption.server import ServerSecret
from network.kernel.actor import Actor, Engine, Role
from network.kernel.hidden import Plaintext
from network.kernel.ids import CaseId, RhythmId, new_id
from network.outbox.tables import LetterRow
from network.people import services as people
from network.people.services import identify
from tests.bench import silent
from tests.bench.report import TIMES, measured, told
from tests.cast import cast_of
from tests.ground.databases import migrate

pytestmark = pytest.mark.bench

CLOCK = Engine("clock")
FEW, MANY = 1_000, int(1_000_000 * min(TIMES, 1.0))
TICKS = 300
ACTIVE, DUE = int(100_000 * min(TIMES, 1.0)), int(10_000 * min(TIMES, 1.0))
MINUTE = timedelta(minutes=1)
LEAD = 10.0  # seconds, in which the questions are written
ROUNDS = 100  # of one knock, as the clock has them
FAMILY = 9_000_000_000


@dataclass(slots=True)
class World:
    """A house with a real clock, and one case whose family is asked."""

    door: Door
    database: Database

    def idle(self) -> float:
        """Microseconds of one tick in which nothing is due, the middle of many."""
        took = []
        for _ in range(TICKS):
            began = time.perf_counter()
            assert self.door.ask(services.watch, CLOCK) == 0
            took.append((time.perf_counter() - began) * 1e6)
        return median(took)

    def bare(self) -> float:
        """Microseconds of the least that can be asked of this database: on a busy machine a tick is
        slow by how long a server's process waits for its turn.
        """
        took = []
        with self.database.reading() as session:
            for _ in range(TICKS):
                began = time.perf_counter()
                session.execute(text("select 1"))
                took.append((time.perf_counter() - began) * 1e6)
        return median(took)


@pytest.fixture
def world(durable_url: str) -> Iterator[World]:
    migrate(durable_url)
    database = open_database(durable_url)
    secret = ServerSecret.from_text(ServerSecret.new_text())
    pack: Pack = load_pack("mx")
    door = Door(database, utc_now, secret, pack, identify)
    cast = cast_of(door)
    door.ask(people.set_duty, cast.alice.at_desk)
    yield World(door, database)
    database.dispose()


def test_an_idle_tick_costs_the_same_with_a_thousand_and_a_million(world: World) -> None:
    kind = make_url(str(world.database.engine.url)).get_backend_name()
    first = _rhythm(world.door, _family(world.door))
    _more(world, first, FEW - 1)
    few, bare_few = world.idle(), world.bare()
    _more(world, first, MANY - FEW)
    many, bare_many = world.idle(), world.bare()
    measured(
        f"idle tick, {kind}",
        ours=many,
        reference=few,
        unit="µs",
        against=f"the same tick with {FEW:,} rhythms in place of {MANY:,}",
        goal="goal ≤ 2",
        select_1_with_few=round(bare_few),
        select_1_with_many=round(bare_many),
    )


def test_alarms_are_written_soon_after_their_moment(world: World) -> None:
    kind = make_url(str(world.database.engine.url)).get_backend_name()
    standing = silent.live(world.door, rhythms_=ACTIVE, late=DUE)
    _analyzed(world)
    least = _bare(world, DUE)
    begins = utc_now() + timedelta(seconds=LEAD)
    due = [begins + MINUTE * (number / DUE) for number in range(DUE)]
    silent.ask(world.door, standing, due)
    late = list(_lateness(world.door, due))
    assert len(late) == DUE
    cuts = quantiles(late, n=100)
    told(
        f"alarm lateness, {kind}",
        f"{DUE:,} of {ACTIVE:,} rhythms become late within a minute: their first letters are"
        f" committed {cuts[49]:.2f} s (median), {cuts[98]:.2f} s (p99), {max(late):.2f} s (last)"
        f" after their moment; goal p99 < 5 s. A bare update of the same rows takes"
        f" {least:.2f} s in all.",
        p50=round(cuts[49], 3),
        p99=round(cuts[98], 3),
        last=round(max(late), 3),
        bare=round(least, 3),
    )


def _lateness(door: Door, due: Sequence[datetime]) -> Iterator[float]:
    """Seconds from each moment to the commit of its alarm: the earliest due are taken first."""
    done = 0
    while done < len(due):
        began = time.perf_counter()
        for _ in range(ROUNDS):
            taken = door.ask(services.watch, CLOCK)
            if not taken:
                break
            committed = utc_now()
            for moment in due[done : done + taken]:
                yield (committed - moment).total_seconds()
            done += taken
        time.sleep(max(1.0 - (time.perf_counter() - began), 0.0))


def _family(door: Door) -> CaseId:
    """One family with a case; what was promised about it is taken back."""
    with writing(door.database, door.now(), door.secret, door.pack) as tx:
        family = Actor(Role.FAMILY, chat=FAMILY)
        opened = cases.intake(tx, family, situation="missing", text=Plaintext("Hola"))
        tx.session.execute(LetterRow.__table__.delete())  # type: ignore[attr-defined]  # a table
        return opened.case.id


def _rhythm(door: Door, case: CaseId) -> RhythmId:
    made = RhythmId(new_id())
    plan = Plan(
        timedelta(hours=6),
        datetime(2030, 1, 1, 0, tzinfo=UTC).time(),
        datetime(2030, 1, 1, 23, tzinfo=UTC).time(),
        "America/Mexico_City",
        timedelta(minutes=15),
        timedelta(minutes=30),
    )
    with writing(door.database, door.now(), door.secret, door.pack) as tx:
        far = tx.now + timedelta(days=1)
        rhythms.add(tx, Rhythm(made, Subject(case=case), RhythmStatus.ACTIVE, plan, far))
    return made


def _more(world: World, like: RhythmId, many: int) -> None:
    """So many rhythms more, as wide as this one, none due before tomorrow."""
    if world.database.engine.dialect.name == "sqlite":
        source = (
            "with recursive s(n) as (select 1 union all select n + 1 from s where n < :many)"
            " select lower(hex(randomblob(16))), case_id, person_id, status, plan,"
            " datetime(next_at, '+' || (n % 86400) || ' seconds') || '.000000'"
            " from rhythms, s where id = :like"
        )
        found: str | UUID = like.hex
    else:
        source = (
            "select gen_random_uuid(), case_id, person_id, status, plan,"
            " next_at + (n % 86400) * interval '1 second' from rhythms,"
            " generate_series(1, :many) as s(n) where id = :like"
        )
        found = like
    columns = "id, case_id, person_id, status, plan, next_at"
    with world.database.writing.begin() as session:
        session.execute(
            text(f"insert into rhythms ({columns}) {source}"),  # our own words
            {"many": many, "like": found},
        )
    _analyzed(world)


def _analyzed(world: World) -> None:
    """As autovacuum does on a server, and as nobody need do on SQLite."""
    if world.database.engine.dialect.name == "postgresql":
        with world.database.writing.begin() as session:
            session.execute(text("analyze"))


def _bare(world: World, many: int) -> float:
    """Seconds to write a new time into as many rows of the same table, 200 at a commit."""
    with world.database.reading() as session:
        ids = list(session.scalars(text("select id from rhythms limit :n"), {"n": many}))
    wanted = [UUID(str(each)) for each in ids]

    def change(some: Sequence[UUID]) -> None:
        with world.database.writing.begin() as session:
            session.connection().execute(
                update(RhythmRow)
                .where(RhythmRow.id == bindparam("r"))
                .values(status=RhythmStatus.ACTIVE),
                [{"r": each} for each in some],
            )

    began = time.perf_counter()
    for start in range(0, len(wanted), 200):
        change(wanted[start : start + 200])
    return time.perf_counter() - began
