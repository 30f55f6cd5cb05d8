"""Envelopes recorded when the format was made. They must open for as long as anybody has data.

A new format gets a new version byte and new answers beside these; these are never made again.
"""

import hashlib
import json
from pathlib import Path

import pytest

from network.encryption import keyring
from network.encryption.envelope import open_secret, open_text, public_key_of
from network.encryption.files import open_chunks
from network.encryption.sealed import Place, Sealed
from network.encryption.server import ServerSecret
from network.kernel.hidden import Plaintext, SecretBytes
from tests.encryption.conftest import ALICE, CASE, ENTRY

CASE_KEY = SecretBytes(bytes(range(32)))
ALICES_KEY = SecretBytes(bytes(range(32, 64)))
NEXT_EPOCH = SecretBytes(bytes(range(64, 96)))
SERVER = ServerSecret.from_text(bytes(range(100, 132)).hex())


@pytest.fixture(scope="module")
def known() -> dict[str, str]:
    path = Path(__file__).parent / "known_answers.json"
    answers: dict[str, str] = json.loads(path.read_text())
    return answers


def _sealed(known: dict[str, str], name: str) -> Sealed:
    return Sealed(bytes.fromhex(known[name]))


def test_a_place_still_has_its_bytes(known: dict[str, str], place: Place) -> None:
    assert place.aad().hex() == known["aad"]


def test_a_recorded_entry_opens(known: dict[str, str], place: Place) -> None:
    opened = open_text(CASE_KEY, _sealed(known, "entry"), place)
    assert opened.reveal() == "Estamos bien. ñ 🙏"
    assert hashlib.sha256(public_key_of(CASE_KEY)).hexdigest() == known["public_sha256"]


def test_a_recorded_file_opens_with_its_recorded_key(known: dict[str, str], place: Place) -> None:
    key = open_secret(CASE_KEY, _sealed(known, "file_key"), place)
    assert b"".join(open_chunks([_sealed(known, "file")], key, place)) == b"voice note"


def test_a_recorded_grant_and_link_open(known: dict[str, str]) -> None:
    granted = keyring.open_grant(
        ALICES_KEY, _sealed(known, "grant"), case=CASE, epoch=3, member=ALICE
    )
    linked = keyring.open_link(
        NEXT_EPOCH, _sealed(known, "link"), case=CASE, old_epoch=3, new_epoch=4
    )
    assert granted == linked == CASE_KEY


def test_a_recorded_member_comes_back(known: dict[str, str]) -> None:
    by_passphrase = keyring.unlock(
        ALICE,
        Plaintext("la jacaranda florece en febrero"),
        _sealed(known, "salt"),
        _sealed(known, "by_passphrase"),
        SERVER.pepper,
    )
    by_code = keyring.unlock_with_recovery(
        ALICE, Plaintext(known["recovery_code"]), _sealed(known, "by_recovery"), SERVER.pepper
    )
    assert by_passphrase == by_code == ALICES_KEY


def test_a_recorded_session_joins(known: dict[str, str]) -> None:
    secret = SecretBytes(bytes.fromhex(known["session_secret"]))
    assert keyring.join_session(ENTRY, ALICE, secret, _sealed(known, "session")) == ALICES_KEY


def test_the_server_still_opens_and_finds(known: dict[str, str], place: Place) -> None:
    for letter in ("letter", "letter_of_200"):
        assert SERVER.open(_sealed(known, letter), place).reveal() == "123456789"
    assert SERVER.index("chat", "123456789").hex() == known["index"]
    assert SERVER.pepper.reveal().hex() == known["pepper"]
    assert SERVER.cookie_keys == (known["cookie_key"],)


def test_sizes_have_not_changed(known: dict[str, str]) -> None:
    sizes = {name: len(_sealed(known, name)) for name in ("entry", "grant", "letter", "session")}
    assert sizes == {"entry": 1394, "grant": 1170, "letter": 302, "session": 62}
    assert len(_sealed(known, "by_passphrase")) == len(_sealed(known, "by_recovery")) == 94
    assert len(_sealed(known, "letter_of_200")) == 247
