"""What a newcomer carries from one page of joining to the next: sealed, and good for half an hour.

Nothing of somebody who is not in yet is stored here; their own browser brings it back.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime, timedelta
from uuid import UUID

from network.encryption.sealed import Place, PublicKey, Sealed, Tampered
from network.encryption.server import ServerSecret
from network.kernel.errors import WrongMoment
from network.kernel.hidden import Plaintext
from network.kernel.ids import PersonId
from network.people.domain import Keys
from network.people.entrance import Prepared

LASTS = timedelta(minutes=30)


def seal(secret: ServerSecret, prepared: Prepared, *, token: Plaintext, now: datetime) -> str:
    """The slip for this link, as a form field holds it."""
    fields = {
        "until": (now + LASTS).timestamp(),
        "id": prepared.id.hex,
        "handle": prepared.handle,
        "alias": prepared.alias,
        "language": prepared.language,
        "public": _text(prepared.keys.public),
        "by_passphrase": _text(prepared.keys.by_passphrase),
        "by_recovery": _text(prepared.keys.by_recovery),
        "salt": _text(prepared.keys.salt),
        "code": prepared.recovery_code.reveal(),
        "totp": prepared.totp_secret.reveal(),
    }
    return _text(secret.seal(Plaintext(json.dumps(fields)), _place(token)))


def read(secret: ServerSecret, slip: str, *, token: Plaintext, now: datetime) -> Prepared:
    """What `seal` sealed for this link, or WrongMoment if it is old, altered or another link's."""
    try:
        found = json.loads(secret.open(Sealed(_bytes(slip)), _place(token)).reveal())
    except (Tampered, ValueError):
        raise WrongMoment from None
    if found["until"] <= now.timestamp():
        raise WrongMoment
    return Prepared(
        id=PersonId(UUID(found["id"])),
        handle=found["handle"],
        alias=found["alias"],
        language=found["language"],
        keys=Keys(
            PublicKey(_bytes(found["public"])),
            Sealed(_bytes(found["by_passphrase"])),
            Sealed(_bytes(found["by_recovery"])),
            _bytes(found["salt"]),
        ),
        recovery_code=Plaintext(found["code"]),
        totp_secret=Plaintext(found["totp"]),
    )


def _place(token: Plaintext) -> Place:
    return Place("forms", "join", token.reveal())


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode()


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text.encode())
