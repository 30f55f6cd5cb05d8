"""A device with passkeys, in Python: an honest one, which a story can make lie in one thing."""

import hashlib
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from hmac import digest
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import encode_cbor

PRESENT, VERIFIED, WITH_KEY = 1, 4, 64
SALT = b"WebAuthn PRF\0hilo/passkey/1"


def text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


def raw(said: str) -> bytes:
    return urlsafe_b64decode(said + "=" * (-len(said) % 4))


@dataclass(slots=True)
class SoftDevice:
    """One passkey. What it says of itself can be changed between two answers."""

    origin: str = "http://localhost:8000"
    site: str = "localhost"
    verified: bool = True
    times: int = 0
    counts: bool = True
    crosses: bool = False
    id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1()), repr=False
    )
    secret: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)

    @property
    def output(self) -> str:
        """What it alone can compute."""
        return text(digest(self.secret, hashlib.sha256(SALT).digest(), "sha256"))

    def makes(self, options: str) -> str:
        """The answer to «make a passkey»."""
        asked = json.loads(options)
        assert asked["attestation"] == "none"
        assert asked["authenticatorSelection"]["userVerification"] == "required"
        assert asked["authenticatorSelection"]["residentKey"] == "required"
        point = self.key.public_key().public_numbers()
        cose = {
            1: 2,
            3: -7,
            -1: 1,
            -2: point.x.to_bytes(32, "big"),
            -3: point.y.to_bytes(32, "big"),
        }
        credential = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + encode_cbor(cose)
        data = self._data(WITH_KEY) + credential
        attested = encode_cbor({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", asked["challenge"])
        return self._said({"attestationObject": text(attested), "clientDataJSON": text(client)})

    def answers(self, options: str) -> str:
        """The answer to «who are you»."""
        client = self._client("webauthn.get", json.loads(options)["challenge"])
        self.times += self.counts
        data = self._data(0)
        signed = data + hashlib.sha256(client).digest()
        return self._said(
            {
                "authenticatorData": text(data),
                "clientDataJSON": text(client),
                "signature": text(self.key.sign(signed, ec.ECDSA(hashes.SHA256()))),
            }
        )

    def _data(self, more: int) -> bytes:
        flags = PRESENT | more | (VERIFIED if self.verified else 0)
        front = hashlib.sha256(self.site.encode()).digest()
        return front + bytes((flags,)) + self.times.to_bytes(4, "big")

    def _client(self, kind: str, challenge: str) -> bytes:
        said: dict[str, Any] = {"type": kind, "challenge": challenge, "origin": self.origin}
        return json.dumps(said | {"crossOrigin": self.crosses}).encode()

    def _said(self, response: dict[str, str]) -> str:
        named = {"id": text(self.id), "rawId": text(self.id), "type": "public-key"}
        return json.dumps(named | {"response": response, "clientExtensionResults": {}})
