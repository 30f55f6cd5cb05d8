import base64
import copy
import pickle
import secrets
from dataclasses import replace
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from network.encryption.sealed import Place, Sealed, SealingFailed, Tampered
from network.encryption.server import ServerSecret, WeakServerSecret
from network.kernel.hidden import Plaintext

any_text = st.text(st.characters(), max_size=300)


@given(any_text)
def test_what_the_machine_seals_it_opens(server: ServerSecret, place: Place, words: str) -> None:
    assert server.open(server.seal(Plaintext(words), place), place).reveal() == words


@given(st.text(max_size=64), st.text(max_size=64))
def test_letters_of_a_promised_size_are_all_alike(
    server: ServerSecret, place: Place, one: str, other: str
) -> None:
    sealed = [server.seal(Plaintext(text), place, size=256) for text in (one, other)]
    assert len(sealed[0]) == len(sealed[1])
    assert server.open(sealed[0], place).reveal() == one


def test_a_letter_longer_than_promised_is_refused(server: ServerSecret, place: Place) -> None:
    server.seal(Plaintext("x" * 256), place, size=256)
    with pytest.raises(SealingFailed):
        server.seal(Plaintext("x" * 257), place, size=256)


@given(st.lists(st.text(max_size=64), max_size=5))
def test_many_sealed_at_once_are_each_sealed_for_themselves(
    server: ServerSecret, place: Place, words: list[str]
) -> None:
    places = [replace(place, row=uuid4()) for _ in words]
    texts = [(Plaintext(each), there) for each, there in zip(words, places, strict=True)]

    sealed = server.seal_all(texts, 256)

    opened = [server.open(one, there).reveal() for one, there in zip(sealed, places, strict=True)]
    assert opened == words
    assert len({one[:30] for one in sealed}) == len(words)  # no two under one key and nonce
    assert {len(one) for one in sealed} <= {len(server.seal(Plaintext(""), place, 256))}


def test_one_that_is_too_long_seals_none(server: ServerSecret, place: Place) -> None:
    with pytest.raises(SealingFailed):
        server.seal_all([(Plaintext("x"), place), (Plaintext("x" * 257), place)], 256)


def test_no_bit_of_a_letter_can_be_changed(server: ServerSecret, place: Place) -> None:
    sealed = server.seal(Plaintext("123456789"), place)
    for index in range(len(sealed)):
        for bit in range(8):
            flipped = bytearray(sealed)
            flipped[index] ^= 1 << bit
            with pytest.raises(Tampered):
                server.open(Sealed(bytes(flipped)), place)


@given(st.binary(max_size=100), st.integers(0, 40))
def test_noise_and_pieces_do_not_open(
    server: ServerSecret, place: Place, noise: bytes, kept: int
) -> None:
    sealed = server.seal(Plaintext("123456789"), place)
    for garbage in (noise, sealed[:kept], sealed[:kept] + noise, sealed + noise + b"x"):
        with pytest.raises(Tampered):
            server.open(Sealed(garbage), place)


@pytest.mark.parametrize(
    "change",
    [{"table": "inbox"}, {"column": "x"}, {"row": uuid4()}, {"case": None}, {"epoch": 9}],
    ids=lambda change: next(iter(change)),
)
def test_a_letter_moved_elsewhere_does_not_open(
    server: ServerSecret, place: Place, change: dict[str, object]
) -> None:
    sealed = server.seal(Plaintext("123456789"), place)
    with pytest.raises(Tampered):
        server.open(sealed, replace(place, **change))  # type: ignore[arg-type]  # a table of changes


def test_another_servers_letter_does_not_open(server: ServerSecret, place: Place) -> None:
    other = ServerSecret.from_text(ServerSecret.new_text())
    with pytest.raises(Tampered):
        server.open(other.seal(Plaintext("123456789"), place), place)


def test_the_same_letter_never_looks_the_same_twice(server: ServerSecret, place: Place) -> None:
    letters = [server.seal(Plaintext("123456789"), place) for _ in range(5_000)]
    for random_part in (slice(6, 18), slice(18, 30), slice(30, 46)):
        assert len({letter[random_part] for letter in letters}) == len(letters)


# Blind indexes


def test_a_chat_is_found_again_by_its_index(server: ServerSecret) -> None:
    assert server.index("chat", "123456789") == server.index("chat", "123456789")
    assert len(server.index("chat", "123456789")) == 32


