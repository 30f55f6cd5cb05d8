"""Any life an alarm may have: always a next look or an owner, and no rung told twice."""

import json
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from network.checkins.domain.watches import (
    MOST_HISTORY,
    Cause,
    Ladder,
    NotYours,
    Rung,
    Taken,
    Watch,
    Whom,
    climbed,
    fixed_looks,
    look,
    next_look,
    of_silence,
    of_word,
    owned,
    renewed,
    resolved,
    waiting,
)
from network.checkins.store.watches import STATE_BYTES, read, written
from network.kernel.hidden import Plaintext
from network.kernel.ids import PersonId, PromptId, new_id

START = datetime(2030, 1, 1, 12, tzinfo=UTC)
ALICE, BILAL = PersonId(new_id()), PersonId(new_id())
MINUTE = timedelta(minutes=1)
HALF_AN_HOUR = 30 * MINUTE


@st.composite
def ladders(draw: st.DrawFn) -> Ladder:
    afters = sorted(draw(st.lists(st.integers(0, 90), min_size=1, max_size=20)))
    rungs = [Rung(after * MINUTE, draw(st.sampled_from(Whom))) for after in afters]
    return (*rungs[:-1], Rung(rungs[-1].after, Whom.COORDINATORS))


class AlarmsLife(RuleBasedStateMachine):
    """One watch through looks, absences, owners and ends."""

    watch: Watch
    planned: datetime | None

    @initialize(ladder=ladders(), country=ladders(), danger=st.booleans(), gathered=st.booleans())
    def begins(self, ladder: Ladder, country: Ladder, danger: bool, gathered: bool) -> None:
        self.now = START
        self.fixed = fixed_looks(country)
        self.told: list[int] = []
        self.told_at: list[datetime] = []
        self.ended = False
        if danger:
            self.watch = of_word(Cause.DANGER, ladder, self.now)
        else:
            self.watch = of_silence(Cause.SILENCE, ladder, PromptId(new_id()), self.now)
            if gathered:
                self.watch = waiting(self.watch, self.now + 2 * MINUTE)
                self.planned = self.watch.time_of(0)
                return
        self.looks(self.now)

    def looks(self, planned: datetime) -> None:
        found, rungs = look(self.watch, planned, self.now)
        if rungs:
            found = climbed(found, rungs[-1] + 1, ALICE, self.now)
        self.told += rungs
        self.told_at += [self.now] * len(rungs)
        self.watch = found
        self.planned = next_look(found, self.fixed, self.now)

    @precondition(lambda self: self.planned is not None)
    @rule(late=st.one_of(st.just(0), st.integers(0, 3000)))
    def the_clock_looks(self, late: int) -> None:
        assert self.planned is not None
        planned = self.planned
        self.now = max(self.now, planned) + late * timedelta(seconds=10)
        self.looks(planned)

    @precondition(lambda self: self.planned is not None and self.watch.rings)
    @rule(who=st.sampled_from((ALICE, BILAL)), later=st.integers(0, 40))
    def somebody_takes_it(self, who: PersonId, later: int) -> None:
        assert self.planned is not None
        self.now = min(self.now + later * MINUTE, max(self.now, self.planned))
        try:
            self.watch = owned(self.watch, who, self.now, HALF_AN_HOUR)
        except Taken:
            assert self.watch.owner not in {None, who}
        self.planned = next_look(self.watch, self.fixed, self.now)

    @precondition(lambda self: self.planned is not None and self.watch.owner is not None)
    @rule(who=st.sampled_from((ALICE, BILAL)), later=st.integers(0, 40))
    def somebody_says_what_is_being_done(self, who: PersonId, later: int) -> None:
        assert self.planned is not None
        self.now = min(self.now + later * MINUTE, max(self.now, self.planned))
        had = self.watch.has_owner(self.now)
        try:
            self.watch = renewed(self.watch, who, self.now, HALF_AN_HOUR)
        except Taken:
            assert had
            assert self.watch.owner != who
        except NotYours:
            assert not had
            self.looks(self.planned)  # their time is over: the clock looks at this very moment
            return
        assert had or self.watch.owner != who
        self.planned = next_look(self.watch, self.fixed, self.now)

    @precondition(lambda self: self.planned is not None and self.watch.owner is not None)
    @rule()
    def its_owner_ends_it(self) -> None:
        assert self.watch.owner is not None
        self.watch = resolved(self.watch, self.watch.owner, self.now)
        self.planned = next_look(self.watch, self.fixed, self.now)
        self.ended = True
        self.told_before_the_end = len(self.told)

    @precondition(lambda self: self.planned is None)
    @rule(hours=st.integers(1, 9000))
    def time_goes_by(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @invariant()
    def an_open_alarm_has_a_next_look_ahead(self) -> None:
        if self.watch.rings:
            assert self.planned is not None
            assert self.planned > self.now

    @invariant()
    def no_rung_is_told_twice_and_none_is_left_out(self) -> None:
        assert self.told == list(range(len(self.told)))

    @invariant()
    def nothing_rings_after_the_end(self) -> None:
        if self.ended:
            assert len(self.told) == self.told_before_the_end

    @invariant()
    def it_fits_its_envelope_and_comes_out_the_same(self) -> None:
        text = written(self.watch)
        assert len(text.reveal().encode()) <= STATE_BYTES
        assert read(text).owner == self.watch.owner
        assert read(text).told == self.watch.told
        assert read(text).gathered == self.watch.gathered
        assert read(text).time_of(self.watch.rung) == self.watch.time_of(self.watch.rung)
        assert len(self.watch.history) <= MOST_HISTORY


AlarmsLife.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
TestAlarmsLife = AlarmsLife.TestCase


@given(ladders(), st.lists(st.integers(0, 4000), max_size=12))
def test_calm_and_danger_are_looked_at_at_the_same_moments(
    country: Ladder, delays: list[int]
) -> None:
    """Until the last of the fixed looks, whatever our own delays."""
    fixed = fixed_looks(country)
    seen = []
    for cause in (Cause.CALM, Cause.DANGER):
        watch, now = of_word(cause, country, START), START
        planned = next_look(watch, fixed, now)
        moments = [planned]
        for delay in delays:
            if planned is None or planned >= watch.until:
                break
            now = planned + timedelta(seconds=delay)
            watch, rungs = look(watch, planned, now)
            if rungs:
                watch = climbed(watch, rungs[-1] + 1, None, now)
            planned = next_look(watch, fixed, now)
            moments.append(planned)
        seen.append(moments)
    assert seen[0] == seen[1]
    assert all(moment is not None for moment in seen[0])


def test_after_an_absence_the_ladder_is_moved_and_not_compressed() -> None:
    ladder = (
        Rung(timedelta(0), Whom.ACCOMPANIER),
        Rung(15 * MINUTE, Whom.DUTY),
        Rung(30 * MINUTE, Whom.COORDINATORS),
    )
    watch = of_silence(Cause.SILENCE, ladder, PromptId(new_id()), START)
    watch = climbed(watch, 1, None, START)
    back = START + timedelta(hours=6)
    watch, rungs = look(watch, START + 15 * MINUTE, back)
    assert rungs == (1,)
    watch = climbed(watch, 2, None, back)
    assert next_look(watch, (), back) == back + 15 * MINUTE


@given(ladders())
def test_an_alarm_that_an_older_version_sealed_is_read(ladder: Ladder) -> None:
    watch = climbed(of_silence(Cause.SILENCE, ladder, PromptId(new_id()), START), 1, ALICE, START)
    before = json.loads(written(watch).reveal()) | {"letters": [new_id().hex]}
    del before["gathered"]
    assert read(Plaintext(json.dumps(before))) == read(written(watch))
