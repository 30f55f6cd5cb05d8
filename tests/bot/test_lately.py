"""Of a family's ten messages in a minute a desk hears three times, and never too late."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from bot.lately import Lately
from network.kernel.attachments import AttachmentKind
from network.kernel.hidden import Plaintext, SecretBytes
from network.outbox.domain import ROUND, Attachment, Button, Letter, Priority

NOON = datetime(2030, 1, 1, 12, 0, 10, tzinfo=UTC)


def notice(reference: str = "rio-maple", to: int = 1002) -> Letter:
    return Letter(to, "es", "New words", params={"reference": reference}, priority=Priority.NOTICE)


def test_the_first_goes_at_once_and_what_says_the_same_waits() -> None:
    lately = Lately()
    first, again, other, elsewhere = notice(), notice(), notice("otra-cosa"), notice(to=1003)
    assert lately.sift([first]) == ((first,), ())
    assert lately.sift([again, other, elsewhere]) == ((other, elsewhere), (again,))


@pytest.mark.parametrize(
    "more",
    [
        {"priority": Priority.ALARM},
        {"words": Plaintext("canary: come quickly")},
        {"buttons": ((Button("I take it", "own:1"),),)},
        {"keyboard": ()},
        {"location": (19.4, -99.1)},
        {"attachment": Attachment(UUID(int=1), SecretBytes(b"k" * 32), AttachmentKind.PHOTO, "a")},
    ],
    ids=lambda more: next(iter(more)),
)
def test_what_calls_or_carries_something_never_waits_because_of_the_same_words(
    more: dict[str, Any],
) -> None:
    lately = Lately()
    said, again = replace(notice(), **more), replace(notice(), **more)
    assert lately.sift([said, again]) == ((said, again), ())


def test_what_did_not_arrive_was_not_said() -> None:
    lately = Lately()
    lost, again = notice(), notice()
    lately.sift([lost])
    lately.forget([lost])
    assert lately.sift([again]) == ((again,), ())


def test_one_letter_stands_for_all_that_wait_for_its_round_and_none_for_the_next() -> None:
    lately = Lately()
    assert len(lately.not_gathered([notice(), notice(), notice(to=1003)], NOON)) == 2
    assert lately.not_gathered([notice()], NOON + timedelta(seconds=5)) == []
    assert len(lately.not_gathered([notice()], NOON + ROUND)) == 1


def test_a_clock_set_back_holds_nothing_up_for_ever() -> None:
    lately = Lately()
    lately.not_gathered([notice()], NOON + timedelta(hours=2))
    assert len(lately.not_gathered([notice(to=1003)], NOON)) == 1
    assert len(lately.not_gathered([notice(to=1003)], NOON + ROUND)) == 1
