"""A network and its two times, and what must hold in it whatever happens, on a real SQLite.

Two times are kept apart: what our clock says, which jumps, and what truly passed.
"""

import shutil
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

from hypothesis.stateful import RuleBasedStateMachine
from sqlalchemy import select, update

from config.country import Pack
from network import heartbeats
from network.cases import services as cases
from network.checkins import services
from network.checkins.domain.prompts import OPEN, WAITING, PromptStatus
from network.checkins.domain.rhythms import RhythmStatus
from network.checkins.domain.subjects import Subject
from network.checkins.domain.watches import Watch
from network.checkins.store import watches
from network.checkins.tables import PromptRow, RhythmRow, WatchRow
from network.db import open_database, reading
from network.door import Door
from network.encryption.server import ServerSecret
from network.heartbeats import ENGINES, ROAD, HeartbeatRow
from network.inbox import services as inbox
from network.kernel.actor import Engine
from network.kernel.hidden import Plaintext
from network.kernel.ids import CaseId
from network.people import services as people
from network.people.services import identify
from tests.cast import cast_of
from tests.checkins.conftest import CLOCK, WORD, Life, Postman, accompany
from tests.ground.clock import StillClock

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
SLACK = timedelta(seconds=2)
MOST_ROUNDS = 20
SIGNS = (*ENGINES, ROAD)  # all that beat while everything is well
BEGINNINGS = (
    datetime.fromisoformat("2027-03-13T18:00:00+00:00"),  # the clock is turned in Tijuana
    datetime.fromisoformat("2027-11-06T20:00:00+00:00"),  # and turned back
    datetime.fromisoformat("2028-02-28T12:00:00+00:00"),  # before a 29 February
    datetime.fromisoformat("2028-12-31T12:00:00+00:00"),
)
CLOSED = frozenset(PromptStatus) - OPEN
ALL_AGAIN = 100  # knocks until every question there ever was is looked at


