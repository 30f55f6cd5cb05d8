"""When somebody is asked, by the clock on their own wall; and plans that make no sense."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from network.checkins.domain.rhythms import (
    Plan,
    RhythmStatus,
    may_ask,
    moved,
    next_time,
    owed,
    patience,
    wakes,
)
from network.kernel.errors import BadInput, WrongMoment

HOUR = timedelta(hours=1)
ZONES = ("America/Tijuana", "America/Mexico_City", "America/Hermosillo", "Europe/Madrid")


def plan(
    every: timedelta | None = 6 * HOUR,
    zone: str = "America/Mexico_City",
    begins: time = time(8),
    ends: time = time(22),
) -> Plan:
    return Plan(every, begins, ends, zone, timedelta(minutes=15), timedelta(minutes=30))


def local(moment: datetime, zone: str) -> str:
    return moment.astimezone(ZoneInfo(zone)).strftime("%d %H:%M")


def times(made: Plan, after: datetime, count: int) -> list[str]:
    found = []
    for _ in range(count):
        after = next_time(made, after) or after
        found.append(local(after, made.zone))
    return found


def test_every_six_hours_is_eight_fourteen_and_twenty() -> None:
    start = datetime(2030, 1, 1, 12, tzinfo=UTC)  # six in the morning in Mexico City
    assert times(plan(), start, 4) == ["01 08:00", "01 14:00", "01 20:00", "02 08:00"]


def test_the_wall_clock_stays_right_when_it_is_turned_in_tijuana() -> None:
    spring = datetime(2026, 3, 7, 16, tzinfo=UTC)
    assert times(plan(12 * HOUR, "America/Tijuana"), spring, 4) == [
        "07 20:00",
        "08 08:00",
        "08 20:00",
        "09 08:00",
    ]
    autumn = datetime(2026, 10, 31, 16, tzinfo=UTC)
    assert times(plan(12 * HOUR, "America/Tijuana"), autumn, 3) == [
        "31 20:00",
        "01 08:00",
        "01 20:00",
    ]


def test_every_two_days_falls_on_the_same_days_whenever_one_looks() -> None:
    made = plan(48 * HOUR)
    first = next_time(made, datetime(2030, 1, 1, tzinfo=UTC))
    assert first is not None
    second = next_time(made, first)
    assert second is not None
    assert second - first == 48 * HOUR
    assert next_time(made, first + HOUR) == second


@given(
    st.sampled_from(ZONES),
    st.sampled_from((1, 2, 3, 6, 12, 24, 48)),
    st.datetimes(datetime(2024, 1, 1), datetime(2032, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001  # hypothesis adds the zone
)
def test_the_next_time_is_later_within_waking_hours_and_not_too_far(
    zone: str, hours: int, now: datetime
) -> None:
    made = plan(hours * HOUR, zone)
    found = next_time(made, now)
    assert found is not None
    assert now < found <= now + max(timedelta(hours=26), hours * HOUR + timedelta(hours=26))
    assert may_ask(made, found)
    assert made.begins <= found.astimezone(ZoneInfo(zone)).time() <= made.ends


def test_a_single_question_has_no_next_time_and_knows_no_hours() -> None:
    once = plan(None)
    night = datetime(2030, 1, 1, 9, tzinfo=UTC)
    assert next_time(once, night) is None
    assert may_ask(once, night)
    assert not may_ask(plan(), night)


@pytest.mark.parametrize(
    ("every", "zone", "begins", "ends"),
    [
        (timedelta(minutes=5), ZONES[0], time(8), time(22)),
        (timedelta(hours=36), ZONES[0], time(8), time(22)),
        (timedelta(days=30), ZONES[0], time(8), time(22)),
        (HOUR, "Nowhere/Land", time(8), time(22)),
        (HOUR, "../../etc/passwd", time(8), time(22)),
        (HOUR, ZONES[0], time(22), time(8)),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(
    every: timedelta, zone: str, begins: time, ends: time
) -> None:
    with pytest.raises(BadInput):
        plan(every, zone, begins, ends)


def at(*times: time, zone: str = "America/Mexico_City", **more: object) -> Plan:
    return Plan(
        None,
        time(8),
        time(22),
        zone,
        timedelta(minutes=15),
        timedelta(minutes=30),
        times=times,
        **more,  # type: ignore[arg-type]  # the habits a test names
    )


def test_an_hour_that_does_not_exist_is_asked_when_it_is_skipped_and_none_is_asked_twice() -> None:
    made = at(time(1, 30), time(2, 30), zone="America/Tijuana")
    spring = datetime(2027, 3, 13, 20, tzinfo=UTC)
    assert times(made, spring, 4) == ["14 01:30", "14 03:30", "15 01:30", "15 02:30"]
    autumn = datetime(2027, 11, 6, 20, tzinfo=UTC)
    assert times(made, autumn, 4) == ["07 01:30", "07 02:30", "08 01:30", "08 02:30"]


def test_an_hour_that_does_not_exist_may_be_asked_when_it_is_skipped() -> None:
    made = at(time(2, 30), zone="America/Tijuana")
    skipped = next_time(made, datetime(2027, 3, 14, 8, tzinfo=UTC))
    assert skipped is not None
    assert local(skipped, made.zone) == "14 03:30"
    assert may_ask(made, skipped)
    assert may_ask(made, skipped + timedelta(minutes=59))
    assert not may_ask(made, skipped + HOUR)


def test_an_hour_that_comes_twice_is_an_hour_long_and_a_day_not_chosen_has_none() -> None:
    made = at(time(1, 30), zone="America/Tijuana", days=frozenset({6}))
    asked = next_time(made, datetime(2027, 11, 7, 6, tzinfo=UTC))
    assert asked is not None
    assert may_ask(made, asked + timedelta(minutes=59))
    assert local(asked + HOUR, made.zone) == "07 01:30"
    assert not may_ask(made, asked + HOUR)
    assert not may_ask(made, asked + timedelta(days=1))


def test_guadalajara_turns_no_clock() -> None:
    made = at(time(9), zone="America/Mexico_City")
    for start in (datetime(2027, 3, 13, 20, tzinfo=UTC), datetime(2027, 11, 6, 20, tzinfo=UTC)):
        first = next_time(made, start)
        assert first is not None
        assert first.hour == 15
        assert next_time(made, first) == first + timedelta(days=1)


def test_chosen_days_a_leap_day_and_a_last_day() -> None:
    weekend = at(time(9), days=frozenset({5, 6}))
    assert times(weekend, datetime(2028, 2, 25, tzinfo=UTC), 3) == [
        "26 09:00",
        "27 09:00",
        "04 09:00",
    ]
    daily = at(time(9), last=datetime(2028, 3, 1, tzinfo=UTC).date())
    start = datetime(2028, 2, 28, 20, tzinfo=UTC)
    assert times(daily, start, 2) == ["29 09:00", "01 09:00"]
    assert next_time(daily, datetime(2028, 3, 1, 20, tzinfo=UTC)) is None


def test_nights_are_asked_more_seldom() -> None:
    made = Plan(
        2 * HOUR,
        time(8),
        time(20),
        "America/Mexico_City",
        timedelta(minutes=15),
        timedelta(minutes=30),
        night=5 * HOUR,
    )
    noon = datetime(2030, 1, 1, 18, tzinfo=UTC)
    day, night = ["01 14:00", "01 16:00", "01 18:00", "01 20:00"], ["02 01:00", "02 06:00"]
    assert times(made, noon, 7) == [*day, *night, "02 08:00"]
    assert may_ask(made, datetime(2030, 1, 1, 9, tzinfo=UTC))


def test_a_chosen_hour_missed_by_much_is_not_asked_at_night() -> None:
    made = at(time(23, 30))
    assert may_ask(made, datetime(2030, 1, 1, 5, 40, tzinfo=UTC))
    assert not may_ask(made, datetime(2030, 1, 1, 9, tzinfo=UTC))
    assert may_ask(made, datetime(2030, 1, 1, 18, tzinfo=UTC))


def test_the_last_question_of_the_day_is_asked_though_the_clock_comes_a_moment_later() -> None:
    made = plan(2 * HOUR)
    last = datetime(2030, 1, 2, 4, tzinfo=UTC)  # ten in the evening
    assert next_time(made, last - HOUR) == last
    assert may_ask(made, last + timedelta(milliseconds=300))
    assert may_ask(made, last + timedelta(seconds=59))
    assert not may_ask(made, last + timedelta(minutes=1))


def test_a_chosen_hour_before_midnight_is_asked_after_it() -> None:
    made = at(time(23, 45))
    assert may_ask(made, datetime(2030, 1, 2, 6, 44, tzinfo=UTC))
    assert not may_ask(made, datetime(2030, 1, 2, 6, 45, tzinfo=UTC))
    assert not may_ask(made, datetime(2030, 1, 2, 5, 44, tzinfo=UTC))


def test_whoever_is_asked_often_has_less_time_and_never_two_questions() -> None:
    minutes = timedelta(minutes=1)
    assert patience(None, 15 * minutes, 30 * minutes) == (15 * minutes, 30 * minutes)
    assert patience(HOUR, 15 * minutes, 30 * minutes) == (15 * minutes, 30 * minutes)
    assert patience(15 * minutes, 15 * minutes, 30 * minutes) == (7.5 * minutes, 15 * minutes)


@pytest.mark.parametrize(
    "habits",
    [
        {"days": frozenset()},
        {"days": frozenset({7})},
        {"times": (time(9), time(8))},
        {"times": tuple(time(hour) for hour in range(13))},
        {"times": (time(9), time(9))},
        {"times": (time(9, 0, 30),)},
        {"every": HOUR, "times": (time(9),)},
        {"night": HOUR},
        {"every": 4 * HOUR, "night": HOUR},
        {"every": timedelta(days=2), "days": frozenset({1})},
        {"every": timedelta(minutes=14)},
        {"every": timedelta(days=8)},
        {"every": HOUR, "night": timedelta(days=1)},
        {"times": (time(9, 0, 0, 1),)},
        {"times": (time(9, tzinfo=UTC),)},
        {"ends": time(8)},
        {"reminder": timedelta(0)},
        {"reminder": timedelta(minutes=30)},  # late at once, without having been asked twice
        {"reminder": HOUR},
    ],
)
def test_habits_that_make_no_sense_are_refused(habits: dict[str, object]) -> None:
    with pytest.raises(BadInput):
        lived(habits)


@pytest.mark.parametrize(
    "habits",
    [
        {"every": timedelta(minutes=15)},
        {"every": timedelta(days=7)},
        {"every": timedelta(days=1), "days": frozenset({1})},
        {"every": HOUR, "days": frozenset({1})},
        {"every": HOUR, "night": HOUR},
        {"times": tuple(time(hour) for hour in range(12))},
        {"times": (time(9),), "days": frozenset({1})},
        {"every": HOUR, "reminder": timedelta(minutes=29)},
    ],
)
def test_habits_at_the_edge_of_sense_can_be_lived(habits: dict[str, object]) -> None:
    made = lived(habits)
    after = datetime(2030, 1, 1, tzinfo=UTC)
    assert after < (next_time(made, after) or after) <= after + timedelta(days=8)


def lived(habits: dict[str, object]) -> Plan:
    return Plan(
        **{  # type: ignore[arg-type]  # the habits a test names
            "every": None,
            "begins": time(8),
            "ends": time(22),
            "zone": ZONES[0],
            "reminder": timedelta(minutes=15),
            "grace": timedelta(minutes=30),
            **habits,
        }
    )


def test_a_pause_holds_back_what_falls_into_it_and_nothing_once_it_is_over() -> None:
    noon = datetime(2030, 1, 2, 18, tzinfo=UTC)
    quiet = at(time(9), time(14), quiet_until=noon)
    assert times(quiet, noon - timedelta(days=1), 2) == ["02 14:00", "03 09:00"]
    assert times(quiet, noon + timedelta(days=3), 1) == ["05 14:00"]


def test_whom_our_fault_would_wake_at_night_is_left_till_the_morning_that_comes_next() -> None:
    noon, evening = datetime(2030, 1, 1, 18, tzinfo=UTC), datetime(2030, 1, 2, 5, tzinfo=UTC)
    before_dawn, morning = evening + 4 * HOUR, datetime(2030, 1, 2, 14, tzinfo=UTC)
    for made in (plan(), at(time(9)), plan(None)):
        assert wakes(made, noon, noon + HOUR) == noon + HOUR
        assert wakes(made, noon, evening) == wakes(made, noon, before_dawn) == morning
        assert wakes(made, noon, morning) == morning
    assert wakes(plan(None), evening, before_dawn) == before_dawn  # it was asked for at night
    assert wakes(plan(), evening, before_dawn) == morning
    assert wakes(at(time(3)), noon, before_dawn) == before_dawn


def test_what_we_owe_is_asked_in_the_morning_unless_the_plan_asks_soon_after_it() -> None:
    planned, night = datetime(2030, 1, 2, 1, tzinfo=UTC), datetime(2030, 1, 2, 9, tzinfo=UTC)
    morning = datetime(2030, 1, 2, 14, tzinfo=UTC)
    for soon in (plan(), at(time(8)), at(time(10, 59))):
        assert owed(soon, planned, night) is None
    for later in (at(time(11)), at(time(20)), plan(None)):
        assert owed(later, morning - timedelta(hours=18), night) == morning


@pytest.mark.parametrize("status", RhythmStatus)
def test_what_has_ended_asks_nobody_again(status: RhythmStatus) -> None:
    with pytest.raises(WrongMoment):
        moved(RhythmStatus.ENDED, status)
    if status is not RhythmStatus.ENDED:
        assert moved(status, RhythmStatus.ENDED) is RhythmStatus.ENDED


@given(
    st.sampled_from(ZONES),
    st.frozensets(st.integers(0, 6), min_size=1),
    st.sets(st.times(), min_size=1, max_size=4),
    st.datetimes(datetime(2024, 1, 1), datetime(2032, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001  # hypothesis adds the zone
)
def test_every_hour_of_every_chosen_day_comes_once_and_in_order(
    zone: str, days: frozenset[int], chosen: set[time], now: datetime
) -> None:
    walls = tuple(sorted({each.replace(second=0, microsecond=0) for each in chosen}))
    made = at(*walls, zone=zone, days=days)
    found, after = [], now
    for _ in range(len(walls) * 3 + 1):
        after = next_time(made, after) or after
        found.append(after)
    assert found == sorted(set(found))
    assert all(now < each for each in found)
    assert all(each.astimezone(ZoneInfo(zone)).weekday() in days for each in found)
