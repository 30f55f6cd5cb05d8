"""The blind indexes that are written anew with what is sealed beside them.

An index says no word of which secret made it. So it is written in the same statement that seals its
row's envelope again, and the envelope says for both how far they are.
"""

import json
from base64 import b64decode
from collections.abc import Callable
from typing import Any, Final

from network.cases.store.families import CHATS as FAMILIES
from network.db import Tx
from network.inbox.updates import read_update
from network.kernel.hidden import Plaintext
from network.outbox.letters import read
from network.outbox.store import index, reader
from network.people.store.members import CHATS, HANDLES
from network.people.store.passkeys import CREDENTIALS
from network.rotation.places import Values
from network.vetting.store.applications import CHATS as APPLICANTS

Fresh = dict[str, bytes]
Reindex = Callable[[Tx, Values, Plaintext], Fresh]


def _contact(tx: Tx, _row: Values, text: Plaintext) -> Fresh:
    return {"chat_index": tx.secret.index(FAMILIES, str(json.loads(text.reveal())["chat"]))}


def _profile(tx: Tx, _row: Values, text: Plaintext) -> Fresh:
    handle, _alias, _language, chat, *_ = json.loads(text.reveal())
    found = {"chat_index": tx.secret.index(CHATS, str(chat))} if chat is not None else {}
    # Whoever was removed left no name to read; theirs stays taken while the old secret is known.
    return found | ({"handle_index": tx.secret.index(HANDLES, handle)} if handle else {})


def _application(tx: Tx, _row: Values, text: Plaintext) -> Fresh:
    chat = json.loads(text.reveal())[2]
    return {} if chat is None else {"chat_index": tx.secret.index(APPLICANTS, str(chat))}


def _letter(tx: Tx, row: Values, text: Plaintext) -> Fresh:
    if row["chat_index"] is None:  # it does not say whose it is, and must not begin to
        return {}
    return {"chat_index": reader(tx, read(text)[0])}


def _arrival(tx: Tx, row: Values, text: Plaintext) -> Fresh:
    chat = read_update(json.loads(text.reveal())).chat
    return {} if chat is None or row["chat_index"] is None else {"chat_index": index(tx, chat)}


def _passkey(tx: Tx, _row: Values, text: Plaintext) -> Fresh:
    credential = b64decode(json.loads(text.reveal())[0])
    return {"credential_index": tx.secret.index(CREDENTIALS, credential.hex())}


BESIDE: Final[dict[str, Reindex]] = {
    "applications.facts": _application,
    "contacts.sealed": _contact,
    "inbox.body": _arrival,
    "outbox.payload": _letter,
    "passkeys.facts": _passkey,
    "people.profile": _profile,
}


def chats_of(column: str, text: Plaintext) -> tuple[int, ...]:
    """Whose chat an envelope names: that of a family, a member or somebody who asks to help."""
    found: Any = json.loads(text.reveal())
    match column:
        case "contacts.sealed":
            named = found["chat"]
        case "people.profile":
            named = found[3]
        case "applications.facts":
            named = found[2]
        case _:
            named = None
    return () if named is None else (named,)
