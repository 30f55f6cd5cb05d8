"""Sealed files, piece by piece. The key stands in the entry that names them, never here."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, insert, select, update

from network.cases.tables import ChunkRow, FileRow
from network.db import Tx
from network.kernel.errors import BadInput, NotVisible
from network.kernel.ids import CaseId, FileId


def make_room(tx: Tx, file_id: FileId) -> None:
    """A file that nothing names yet; swept away unless an entry does."""
    tx.session.execute(insert(FileRow).inline().values(id=file_id, begun_at=tx.now, whole=False))


def put(tx: Tx, file_id: FileId, first: int, pieces: Sequence[bytes]) -> None:
    """Store pieces numbered from `first` of a file still arriving, else NotVisible."""
    found = tx.session.scalar(
        select(FileRow.id).where(FileRow.id == file_id, FileRow.whole.is_(False)).with_for_update()
    )
    if found is None:
        raise NotVisible
    tx.session.execute(
        insert(ChunkRow).inline(),
        [
            {"file_id": file_id, "number": number, "sealed": piece}
            for number, piece in enumerate(pieces, first)
        ],
    )


def keep(tx: Tx, file_id: FileId, case_id: CaseId) -> None:
    """The file is whole and belongs to this case. Once: no entry takes another's file."""
    kept = tx.session.scalar(
        update(FileRow)
        .where(FileRow.id == file_id, FileRow.whole.is_(False))
        .values(whole=True, case_id=case_id)
        .returning(FileRow.id)
    )
    if kept is None:
        raise BadInput("file", "gone")


def pieces(tx: Tx, case_id: CaseId, file_id: FileId, first: int, count: int) -> list[bytes]:
    """Some sealed pieces of a file of this case, in order; none after its end."""
    return list(
        tx.session.scalars(
            select(ChunkRow.sealed)
            .join(FileRow, FileRow.id == ChunkRow.file_id)
            .where(
                ChunkRow.file_id == file_id,
                FileRow.case_id == case_id,
                ChunkRow.number >= first,
                ChunkRow.number < first + count,
            )
            .order_by(ChunkRow.number)
        )
    )


def pieces_to_deliver(tx: Tx, file_id: FileId, first: int, count: int) -> list[bytes]:
    """The same for the postman, whose letter holds the key."""
    return list(
        tx.session.scalars(
            select(ChunkRow.sealed)
            .join(FileRow, FileRow.id == ChunkRow.file_id)
            .where(
                ChunkRow.file_id == file_id,
                FileRow.whole,
                ChunkRow.number >= first,
                ChunkRow.number < first + count,
            )
            .order_by(ChunkRow.number)
        )
    )


def sweep(tx: Tx, begun_before: datetime, limit: int) -> int:
    """Destroy files that arrived by half and that nothing names; says how many."""
    old = select(FileRow.id).where(FileRow.whole.is_(False), FileRow.begun_at < begun_before)
    gone = tx.session.execute(
        delete(FileRow).where(FileRow.id.in_(old.limit(limit))).returning(FileRow.id)
    )
    return len(gone.all())
