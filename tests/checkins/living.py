"""A network that lives: rhythms, trips, owners, outages, clocks that jump, on a real SQLite.

Two times are kept apart: what our clock says, which jumps, and what truly passed.
"""

import json
import shutil
from collections.abc import Callable
from datetime import datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule
from sqlalchemy import select, update

from config.country import Pack
from network import heartbeats
from network.cases import services as cases
from network.checkins import services
from network.checkins.domain.prompts import OPEN, PromptStatus
from network.checkins.domain.rhythms import RhythmStatus
from network.checkins.domain.subjects import Subject
from network.checkins.domain.watches import Outcome, Watch
from network.checkins.store import watches
from network.checkins.tables import PromptRow, RhythmRow, WatchRow
from network.db import open_database, reading
from network.door import Door
from network.encryption.server import ServerSecret
from network.heartbeats import EARS, ENGINES, HeartbeatRow
from network.inbox import services as inbox
from network.inbox.domain import Incoming
from network.kernel.actor import Engine, Who
from network.kernel.errors import Refused
from network.kernel.hidden import Plaintext
from network.kernel.ids import CaseId, PromptId, RhythmId
from network.people import services as people
from network.people.services import identify
from tests.cast import cast_of
from tests.checkins.conftest import CLOCK, WORD, Life, Postman, accompany
from tests.ground.clock import StillClock

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
SLACK = timedelta(seconds=2)
MOST_ROUNDS = 20
ZONES = ("America/Tijuana", "America/Mexico_City", "America/Hermosillo", "America/Cancun")
BEGINNINGS = (
    datetime.fromisoformat("2027-03-13T18:00:00+00:00"),  # the clock is turned in Tijuana
    datetime.fromisoformat("2027-11-06T20:00:00+00:00"),  # and turned back
    datetime.fromisoformat("2028-02-28T12:00:00+00:00"),  # before a 29 February
    datetime.fromisoformat("2028-12-31T12:00:00+00:00"),
)
CLOSED = frozenset(PromptStatus) - OPEN
HABITS: tuple[dict[str, Any], ...] = (
    {"every": 15 * MINUTE},
    {"every": 2 * HOUR},
    {"every": 6 * HOUR, "night": 6 * HOUR},
    {"every": 3 * DAY},
    {"times": (time(1, 30), time(2, 30), time(23, 45))},
    {"times": (time(9),), "days": frozenset({0, 6})},
)
WHOSE = st.sampled_from(("family", "bilal"))
LONGEST = {"minutes": (MINUTE, 90), "hours": (HOUR, 30), "days": (DAY, 4)}


