"""Offers: found by whoever was invited, and by the case they are of. A no destroys the grant."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Row, Table, bindparam, case, func, insert, select, update

from network.cases.domain import Card, Offer, OfferStatus, Urgency
from network.cases.store import gate
from network.cases.store.cases import card_of
from network.cases.tables import CaseRow, OfferRow
from network.db import Tx
from network.encryption.sealed import Sealed
from network.kernel.actor import Actor
from network.kernel.errors import NotVisible, WrongMoment
from network.kernel.ids import CaseId, OfferId, PersonId

NOTHING = b""
# Asked twice for every key that turns: built once.
_OFFERS = cast(Table, OfferRow.__table__)
_OPEN_OF = (
    select(
        _OFFERS.c.id,
        _OFFERS.c.case_id,
        _OFFERS.c.member_id,
        _OFFERS.c.status,
        _OFFERS.c.expires_at,
    )
    .where(
        _OFFERS.c.case_id.in_(bindparam("cases", expanding=True)),
        _OFFERS.c.status == OfferStatus.OPEN,
    )
    .order_by(_OFFERS.c.expires_at, _OFFERS.c.id)
)


@dataclass(frozen=True, slots=True)
class Invitation:
    """An open offer as its reader finds it: what it says in clear words, and the sealed brief."""

    offer: Offer
    brief: Sealed = field(repr=False)
    urgency: Urgency | None
    card: Card


@dataclass(frozen=True, slots=True)
class NewOffer:
    """An offer to be stored, with the grant that waits for a yes."""

    id: OfferId
    member: PersonId
    pending_key: Sealed = field(repr=False)
    brief: Sealed = field(repr=False)


def add(
    tx: Tx, case_id: CaseId, epoch: int, expires_at: datetime, offers: Iterable[NewOffer]
) -> None:
    """Store offers of one case that end together, or none where vetting bars one of them."""
    offers = tuple(offers)
    gate.check(tx, case_id, epoch, [each.member for each in offers])
    tx.session.execute(
        insert(OfferRow).inline(),
        [
            {
                "id": each.id,
                "case_id": case_id,
                "member_id": each.member,
                "status": OfferStatus.OPEN,
                "epoch": epoch,
                "pending_key": each.pending_key,
                "brief": each.brief,
                "expires_at": expires_at,
            }
            for each in offers
        ],
    )


def copies(tx: Tx, limit: int, *, among: Collection[CaseId] | None = None) -> tuple[Offer, ...]:
    """Every offer that is not erased, whatever became of it, the latest first: each had a brief.
    Of all cases, or among some.
    """
    query = select(OfferRow).order_by(OfferRow.expires_at.desc()).limit(limit)
    if among is not None:
        query = query.where(OfferRow.case_id.in_(among))
    return tuple(_offer(row) for row in tx.session.scalars(query))


def mine(tx: Tx, actor: Actor, offer_id: OfferId) -> Offer:
    """An offer made to this very member, whatever became of it; else NotVisible."""
    if actor.person_id is None or not actor.active:
        raise NotVisible
    row = tx.session.scalar(
        select(OfferRow)
        .where(OfferRow.id == offer_id, OfferRow.member_id == actor.person_id)
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise NotVisible
    return _offer(row)


def open_for(tx: Tx, actor: Actor) -> tuple[Invitation, ...]:
    """The offers this member may still say yes or no to, the soonest to end first."""
    if actor.person_id is None or not actor.active:
        return ()
    rows = tx.session.execute(
        select(OfferRow, CaseRow.urgency, CaseRow.card)
        .join(CaseRow, CaseRow.id == OfferRow.case_id)
        .where(
            OfferRow.member_id == actor.person_id,
            OfferRow.status == OfferStatus.OPEN,
            OfferRow.expires_at > tx.now,
        )
        .order_by(OfferRow.expires_at, OfferRow.id)
    )
    return tuple(
        Invitation(
            _offer(offer),
            Sealed(offer.brief),
            urgency,
            card_of(tx, CaseId(offer.case_id), card),
        )
        for offer, urgency, card in rows
    )


def open_of(tx: Tx, case_ids: Iterable[CaseId]) -> tuple[Offer, ...]:
    """The open offers of cases the caller has found."""
    wanted = list(case_ids)
    if not wanted:
        return ()
    return tuple(_offer(row) for row in tx.session.execute(_OPEN_OF, {"cases": wanted}))


def open_to(tx: Tx, member: PersonId) -> tuple[Offer, ...]:
    """What waits for somebody's yes, for the room that puts them out."""
    rows = tx.session.scalars(
        select(OfferRow)
        .where(OfferRow.member_id == member, OfferRow.status == OfferStatus.OPEN)
        .order_by(OfferRow.case_id)
        .execution_options(populate_existing=True)
    )
    return tuple(_offer(row) for row in rows)


