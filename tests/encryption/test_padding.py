from math import floor, log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from network.encryption.padding import (
    SMALLEST,
    BadPadding,
    pad,
    pad_to,
    padded_size,
    unpad,
)

awkward = st.binary(max_size=3_000) | st.binary(max_size=50).map(lambda raw: raw + b"\x80\0\0")


@given(awkward)
def test_what_is_padded_comes_back(data: bytes) -> None:
    assert unpad(pad(data)) == data
    assert len(pad(data)) == padded_size(len(data))


@given(awkward)
def test_what_is_padded_to_a_size_comes_back_and_tells_nothing(data: bytes) -> None:
    padded = pad_to(data, 3_000)
    assert unpad(padded) == data
    assert len(padded) == len(pad_to(b"", 3_000))


def test_a_text_longer_than_the_promised_size_is_refused() -> None:
    assert unpad(pad_to(b"x" * 10, 10)) == b"x" * 10
    with pytest.raises(BadPadding):
        pad_to(b"x" * 11, 10)


def test_yes_and_no_are_equally_long() -> None:
    assert len({len(pad(word.encode())) for word in ("", "sí", "no", "todavía no sé nada")}) == 1


@given(st.integers(0, 10**9))
def test_padding_costs_at_most_an_eighth_above_the_floor(size: int) -> None:
    assert size < padded_size(size) <= max(SMALLEST, (size + 1) * 1.125)


def test_a_million_sizes_become_a_few_hundred() -> None:
    buckets = {padded_size(size) for size in range(1_000_000)}
    assert len(buckets) < 300
    assert all(padded_size(bucket - 1) == bucket for bucket in buckets)


def test_sizes_are_those_of_the_paper() -> None:
    """Padmé by its own definition, written again from the paper with floats."""
    for length in (256, 257, 300, 1_000, 4_097, 65_537, 1_048_577, 104_857_601):
        exponent = floor(log2(length))
        kept = floor(log2(exponent)) + 1
        unit = 2 ** (exponent - kept)
        assert padded_size(length - 1) == -(-length // unit) * unit


@pytest.mark.parametrize("bad", [b"", b"\0\0\0", b"words", b"words\0"])
def test_what_we_did_not_pad_is_refused(bad: bytes) -> None:
    with pytest.raises(BadPadding):
        unpad(bad)