class Living(RuleBasedStateMachine):
    """What people, engines and clocks can do; after each knock what must hold is looked at."""

    template: Path
    pack: Pack
    days = 2  # the longest stretch of one step; the long form has more
    lived_by_all = timedelta(0)
    knocks = 0

    @staticmethod
    def years() -> float:
        """How long all lives of this run were together."""
        return Living.lived_by_all / timedelta(days=365.25)

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
        for name in ENGINES:
            self.door.ask(heartbeats.beat, Engine(name), engine=name)

    def teardown(self) -> None:
        try:
            self.all_is_well_in_the_end()
        finally:
            Living.lived_by_all += self.lived
            self.door.database.dispose()
            self.folder.cleanup()

    # What happens

    @rule(start=st.sampled_from(BEGINNINGS))
    @precondition(lambda self: not self.statuses and not self.lived)
    def it_is_another_time_of_the_year(self, start: datetime) -> None:
        self.clock.instant = start
        self._well()

    @rule(whose=WHOSE, habits=st.sampled_from(HABITS), zone=st.sampled_from(ZONES))
    def a_rhythm_is_set(self, whose: str, habits: dict[str, Any], zone: str) -> None:
        self._try(
            services.set_rhythm, self.cast.bilal.at_desk, **self._of(whose), **habits, zone=zone
        )

    @rule(
        whose=WHOSE,
        verb=st.sampled_from((services.pause, services.resume, services.skip, services.end_rhythm)),
        days=st.one_of(st.none(), st.integers(1, 20)),
    )
    def a_rhythm_is_turned(self, whose: str, verb: Callable[..., None], days: int | None) -> None:
        more: dict[str, Any] = {}
        if verb is services.pause and days:
            more["until"] = self.clock.instant + days * DAY
        for rhythm in self._rhythms(whose):
            self._try(verb, self.cast.bilal.at_desk, **self._of(whose), rhythm_id=rhythm, **more)

    @rule(hours=st.integers(1, 30))
    def a_trip_begins(self, hours: int) -> None:
        self._try(
            services.begin_trip,
            self.cast.bilal.in_chat,
            destination=Plaintext("canary"),
            back_at=self.clock.instant + hours * HOUR,
        )

    @rule(how=st.sampled_from(("arrive", "half", "two", "help")))
    def the_traveller_presses(self, how: str) -> None:
        bilal = self.cast.bilal.in_chat
        if how == "arrive":
            self._try(services.arrive, bilal)
        elif how == "help":
            self._try(services.need_help, bilal)
            self._alarms_are_looked_at_and_climb_no_faster_than_their_ladder()
        else:
            more = 30 * MINUTE if how == "half" else 2 * HOUR
            self._try(services.extend, bilal, more=more)

    @rule(whose=WHOSE, verb=st.sampled_from((services.answer_well, services.answer_talk)))
    def a_question_is_answered(self, whose: str, verb: Callable[..., object]) -> None:
        who = self.cast.family if whose == "family" else self.cast.bilal.in_chat
        for row in self._rows(PromptRow):
            if (row["case_id"] is None) == (whose == "bilal") and row["status"] in OPEN:
                self._try(verb, who, prompt_id=PromptId(row["id"]))
                return

    @rule(danger=st.booleans())
    def the_family_writes(self, danger: bool) -> None:
        words = f"canary {WORD}" if danger else "canary: good night"
        self._try(services.hear, self.cast.family, text=Plaintext(words))
        self._alarms_are_looked_at_and_climb_no_faster_than_their_ladder()

    @rule(who=st.sampled_from(("alice", "elena", "bilal")), ends=st.booleans())
    def an_alarm_is_taken(self, who: str, ends: bool) -> None:
        member = getattr(self.cast, who)
        for ringing in self.door.look(services.alarms, member.at_desk):
            self._try(services.own, member.in_chat, watch_id=ringing.id)
            if ends:
                self._try(
                    services.resolve,
                    member.at_desk,
                    watch_id=ringing.id,
                    **self.ending(),
                )

    def ending(self) -> dict[str, Any]:
        """How whoever has an alarm says that it is over."""
        return {"outcome": Outcome.FORGOT, "words": Plaintext("canary: home")}

    @rule(count=st.integers(1, 60), unit=st.sampled_from(("minutes", "hours", "days")))
    def time_passes(self, count: int, unit: str) -> None:
        step, most = LONGEST[unit]
        self.passes(min(count, most if unit != "days" else self.days) * step)

    @rule(hours=st.integers(1, 40), heard=st.booleans(), clock_first=st.booleans())
    def we_are_away(self, hours: int, heard: bool, clock_first: bool) -> None:
        """Everything stops; what was sent meanwhile waits, and is read when we are back."""
        began = self.lived
        self._elapse(hours * HOUR)
        self.away.append((began, self.lived))
        if heard:
            self.something_of_theirs_waits()
        if clock_first:
            self.knock()
        self._beat()
        self.knock()
        self.it_is_read()

    @rule(name=st.sampled_from(EARS), minutes=st.integers(2, 300))
    def one_engine_is_away(self, name: str, minutes: int) -> None:
        began = self.lived
        end = self.lived + minutes * MINUTE
        while self.lived < end:
            self._elapse(min(10 * MINUTE, end - self.lived))
            self._well(*(one for one in ENGINES if one != name))
            self.away.append((began, self.lived))
            self.knock()
        self._beat()
        self.knock()

    @rule(hours=st.sampled_from((-2, 2)))
    def the_clock_jumps(self, hours: int) -> None:
        self.clock.advance(hours * HOUR)
        self._beat()
        self.knock()

    @rule(asleep=st.booleans())
    def the_channel_is_down_or_up(self, asleep: bool) -> None:
        self.postman.asleep = asleep

    @rule(gone=st.booleans())
    def the_family_blocks_the_bot_or_not(self, gone: bool) -> None:
        if gone:
            self.postman.gone.add(self.cast.family.chat)
        else:
            self.postman.gone.discard(self.cast.family.chat)

    @rule()
    def something_of_theirs_waits(self) -> None:
        self.updates += 1
        one = Incoming(
            self.updates, self.cast.family.chat, Plaintext(json.dumps({"update_id": self.updates}))
        )
        self.door.ask(inbox.receive, Engine("ingress"), updates=[one])

    @rule()
    def it_is_read(self) -> None:
        while found := self.door.ask(inbox.take, Engine("worker"), limit=20):
            self.door.ask(inbox.put_aside, Engine("worker"), arrivals=found)

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
        Living.knocks += 1
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
        for name in ENGINES:
            self.door.ask(heartbeats.beat, Engine(name), engine=name)

    def _well(self, *names: str) -> None:
        """They were well all the while: no beat is missing."""
        with self.door.database.writing.begin() as session:
            session.execute(
                update(HeartbeatRow)
                .where(HeartbeatRow.engine.in_(names or ENGINES))
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
        prompts = self._rows(PromptRow)
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
        for row in self._rows(PromptRow):
            if row["status"] in {
                PromptStatus.PROMISED,
                PromptStatus.DELIVERED,
                PromptStatus.REMINDED,
            }:
                assert row["next_look_at"] > self.clock.instant

    def all_is_well_in_the_end(self) -> None:
        """Everybody listens again: whoever was asked and says nothing is found within hours."""
        self.postman.asleep = False
        self.it_is_read()
        waiting = {
            row["id"]
            for row in self._rows(PromptRow)
            if row["status"] in OPEN - {PromptStatus.LATE, PromptStatus.UNREACHABLE}
        }
        self._beat()
        self.passes(8 * HOUR)
        late = {PromptStatus.LATE, PromptStatus.UNREACHABLE}
        found = {row["id"]: row["status"] for row in self._rows(PromptRow)}
        assert all(found[one] in late | CLOSED for one in waiting)

    # Small things

    def _was_asked(self, before: int) -> None:
        new = self.postman.sent[before:]
        for row in self._rows(PromptRow):
            rhythm, prompt = row["rhythm_id"], row["id"]
            mine = [one for one in new if one.id == row["letter_id"]]
            assert len(mine) <= 1, (rhythm, "asked twice in one walk")
            if mine:
                self.asked[prompt] = self.lived

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

    def _of(self, whose: str) -> dict[str, CaseId]:
        return {"case_id": self.case_id} if whose == "family" else {}

    def _rhythms(self, whose: str) -> list[RhythmId]:
        if whose == "family":
            seen = self.door.look(services.overview, self.cast.bilal.at_desk, case_id=self.case_id)
        else:
            seen = self.door.look(services.my_checkins, self.cast.bilal.at_desk)
        return [one.id for one in seen.rhythms]

    def _rows(self, table: Any) -> list[dict[str, Any]]:  # noqa: ANN401  # any of ours
        with self.door.database.reading() as session:
            return [dict(row._mapping) for row in session.execute(select(table.__table__))]

    def _try(self, service: Callable[..., object], who: Who, **more: object) -> None:
        try:
            self.door.ask(service, who, **more)
        except Refused:
            return
