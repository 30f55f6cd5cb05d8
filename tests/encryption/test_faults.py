"""Whatever breaks inside the cryptography package, nothing unsealed comes back.

Only the package's own names are replaced, never ours.
"""

from collections.abc import Callable, Iterator
from typing import NoReturn
from uuid import uuid4

import pytest
from cryptography.exceptions import InternalError, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hmac, hpke
from cryptography.hazmat.primitives.asymmetric import mlkem, x25519
from cryptography.hazmat.primitives.ciphers import aead
from cryptography.hazmat.primitives.kdf import argon2, hkdf

from network.encryption import files, keyring
from network.encryption.envelope import KeyPair, new_key_pair, seal_secret_to, seal_to
from network.encryption.sealed import Place, SealingFailed
from network.encryption.server import ServerSecret
from network.kernel.hidden import Plaintext, SecretBytes
from tests.encryption.conftest import ALICE, BILAL, CASE

CANARY = "canary-jacaranda"
FAULTS = [
    InternalError(f"openssl broke on {CANARY}", []),
    UnsupportedAlgorithm(CANARY),
    MemoryError(CANARY),
    ValueError(CANARY),
]

# A Rust panic, as `cryptography` would let it through: a BaseException of this module.
Panic = type("PanicException", (BaseException,), {"__module__": "pyo3_runtime"})


class _Broken:
    """Fails however it is used: when called, and at every name asked of it."""

    def __init__(self, fault: BaseException) -> None:
        object.__setattr__(self, "_fault", fault)

    def __call__(self, *_args: object, **_named: object) -> NoReturn:
        raise object.__getattribute__(self, "_fault")

    def __getattr__(self, _name: str) -> NoReturn:
        raise self._fault


class _BreaksLater:
    """Can be made, and fails when it is to encrypt, derive or finish."""

    def __init__(self, fault: BaseException) -> None:
        self._fault = fault

    def __call__(self, *_args: object, **_named: object) -> "_BreaksLater":
        return self

    def copy(self) -> "_BreaksLater":
        return self

    def _fail(self, *_args: object, **_named: object) -> NoReturn:
        raise self._fault

    encrypt = derive = update = finalize = from_public_bytes = from_seed_bytes = _fail


PRIMITIVES: dict[str, tuple[object, str]] = {
    "hpke": (hpke, "Suite"),
    "hpke key": (hpke, "MLKEM768X25519PublicKey"),
    "ml-kem": (mlkem, "MLKEM768PublicKey"),
    "x25519": (x25519, "X25519PublicKey"),
    "ml-kem private": (mlkem, "MLKEM768PrivateKey"),
    "aes-gcm": (aead, "AESGCM"),
    "hkdf": (hkdf, "HKDF"),
    "hmac": (hmac, "HMAC"),
    "argon2id": (argon2, "Argon2id"),
}

ENVELOPES = {"hpke", "hpke key", "ml-kem", "x25519"}
Sealings = dict[str, Callable[[], object]]


@pytest.fixture(scope="module")
def sealings(pair: KeyPair, place: Place, server: ServerSecret) -> Sealings:
    """Everything that seals, ready to be done."""
    private, words, phrase = pair.private, Plaintext(CANARY), Plaintext("tres colibríes")
    pepper = server.pepper
    _code, wrapped = keyring.new_recovery(ALICE, private, pepper)
    return {
        "an entry": lambda: seal_to(pair.public, words, place),
        "a file's key": lambda: seal_secret_to(pair.public, private, place),
        "a grant": lambda: keyring.grant(private, pair.public, case=CASE, epoch=1, member=BILAL),
        "a link": lambda: keyring.link_epochs(
            private, pair.public, case=CASE, old_epoch=1, new_epoch=2
        ),
        "a new pair": new_key_pair,
        "a member": lambda: keyring.make_member(ALICE, phrase, pepper),
        "a new passphrase": lambda: keyring.rewrap(ALICE, private, phrase, pepper),
        "a new code": lambda: keyring.new_recovery(ALICE, private, pepper),
        "a new pepper": lambda: keyring.repepper(ALICE, wrapped, SecretBytes(b"q" * 32), (pepper,)),
        "a session": lambda: keyring.split_session(uuid4(), ALICE, private),
        "a letter": lambda: server.seal(words, place),
        "a letter of a promised size": lambda: server.seal(words, place, size=200),
        "an index": lambda: server.index(f"domain {uuid4()}", CANARY),
        "all indexes": lambda: server.indexes(f"domain {uuid4()}", CANARY),
        "a file": lambda: list(files.seal_chunks([CANARY.encode()], pair.private, place)),
    }


