"""Letters as bytes: what is sealed into the outbox and read back by the postman."""

import json
from typing import Any
from uuid import UUID

from network.kernel.hidden import Plaintext, SecretBytes
from network.kernel.ids import ChannelId, LetterId
from network.outbox.domain import Attachment, AttachmentKind, Button, Letter, Priority


def write(letters: tuple[Letter, ...]) -> Plaintext:
    """Every letter of one envelope as one text, to be sealed at once."""
    return Plaintext(json.dumps([_write(one) for one in letters], separators=(",", ":")))


def read(text: Plaintext) -> tuple[Letter, ...]:
    """The letters that `write` was given, but for `once`, `due_at` and `instead_of`, whose work is
    done.
    """
    return tuple(_read(one) for one in json.loads(text.reveal()))


def _write(letter: Letter) -> dict[str, Any]:
    found: dict[str, Any] = {
        "to": letter.to,
        "in": letter.language,
        "say": letter.say,
        "p": int(letter.priority),
        "id": letter.id.hex,
    }
    if letter.params:
        found["with"] = letter.params
    if letter.words is not None:
        found["words"] = letter.words.reveal()
    if letter.buttons:
        found["buttons"] = [[[b.label, b.data] for b in row] for row in letter.buttons]
    if letter.keyboard is not None:
        found["keyboard"] = letter.keyboard
    if letter.location is not None:
        found["where"] = letter.location
    if letter.attachment is not None:
        file = letter.attachment
        found["file"] = [file.file_id.hex, file.key.reveal().hex(), file.kind.value, file.name]
    if letter.leaf:
        found["leaf"] = letter.leaf
    return found | _way(letter)


def _way(letter: Letter) -> dict[str, Any]:
    found: dict[str, Any] = {} if letter.by is None else {"by": letter.by.hex}
    return found | {"rang": 1} if letter.elsewhere else found


def _read(found: dict[str, Any]) -> Letter:
    keyboard, where, file = found.get("keyboard"), found.get("where"), found.get("file")
    return Letter(
        to=found["to"],
        language=found["in"],
        say=found["say"],
        params=found.get("with", {}),
        words=Plaintext(found["words"]) if "words" in found else None,
        buttons=tuple(
            tuple(Button(label, data) for label, data in row) for row in found.get("buttons", ())
        ),
        keyboard=None if keyboard is None else tuple(tuple(row) for row in keyboard),
        location=None if where is None else (where[0], where[1]),
        attachment=None
        if file is None
        else Attachment(
            UUID(file[0]), SecretBytes(bytes.fromhex(file[1])), AttachmentKind(file[2]), file[3]
        ),
        leaf=found.get("leaf", ""),
        priority=Priority(found["p"]),
        by=ChannelId(UUID(found["by"])) if "by" in found else None,
        elsewhere="rang" in found,
        id=LetterId(UUID(found["id"])),
    )
