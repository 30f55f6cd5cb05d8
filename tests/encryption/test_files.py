import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from network.encryption.files import CHUNK_BYTES, new_file_key, open_chunks, seal_chunks
from network.encryption.padding import padded_size
from network.encryption.sealed import Place, Tampered
from network.kernel.hidden import SecretBytes

KEY = new_file_key()
SEALED_CHUNK = CHUNK_BYTES + 16
FRONT = 18

EDGES = [
    0,
    1,
    4_095,
    4_096,
    CHUNK_BYTES - 1,
    CHUNK_BYTES,
    CHUNK_BYTES + 1,
    2 * CHUNK_BYTES,
    200_000,
]


def _cut(data: bytes, size: int) -> Iterator[bytes]:
    yield from (data[start : start + size] for start in range(0, len(data), size))


def _seal(data: bytes, place: Place, key: SecretBytes = KEY) -> bytes:
    return b"".join(seal_chunks([data], key, place))


def _open(sealed: bytes, place: Place, key: SecretBytes = KEY) -> bytes:
    return b"".join(open_chunks([sealed], key, place))


@pytest.mark.parametrize("size", EDGES)
@pytest.mark.parametrize("filling", [b"\0", b"\x80", b"a", b"\x80\0", b"a\x80\0\0"], ids=repr)
def test_a_file_comes_back_whatever_its_size_and_end(
    place: Place, size: int, filling: bytes
) -> None:
    data = (filling * size)[:size]
    assert _open(_seal(data, place), place) == data


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.binary(max_size=90_000) | st.integers(0, 90_000).map(bytes), max_size=4),
    st.integers(1, 200_000),
)
def test_a_file_comes_back_however_it_was_cut(place: Place, pieces: list[bytes], size: int) -> None:
    sealed = b"".join(seal_chunks(pieces, KEY, place))
    assert b"".join(open_chunks(_cut(sealed, size), KEY, place)) == b"".join(pieces)


@pytest.mark.parametrize("size", EDGES)
def test_the_size_of_a_sealed_file_is_that_of_its_bucket(place: Place, size: int) -> None:
    padded = padded_size(size, smallest=4_096)
    chunks = -(-padded // CHUNK_BYTES)
    assert len(_seal(b"v" * size, place)) == FRONT + padded + 16 * chunks


@pytest.fixture(scope="module")
def sealed(place: Place) -> bytes:
    """Five chunks."""
    return _seal(bytes(range(256)) * 1_200, place)


def _parts(sealed: bytes) -> tuple[bytes, list[bytes]]:
    return sealed[:FRONT], list(_cut(sealed[FRONT:], SEALED_CHUNK))


def test_a_file_cut_off_anywhere_is_noticed(place: Place, sealed: bytes) -> None:
    borders = [FRONT + SEALED_CHUNK * number for number in range(5)]
    for kept in (0, 1, 2, 17, *borders, *(border + 5 for border in borders), len(sealed) - 1):
        with pytest.raises(Tampered):
            _open(sealed[:kept], place)


def test_a_file_that_was_continued_is_noticed(place: Place, sealed: bytes) -> None:
    front, parts = _parts(sealed)
    for more in (b"x", bytes(16), parts[-1], parts[0]):
        with pytest.raises(Tampered):
            _open(sealed + more, place)
    with pytest.raises(Tampered):
        _open(sealed + front + b"".join(parts), place)


@pytest.mark.parametrize(
    "order", [(1, 0, 2, 3, 4), (0, 0, 1, 2, 3, 4), (0, 2, 3, 4), (4,), (0, 1, 2, 3), (0, 1, 2, 4)]
)
def test_chunks_cannot_be_moved_doubled_or_left_out(
    place: Place, sealed: bytes, order: tuple[int, ...]
) -> None:
    front, parts = _parts(sealed)
    assert len(parts) == 5
    with pytest.raises(Tampered):
        _open(front + b"".join(parts[number] for number in order), place)


def test_chunks_of_another_file_cannot_be_put_in(place: Place, sealed: bytes) -> None:
    other = _parts(_seal(b"another" * 50_000, place))
    front, parts = _parts(sealed)
    for number in range(len(parts)):
        mixed = [*parts]
        mixed[number] = other[1][number]
        with pytest.raises(Tampered):
            _open(front + b"".join(mixed), place)
    with pytest.raises(Tampered):
        _open(other[0] + b"".join(parts), place)


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_no_bit_of_a_file_can_be_changed(place: Place, data: st.DataObject) -> None:
    small = _seal(b"voice note", place)
    flipped = bytearray(small)
    flipped[data.draw(st.integers(0, len(small) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(Tampered):
        _open(bytes(flipped), place)


def test_a_file_moved_elsewhere_or_with_another_key_does_not_open(
    place: Place, sealed: bytes
) -> None:
    with pytest.raises(Tampered):
        _open(sealed, replace(place, row=uuid4()))
    with pytest.raises(Tampered):
        _open(sealed, replace(place, case=uuid4()))
    with pytest.raises(Tampered):
        _open(sealed, place, new_file_key())


def test_what_was_given_before_the_fault_was_genuine(place: Place, sealed: bytes) -> None:
    opened = open_chunks([sealed[:-1]], KEY, place)
    assert next(opened) == (bytes(range(256)) * 256)
    with pytest.raises(Tampered):
        list(opened)


def test_an_upload_that_breaks_says_so_itself(place: Place) -> None:
    def upload() -> Iterator[bytes]:
        yield b"x" * 100_000
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        list(seal_chunks(upload(), KEY, place))


def test_sealing_the_same_file_twice_repeats_nothing(place: Place) -> None:
    assert _parts(_seal(b"x", place))[1] != _parts(_seal(b"x", place))[1]


def _hundred_megabytes() -> Iterator[bytes]:
    piece = bytes(1_000) + b"\x80" + b"a" * 99_000
    yield from (piece for _ in range(1_000))


@pytest.mark.parametrize("zeros", [False, True])
def test_a_hundred_megabytes_need_no_hundred_megabytes(place: Place, zeros: bool) -> None:
    source = (bytes(100_000) for _ in range(1_000)) if zeros else _hundred_megabytes()
    tracemalloc.start()
    try:
        size = sum(map(len, open_chunks(seal_chunks(source, KEY, place), KEY, place)))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert size >= 100_000_000
    assert peak < 2_000_000
