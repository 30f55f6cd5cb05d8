"""What a browser carries from one page to the next: sealed, young, and nothing of it stored here.

Only the current server secret opens a slip: whoever learnt a retired one must not write any.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from typing import Any

from network.encryption.sealed import Place, Sealed, Tampered
from network.encryption.server import ServerSecret
from network.kernel.hidden import Plaintext


def seal(secret: ServerSecret, said: object, place: Place, *, until: datetime) -> str:
    """A slip, as a form field or a cookie holds it. What it says has to be JSON."""
    fields = Plaintext(json.dumps([until.timestamp(), said]))
    return urlsafe_b64encode(secret.seal(fields, place)).decode()


def read(secret: ServerSecret, slip: str, place: Place, *, now: datetime) -> Any:  # noqa: ANN401  # JSON
    """What `seal` sealed for this place; None where it is old, altered or of another place."""
    try:
        sealed = Sealed(urlsafe_b64decode(slip.encode()))
        if not secret.is_current(sealed):
            return None
        until, said = json.loads(secret.open(sealed, place).reveal())
        return said if now.timestamp() < until else None
    except (Tampered, ValueError, TypeError):  # the last two: a slip of before an upgrade
        return None
