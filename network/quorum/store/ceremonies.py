"""Ceremonies and the voices in them."""

import json
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, update

from network.db import Tx, skipping_locked
from network.encryption.sealed import Place, Sealed
from network.kernel.errors import NotVisible, WrongMoment
from network.kernel.hidden import Plaintext
from network.kernel.ids import CaseId, PersonId
from network.quorum.domain import Asked, Ceremony, OneAtATime, Stage
from network.quorum.tables import CeremonyRow, VoiceRow

ASKED_BYTES = 8192  # however long the reason and however many the holders
SHARES = "shares"
SHOWN = 30


def add(tx: Tx, ceremony: Ceremony) -> None:
    """Announce a ceremony; OneAtATime while another is about the same thing."""
    made = tx.session.scalar(
        tx.insert(CeremonyRow)
        .values(
            id=ceremony.id,
            matter=ceremony.matter,
            stage=ceremony.stage,
            about=str(ceremony.case_id or SHARES),
            key_id=ceremony.key_id,
            case_id=ceremony.case_id,
            by_id=ceremony.by,
            opener_id=ceremony.opener,
            asked=tx.secret.seal(
                Plaintext(json.dumps(asdict(ceremony.asked), ensure_ascii=False)),
                _place(ceremony.id),
                ASKED_BYTES,
            ),
            ready_at=ceremony.ready_at,
            dies_at=ceremony.dies_at,
            ends_at=None,
        )
        .on_conflict_do_nothing(index_elements=["about"])
        .returning(CeremonyRow.id)
    )
    if made is None:
        raise OneAtATime


def hold(tx: Tx, ceremony_id: UUID) -> Ceremony:
    """A ceremony, kept still until the commit; any coordinator may know of it."""
    row = tx.session.scalar(
        select(CeremonyRow)
        .where(CeremonyRow.id == ceremony_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise NotVisible
    return _ceremony(tx, row)


def listed(tx: Tx) -> tuple[Ceremony, ...]:
    """The newest ceremonies, those that wait among them."""
    rows = tx.session.scalars(
        select(CeremonyRow)
        .order_by(CeremonyRow.ready_at.desc(), CeremonyRow.id)
        .limit(SHOWN)
        .execution_options(populate_existing=True)
    )
    return tuple(_ceremony(tx, row) for row in rows)


def about_shares(tx: Tx, key_id: UUID) -> tuple[Ceremony, ...]:
    """The waiting ceremonies that gather shares of this key."""
    rows = tx.session.scalars(
        select(CeremonyRow)
        .where(CeremonyRow.key_id == key_id, CeremonyRow.stage == Stage.WAITING)
        .execution_options(populate_existing=True)
    )
    return tuple(_ceremony(tx, row) for row in rows)


def died(tx: Tx, limit: int) -> tuple[Ceremony, ...]:
    """Ceremonies nobody finished in time, taken for this transaction."""
    query = (
        select(CeremonyRow)
        .where(CeremonyRow.stage == Stage.WAITING, CeremonyRow.dies_at <= tx.now)
        .order_by(CeremonyRow.dies_at)
        .limit(limit)
    )
    return tuple(_ceremony(tx, row) for row in tx.session.scalars(skipping_locked(tx, query)))


def over(tx: Tx) -> tuple[Ceremony, ...]:
    """Openings whose time is over, taken for this transaction.

    All of them: some may have to wait, and would stand before those that need not.
    """
    query = select(CeremonyRow).where(CeremonyRow.ends_at <= tx.now).order_by(CeremonyRow.ends_at)
    return tuple(_ceremony(tx, row) for row in tx.session.scalars(skipping_locked(tx, query)))


def end(tx: Tx, ceremony: Ceremony, stage: Stage, *, ends_at: datetime | None = None) -> None:
    """End a waiting ceremony once; the shares on their way in it are destroyed."""
    ended = tx.session.scalar(
        update(CeremonyRow)
        .where(CeremonyRow.id == ceremony.id, CeremonyRow.stage == Stage.WAITING)
        .values(stage=stage, about=None, ends_at=ends_at)
        .returning(CeremonyRow.id)
    )
    if ended is None:
        raise WrongMoment
    tx.session.execute(
        update(VoiceRow).where(VoiceRow.ceremony_id == ceremony.id).values(share=None)
    )


def shut(tx: Tx, ceremony: Ceremony) -> None:
    """What it opened is shut again."""
    tx.session.execute(
        update(CeremonyRow).where(CeremonyRow.id == ceremony.id).values(ends_at=None)
    )


def forget_case(tx: Tx, case_id: CaseId) -> None:
    """Destroy every ceremony about a case that is being erased."""
    tx.session.execute(delete(CeremonyRow).where(CeremonyRow.case_id == case_id))


def speak(tx: Tx, ceremony: Ceremony, who: PersonId, share: Sealed | None) -> None:
    """Write down a yes; WrongMoment where it was said before."""
    said = tx.session.scalar(
        tx.insert(VoiceRow)
        .values(ceremony_id=ceremony.id, member_id=who, share=share)
        .on_conflict_do_nothing(index_elements=["ceremony_id", "member_id"])
        .returning(VoiceRow.member_id)
    )
    if said is None:
        raise WrongMoment


def voices(tx: Tx, ceremony: Ceremony) -> dict[PersonId, Sealed | None]:
    """Who said yes, and their share on its way."""
    return voices_of(tx, [ceremony]).get(ceremony.id, {})


def voices_of(
    tx: Tx, ceremonies: tuple[Ceremony, ...] | list[Ceremony]
) -> dict[UUID, dict[PersonId, Sealed | None]]:
    """The same for several."""
    rows = tx.session.execute(
        select(VoiceRow.ceremony_id, VoiceRow.member_id, VoiceRow.share)
        .where(VoiceRow.ceremony_id.in_([each.id for each in ceremonies]))
        .order_by(VoiceRow.member_id)
    )
    found: dict[UUID, dict[PersonId, Sealed | None]] = {}
    for row in rows:
        share = None if row.share is None else Sealed(row.share)
        found.setdefault(row.ceremony_id, {})[PersonId(row.member_id)] = share
    return found


def _ceremony(tx: Tx, row: CeremonyRow) -> Ceremony:
    asked = json.loads(tx.secret.open(Sealed(row.asked), _place(row.id)).reveal())
    return Ceremony(
        id=row.id,
        matter=row.matter,
        stage=row.stage,
        key_id=row.key_id,
        case_id=CaseId(row.case_id) if row.case_id else None,
        by=PersonId(row.by_id),
        opener=PersonId(row.opener_id),
        asked=Asked(**{**asked, "holders": tuple(asked["holders"])}),
        ready_at=row.ready_at,
        dies_at=row.dies_at,
        ends_at=row.ends_at,
    )


def _place(ceremony: UUID) -> Place:
    return Place("ceremonies", "asked", ceremony)
