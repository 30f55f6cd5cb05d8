"""Proposals: found by whoever holds a copy; ended once."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, delete, func, insert, select, update

from network.db import Tx
from network.encryption.envelope import Opener, seal_to
from network.encryption.sealed import Place, PublicKey, Sealed
from network.kernel.actor import Actor
from network.kernel.errors import NotVisible, WrongMoment
from network.kernel.hidden import Plaintext
from network.kernel.ids import PersonId, ProposalId
from network.proposals.domain import (
    KEPT,
    AlreadyProposed,
    Matter,
    Proposal,
    ProposalStatus,
    Told,
)
from network.proposals.tables import CopyRow, ProposalRow

SUBJECTS = "proposals.subject"
SHOWN = 100


@dataclass(frozen=True, slots=True)
class Stored:
    """A proposal as its row says, and the reader's own sealed copy."""

    id: ProposalId
    matter: Matter
    status: ProposalStatus
    proposer: PersonId
    second: PersonId | None
    expires_at: datetime
    sealed: Sealed = field(repr=False)

    def opened(self, opener: Opener, reader: PersonId, said_no: Iterable[PersonId]) -> Proposal:
        """With what its reader's key opens."""
        text = opener.open_text(self.sealed, _place(self.id, reader))
        return Proposal(
            self.id,
            self.matter,
            self.status,
            self.proposer,
            self.second,
            self.expires_at,
            _read(text),
            tuple(said_no),
        )


def add(  # noqa: PLR0913  # a proposal has this many parts
    tx: Tx,
    proposal_id: ProposalId,
    *,
    matter: Matter,
    proposer: PersonId,
    lasts: timedelta,
    told: Told,
    readers: Mapping[PersonId, PublicKey],
) -> None:
    """Store it with a copy for each reader; the same thing twice is AlreadyProposed."""
    subject = f"{matter.value}:{told.subject}"
    if _waits(tx, tx.secret.indexes(SUBJECTS, subject)):
        raise AlreadyProposed
    added = tx.session.scalar(
        tx.insert(ProposalRow)
        .values(
            id=proposal_id,
            matter=matter,
            status=ProposalStatus.OPEN,
            subject_index=tx.secret.index(SUBJECTS, subject),
            proposer_id=proposer,
            expires_at=tx.now + lasts,
        )
        .on_conflict_do_nothing()
        .returning(ProposalRow.id)
    )
    if added is None:
        raise AlreadyProposed
    words = _written(told)
    tx.session.execute(
        insert(CopyRow).inline(),
        [
            {
                "proposal_id": proposal_id,
                "member_id": member,
                "sealed": seal_to(public, words, _place(proposal_id, member)),
                "said_no": False,
            }
            for member, public in readers.items()
        ],
    )


def get(tx: Tx, actor: Actor, proposal_id: ProposalId) -> Stored:
    """One the actor holds a copy of, or NotVisible."""
    row = tx.session.execute(_visible_to(actor).where(ProposalRow.id == proposal_id)).one_or_none()
    if row is None:
        raise NotVisible
    return _stored(row)


def hold(tx: Tx, actor: Actor, proposal_id: ProposalId) -> Stored:
    """The same, kept still until the commit."""
    if tx.on_postgresql:
        tx.session.execute(
            select(ProposalRow.id).where(ProposalRow.id == proposal_id).with_for_update()
        )
    return get(tx, actor, proposal_id)


def open_to(tx: Tx, actor: Actor) -> tuple[Stored, ...]:
    """Those that wait and that the actor holds a copy of, the soonest to end first."""
    query = _visible_to(actor).where(
        ProposalRow.status == ProposalStatus.OPEN, ProposalRow.expires_at > tx.now
    )
    rows = tx.session.execute(query.order_by(ProposalRow.expires_at, ProposalRow.id).limit(SHOWN))
    return tuple(_stored(row) for row in rows)


def ended_for(tx: Tx, actor: Actor) -> tuple[Stored, ...]:
    """Those that ended, the latest first."""
    query = _visible_to(actor).where(ProposalRow.ended_on.is_not(None))
    rows = tx.session.execute(
        query.order_by(ProposalRow.ended_on.desc(), ProposalRow.expires_at.desc()).limit(SHOWN)
    )
    return tuple(_stored(row) for row in rows)


def count_waiting(tx: Tx, actor: Actor) -> int:
    """How many wait for the actor: open, somebody else's, and not refused by them yet."""
    if actor.person_id is None or not actor.active:
        return 0
    found = tx.session.scalar(
        select(func.count())
        .select_from(ProposalRow)
        .join(CopyRow, CopyRow.proposal_id == ProposalRow.id)
        .where(
            CopyRow.member_id == actor.person_id,
            CopyRow.said_no.is_(False),
            ProposalRow.proposer_id != actor.person_id,
            ProposalRow.status == ProposalStatus.OPEN,
            ProposalRow.expires_at > tx.now,
        )
    )
    return found or 0


