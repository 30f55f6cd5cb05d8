"""Who has a seat at an application, and the keys that a seat opens, epoch by epoch."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import delete, func, insert, select, update

from network.db import Tx
from network.encryption.envelope import KeyPair, Opener, seal_secret_to
from network.encryption.sealed import Place, PublicKey, Sealed
from network.kernel.actor import Actor
from network.kernel.errors import WrongMoment
from network.kernel.hidden import SecretBytes
from network.kernel.ids import PersonId
from network.people.domain import Member
from network.vetting.domain.path import (
    Application,
)
from network.vetting.store.applications import APPLICATIONS, SHOWN, application_of
from network.vetting.tables import ApplicationKeyRow, ApplicationRow, SeatRow


def give(
    tx: Tx, application_id: UUID, epoch: int, pair: KeyPair, members: Iterable[Member]
) -> None:
    """A new key of an application, and a seat for each of these coordinators."""
    tx.session.execute(
        insert(ApplicationKeyRow).values(
            application_id=application_id, epoch=epoch, public_key=pair.public
        )
    )
    rows = [
        {
            "application_id": application_id,
            "epoch": epoch,
            "member_id": each.id,
            "sealed_key": seal_secret_to(
                PublicKey(each.public_key or b""),
                pair.private,
                _seat(application_id, epoch, each.id),
            ),
        }
        for each in members
    ]
    tx.session.execute(insert(SeatRow), rows)


def turn_epoch(tx: Tx, application: Application) -> int:
    """Count the epoch up, once: two changes of one pair never cross."""
    turned: int | None = tx.session.scalar(
        update(ApplicationRow)
        .where(ApplicationRow.id == application.id, ApplicationRow.epoch == application.epoch)
        .values(epoch=ApplicationRow.epoch + 1)
        .returning(ApplicationRow.epoch)
    )
    if turned is None:
        raise WrongMoment
    return turned


def forget_of(tx: Tx, application_id: UUID, members: Iterable[PersonId]) -> None:
    """Destroy every seat of somebody who may not read this any more, in every epoch."""
    tx.session.execute(
        delete(SeatRow).where(
            SeatRow.application_id == application_id, SeatRow.member_id.in_(list(members))
        )
    )


def forget_keys_before(tx: Tx, application_id: UUID, epoch: int) -> None:
    """What was sealed to earlier keys is sealed anew: they open nothing, and go."""
    for table in (SeatRow, ApplicationKeyRow):
        tx.session.execute(
            delete(table).where(table.application_id == application_id, table.epoch < epoch)
        )


def held(tx: Tx, ids: Iterable[UUID]) -> dict[UUID, tuple[PersonId, ...]]:
    """Who has a seat now at each of these."""
    rows = tx.session.execute(
        select(SeatRow.application_id, SeatRow.member_id)
        .join(
            ApplicationRow,
            (ApplicationRow.id == SeatRow.application_id) & (ApplicationRow.epoch == SeatRow.epoch),
        )
        .where(SeatRow.application_id.in_(list(ids)))
        .order_by(SeatRow.member_id)
    )
    found: dict[UUID, tuple[PersonId, ...]] = {}
    for row in rows:
        found[row.application_id] = (
            *found.get(row.application_id, ()),
            PersonId(row.member_id),
        )
    return found


def loads(tx: Tx, members: Iterable[PersonId]) -> dict[PersonId, int]:
    """How many seats each of these has."""
    rows = tx.session.execute(
        select(SeatRow.member_id, func.count())
        .where(SeatRow.member_id.in_(list(members)))
        .group_by(SeatRow.member_id)
    )
    return {PersonId(row[0]): row[1] for row in rows}


def not_seated_whole(tx: Tx, active: Iterable[PersonId], wanted: int) -> tuple[Application, ...]:
    """Applications at which fewer than `wanted` of those active have a seat, for the clock."""
    counted_ = (
        select(SeatRow.application_id, SeatRow.epoch, func.count().label("many"))
        .where(SeatRow.member_id.in_(list(active)))
        .group_by(SeatRow.application_id, SeatRow.epoch)
        .subquery()
    )
    gone = select(SeatRow.application_id).where(SeatRow.member_id.not_in(list(active))).distinct()
    query = APPLICATIONS.outerjoin(
        counted_,
        (counted_.c.application_id == ApplicationRow.id)
        & (counted_.c.epoch == ApplicationRow.epoch),
    ).where((func.coalesce(counted_.c.many, 0) < wanted) | ApplicationRow.id.in_(gone))
    return tuple(application_of(tx, row) for row in tx.session.scalars(query.limit(SHOWN)))


def keys_of(tx: Tx, actor: Actor, application_id: UUID) -> dict[int, SecretBytes]:
    """The private keys of an application that the actor's own key opens, by epoch."""
    rows = tx.session.execute(
        select(SeatRow.epoch, SeatRow.sealed_key).where(
            SeatRow.application_id == application_id, SeatRow.member_id == actor.person
        )
    ).all()
    opener = Opener(actor.key())
    return {
        row.epoch: opener.open_secret(
            Sealed(row.sealed_key), _seat(application_id, row.epoch, actor.person)
        )
        for row in rows
    }


def public_key(tx: Tx, application: Application) -> PublicKey:
    """What the next line is sealed to."""
    return PublicKey(
        tx.session.scalars(
            select(ApplicationKeyRow.public_key).where(
                ApplicationKeyRow.application_id == application.id,
                ApplicationKeyRow.epoch == application.epoch,
            )
        ).one()
    )


def _seat(application_id: UUID, epoch: int, member: UUID) -> Place:
    return Place("application_seats", "sealed_key", application_id, None, epoch, member)
