from collections.abc import Callable
from itertools import pairwise
from time import process_time
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from network.encryption import keyring
from network.encryption.envelope import KeyPair, new_key_pair, public_key_of
from network.encryption.keyring import (
    MistypedCode,
    NewMember,
    WrongCode,
    WrongPassphrase,
)
from network.encryption.printed import CODE_LETTERS, LETTERS, print_code, read_code
from network.encryption.sealed import Sealed, Tampered
from network.kernel.hidden import Plaintext, SecretBytes
from tests.encryption.conftest import ALICE, BILAL, CASE
from tests.ground.counting import derivations

PASSPHRASE = Plaintext("la jacaranda florece en febrero")
OTHER_PEPPER = SecretBytes(b"p" * 32)


@pytest.fixture(scope="module")
def alice(pepper: SecretBytes) -> NewMember:
    return keyring.make_member(ALICE, PASSPHRASE, pepper)


def _flipped(sealed: bytes, index: int) -> Sealed:
    changed = bytearray(sealed)
    changed[index] ^= 1
    return Sealed(bytes(changed))


def test_alice_comes_back_with_her_passphrase(alice: NewMember, pepper: SecretBytes) -> None:
    private = keyring.unlock(ALICE, PASSPHRASE, alice.salt, alice.by_passphrase, pepper)
    assert private == alice.private
    assert public_key_of(private) == alice.public


def test_alice_comes_back_from_a_keyboard_that_composes_otherwise(pepper: SecretBytes) -> None:
    wrapped, salt = keyring.rewrap(ALICE, SecretBytes(bytes(32)), Plaintext("ñandú ﬁel"), pepper)
    typed = Plaintext("n\N{COMBINING TILDE}andu\N{COMBINING ACUTE ACCENT} fiel")
    assert keyring.unlock(ALICE, typed, salt, wrapped, pepper).reveal() == bytes(32)


@pytest.mark.parametrize("guess", ["", "La jacaranda florece en febrero", "la jacaranda "])
def test_a_guess_does_not_open(alice: NewMember, pepper: SecretBytes, guess: str) -> None:
    with pytest.raises(WrongPassphrase):
        keyring.unlock(ALICE, Plaintext(guess), alice.salt, alice.by_passphrase, pepper)


def test_another_salt_does_not_open(alice: NewMember, pepper: SecretBytes) -> None:
    with pytest.raises(WrongPassphrase):
        keyring.unlock(ALICE, PASSPHRASE, bytes(16), alice.by_passphrase, pepper)


def test_alices_row_does_not_open_as_bilals(alice: NewMember, pepper: SecretBytes) -> None:
    with pytest.raises(Tampered):
        keyring.unlock(BILAL, PASSPHRASE, alice.salt, alice.by_passphrase, pepper)
    with pytest.raises(Tampered):
        keyring.unlock_with_recovery(BILAL, alice.recovery_code, alice.by_recovery, pepper)


def test_without_the_pepper_the_right_passphrase_opens_nothing(alice: NewMember) -> None:
    with pytest.raises(Tampered):
        keyring.unlock(ALICE, PASSPHRASE, alice.salt, alice.by_passphrase, OTHER_PEPPER)
    with pytest.raises(Tampered):
        keyring.unlock_with_recovery(ALICE, alice.recovery_code, alice.by_recovery, OTHER_PEPPER)


def test_no_byte_of_a_recovery_wrap_can_be_changed(alice: NewMember, pepper: SecretBytes) -> None:
    for index in range(len(alice.by_recovery)):
        with pytest.raises(Tampered):
            keyring.unlock_with_recovery(
                ALICE, alice.recovery_code, _flipped(alice.by_recovery, index), pepper
            )


def test_a_wrap_by_passphrase_and_one_by_code_are_not_interchangeable(
    alice: NewMember, pepper: SecretBytes
) -> None:
    with pytest.raises(Tampered):
        keyring.unlock(ALICE, PASSPHRASE, alice.salt, alice.by_recovery, pepper)
    with pytest.raises(Tampered):
        keyring.unlock_with_recovery(ALICE, alice.recovery_code, alice.by_passphrase, pepper)


def test_a_new_passphrase_replaces_the_old(alice: NewMember, pepper: SecretBytes) -> None:
    fresh = Plaintext("tres colibríes y un tren")
    wrapped, salt = keyring.rewrap(ALICE, alice.private, fresh, pepper)
    assert salt != alice.salt
    assert keyring.unlock(ALICE, fresh, salt, wrapped, pepper) == alice.private
    with pytest.raises(WrongPassphrase):
        keyring.unlock(ALICE, PASSPHRASE, salt, wrapped, pepper)


def test_a_new_code_replaces_the_old(alice: NewMember, pepper: SecretBytes) -> None:
    code, wrapped = keyring.new_recovery(ALICE, alice.private, pepper)
    assert keyring.unlock_with_recovery(ALICE, code, wrapped, pepper) == alice.private
    with pytest.raises(WrongCode):
        keyring.unlock_with_recovery(ALICE, alice.recovery_code, wrapped, pepper)