def answers(
    tx: Tx, ids: Iterable[ProposalId]
) -> dict[ProposalId, tuple[tuple[PersonId, bool], ...]]:
    """Who holds a copy of each, and whether they said no."""
    rows = tx.session.execute(
        select(CopyRow.proposal_id, CopyRow.member_id, CopyRow.said_no)
        .where(CopyRow.proposal_id.in_(list(ids)))
        .order_by(CopyRow.member_id)
    )
    found: dict[ProposalId, tuple[tuple[PersonId, bool], ...]] = {}
    for proposal, member, said_no in rows:
        key = ProposalId(proposal)
        found[key] = (*found.get(key, ()), (PersonId(member), said_no))
    return found


def say_no(tx: Tx, actor: Actor, proposal_id: ProposalId) -> None:
    """Mark the actor's copy; a second no of theirs is WrongMoment."""
    said = tx.session.scalar(
        update(CopyRow)
        .where(
            CopyRow.proposal_id == proposal_id,
            CopyRow.member_id == actor.person,
            CopyRow.said_no.is_(False),
        )
        .values(said_no=True)
        .returning(CopyRow.proposal_id)
    )
    if said is None:
        raise WrongMoment


def end(
    tx: Tx, proposal_id: ProposalId, became: ProposalStatus, *, second: PersonId | None = None
) -> None:
    """It is over, if it was still open and its time not over: of two at once, one ends it."""
    ended = tx.session.scalar(
        update(ProposalRow)
        .where(
            ProposalRow.id == proposal_id,
            ProposalRow.status == ProposalStatus.OPEN,
            ProposalRow.expires_at > tx.now,
        )
        .values(status=became, second_id=second, ended_on=tx.now.date())
        .returning(ProposalRow.id)
    )
    if ended is None:
        raise WrongMoment


def expire(tx: Tx) -> tuple[ProposalId, ...]:
    """Those whose time is over are over; says which."""
    rows = tx.session.scalars(
        update(ProposalRow)
        .where(ProposalRow.status == ProposalStatus.OPEN, ProposalRow.expires_at <= tx.now)
        .values(status=ProposalStatus.EXPIRED, ended_on=tx.now.date())
        .returning(ProposalRow.id)
    )
    return tuple(map(ProposalId, rows))


def sweep(tx: Tx) -> None:
    """Destroy what ended long ago, with its copies."""
    tx.session.execute(delete(ProposalRow).where(ProposalRow.ended_on <= (tx.now - KEPT).date()))


def withdraw_all_of(tx: Tx, person: PersonId) -> tuple[ProposalId, ...]:
    """What somebody proposed and nobody has confirmed is taken back; says which."""
    rows = tx.session.scalars(
        update(ProposalRow)
        .where(ProposalRow.proposer_id == person, ProposalRow.status == ProposalStatus.OPEN)
        .values(status=ProposalStatus.WITHDRAWN, ended_on=tx.now.date())
        .returning(ProposalRow.id)
    )
    return tuple(map(ProposalId, rows))


def forget_copies_of(tx: Tx, person: PersonId) -> None:
    """Destroy every copy sealed to somebody."""
    tx.session.execute(delete(CopyRow).where(CopyRow.member_id == person))


def _visible_to(actor: Actor) -> Select[*tuple[Any, ...]]:
    return (
        select(
            ProposalRow.id,
            ProposalRow.matter,
            ProposalRow.status,
            ProposalRow.proposer_id,
            ProposalRow.second_id,
            ProposalRow.expires_at,
            CopyRow.sealed,
        )
        .join(CopyRow, CopyRow.proposal_id == ProposalRow.id)
        .where(CopyRow.member_id == actor.person)
    )


def _waits(tx: Tx, indexes: tuple[bytes, ...]) -> bool:
    """Whether one is open; one whose time is over ends here, so that it stands in nobody's way."""
    tx.session.execute(
        update(ProposalRow)
        .where(
            ProposalRow.subject_index.in_(indexes),
            ProposalRow.status == ProposalStatus.OPEN,
            ProposalRow.expires_at <= tx.now,
        )
        .values(status=ProposalStatus.EXPIRED, ended_on=tx.now.date())
    )
    query = select(ProposalRow.id).where(
        ProposalRow.subject_index.in_(indexes), ProposalRow.status == ProposalStatus.OPEN
    )
    return tx.session.scalar(query.limit(1)) is not None


def _stored(row: Row[*tuple[Any, ...]]) -> Stored:
    return Stored(
        ProposalId(row.id),
        row.matter,
        row.status,
        PersonId(row.proposer_id),
        PersonId(row.second_id) if row.second_id else None,
        row.expires_at,
        Sealed(row.sealed),
    )


def _place(proposal_id: ProposalId, member: PersonId) -> Place:
    return Place("proposal_copies", "sealed", proposal_id, member=member)


def _written(told: Told) -> Plaintext:
    fields = [str(told.subject), told.about, told.reason.reveal(), dict(told.payload)]
    return Plaintext(json.dumps(fields, ensure_ascii=False))


def _read(text: Plaintext) -> Told:
    subject, about, reason, payload = json.loads(text.reveal())
    return Told(UUID(subject), about, Plaintext(reason), payload)
