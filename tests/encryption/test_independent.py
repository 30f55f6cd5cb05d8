"""Our envelopes, opened and made by somebody else: pyhpke's key schedule over X-Wing by hand.

The layout is written out here a second time on purpose; nothing of ours computes it.
"""

import hashlib
from enum import Enum
from pathlib import Path
from typing import cast
from uuid import UUID

import pytest
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric import mlkem, x25519
from pyhpke import AEADId, CipherSuite, KDFId, KEMId, KEMInterface, KEMKeyInterface
from pyhpke.aead import AEAD
from pyhpke.kdf import KDF
from pyhpke.kem_key import KEMKeyPair

from network.encryption.envelope import (
    KeyPair,
    new_key_pair,
    open_secret,
    open_text,
    public_key_of,
    seal_secret_to,
    seal_to,
)
from network.encryption.sealed import Place, Sealed
from network.kernel.hidden import Plaintext, SecretBytes
from tests.encryption.conftest import ALICE, CASE, ENTRY

LABEL = b"\\.//^\\"  # X-Wing's six letters, drawn to look like the ship
PLACE = Place("entries", "body", ENTRY, CASE, 3, ALICE)


class XWingId(Enum):
    X_WING = 0x647A


class XWingKey(KEMKeyInterface):
    def __init__(self, raw: bytes) -> None:
        super().__init__(raw)


class XWing(KEMInterface):
    """draft-connolly-cfrg-xwing-kem, from its text and the bare ML-KEM and X25519."""

    @property
    def id(self) -> KEMId:
        return cast(KEMId, XWingId.X_WING)

    def decap(self, enc: bytes, skr: KEMKeyInterface, pks: KEMKeyInterface | None = None) -> bytes:
        assert pks is None
        wide = hashlib.shake_256(skr.raw).digest(96)
        lattice = mlkem.MLKEM768PrivateKey.from_seed_bytes(wide[:64])
        curve = x25519.X25519PrivateKey.from_private_bytes(wide[64:])
        their_curve = enc[1088:]
        return _combine(
            lattice.decapsulate(enc[:1088]),
            curve.exchange(x25519.X25519PublicKey.from_public_bytes(their_curve)),
            their_curve,
            curve.public_key().public_bytes_raw(),
        )

    def encap(
        self,
        pkr: KEMKeyInterface,
        sks: KEMKeyInterface | None = None,
        eks: KEMKeyPair | None = None,
    ) -> tuple[bytes, bytes]:
        assert sks is None
        assert eks is None
        lattice_secret, lattice_box = mlkem.MLKEM768PublicKey.from_public_bytes(
            pkr.raw[:1184]
        ).encapsulate()
        once = x25519.X25519PrivateKey.generate()
        once_public = once.public_key().public_bytes_raw()
        curve_secret = once.exchange(x25519.X25519PublicKey.from_public_bytes(pkr.raw[1184:]))
        secret = _combine(lattice_secret, curve_secret, once_public, pkr.raw[1184:])
        return secret, lattice_box + once_public


def _combine(lattice: bytes, curve: bytes, box: bytes, public: bytes) -> bytes:
    return hashlib.sha3_256(lattice + curve + box + public + LABEL).digest()


def _suite() -> CipherSuite:
    kdf = KDF(KDFId.HKDF_SHA256, b"HPKE" + bytes.fromhex("647a00010002"))
    return CipherSuite(XWing(), kdf, AEAD(AEADId.AES256_GCM))


def _u32(part: bytes) -> bytes:
    return len(part).to_bytes(4, "big") + part


def _info(kind: bytes) -> bytes:
    place = b"".join(
        map(
            _u32,
            [
                b"sentries",
                b"sbody",
                b"u" + ENTRY.bytes,
                b"u" + CASE.bytes,
                b"n" + (3).to_bytes(8, "big"),
                b"u" + ALICE.bytes,
            ],
        )
    )
    return b"".join(map(_u32, [b"hilo/envelope", b"\x01\x01", kind, place]))


