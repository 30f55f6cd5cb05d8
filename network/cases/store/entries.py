"""Entries: sealed one by one to the case's epoch, with all that is about them inside."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select

from network.cases.domain import Case, Entry, EntryKind, FileLink
from network.cases.tables import EntryRow
from network.db import Tx
from network.encryption.envelope import Opener, seal_to
from network.encryption.sealed import Place, PublicKey, Sealed
from network.kernel.errors import NotVisible
from network.kernel.hidden import Plaintext, SecretBytes
from network.kernel.ids import CaseId, EntryId, FileId, LetterId, PersonId

_INSERT = insert(EntryRow).inline()  # built once: every word of a family comes by here


def add(tx: Tx, case: Case, public: PublicKey, entry: Entry) -> EntryId:
    """Seal an entry to the case and store it. Nobody's private key is needed."""
    place = Place("entries", "body", entry.id, case.id, case.epoch)
    body = seal_to(public, _written(entry), place)
    row = {"id": entry.id, "case_id": case.id, "epoch": case.epoch, "body": body}
    tx.gather(_INSERT, row)
    return entry.id


def page(tx: Tx, case_id: CaseId, *, before: int | None, limit: int) -> list[EntryRow]:
    """The newest entries before a number, newest first, still sealed."""
    query = select(EntryRow).where(EntryRow.case_id == case_id)
    if before is not None:
        query = query.where(EntryRow.number < before)
    return list(tx.session.scalars(query.order_by(EntryRow.number.desc()).limit(limit)))


def one(tx: Tx, case_id: CaseId, entry_id: EntryId) -> EntryRow:
    """One entry of one case, still sealed, or NotVisible."""
    found = tx.session.scalar(
        select(EntryRow).where(EntryRow.case_id == case_id, EntryRow.id == entry_id)
    )
    if found is None:
        raise NotVisible
    return found


def count(tx: Tx, case_id: CaseId) -> int:
    """How many entries a case has."""
    return (
        tx.session.scalar(
            select(func.count()).select_from(EntryRow).where(EntryRow.case_id == case_id)
        )
        or 0
    )


def opened(row: EntryRow, case_id: CaseId, openers: Mapping[int, Opener]) -> Entry | None:
    """The entry, or None where the reader holds no key of its epoch."""
    opener = openers.get(row.epoch)
    if opener is None:
        return None
    place = Place("entries", "body", row.id, case_id, row.epoch)
    return _read(row.number, row.id, opener.open_text(Sealed(row.body), place))


def _written(entry: Entry) -> Plaintext:
    found: dict[str, Any] = {
        "kind": entry.kind.value,
        "at": entry.at.isoformat(),
        "text": entry.text.reveal(),
    }
    if entry.author is not None:
        found["author"] = entry.author.hex
    if entry.file is not None:
        file = entry.file
        found["file"] = {
            "id": file.id.hex,
            "key": file.key.reveal().hex(),
            "kind": file.kind,
            "name": file.name,
            "size": file.size,
        }
    if entry.letter is not None:
        found["letter"] = entry.letter.hex
    if entry.location is not None:
        found["location"] = entry.location
    return Plaintext(json.dumps(found, ensure_ascii=False, separators=(",", ":")))


def _read(number: int, entry_id: UUID, text: Plaintext) -> Entry:
    found = json.loads(text.reveal())
    author, file, letter, where = (
        found.get(name) for name in ("author", "file", "letter", "location")
    )
    return Entry(
        number=number,
        id=EntryId(entry_id),
        kind=EntryKind(found["kind"]),
        at=datetime.fromisoformat(found["at"]),
        author=PersonId(UUID(author)) if author else None,
        text=Plaintext(found["text"]),
        file=_file(file) if file else None,
        letter=LetterId(UUID(letter)) if letter else None,
        location=(where[0], where[1]) if where else None,
    )


def _file(found: dict[str, Any]) -> FileLink:
    return FileLink(
        id=FileId(UUID(found["id"])),
        key=SecretBytes(bytes.fromhex(found["key"])),
        kind=found["kind"],
        name=found["name"],
        size=found["size"],
    )