def test_the_pepper_changes_while_alice_is_away(alice: NewMember, pepper: SecretBytes) -> None:
    by_passphrase = keyring.repepper(ALICE, alice.by_passphrase, OTHER_PEPPER, (pepper,))
    by_recovery = keyring.repepper(ALICE, alice.by_recovery, OTHER_PEPPER, (pepper,))
    assert keyring.unlock(ALICE, PASSPHRASE, alice.salt, by_passphrase, OTHER_PEPPER) == (
        alice.private
    )
    assert keyring.unlock_with_recovery(ALICE, alice.recovery_code, by_recovery, OTHER_PEPPER) == (
        alice.private
    )


def test_a_retired_pepper_still_opens_until_it_is_gone(
    alice: NewMember, pepper: SecretBytes
) -> None:
    code, wrapped = alice.recovery_code, alice.by_recovery
    opened = keyring.unlock_with_recovery(ALICE, code, wrapped, OTHER_PEPPER, (pepper,))
    assert opened == alice.private
    with pytest.raises(Tampered):
        keyring.repepper(ALICE, wrapped, OTHER_PEPPER, ())


def test_an_unknown_name_costs_what_a_known_one_costs(
    alice: NewMember, pepper: SecretBytes
) -> None:
    with derivations() as known:
        keyring.unlock(ALICE, PASSPHRASE, alice.salt, alice.by_passphrase, pepper)
    with derivations() as unknown:
        keyring.waste_time(pepper)

    assert known == unknown == ["Argon2id"]


def test_nothing_of_a_new_member_shows(alice: NewMember) -> None:
    shown = f"{alice!r}"
    assert alice.private.reveal().hex() not in shown
    assert alice.recovery_code.reveal() not in shown


# The printed code


@given(st.binary(min_size=16, max_size=16))
def test_a_printed_code_reads_back(raw: bytes) -> None:
    printed = print_code(SecretBytes(raw)).reveal()
    assert read_code(Plaintext(printed)).reveal() == raw
    assert [len(group) for group in printed.split("-")] == [4] * 7


@given(
    st.binary(min_size=16, max_size=16),
    st.sampled_from([str.lower, str.title, lambda text: text.replace("-", " ")]),
    st.sampled_from(["", " ", "\N{EN DASH}", "\N{NO-BREAK SPACE}", "\n"]),
)
def test_a_code_reads_however_it_was_typed(
    raw: bytes, style: Callable[[str], str], between: str
) -> None:
    printed = style(print_code(SecretBytes(raw)).reveal())
    typed = between + between.join(printed.replace("0", "o").replace("1", "l")) + between
    assert read_code(Plaintext(typed)).reveal() == raw


@given(
    st.binary(min_size=16, max_size=16),
    st.integers(0, CODE_LETTERS - 1),
    st.sampled_from(LETTERS),
)
def test_one_wrong_letter_is_always_noticed(raw: bytes, at: int, letter: str) -> None:
    code = print_code(SecretBytes(raw)).reveal().replace("-", "")
    wrong = code[:at] + letter + code[at + 1 :]
    if wrong != code:
        with pytest.raises(MistypedCode):
            read_code(Plaintext(wrong))


@given(st.binary(min_size=16, max_size=16), st.integers(0, CODE_LETTERS - 2))
def test_two_swapped_letters_are_always_noticed(raw: bytes, at: int) -> None:
    code = print_code(SecretBytes(raw)).reveal().replace("-", "")
    swapped = code[:at] + code[at + 1] + code[at] + code[at + 2 :]
    if swapped != code:
        with pytest.raises(MistypedCode):
            read_code(Plaintext(swapped))


@given(st.text(max_size=60))
def test_what_is_no_code_is_said_to_be_mistyped(typed: str) -> None:
    with pytest.raises(MistypedCode):
        read_code(Plaintext(typed))


# How strong a passphrase is


@pytest.mark.parametrize(
    "weak",
    [
        "",
        "   ",
        "hilo",
        "12345678",
        "contraseña segura",
        "Guadalupe1",
        "vivos los queremos",
        "Vivos se los llevaron",
        "hasta encontrarlos",
        "Alicia Robles 1980",
        "alicia.robles@correo",
        "a" * 100,
        "qwerty" * 20,
    ],
)
def test_what_is_soon_guessed_is_refused(weak: str) -> None:
    hints = ("Alicia Robles", "alicia.robles@correo.example")
    assert not keyring.strong_enough(Plaintext(weak), hints)


@pytest.mark.parametrize(
    "text", ["ab4@8({[<6|9e3!1l7|0$5+%2 " * 4, "a4@8({[6e3gi!1l7|0o$5+%2zx" * 4, "1" * 100]
)
def test_nothing_that_is_typed_keeps_the_judge_busy(text: str) -> None:
    begun = process_time()
    keyring.strong_enough(Plaintext(text), ("Alicia Robles",))
    assert process_time() - begun < 4