NEEDS: dict[str, set[str]] = {
    "an entry": ENVELOPES,
    "a file's key": ENVELOPES,
    "a grant": ENVELOPES,
    "a link": ENVELOPES,
    "a new pair": {"ml-kem private"},
    "a member": {"ml-kem private", "argon2id", "aes-gcm", "hkdf"},
    "a new passphrase": {"argon2id", "aes-gcm", "hkdf"},
    "a new code": {"aes-gcm", "hkdf"},
    "a new pepper": {"aes-gcm", "hkdf"},
    "a session": {"aes-gcm", "hkdf"},
    "a letter": {"aes-gcm"},
    "a letter of a promised size": {"aes-gcm"},
    "an index": {"hmac", "hkdf"},
    "all indexes": {"hmac", "hkdf"},
    "a file": {"aes-gcm", "hkdf"},
}


def _cases() -> Iterator[tuple[str, str]]:
    yield from ((what, name) for what, names in NEEDS.items() for name in sorted(names))


def _assert_fails_closed(sealing: Callable[[], object]) -> None:
    with pytest.raises(SealingFailed) as failure:
        sealing()
    assert failure.value.args == ()
    assert failure.value.__cause__ is None
    assert failure.value.__suppress_context__
    assert CANARY not in f"{failure.value} {failure.value!r}"


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: type(fault).__name__)
@pytest.mark.parametrize(("what", "primitive"), list(_cases()))
def test_when_a_primitive_breaks_nothing_is_sealed(
    what: str,
    primitive: str,
    fault: Exception,
    sealings: Sealings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sealing = sealings[what]
    module, name = PRIMITIVES[primitive]
    monkeypatch.setattr(module, name, _Broken(fault))
    _assert_fails_closed(sealing)


@pytest.mark.parametrize(
    ("what", "primitive"),
    [
        ("an entry", "hpke"),
        ("a grant", "hpke"),
        ("a letter", "aes-gcm"),
        ("a session", "aes-gcm"),
        ("a file", "aes-gcm"),
        ("a new passphrase", "argon2id"),
        ("a new code", "hkdf"),
    ],
)
def test_when_a_primitive_breaks_halfway_nothing_is_sealed(
    what: str,
    primitive: str,
    sealings: Sealings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sealing = sealings[what]
    module, name = PRIMITIVES[primitive]
    monkeypatch.setattr(module, name, _BreaksLater(InternalError(CANARY, [])))
    _assert_fails_closed(sealing)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: type(fault).__name__)
def test_when_a_key_that_is_kept_keyed_breaks_nothing_is_sealed(
    place: Place, fault: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hmac, "HMAC", _BreaksLater(fault))
    server = ServerSecret.from_text(ServerSecret.new_text())
    _assert_fails_closed(lambda: server.seal(Plaintext(CANARY), place))
    _assert_fails_closed(lambda: server.seal(Plaintext(CANARY), place, size=200))
    _assert_fails_closed(lambda: server.index("domain", CANARY))


def test_a_panic_below_is_a_refusal_too(
    pair: KeyPair, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hpke, "Suite", _Broken(Panic(CANARY)))
    _assert_fails_closed(lambda: seal_to(pair.public, Plaintext(CANARY), place))


def test_being_told_to_stop_is_not_a_failure_of_sealing(
    pair: KeyPair, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hpke, "Suite", _Broken(KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        seal_to(pair.public, Plaintext(CANARY), place)


def test_a_file_that_breaks_in_its_third_chunk_stops_there(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = files.new_file_key()
    real = aead.AESGCM(bytes(32))
    calls = 0

    class Failing:
        def __init__(self, _key: bytes) -> None:
            return None

        def encrypt(self, nonce: bytes, data: bytes, aad: bytes | None) -> bytes:
            nonlocal calls
            calls += 1
            if calls == 3:
                raise InternalError(CANARY, [])
            return real.encrypt(nonce, data, aad)

    monkeypatch.setattr(aead, "AESGCM", Failing)
    sealed = files.seal_chunks([CANARY.encode() * 20_000], key, place)
    given: list[bytes] = []
    with pytest.raises(SealingFailed):
        given.extend(sealed)
    assert CANARY.encode() not in b"".join(given)
    assert next(sealed, None) is None
