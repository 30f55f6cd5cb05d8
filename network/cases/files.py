"""Files: sealed in pieces before they are stored, stored in small transactions, opened in pieces.

    key, file_id = new_file_key(), door.ask(files.make_room, who)
    pieces = files.sealed(files.measured(source), key, file_id)
    for number, batch in files.batches(pieces):
        door.ask(files.put, who, file_id=file_id, first_number=number, pieces=batch)
    door.ask(services.hear, who, file=FileLink(file_id, key, kind, name, size))

Until an entry names it nobody can reach a file, and within the hour it is swept away.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from itertools import islice

from network import audit
from network.cases.domain import MAX_FILE, FileLink, TooLarge
from network.cases.policy import CasePermission, require
from network.cases.services.opening import open_keys
from network.cases.store import cases, entries, families
from network.cases.store import files as store
from network.db import Tx
from network.encryption.files import CHUNK_BYTES, open_chunks, seal_chunks
from network.encryption.sealed import Place
from network.kernel.actor import Actor, Role
from network.kernel.errors import NotAllowed, NotVisible
from network.kernel.hidden import SecretBytes
from network.kernel.ids import CaseId, EntryId, FileId, new_id

AT_ONCE = 16  # pieces in one transaction: about a mebibyte
MOST_PIECES = 2 + MAX_FILE // CHUNK_BYTES * 9 // 8  # padding adds at most an eighth
MOST_PIECE = CHUNK_BYTES + 64
SWEPT_AFTER = timedelta(hours=1)
SWEPT_AT_ONCE = 2  # nobody else can write meanwhile


def make_room(tx: Tx, actor: Actor) -> FileId:
    """Room for a file about to come, for a family with an open case or an active member."""
    if actor.role is Role.FAMILY:
        if families.of_family(tx, actor) is None:
            raise NotVisible
    elif not actor.active:
        raise NotAllowed
    file_id = FileId(new_id())
    store.make_room(tx, file_id)
    return file_id


def put(
    tx: Tx, actor: Actor, *, file_id: FileId, first_number: int, pieces: Sequence[bytes]
) -> None:
    """Store the next sealed pieces, numbered from `first_number`; TooLarge past what we carry."""
    if actor.role is not Role.FAMILY and not actor.active:
        raise NotAllowed
    if first_number < 0 or first_number + len(pieces) > MOST_PIECES or len(pieces) > AT_ONCE:
        raise TooLarge
    if any(len(piece) > MOST_PIECE for piece in pieces):
        raise TooLarge
    if pieces:
        store.put(tx, file_id, first_number, pieces)


def link(tx: Tx, actor: Actor, *, case_id: CaseId, entry_id: EntryId) -> FileLink:
    """The key of a file in a case the reader can open; leaves a receipt."""
    case = cases.get(tx, actor, case_id)
    require(actor, CasePermission.READ, case)
    row = entries.one(tx, case_id, entry_id)
    entry = entries.opened(row, case_id, open_keys(tx, actor, case).openers({row.epoch}))
    if entry is None or entry.file is None:
        raise NotVisible
    audit.receipt(tx, actor, "case.opened-file", case=case_id, subject=entry.file.id)
    return entry.file


def read(
    tx: Tx,
    actor: Actor,
    *,
    case_id: CaseId,
    file_id: FileId,
    first_number: int,
) -> tuple[bytes, ...]:
    """Up to a mebibyte of sealed pieces of a file of a case the reader can open; () at its end."""
    case = cases.get(tx, actor, case_id)
    require(actor, CasePermission.READ, case)
    return tuple(store.pieces(tx, case_id, file_id, first_number, AT_ONCE))


def read_to_deliver(
    tx: Tx, actor: Actor, *, file_id: FileId, first_number: int
) -> tuple[bytes, ...]:
    """The same for the postman, whose letter holds the key: sealed bytes only."""
    require(actor, CasePermission.KEEP_HOUSE)
    return tuple(store.pieces_to_deliver(tx, file_id, first_number, AT_ONCE))


def sweep(tx: Tx, actor: Actor) -> int:
    """The clock destroys files that nothing named within the hour; says how many."""
    require(actor, CasePermission.KEEP_HOUSE)
    return store.sweep(tx, tx.now - SWEPT_AFTER, SWEPT_AT_ONCE)


def measured(source: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes, or TooLarge as soon as there are more than we carry."""
    seen = 0
    for part in source:
        seen += len(part)
        if seen > MAX_FILE:
            raise TooLarge
        yield part


def sealed(source: Iterable[bytes], key: SecretBytes, file_id: FileId) -> Iterator[bytes]:
    """The file as it may be stored, piece by piece."""
    return seal_chunks(source, key, _place(file_id))


def opened(pieces: Iterable[bytes], key: SecretBytes, file_id: FileId) -> Iterator[bytes]:
    """The file as it was; `Tampered` at a wrong piece or a missing end."""
    return open_chunks(pieces, key, _place(file_id))


def batches(pieces: Iterable[bytes]) -> Iterator[tuple[int, tuple[bytes, ...]]]:
    """Sealed pieces as `put` takes them, each time with the number of the first."""
    waiting, number = iter(pieces), 0
    while batch := tuple(islice(waiting, AT_ONCE)):
        yield number, batch
        number += len(batch)


def _place(file_id: FileId) -> Place:
    return Place("file_chunks", "sealed", file_id)
