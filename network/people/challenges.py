"""Questions put to passkeys: ours, young, for one purpose. Nothing is stored until one is answered.

Strangers may ask for as many as they like, and no row is written for them.
"""

import secrets
from datetime import datetime
from hmac import compare_digest

from network.encryption.server import ServerSecret
from network.people.domain import CHALLENGE_LASTS

DOMAIN = "people.challenge"
NONCE_BYTES, UNTIL_BYTES = 16, 8


def new(secret: ServerSecret, purpose: str, now: datetime) -> bytes:
    """A fresh question."""
    until = int((now + CHALLENGE_LASTS).timestamp()).to_bytes(UNTIL_BYTES, "big")
    front = secrets.token_bytes(NONCE_BYTES) + until
    return front + secret.index(DOMAIN, _said(purpose, front))


def ours(secret: ServerSecret, challenge: bytes, purpose: str, now: datetime) -> bool:
    """Whether we asked this, for this purpose, in the last minutes."""
    front, mark = challenge[: NONCE_BYTES + UNTIL_BYTES], mark_of(challenge)
    known = [compare_digest(mark, each) for each in secret.indexes(DOMAIN, _said(purpose, front))]
    until = int.from_bytes(front[NONCE_BYTES:], "big")
    return any(known) and now.timestamp() < until


def mark_of(challenge: bytes) -> bytes:
    """What is remembered of a question once it was answered."""
    return challenge[NONCE_BYTES + UNTIL_BYTES :]


def _said(purpose: str, front: bytes) -> str:
    return f"{purpose}:{front.hex()}"
