"""What Telegram hands over, read only as far as needed to keep it and to keep its order."""

import json
from typing import Any

from network.inbox.domain import Incoming
from network.kernel.errors import BadInput
from network.kernel.hidden import Plaintext

LARGEST_ID = 2**63 - 1


def read_update(raw: object) -> Incoming:
    """The update as it is to be stored; BadInput when it has no number to store it under."""
    number = raw.get("update_id") if isinstance(raw, dict) else None
    if not isinstance(raw, dict) or type(number) is not int or not 0 <= number <= LARGEST_ID:
        raise BadInput("update_id", "not_an_update")
    body = Plaintext(json.dumps(raw, ensure_ascii=False, separators=(",", ":")))
    return Incoming(number, _private_chat(raw), body, _message_id(raw))


def _private_chat(update: dict[str, Any]) -> int | None:
    """The chat whose order must be kept; a group or channel is nobody we talk to."""
    for part in update.values():
        if not isinstance(part, dict):
            continue
        inner = part.get("message")
        chat = part.get("chat") or (inner.get("chat") if isinstance(inner, dict) else None)
        if isinstance(chat, dict) and chat.get("type", "private") == "private":
            number = chat.get("id")
            return number if type(number) is int and abs(number) <= LARGEST_ID else None
    return None


def _message_id(update: dict[str, Any]) -> int | None:
    message = update.get("message")
    number = message.get("message_id") if isinstance(message, dict) else None
    return number if type(number) is int and 0 < number <= LARGEST_ID else None
