"""Questions put to passkeys: ours, young, for one purpose. Nothing is stored until one is answered.

Strangers may ask for as many as they like, and no row is written for them. Only the current server
secret asks: whoever learnt a retired one must not.
"""

import secrets
from datetime import datetime
from hmac import compare_digest

from network.encryption.server import ServerSecret
from network.people.domain import CHALLENGE_LASTS

DOMAIN = "people.challenge"
NONCE_BYTES, UNTIL_BYTES, MARK_BYTES = 16, 8, 32


def new(secret: ServerSecret, purpose: str, now: datetime) -> bytes:
    """A fresh question."""
    until = int((now + CHALLENGE_LASTS).timestamp()).to_bytes(UNTIL_BYTES, "big")
    front = secrets.token_bytes(NONCE_BYTES) + until
    return front + secret.index(DOMAIN, _said(purpose, front))


def ours(secret: ServerSecret, challenge: bytes, purpose: str, now: datetime) -> bool:
    """Whether we asked this, for this purpose, in the last minutes."""
    front, mark = challenge[: NONCE_BYTES + UNTIL_BYTES], mark_of(challenge)
    is_ours = compare_digest(mark, secret.index(DOMAIN, _said(purpose, front)))
    return is_ours and now.timestamp() < until_of(challenge)


def until_of(challenge: bytes) -> int:
    """Until when a question of ours can be answered, in seconds: the later asked, the later."""
    return int.from_bytes(challenge[NONCE_BYTES : NONCE_BYTES + UNTIL_BYTES], "big")


def mark_of(challenge: bytes) -> bytes:
    """What is remembered of a question once it was answered."""
    return challenge[NONCE_BYTES + UNTIL_BYTES :]


def _said(purpose: str, front: bytes) -> str:
    return f"{purpose}:{front.hex()}"
