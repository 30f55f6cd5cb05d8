"""What an authenticator says (WebAuthn), and whether it is true. Nothing is trusted before that.

User verification is always asked for and always required; whose make the device is, nobody asks.
"""

import json
from base64 import urlsafe_b64decode
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AttestationConveyancePreference,
    AuthenticatorSelectionCriteria,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from network.encryption.sealed import EncryptionError

NAME: Final = "Hilo"
LONGEST: Final = 20_000  # letters of an answer
MOST_BYTES: Final = 400  # of a credential's id, and of its public key
OUTPUT_BYTES: Final = 32  # of the pseudo-random function
KINDS: Final = [
    COSEAlgorithmIdentifier.ECDSA_SHA_256,
    COSEAlgorithmIdentifier.EDDSA,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
]
VERIFIED: Final = UserVerificationRequirement.REQUIRED
# What parsing a stranger's bytes can end in, beside the library's own errors.
MALFORMED: Final = (
    WebAuthnException,
    UnsupportedAlgorithm,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    RecursionError,
)


class NotProven(EncryptionError):
    """Not an answer to our question, or not by this authenticator."""


@dataclass(frozen=True, slots=True)
class Site:
    """Where browsers find us: what every passkey is bound to."""

    name: str
    origin: str

    @classmethod
    def at(cls, address: str) -> "Site":
        """The site of this installation's address, as browsers spell it: with a port of its own."""
        found = urlsplit(address)
        host, usual = found.hostname or "", {"https": 443, "http": 80}.get(found.scheme)
        port = "" if found.port in {None, usual} else f":{found.port}"
        return cls(host, f"{found.scheme}://{host}{port}")


@dataclass(frozen=True, slots=True)
class Said:
    """What a browser sent, read but not yet believed."""

    challenge: bytes
    credential: bytes
    raw: dict[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Made:
    """A new passkey: how it is called, its public half, and how often it has signed."""

    credential: bytes = field(repr=False)
    public: bytes = field(repr=False)
    count: int


def to_make(site: Site, *, challenge: bytes, owner: bytes, handle: str) -> str:
    """What a browser asks an authenticator for a new passkey, as JSON.

    One authenticator keeps one for each owner: another takes the place of the one before.
    """
    return options_to_json(
        generate_registration_options(
            rp_id=site.name,
            rp_name=NAME,
            user_name=handle,
            user_id=owner,
            challenge=challenge,
            attestation=AttestationConveyancePreference.NONE,
            supported_pub_key_algs=KINDS,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED, user_verification=VERIFIED
            ),
        )
    )


def to_answer(site: Site, *, challenge: bytes) -> str:
    """What a browser asks whichever passkey its owner chooses, as JSON: no name need be typed."""
    return options_to_json(
        generate_authentication_options(
            rp_id=site.name, challenge=challenge, user_verification=VERIFIED
        )
    )


def read(text: str) -> Said:
    """What a browser sent, and which question it says it answers; NotProven where it is no JSON."""
    try:
        raw = json.loads(text[:LONGEST])
        client = json.loads(_bytes(raw["response"]["clientDataJSON"]))
        if client.get("crossOrigin"):  # drawn inside a page of somebody else's
            raise NotProven
        return Said(_bytes(client["challenge"]), _bytes(raw["rawId"]), raw)
    except MALFORMED:
        raise NotProven from None


def made(site: Site, said: Said) -> Made:
    """The new passkey that answers this question; NotProven whatever is wrong."""
    try:
        proven = verify_registration_response(
            credential=said.raw,
            expected_challenge=said.challenge,
            expected_rp_id=site.name,
            expected_origin=site.origin,
            require_user_verification=True,
            supported_pub_key_algs=KINDS,
        )
    except MALFORMED:
        raise NotProven from None
    if max(len(proven.credential_id), len(proven.credential_public_key)) > MOST_BYTES:
        raise NotProven
    return Made(proven.credential_id, proven.credential_public_key, proven.sign_count)


def answered(site: Site, said: Said, *, public: bytes) -> int:
    """How often the passkey says it has signed, now that it signed this; NotProven if it did not.

    Whether that count went back is the caller's question: it says something about the device.
    """
    try:
        proven = verify_authentication_response(
            credential=said.raw,
            expected_challenge=said.challenge,
            expected_rp_id=site.name,
            expected_origin=site.origin,
            credential_public_key=public,
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except MALFORMED:
        raise NotProven from None
    return proven.new_sign_count


def output_of(text: str) -> bytes | None:
    """What the authenticator alone can compute (PRF), as a form field holds it; None where none."""
    try:
        raw = _bytes(text)
    except ValueError:
        return None
    return raw if len(raw) == OUTPUT_BYTES else None


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