def take_pending(tx: Tx, offer: Offer) -> tuple[int, Sealed]:
    """The epoch and the grant that waited in an open offer, of a case kept still by the caller."""
    row = tx.session.execute(
        select(OfferRow.epoch, OfferRow.pending_key).where(
            OfferRow.id == offer.id, OfferRow.status == OfferStatus.OPEN
        )
    ).one_or_none()
    if row is None:
        raise WrongMoment
    return row.epoch, Sealed(row.pending_key)


def settle_by_acceptance(tx: Tx, offer: Offer) -> None:
    """One is accepted, the others of its case withdrawn; no grant waits any more."""
    became = case(
        (OfferRow.id == offer.id, OfferStatus.ACCEPTED.value),
        else_=OfferStatus.WITHDRAWN.value,
    )
    tx.session.execute(
        update(OfferRow)
        .where(OfferRow.case_id == offer.case_id, OfferRow.status == OfferStatus.OPEN)
        .values(status=became, pending_key=NOTHING, brief=NOTHING)
    )


def end(tx: Tx, offers: Iterable[Offer], became: OfferStatus) -> None:
    """These offers are over, and what waited in them is destroyed."""
    wanted = [each.id for each in offers]
    if not wanted:
        return
    tx.session.execute(
        update(OfferRow)
        .where(OfferRow.id.in_(wanted), OfferRow.status == OfferStatus.OPEN)
        .values(status=became, pending_key=NOTHING, brief=NOTHING)
    )


def reissue(tx: Tx, epoch: int, grants: Mapping[OfferId, Sealed]) -> None:
    """What waits in these open offers is the key of a newer epoch, where vetting allows it."""
    if not grants:
        return
    waiting = tx.session.execute(
        select(OfferRow.case_id, OfferRow.member_id).where(OfferRow.id.in_(grants))
    ).all()
    for case_id in {row.case_id for row in waiting}:
        to = [PersonId(row.member_id) for row in waiting if row.case_id == case_id]
        gate.check(tx, CaseId(case_id), epoch, to)
    tx.session.connection().execute(
        update(OfferRow)
        .where(OfferRow.id == bindparam("offer"), OfferRow.status == OfferStatus.OPEN)
        .values(epoch=epoch, pending_key=bindparam("grant")),
        [{"offer": offer, "grant": grant} for offer, grant in grants.items()],
    )


def cases_with_expired(tx: Tx, limit: int) -> tuple[CaseId, ...]:
    """Cases that have an open offer whose time is over, for the clock."""
    rows = tx.session.scalars(
        select(OfferRow.case_id)
        .where(OfferRow.status == OfferStatus.OPEN, OfferRow.expires_at <= tx.now)
        .group_by(OfferRow.case_id)
        .order_by(func.min(OfferRow.expires_at))
        .limit(limit)
    )
    return tuple(CaseId(each) for each in rows)


def _offer(row: OfferRow | Row[*tuple[Any, ...]]) -> Offer:
    return Offer(
        OfferId(row.id),
        CaseId(row.case_id),
        PersonId(row.member_id),
        row.status,
        row.expires_at,
    )
