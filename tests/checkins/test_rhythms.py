"""When somebody is asked, by the clock on their own wall; and plans that make no sense."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from network.checkins.domain.rhythms import Plan, may_ask, next_time
from network.kernel.errors import BadInput

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
