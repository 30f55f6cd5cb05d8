"""The history of an application: lines sealed to its pair, whoever writes them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import insert, select, update

from network.db import Tx
from network.encryption.envelope import Opener, seal_to
from network.encryption.sealed import Place, PublicKey, Sealed
from network.kernel.hidden import Plaintext, SecretBytes
from network.kernel.ids import new_id
from network.vetting.domain.path import (
    Application,
)
from network.vetting.store.seats import public_key
from network.vetting.tables import LineRow


@dataclass(frozen=True, slots=True)
class StoredLine:
    """One sealed line of the history."""

    id: UUID
    epoch: int
    body: Sealed = field(repr=False)


def add(tx: Tx, application: Application, text: Plaintext) -> None:
    """One more line of the history, sealed to the pair; whoever writes it need not read it."""
    public, line = public_key(tx, application), new_id()
    tx.session.execute(
        insert(LineRow).values(
            id=line,
            application_id=application.id,
            epoch=application.epoch,
            body=seal_to(public, text, _line(application.id, application.epoch, line)),
        )
    )


def all_of(tx: Tx, application_id: UUID) -> tuple[StoredLine, ...]:
    """The history as it is sealed, from the first line on."""
    rows = tx.session.execute(
        select(LineRow.id, LineRow.epoch, LineRow.body)
        .where(LineRow.application_id == application_id)
        .order_by(LineRow.number)
    )
    return tuple(StoredLine(row.id, row.epoch, Sealed(row.body)) for row in rows)


def opened(
    application_id: UUID, keys: Mapping[int, SecretBytes], stored: Iterable[StoredLine]
) -> tuple[Plaintext | None, ...]:
    """The lines as these keys open them; None where one belongs to a key that is gone."""
    openers = {epoch: Opener(key) for epoch, key in keys.items()}
    return tuple(
        openers[each.epoch].open_text(each.body, _line(application_id, each.epoch, each.id))
        if each.epoch in openers
        else None
        for each in stored
    )


def seal_again(
    tx: Tx, application: Application, public: PublicKey, found: Mapping[UUID, Plaintext]
) -> None:
    """These lines, sealed to the key of now."""
    for line, text in found.items():
        place = _line(application.id, application.epoch, line)
        tx.session.execute(
            update(LineRow)
            .where(LineRow.id == line)
            .values(epoch=application.epoch, body=seal_to(public, text, place))
        )


def _line(application_id: UUID, epoch: int, line: UUID) -> Place:
    return Place("application_lines", "body", line, application_id, epoch)
