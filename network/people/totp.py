"""One-time codes of an authenticator (RFC 6238): six digits, half a minute each."""

from datetime import datetime, timedelta
from hmac import compare_digest

import pyotp

from network.kernel.hidden import Plaintext

STEP = timedelta(seconds=30)
DRIFT = 1  # steps a phone's clock may be off, either way
ISSUER = "Hilo"


def new_secret() -> Plaintext:
    """A fresh secret, as an authenticator reads it."""
    return Plaintext(pyotp.random_base32())


def address(secret: Plaintext, handle: str) -> Plaintext:
    """What the QR says. The name on it is the one typed to sign in."""
    return Plaintext(pyotp.TOTP(secret.reveal()).provisioning_uri(name=handle, issuer_name=ISSUER))


def code_at(secret: Plaintext, now: datetime) -> str:
    """The code an authenticator shows now."""
    return pyotp.TOTP(secret.reveal()).generate_otp(_step(now))


def step_of(secret: Plaintext, typed: str, now: datetime) -> int | None:
    """Which half-minute a typed code belongs to; None when it is none of the current ones."""
    code = "".join(one for one in typed if one.isdecimal()).encode()
    totp, found = pyotp.TOTP(secret.reveal()), None
    for step in range(_step(now) - DRIFT, _step(now) + DRIFT + 1):
        if compare_digest(totp.generate_otp(step).encode(), code):
            found = step
    return found


def _step(now: datetime) -> int:
    return int(now.timestamp()) // int(STEP.total_seconds())
