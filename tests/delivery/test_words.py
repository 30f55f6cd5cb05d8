"""The word that opens a way to a member: who may say it, how often, and when it is void."""

from datetime import UTC, datetime, timedelta

import pytest

from network.delivery.domain import (
    ASK_AGAIN_AFTER,
    CONFIRM_WITHIN,
    TEST_EVERY,
    TRIES,
    Channel,
    ChannelState,
)
from network.kernel.errors import WrongMoment
from network.kernel.hidden import Plaintext
from network.kernel.ids import ChannelId, PersonId, new_id

NOW = datetime(2030, 1, 1, 12, tzinfo=UTC)


def channel(word: str = "") -> Channel:
    address = Plaintext("ntfys://ntfy.example.org/topic")
    ids = ChannelId(new_id()), PersonId(new_id())
    return Channel(*ids, ChannelState.NEW, address, NOW, word=word)


@pytest.mark.parametrize("typed", ["", " ", "---", "\n"])
def test_where_no_word_is_awaited_saying_nothing_is_not_saying_it(typed: str) -> None:
    assert not channel().is_word(typed)
    assert not channel("ABC123").is_word(typed)


@pytest.mark.parametrize("typed", ["A01B1C", "a01b1c", " aoi-blc ", "AO1 BIC"])
def test_a_word_is_the_word_however_it_was_typed(typed: str) -> None:
    assert channel("A01B1C").is_word(typed)
    assert not channel("A01B1D").is_word(typed)


def test_a_new_word_can_be_tried_five_times_again_and_is_awaited_for_three_days() -> None:
    worn = channel().asked(NOW)
    for _ in range(TRIES):
        assert worn.word
        worn = worn.tried()
    assert not worn.word
    with pytest.raises(WrongMoment):
        worn.asked(NOW + ASK_AGAIN_AFTER - timedelta(seconds=1))
    later = NOW + ASK_AGAIN_AFTER
    new = worn.asked(later)
    assert new.word
    assert new.word != worn.word
    assert new.test_at == later + CONFIRM_WITHIN
    for _ in range(TRIES - 1):
        new = new.tried()
    assert new.is_word(new.word)


def test_a_confirmed_way_rings_and_one_that_never_was_does_not_even_when_it_failed() -> None:
    asked = channel().asked(NOW)
    known = asked.confirmed(NOW)
    assert known.rings
    assert (known.word, known.asked_at, known.test_at) == ("", None, NOW + TEST_EVERY)
    assert known.asked(NOW).failed(NOW).rings
    silent = asked.failed(NOW)
    assert not silent.rings
    assert (silent.word, silent.asked_at, silent.test_at) == ("", None, NOW + TEST_EVERY)
