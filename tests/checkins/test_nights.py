"""After an outage of ours nobody is woken, or alarmed about, at night; all are found after it."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from network.checkins import services
from network.checkins.domain.prompts import (
    Fate,
    Heard,
    Patience,
    Post,
    Prompt,
    PromptStatus,
    step,
)
from network.checkins.domain.rhythms import Plan, wakes
from network.checkins.domain.subjects import Subject
from network.checkins.services.asking import ARE_YOU_BACK_AGAIN, ASKING_AGAIN, HOW_ARE_YOU
from network.checkins.tables import PromptRow
from network.door import Door
from network.heartbeats import ENGINES, ROAD, HeartbeatRow
from network.kernel.hidden import Plaintext
from network.kernel.ids import CaseId, PromptId, RhythmId, new_id
from tests.cast import Cast
from tests.checkins.conftest import WORD, Life, alarms, rows, writes

MINUTES = timedelta(minutes=1)
HOURS = timedelta(hours=1)
ZONE = "America/Mexico_City"
ALL = (*ENGINES, ROAD)


def until(life: Life, wall: str, *, well: tuple[str, ...] = ALL, step: timedelta = MINUTES) -> None:
    """Life goes on to this hour of the wall clock; these were well all the while."""
    zone = ZoneInfo(ZONE)
    hour, minute = map(int, wall.split(":"))
    end = life.clock.instant.astimezone(zone).replace(hour=hour, minute=minute)
    if end <= life.clock.instant:
        end += timedelta(days=1)
    while life.clock.instant < end:
        life.clock.advance(min(step, end - life.clock.instant))
        are_well(life, well)
        life.knock()


def are_well(life: Life, names: tuple[str, ...]) -> None:
    """No beat of theirs is missing, though the test did not wait for each."""
    with life.door.database.writing.begin() as session:
        session.execute(
            update(HeartbeatRow)
            .where(HeartbeatRow.engine.in_(names))
            .values(beat_at=life.clock.instant)
        )


def nobody_is_here(life: Life, wall: str) -> None:
    """All of us are away until this hour; then the clock is back first."""
    zone = ZoneInfo(ZONE)
    hour, minute = map(int, wall.split(":"))
    end = life.clock.instant.astimezone(zone).replace(hour=hour, minute=minute)
    life.clock.instant = (end + timedelta(days=end <= life.clock.instant)).astimezone(UTC)
    life.knock()
    life.alive = ALL
    life.beat()
    life.knock()


def evening(life: Life) -> None:
    """An hour before the first question of these tests; all is well."""
    zone = ZoneInfo(ZONE)
    local = life.clock.instant.astimezone(zone)
    life.clock.instant = local.replace(hour=20, minute=0).astimezone(UTC)
    life.knock()
    life.alive = ALL
    life.beat()
    life.postman.sent.clear()


def asked_at(door: Door, cast: Cast, life: Life, case_id: CaseId, *walls: time) -> None:
    evening(life)
    door.ask(services.set_rhythm, cast.bilal.at_desk, case_id=case_id, times=walls)
    until(life, f"{walls[0]:%H:%M}", step=HOURS)


def heard(life: Life, cast: Cast) -> list[str]:
    """What the family was sent since one last asked."""
    found = life.postman.to(cast.family.chat)
    life.postman.sent.clear()
    return found


def is_found_in_the_morning(door: Door, cast: Cast, life: Life) -> None:
    """Asked again once they have woken, and late a quarter of an hour after that."""
    until(life, "07:55", step=20 * MINUTES)
    assert heard(life, cast) == []
    assert alarms(door, cast) == ()
    until(life, "08:14")
    assert heard(life, cast) == [ASKING_AGAIN]
    assert alarms(door, cast) == ()
    until(life, "08:17")
    assert len(alarms(door, cast)) == 1


def test_whom_we_left_in_the_evening_is_reminded_and_late_in_the_morning(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    asked_at(door, cast, life, case_id, time(21, 20))
    until(life, "21:30")
    assert heard(life, cast) == [HOW_ARE_YOU]
    nobody_is_here(life, "04:00")
    until(life, "04:50")
    assert heard(life, cast) == []
    is_found_in_the_morning(door, cast, life)


def test_a_question_that_came_in_the_night_all_the_same_alarms_nobody_in_it(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    """The postman is back before the clock, and carries what waits."""
    life.postman.asleep = True
    asked_at(door, cast, life, case_id, time(21, 50))
    life.clock.advance(5 * HOURS)
    life.postman.asleep = False
    life.postman.walk()
    life.beat()
    until(life, "03:50")
    assert heard(life, cast) == [HOW_ARE_YOU]
    is_found_in_the_morning(door, cast, life)


def test_a_reminder_that_telegram_keeps_is_taken_back_for_the_night(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    asked_at(door, cast, life, case_id, time(21, 20))
    assert heard(life, cast) == [HOW_ARE_YOU]
    life.postman.asleep = True
    until(life, "04:00", well=ENGINES, step=5 * MINUTES)
    life.postman.asleep = False
    until(life, "04:50")
    assert heard(life, cast) == []
    is_found_in_the_morning(door, cast, life)


def test_who_was_asked_and_reminded_in_time_is_late_at_night_too(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    asked_at(door, cast, life, case_id, time(22))
    until(life, "22:16")
    assert heard(life, cast) == [HOW_ARE_YOU, ASKING_AGAIN]
    until(life, "22:31")
    assert len(alarms(door, cast)) == 1


def test_who_was_reminded_in_time_is_not_asked_again_in_the_night_for_our_absence(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    asked_at(door, cast, life, case_id, time(21, 50))
    until(life, "22:10")
    assert heard(life, cast) == [HOW_ARE_YOU, ASKING_AGAIN]
    nobody_is_here(life, "03:00")
    until(life, "03:50")
    is_found_in_the_morning(door, cast, life)


def test_who_was_asked_three_times_is_late_in_the_morning_only(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    asked_at(door, cast, life, case_id, time(20, 50))
    until(life, "21:10")
    nobody_is_here(life, "21:30")
    until(life, "21:35")
    assert heard(life, cast) == [HOW_ARE_YOU, ASKING_AGAIN, ASKING_AGAIN]
    nobody_is_here(life, "04:00")
    until(life, "08:14", step=10 * MINUTES)
    assert heard(life, cast) == []
    assert alarms(door, cast) == ()
    until(life, "08:16")
    assert len(alarms(door, cast)) == 1


@pytest.mark.parametrize("ends", ["plan", "trip"])
def test_who_asked_to_be_watched_at_night_is_asked_again_at_night(
    door: Door, cast: Cast, life: Life, case_id: CaseId, ends: str
) -> None:
    evening(life)
    chat = cast.family.chat
    if ends == "plan":
        door.ask(
            services.set_rhythm,
            cast.bilal.at_desk,
            case_id=case_id,
            every=6 * HOURS,
            night=6 * HOURS,
        )
    else:
        chat = cast.bilal.chat
        back = life.clock.instant + 110 * MINUTES
        words = Plaintext("canary: the river")
        door.ask(services.begin_trip, cast.bilal.in_chat, destination=words, back_at=back)
    until(life, "04:05" if ends == "plan" else "21:51", step=HOURS)
    life.postman.sent.clear()
    nobody_is_here(life, "06:00")
    assert life.postman.to(chat) == [ASKING_AGAIN if ends == "plan" else ARE_YOU_BACK_AGAIN]
    until(life, "06:20")
    assert len(alarms(door, cast)) == 1


def test_a_word_in_the_night_answers_what_waits_for_the_morning_danger_or_not(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    asked_at(door, cast, life, case_id, time(21, 20))
    found = []
    for words in ("canary: good night", f"canary {WORD}"):
        until(life, "21:21", step=HOURS)
        nobody_is_here(life, "04:00")
        life.postman.sent.clear()
        writes(door, cast, words)
        until(life, "08:20", step=10 * MINUTES)
        found.append({(one["status"], one["next_look_at"]) for one in rows(door, PromptRow)})
        assert ASKING_AGAIN not in heard(life, cast)
    assert found == [{(PromptStatus.ANSWERED, None)}] * 2


plans = st.builds(
    lambda begins, length, times, night, zone: Plan(
        None if times else 6 * HOURS,
        time(begins),
        time(min(begins + length, 23), 30),
        zone,
        15 * MINUTES,
        30 * MINUTES,
        times=tuple(time(each) for each in sorted(times)),
        night=None if times or not night else 6 * HOURS,
    ),
    st.integers(0, 22),
    st.integers(0, 20),
    st.sets(st.integers(0, 23), max_size=3),
    st.booleans(),
    st.sampled_from(("America/Tijuana", "America/Mexico_City", "Europe/Madrid")),
)
moments = st.integers(0, 400 * 24 * 60).map(
    lambda minutes: datetime(2030, 1, 1, tzinfo=UTC) + minutes * MINUTES
)


@given(plans, moments, st.integers(0, 60 * 24))
def test_a_night_ends_within_a_day_when_they_wake(
    plan: Plan, planned: datetime, later: int
) -> None:
    now = planned + later * MINUTES
    found = wakes(plan, planned, now)
    assert now <= found <= now + 25 * HOURS
    assert found == now or found.astimezone(ZoneInfo(plan.zone)).time() >= plan.begins
    assert wakes(plan, planned, found) == found


@given(
    plan=plans,
    status=st.sampled_from((PromptStatus.PROMISED, PromptStatus.DELIVERED, PromptStatus.REMINDED)),
    fate=st.sampled_from((Fate.WAITING, Fate.DELIVERED, Fate.FAILED, Fate.KEPT_BACK)),
    planned=moments,
    times=st.tuples(*[st.integers(0, 20 * 60)] * 4),
    asked=st.integers(1, 4),
)
def test_whoever_is_asked_is_looked_at_again_and_nobody_wakes_them_for_our_outage(
    plan: Plan,
    status: PromptStatus,
    fate: Fate,
    planned: datetime,
    times: tuple[int, ...],
    asked: int,
) -> None:
    delivered = planned + times[0] * MINUTES
    asked_at = delivered + times[1] * MINUTES
    now = asked_at + times[2] * MINUTES
    away = min(times[3] * MINUTES, now - asked_at)
    prompt = Prompt(
        PromptId(new_id()),
        RhythmId(new_id()),
        Subject(case=CaseId(new_id())),
        status,
        planned,
        delivered,
        now,
        asked_at,
        asked,
    )
    patience = Patience(plan.reminder, plan.grace, lambda moment: wakes(plan, planned, moment))
    found = step(prompt, Post(fate, asked_at), Heard(away), patience, now)
    if not found.climbs:
        assert found.next_look_at is not None
        assert now < found.next_look_at <= now + 26 * HOURS
    if patience.is_night(now) and now - delivered > plan.grace:
        assert not found.reminds