class Lived(RuleBasedStateMachine):
    """A network and its two times; after each knock of its clock, what must hold is looked at."""

    template: Path
    pack: Pack
    lived_by_all = timedelta(0)
    knocks = 0

    @staticmethod
    def years() -> float:
        """How long all lives of this run were together."""
        return Lived.lived_by_all / timedelta(days=365.25)

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory(dir=self.template.parent)
        path = Path(self.folder.name) / "network.db"
        shutil.copyfile(self.template, path)
        self.clock = StillClock()
        secret = ServerSecret.from_text(ServerSecret.new_text())
        self.door = Door(
            open_database(f"sqlite:///{path}"), self.clock, secret, self.pack, identify
        )
        self.cast = cast_of(self.door)
        self.postman = Postman(self.door)
        self.life = Life(self.door, self.clock, self.postman)
        self.lived = timedelta(0)  # what truly passed
        self.away: list[tuple[timedelta, timedelta]] = []  # when we truly were, in that time
        self.statuses: dict[UUID, PromptStatus] = {}
        self.asked: dict[UUID, timedelta] = {}  # when each question was last written, truly
        self.seen: dict[UUID, tuple[timedelta, int]] = {}  # alarms: since when, rungs told
        self.deaf_since: timedelta | None = None
        self.updates = 0
        self.begin(BEGINNINGS[0])

    def begin(self, start: datetime) -> None:
        self.clock.instant = start
        self.door.ask(people.set_duty, self.cast.alice.at_desk)
        opened = self.door.ask(
            services.intake, self.cast.family, situation="missing", text=Plaintext("canary")
        )
        self.case_id: CaseId = opened.case.id
        self.door.ask(cases.set_danger_word, self.cast.family, word=Plaintext(WORD))
        accompany(self.door, self.cast, self.case_id)
        for name in SIGNS:
            self.door.ask(heartbeats.beat, Engine(name), engine=name)

    def teardown(self) -> None:
        try:
            self.all_is_well_in_the_end()
        finally:
            Lived.lived_by_all += self.lived
            self.door.database.dispose()
            self.folder.cleanup()

    # Time

    def passes(self, span: timedelta) -> None:
        """We are well, and knock whenever something is due."""
        end = self.lived + span
        while self.lived < end:
            due = self._next_due()
            wait = max(due - self.clock.instant, MINUTE) if due else span
            self._elapse(min(wait, end - self.lived))
            self._well()
            self.knock()

    def knock(self) -> None:
        Lived.knocks += 1
        before = len(self.postman.sent)
        for _ in range(MOST_ROUNDS):
            if not self.door.ask(services.watch, CLOCK):
                break
        else:
            raise AssertionError("the clock finds no rest")
        self.look_around()
        if not self.postman.asleep:
            self.postman.walk()
            self._was_asked(before)

    def _elapse(self, span: timedelta) -> None:
        self.lived += span
        self.clock.advance(span)

    def _beat(self) -> None:
        for name in SIGNS:
            self.door.ask(heartbeats.beat, Engine(name), engine=name)

    def _well(self, *names: str) -> None:
        """They were well all the while: no beat is missing."""
        with self.door.database.writing.begin() as session:
            session.execute(
                update(HeartbeatRow)
                .where(HeartbeatRow.engine.in_(names or SIGNS))
                .values(beat_at=self.clock.instant)
            )

    def _next_due(self) -> datetime | None:
        with self.door.database.reading() as session:
            found = [
                session.scalar(
                    select(RhythmRow.next_at)
                    .where(RhythmRow.status == RhythmStatus.ACTIVE)
                    .order_by(RhythmRow.next_at)
                    .limit(1)
                ),
                session.scalar(
                    select(PromptRow.next_look_at)
                    .where(PromptRow.next_look_at.is_not(None))
                    .order_by(PromptRow.next_look_at)
                    .limit(1)
                ),
                session.scalar(
                    select(WatchRow.next_look_at).order_by(WatchRow.next_look_at).limit(1)
                ),
            ]
        return min((each for each in found if each is not None), default=None)

    # What must hold

    def look_around(self) -> None:
        prompts = self._questions(everyone=Lived.knocks % ALL_AGAIN == 0)
        self._one_open_question_for_each_rhythm(prompts)
        self._nobody_is_late_who_was_not_asked(prompts)
        self._closed_stays_closed(prompts)
        self._alarms_are_looked_at_and_climb_no_faster_than_their_ladder()
        self._nothing_that_asks_is_forgotten()

    def _one_open_question_for_each_rhythm(self, prompts: list[dict[str, Any]]) -> None:
        out = [row["rhythm_id"] for row in prompts if row["status"] in OPEN]
        assert len(out) == len(set(out))

    def _nobody_is_late_who_was_not_asked(self, prompts: list[dict[str, Any]]) -> None:
        for row in prompts:
            fresh = self.statuses.get(row["id"]) is not PromptStatus.LATE
            if row["status"] is not PromptStatus.LATE or not fresh:
                continue
            assert row["delivered_at"] is not None
            assert row["asked"] >= 2
            assert row["id"] in self.asked, "late without having been asked"
            since = self.asked[row["id"]]
            away = self._away(since)
            least = 5 * MINUTE  # a quarter of an hour is asked again sooner
            assert self.lived - since - away >= least - SLACK
            assert not self._unread(row)

    def _closed_stays_closed(self, prompts: list[dict[str, Any]]) -> None:
        for row in prompts:
            before = self.statuses.get(row["id"])
            assert before not in CLOSED or row["status"] is before
            self.statuses[row["id"]] = row["status"]

    def _alarms_are_looked_at_and_climb_no_faster_than_their_ladder(self) -> None:
        with reading(
            self.door.database, self.clock.instant, self.door.secret, self.door.pack
        ) as tx:
            kept = watches.ringing(tx)
        for one in kept:
            assert one.watch is not None
            if not one.watch.rings:
                continue
            assert one.next_look_at > self.clock.instant or one.watch.has_owner(self.clock.instant)
            self._climbs_in_its_time(one.about, one.id, one.watch)

    def _climbs_in_its_time(self, about: Subject, watch_id: UUID, watch: Watch) -> None:
        """Of a member the first rung reaches nobody, so that the next is told in its place."""
        since, told = self.seen.get(watch_id, (self.lived, 0))
        for number in range(told, min(watch.rung, len(watch.ladder))):
            in_the_place_of = 0 if about.person is not None and number == 1 else number
            assert self.lived - since >= watch.ladder[in_the_place_of].after - SLACK
        self.seen[watch_id] = (since, watch.rung)

    def _nothing_that_asks_is_forgotten(self) -> None:
        for row in self._rows(RhythmRow):
            if row["status"] is RhythmStatus.ACTIVE:
                assert row["next_at"] > self.clock.instant
        for row in self._rows(PromptRow, PromptRow.status.in_(WAITING)):
            assert row["next_look_at"] > self.clock.instant

    def all_is_well_in_the_end(self) -> None:
        """Everybody listens again: whoever was asked and says nothing is found within hours, and
        after a night in which we were away when they have woken.
        """
        self.postman.asleep = False
        self._reads()
        waiting = {
            row["id"]
            for row in self._rows(PromptRow)
            if row["status"] in OPEN - {PromptStatus.LATE, PromptStatus.UNREACHABLE}
        }
        self._beat()
        self.passes(12 * HOUR)
        late = {PromptStatus.LATE, PromptStatus.UNREACHABLE}
        everyone = self._questions(everyone=True)
        self._closed_stays_closed(everyone)
        found = {row["id"]: row["status"] for row in everyone}
        assert all(found[one] in late | CLOSED for one in waiting)

    # Small things

    def _reads(self) -> None:
        """Whatever waits is read, to the last word."""
        while found := self.door.ask(inbox.take, Engine("worker"), limit=20):
            self.door.ask(inbox.put_aside, Engine("worker"), arrivals=found)

    def _was_asked(self, before: int) -> None:
        new = [one.id for one in self.postman.sent[before:]]
        for row in self._rows(PromptRow, PromptRow.letter_id.in_(new)) if new else ():
            assert new.count(row["letter_id"]) == 1, (row["rhythm_id"], "asked twice in one walk")
            self.asked[row["id"]] = self.lived

    def _away(self, since: timedelta) -> timedelta:
        spans = sorted((max(began, since), ended) for began, ended in self.away if ended > since)
        total, reached = timedelta(0), since
        for began, ended in spans:
            start = max(began, reached)
            if ended > start:
                total += ended - start
                reached = ended
        return total

    def _unread(self, row: dict[str, Any]) -> bool:
        if row["case_id"] is None:
            return False
        with reading(
            self.door.database, self.clock.instant, self.door.secret, self.door.pack
        ) as tx:
            from network import inbox as box  # noqa: PLC0415  # the store, beside its services

            return bool(box.unread(tx, [self.cast.family.chat]))

    def _questions(self, *, everyone: bool) -> list[dict[str, Any]]:
        """Those that are open, or were when we looked last; now and then every one: in a life of
        years there are thousands.
        """
        if everyone:
            return self._rows(PromptRow)
        before = [one for one, status in self.statuses.items() if status in OPEN]
        return self._rows(PromptRow, PromptRow.status.in_(OPEN) | PromptRow.id.in_(before))

    def _rows(
        self,
        table: Any,  # noqa: ANN401  # any of ours
        *which: Any,  # noqa: ANN401
    ) -> list[dict[str, Any]]:
        with self.door.database.reading() as session:
            return [
                dict(row._mapping) for row in session.execute(select(table.__table__).where(*which))
            ]