@pytest.mark.parametrize(
    "strong",
    [
        "la jacaranda florece en febrero",
        "mi tía vende tamales verdes",
        "Xk9#mQ2$vLpw",
        "沉默的大海没有回声",
        "correct horse battery staple",
    ],
)
def test_what_takes_long_to_guess_is_taken(strong: str) -> None:
    assert keyring.strong_enough(Plaintext(strong), ("Alicia Robles",))


def test_a_hint_about_one_person_does_not_weaken_anothers() -> None:
    chosen = Plaintext("Xochiquetzal Tlahuicole")
    assert not keyring.strong_enough(chosen, ("Xochiquetzal Tlahuicole",))
    assert keyring.strong_enough(chosen, ("Alicia",))


@pytest.mark.parametrize("endless", ["x7" * 50_000, "1" * 900, "palabra " * 110])
def test_an_endless_passphrase_does_not_hold_the_server(endless: str) -> None:
    begun = process_time()
    keyring.strong_enough(Plaintext(endless), ())
    assert process_time() - begun < 4


# Grants and epochs


def test_bilal_opens_a_case_with_his_grant(pair: KeyPair) -> None:
    bilal = new_key_pair()
    sealed = keyring.grant(pair.private, bilal.public, case=CASE, epoch=3, member=BILAL)
    assert keyring.open_grant(bilal.private, sealed, case=CASE, epoch=3, member=BILAL) == (
        pair.private
    )


def test_a_grant_is_for_one_case_one_epoch_and_one_member(pair: KeyPair) -> None:
    bilal = new_key_pair()
    sealed = keyring.grant(pair.private, bilal.public, case=CASE, epoch=3, member=BILAL)
    for case, epoch, member in ((uuid4(), 3, BILAL), (CASE, 4, BILAL), (CASE, 3, ALICE)):
        with pytest.raises(Tampered):
            keyring.open_grant(bilal.private, sealed, case=case, epoch=epoch, member=member)
    with pytest.raises(Tampered):
        keyring.open_grant(pair.private, sealed, case=CASE, epoch=3, member=BILAL)


def test_history_stays_readable_through_every_epoch() -> None:
    epochs = [new_key_pair() for _ in range(4)]
    links = [
        keyring.link_epochs(
            old.private, new.public, case=CASE, old_epoch=number, new_epoch=number + 1
        )
        for number, (old, new) in enumerate(pairwise(epochs))
    ]
    private = epochs[-1].private
    for number in reversed(range(len(links))):
        private = keyring.open_link(
            private, links[number], case=CASE, old_epoch=number, new_epoch=number + 1
        )
    assert private == epochs[0].private


def test_a_removed_member_cannot_go_forward(pair: KeyPair) -> None:
    new = new_key_pair()
    link = keyring.link_epochs(pair.private, new.public, case=CASE, old_epoch=3, new_epoch=4)
    with pytest.raises(Tampered):
        keyring.open_link(pair.private, link, case=CASE, old_epoch=3, new_epoch=4)
    for case, old, later in ((uuid4(), 3, 4), (CASE, 2, 4), (CASE, 3, 5), (CASE, 4, 3)):
        with pytest.raises(Tampered):
            keyring.open_link(new.private, link, case=case, old_epoch=old, new_epoch=later)


# The split session


@settings(deadline=None)
@given(st.binary(min_size=32, max_size=32))
def test_the_two_halves_of_a_session_meet_again(raw: bytes) -> None:
    session = uuid4()
    half = keyring.split_session(session, ALICE, SecretBytes(raw))
    assert keyring.join_session(session, ALICE, half.secret, half.sealed).reveal() == raw


def test_neither_half_of_a_session_opens_anything_elsewhere(alice: NewMember) -> None:
    session = uuid4()
    half = keyring.split_session(session, ALICE, alice.private)
    other = keyring.split_session(session, ALICE, alice.private)
    for where, who, secret in (
        (uuid4(), ALICE, half.secret),
        (session, BILAL, half.secret),
        (session, ALICE, other.secret),
        (session, ALICE, SecretBytes(b"")),
    ):
        with pytest.raises(Tampered):
            keyring.join_session(where, who, secret, half.sealed)


def test_no_byte_of_a_session_row_can_be_changed(alice: NewMember) -> None:
    session = uuid4()
    half = keyring.split_session(session, ALICE, alice.private)
    assert len(half.secret.reveal()) == 32
    assert half.sealed.find(alice.private.reveal()) == -1
    for index in range(len(half.sealed)):
        with pytest.raises(Tampered):
            keyring.join_session(session, ALICE, half.secret, _flipped(half.sealed, index))
    with pytest.raises(Tampered):
        keyring.join_session(session, ALICE, half.secret, Sealed(half.sealed[:20]))
