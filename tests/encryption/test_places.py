from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from network.encryption.sealed import Place, framed
from tests.encryption.conftest import CASE, ENTRY

names = st.text(max_size=6)
ids = st.none() | st.uuids() | st.sampled_from([CASE, ENTRY])
places = st.builds(
    Place, names, names, names | st.uuids(), ids, st.none() | st.integers(0, 2**63 - 1), ids
)


@given(places, places)
def test_two_places_never_give_the_same_bytes(one: Place, other: Place) -> None:
    assert (one.aad() == other.aad()) == (one == other)


@given(st.lists(st.binary(max_size=5), max_size=4), st.lists(st.binary(max_size=5), max_size=4))
def test_two_lists_never_frame_to_the_same_bytes(one: list[bytes], other: list[bytes]) -> None:
    assert (framed(*one) == framed(*other)) == (one == other)


def test_a_word_that_looks_like_a_neighbour_stays_itself() -> None:
    assert Place("a", "bc", "d").aad() != Place("ab", "c", "d").aad()
    assert Place("t", "c", ENTRY).aad() != Place("t", "c", str(ENTRY)).aad()
    assert Place("t", "c", ENTRY, case=CASE).aad() != Place("t", "c", ENTRY, member=CASE).aad()
    assert Place("t", "c", ENTRY, epoch=0).aad() != Place("t", "c", ENTRY).aad()


def test_there_is_no_epoch_before_the_first() -> None:
    with pytest.raises(OverflowError):
        Place("t", "c", UUID(int=1), epoch=-1).aad()