def _open_by_hand(private: SecretBytes, sealed: Sealed, kind: bytes) -> bytes:
    assert sealed[:2] == b"\x01\x01"
    key = XWingKey(private.reveal())
    context = _suite().create_recipient_context(sealed[2:1122], key, info=_info(kind))
    return context.open(sealed[1122:])


def test_somebody_elses_hpke_opens_our_entry(pair: KeyPair) -> None:
    sealed = seal_to(pair.public, Plaintext("estamos bien"), PLACE)
    assert _open_by_hand(pair.private, sealed, b"text") == (b"estamos bien\x80").ljust(256, b"\0")


def test_somebody_elses_hpke_opens_our_sealed_key(pair: KeyPair) -> None:
    sealed = seal_secret_to(pair.public, SecretBytes(b"k" * 32), PLACE)
    assert _open_by_hand(pair.private, sealed, b"secret") == b"k" * 32


def test_we_open_what_somebody_elses_hpke_sealed(pair: KeyPair) -> None:
    enc, context = _suite().create_sender_context(XWingKey(pair.public), info=_info(b"text"))
    sealed = b"\x01\x01" + enc + context.seal(b"hola\x80\0\0")
    assert open_text(pair.private, Sealed(sealed), PLACE).reveal() == "hola"

    enc, context = _suite().create_sender_context(XWingKey(pair.public), info=_info(b"secret"))
    sealed = b"\x01\x01" + enc + context.seal(b"k" * 32)
    assert open_secret(pair.private, Sealed(sealed), PLACE).reveal() == b"k" * 32


def test_the_packages_key_schedule_is_that_of_pyhpke() -> None:
    """Over X25519 alone, both sides know every step (RFC 9180)."""
    ours = hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)
    theirs = CipherSuite.new(KEMId.DHKEM_X25519_HKDF_SHA256, KDFId.HKDF_SHA256, AEADId.AES256_GCM)
    private = x25519.X25519PrivateKey.generate()
    raw, public = private.private_bytes_raw(), private.public_key()
    info = _info(b"text")

    sealed = ours.encrypt(b"estamos bien", public, info=info)
    key = theirs.kem.deserialize_private_key(raw)
    assert theirs.create_recipient_context(sealed[:32], key, info=info).open(sealed[32:]) == (
        b"estamos bien"
    )
    enc, context = theirs.create_sender_context(
        theirs.kem.deserialize_public_key(public.public_bytes_raw()), info=info
    )
    assert ours.decrypt(enc + context.seal(b"hola"), private, info=info) == b"hola"


def test_our_key_expansion_is_that_of_the_draft() -> None:
    """The first vector of draft-connolly-cfrg-xwing-kem, appendix C."""
    lines = (Path(__file__).parent / "xwing_vector.txt").read_text().split("\n")
    vector = dict(line.split(" = ") for line in lines if " = " in line)
    seed = bytes.fromhex(vector["seed"])
    public = public_key_of(SecretBytes(seed))
    assert public.hex().startswith(vector["pk starts"])
    assert public.hex().endswith(vector["pk ends"])
    shared = XWing().decap(bytes.fromhex(vector["ct"]), XWingKey(seed))
    assert shared.hex() == vector["ss"]


@pytest.mark.parametrize("row", [UUID(int=0), ""])
def test_a_hundred_fresh_pairs_agree_with_the_hand_made_x_wing(row: UUID | str) -> None:
    for _ in range(20):
        pair = new_key_pair()
        secret, box = XWing().encap(XWingKey(pair.public))
        assert XWing().decap(box, XWingKey(pair.private.reveal())) == secret
        sealed = seal_to(pair.public, Plaintext(str(row)), PLACE)
        assert _open_by_hand(pair.private, sealed, b"text").startswith(f"{row}".encode() + b"\x80")
