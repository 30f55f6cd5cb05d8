import pickle
from dataclasses import replace
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from network.encryption.envelope import (
    KeyPair,
    Opener,
    new_key_pair,
    open_secret,
    open_text,
    public_key_of,
    seal_secret_to,
    seal_to,
)
from network.encryption.sealed import (
    EncryptionError,
    Place,
    PublicKey,
    Sealed,
    SealingFailed,
    Suite,
    Tampered,
)
from network.kernel.hidden import Plaintext, SecretBytes
from tests.encryption.conftest import BILAL, CASE

# Also halves of emoji, which a hostile client may send and which must not stop the inbox.
any_text = st.text(st.characters(), max_size=500)

OTHER_PLACES = [
    {"table": "notes"},
    {"column": "title"},
    {"row": uuid4()},
    {"case": uuid4()},
    {"case": None},
    {"epoch": 4},
    {"epoch": None},
    {"member": BILAL},
    {"member": None},
]


@settings(max_examples=60, deadline=None)
@given(any_text)
def test_words_sealed_to_a_case_come_back(pair: KeyPair, place: Place, words: str) -> None:
    sealed = seal_to(pair.public, Plaintext(words), place)
    assert open_text(pair.private, sealed, place).reveal() == words


@settings(max_examples=30, deadline=None)
@given(st.binary(min_size=1, max_size=64))
def test_a_key_sealed_to_a_case_comes_back(pair: KeyPair, place: Place, raw: bytes) -> None:
    sealed = seal_secret_to(pair.public, SecretBytes(raw), place)
    assert open_secret(pair.private, sealed, place).reveal() == raw


def test_a_public_key_follows_from_its_private_half(pair: KeyPair) -> None:
    assert public_key_of(pair.private) == pair.public
    assert (len(pair.public), len(pair.private.reveal())) == (1216, 32)


def test_somebody_elses_key_opens_nothing(pair: KeyPair, place: Place) -> None:
    sealed = seal_to(pair.public, Plaintext("estamos bien"), place)
    with pytest.raises(Tampered):
        open_text(new_key_pair().private, sealed, place)


@pytest.mark.parametrize("change", OTHER_PLACES, ids=lambda change: next(iter(change)))
def test_a_ciphertext_moved_elsewhere_does_not_open(
    pair: KeyPair, place: Place, change: dict[str, object]
) -> None:
    sealed = seal_to(pair.public, Plaintext("estamos bien"), place)
    with pytest.raises(Tampered):
        open_text(pair.private, sealed, replace(place, **change))  # type: ignore[arg-type]  # a table of changes


def test_no_bit_of_an_envelope_can_be_changed(pair: KeyPair, place: Place) -> None:
    opener = Opener(pair.private)
    sealed = seal_to(pair.public, Plaintext("estamos bien"), place)
    for index in range(len(sealed)):
        flipped = bytearray(sealed)
        flipped[index] ^= 1 << index % 8
        with pytest.raises(Tampered):
            opener.open_text(Sealed(bytes(flipped)), place)


def test_the_bit_that_x25519_ignores_is_not_ignored_here(pair: KeyPair, place: Place) -> None:
    sealed = bytearray(seal_to(pair.public, Plaintext("estamos bien"), place))
    sealed[2 + 1120 - 1] ^= 0x80
    with pytest.raises(Tampered):
        open_text(pair.private, Sealed(bytes(sealed)), place)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 1400), st.binary(max_size=40))
def test_an_envelope_cut_or_continued_does_not_open(
    pair: KeyPair, place: Place, kept: int, more: bytes
) -> None:
    sealed = seal_to(pair.public, Plaintext("estamos bien"), place)
    changed = sealed[:kept] + more
    if changed != sealed:
        with pytest.raises(Tampered):
            open_text(pair.private, Sealed(changed), place)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=2_000))
def test_noise_does_not_open(pair: KeyPair, place: Place, noise: bytes) -> None:
    for garbage in (noise, bytes((1, Suite.HPKE)) + noise):
        with pytest.raises(Tampered):
            open_text(pair.private, Sealed(garbage), place)


@pytest.mark.parametrize("front", [b"\x00\x01", b"\x02\x01", b"\x01\x02", b"\x01\xff"])
def test_an_unknown_version_or_suite_does_not_open(
    pair: KeyPair, place: Place, front: bytes
) -> None:
    sealed = seal_to(pair.public, Plaintext("estamos bien"), place)
    with pytest.raises(Tampered):
        open_text(pair.private, Sealed(front + sealed[2:]), place)


def test_a_text_cannot_pose_as_a_key_nor_a_key_as_a_text(pair: KeyPair, place: Place) -> None:
    with pytest.raises(Tampered):
        open_secret(pair.private, seal_to(pair.public, Plaintext("x" * 32), place), place)
    sealed_key = seal_secret_to(pair.public, SecretBytes(b"k\x80"), place)
    with pytest.raises(Tampered):
        open_text(pair.private, sealed_key, place)


def test_the_same_words_never_look_the_same_twice(pair: KeyPair, place: Place) -> None:
    words = Plaintext("estamos bien")
    seen = {seal_to(pair.public, words, place)[:64] for _ in range(50)}
    assert len(seen) == 50


def test_a_short_answer_and_a_sentence_are_equally_long(pair: KeyPair, place: Place) -> None:
    answers = ("sí", "no", "", "no puedo hablar ahora, escriban más tarde", "🙏" * 60)
    assert len({len(seal_to(pair.public, Plaintext(text), place)) for text in answers}) == 1


@pytest.mark.parametrize(
    "public", [b"", bytes(1216), b"\xff" * 1216, bytes(1184), bytes(1217)], ids=len
)
def test_nothing_is_sealed_to_what_is_no_key(place: Place, public: bytes) -> None:
    with pytest.raises(SealingFailed) as failure:
        seal_to(PublicKey(public), Plaintext("canary-words"), place)
    assert failure.value.__cause__ is None
    assert "canary" not in f"{failure.value!r}{failure.value.args}"


@pytest.mark.parametrize("size", [0, 31, 33, 64])
def test_a_private_key_of_another_size_is_refused(size: int) -> None:
    with pytest.raises(EncryptionError):
        Opener(SecretBytes(bytes(size)))


def test_an_opener_shows_and_pickles_nothing(pair: KeyPair) -> None:
    opener = Opener(pair.private)
    assert repr(opener) == "<opener>"
    with pytest.raises(TypeError):
        pickle.dumps(opener)


def test_an_entry_keeps_its_case(pair: KeyPair, place: Place) -> None:
    assert place.case == CASE
    sealed = seal_to(pair.public, Plaintext("a"), place)
    assert sealed[:2] == b"\x01\x01"