def test_the_same_number_in_two_domains_is_not_linkable(server: ServerSecret) -> None:
    numbers = [str(5_500_000_000 + each) for each in range(2_000)]
    chats = [server.index("chat", number) for number in numbers]
    phones = [server.index("phone", number) for number in numbers]
    assert len({*chats, *phones}) == 2 * len(numbers)
    same_bits = sum(
        256 - (int.from_bytes(chat) ^ int.from_bytes(phone)).bit_count()
        for chat, phone in zip(chats, phones, strict=True)
    )
    # 512,000 fair coins: 0.5 with a standard deviation of 0.0007.
    assert same_bits / (256 * len(numbers)) == pytest.approx(0.5, abs=0.004)


def test_neighbouring_numbers_have_unrelated_indexes(server: ServerSecret) -> None:
    differing = [
        (
            int.from_bytes(server.index("chat", str(each)))
            ^ int.from_bytes(server.index("chat", str(each + 1)))
        ).bit_count()
        for each in range(2_000)
    ]
    assert sum(differing) / len(differing) == pytest.approx(128, abs=1)
    assert min(differing) > 80


@given(st.text(max_size=8), st.text(max_size=8), st.text(max_size=8), st.text(max_size=8))
def test_domain_and_value_do_not_run_together(
    server: ServerSecret, domain: str, value: str, domain2: str, value2: str
) -> None:
    same = server.index(domain, value) == server.index(domain2, value2)
    assert same == ((domain, value) == (domain2, value2))


# Changing the secret


def test_a_changed_secret_still_opens_and_finds_what_is_old(place: Place) -> None:
    old_text, new_text = ServerSecret.new_text(), ServerSecret.new_text()
    old = ServerSecret.from_text(old_text)
    both = ServerSecret.from_text(new_text, (old_text,))
    new = ServerSecret.from_text(new_text)
    letter = old.seal(Plaintext("123456789"), place)

    assert both.open(letter, place).reveal() == "123456789"
    assert not both.is_current(letter)
    assert both.indexes("chat", "1") == (new.index("chat", "1"), old.index("chat", "1"))
    assert both.index("chat", "1") == new.index("chat", "1")
    assert both.peppers == (new.pepper, old.pepper)
    assert both.pepper == new.pepper
    assert both.cookie_keys == (*new.cookie_keys, *old.cookie_keys)

    again = both.seal(both.open(letter, place), place)
    assert both.is_current(again)
    assert new.open(again, place).reveal() == "123456789"
    with pytest.raises(Tampered):
        new.open(letter, place)


def test_a_secret_retired_by_mistake_while_in_use_changes_nothing(place: Place) -> None:
    text = ServerSecret.new_text()
    server = ServerSecret.from_text(text, (text,))
    assert len(server.peppers) == 1
    assert server.open(server.seal(Plaintext("a"), place), place).reveal() == "a"


def test_nothing_derived_from_the_secret_equals_anything_else_derived(
    server: ServerSecret,
) -> None:
    derived = [
        server.pepper.reveal().hex(),
        *server.cookie_keys,
        server.index("pepper", "").hex(),
        server.index("cookies", "").hex(),
    ]
    assert len(set(derived)) == len(derived)


# How a secret is given


def test_a_secret_reads_in_hex_and_in_base64() -> None:
    raw = secrets.token_bytes(32)
    spellings = [
        raw.hex(),
        raw.hex().upper(),
        base64.urlsafe_b64encode(raw).decode(),
        base64.urlsafe_b64encode(raw).decode().rstrip("=") + "\n",
    ]
    assert len({ServerSecret.from_text(text).index("d", "v") for text in spellings}) == 1
    wrapped = ServerSecret.from_text(SecretStr(raw.hex()))
    assert wrapped.index("d", "v") == ServerSecret.from_text(raw.hex()).index("d", "v")


@pytest.mark.parametrize(
    "weak",
    [
        "",
        "hilo",
        "change-me-please-change-me-please-change-me-please!",
        "a" * 64,
        "00" * 32,
        "0123456789abcdef" * 2,
        secrets.token_hex(31),
        secrets.token_urlsafe(31),
        "ñ" * 64,
    ],
    ids=("empty", "short", "a sentence", "one letter", "zeros", "counted", "hex", "base64", "ñ"),
)
def test_a_weak_secret_is_refused_without_being_shown(weak: str) -> None:
    with pytest.raises(WeakServerSecret) as refusal:
        ServerSecret.from_text(weak)
    assert refusal.value.args == ()
    with pytest.raises(WeakServerSecret):
        ServerSecret.from_text(ServerSecret.new_text(), (weak,))


def test_a_server_secret_shows_pickles_copies_and_changes_nothing(server: ServerSecret) -> None:
    assert f"{server} {server!r}" == "<server secret> <server secret>"
    assert server.pepper.reveal().hex() not in repr(server._now)
    for leak in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            leak(server)
    with pytest.raises(AttributeError):
        server._now = None  # type: ignore[assignment]  # what must not work
    with pytest.raises(AttributeError):
        del server._now
