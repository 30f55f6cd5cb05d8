"""Entries: sealed one by one to the case's epoch, with all that is about them inside."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select

from network.cases.domain import Case, Entry, EntryKind, FileLink
from network.cases.tables import EntryRow
from network.db import Tx
from network.encryption import proofs
from network.encryption.envelope import Opener, seal_to
from network.encryption.sealed import Place, PublicKey, Sealed
from network.kernel.errors import NotVisible
from network.kernel.hidden import Plaintext, SecretBytes
from network.kernel.ids import CaseId, EntryId, FileId, LetterId, PersonId

PARTS = ("kind", "at", "author", "text", "file", "letter", "location")
_INSERT = insert(EntryRow).inline()  # built once: every word of a family comes by here


@dataclass(frozen=True, slots=True)
class Told:
    """One entry, opened to be proved: its commitment, what blinds it, and its parts."""

    commitment: bytes
    nonce: SecretBytes = field(repr=False)
    parts: Mapping[str, str] = field(repr=False)


def add(tx: Tx, case: Case, public: PublicKey, entry: Entry) -> EntryId:
    """Seal an entry to the case and store it. Nobody's private key is needed."""
    place = Place("entries", "body", entry.id, case.id, case.epoch)
    nonce = proofs.new_nonce()
    found = _fields(entry)
    row = {
        "id": entry.id,
        "case_id": case.id,
        "epoch": case.epoch,
        "body": seal_to(public, _written({**found, "nonce": nonce.reveal().hex()}), place),
        "commitment": proofs.leaf(proofs.parts(nonce, parts_of(found))),
    }
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


def told(row: EntryRow, case_id: CaseId, openers: Mapping[int, Opener]) -> Told:
    """Everything inside one entry, to prove a part of it; NotVisible without its key, and where it
    is older than commitments are.
    """
    opener = openers.get(row.epoch)
    if opener is None or row.commitment is None:
        raise NotVisible
    place = Place("entries", "body", row.id, case_id, row.epoch)
    found = json.loads(opener.open_text(Sealed(row.body), place).reveal())
    nonce = SecretBytes(bytes.fromhex(found.pop("nonce")))
    return Told(row.commitment, nonce, parts_of(found))


def parts_of(found: Mapping[str, Any]) -> dict[str, str]:
    """What is committed to, each part apart; one that is not there is empty, and cannot be told
    from one that is.
    """
    return {
        name: ""
        if (value := found.get(name)) is None
        else value
        if isinstance(value, str)
        else json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        for name in PARTS
    }


def _written(found: Mapping[str, Any]) -> Plaintext:
    return Plaintext(json.dumps(found, ensure_ascii=False, separators=(",", ":")))


def _fields(entry: Entry) -> dict[str, Any]:
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
    return found


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
