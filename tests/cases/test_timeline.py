"""A case drawn on one axis: nothing is lost in the drawing."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from network.cases.timeline import FIRST, LARGEST, LAST, Lane, Mark, timeline

NOW = datetime(2030, 1, 1, 12, tzinfo=UTC)
MARKS = st.lists(
    st.builds(
        Mark,
        st.integers(0, 90 * 24 * 60).map(lambda minutes: NOW - timedelta(minutes=minutes)),
        st.sampled_from(Lane),
    ),
    max_size=60,
)


@given(MARKS)
def test_every_mark_is_drawn_and_counted_inside_the_picture(marks: list[Mark]) -> None:
    drawn = timeline(marks, now=NOW)

    assert sum(line.count for line in drawn.lines) == len(marks)
    for line in drawn.lines:
        assert sum(dot.count for dot in line.dots) == line.count
        assert all(FIRST <= dot.x <= LAST and dot.radius <= LARGEST for dot in line.dots)


def test_a_minute_of_talk_is_not_drawn_as_if_it_filled_a_week() -> None:
    drawn = timeline([Mark(NOW - timedelta(minutes=1), Lane.FAMILY)], now=NOW)

    assert drawn.lines[0].dots[0].x > 90
    assert drawn.ticks[0].at == NOW - timedelta(hours=1)


def test_lanes_keep_their_order_and_empty_ones_are_left_out() -> None:
    drawn = timeline([Mark(NOW, Lane.ALARMS), Mark(NOW, Lane.FAMILY)], now=NOW)

    assert [line.lane for line in drawn.lines] == [Lane.FAMILY, Lane.ALARMS]


def test_nothing_yet_is_an_empty_picture() -> None:
    assert timeline([], now=NOW).lines == ()
