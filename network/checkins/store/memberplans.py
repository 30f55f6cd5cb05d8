"""Members' own plans: each under a key pair of its own, which only grants open.

Of one member two are kept at most: the one in force, and one from before it, for some days and for
as long as anything is looked at about them.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import delete, exists, func, insert, select, tuple_, update

from network.checkins.domain.memberplans import KEPT, Written, as_text, read
from network.checkins.tables import MemberPlanGrantRow, MemberPlanRow, WatchRow
from network.db import Tx, skipping_locked
from network.encryption.envelope import (
    KeyPair,
    open_secret,
    open_text,
    seal_secret_to,
    seal_to,
)
from network.encryption.sealed import EncryptionError, Place, PublicKey, Sealed
from network.kernel.errors import WrongMoment
from network.kernel.hidden import Plaintext, SecretBytes
from network.kernel.ids import PersonId, PlanId, new_id

AT_ONCE = 200  # plans whose keys are passed on in one transaction
DAY_BYTES = 32
NO_DAY = ""
KEPT_UNTIL: tuple[Any, ...] = (MemberPlanRow.id, MemberPlanRow.person_id, MemberPlanRow.until)
HOLDERS: tuple[Any, ...] = (MemberPlanGrantRow.plan_id, MemberPlanGrantRow.member_id)


@dataclass(frozen=True, slots=True)
class Kept:
    """A plan as it is stored, for one reader; `key` is None where they have none."""

    id: PlanId
    person_id: PersonId
    over: bool
    body: Sealed
    key: Sealed | None


def add(
    tx: Tx, person: PersonId, written: Written, pair: KeyPair, readers: Mapping[PersonId, bytes]
) -> None:
    """Store what is in force from now on, and its key for each of these readers."""
    plan = PlanId(new_id())
    added = tx.session.scalar(
        tx.insert(MemberPlanRow)
        .values(
            id=plan,
            person_id=person,
            public_key=pair.public,
            body=seal_to(pair.public, as_text(written), _place(plan, person)),
            over=False,
            until=_until(tx, plan, NO_DAY),
        )
        .on_conflict_do_nothing()
        .returning(MemberPlanRow.id)
    )
    if added is None:  # written in another window at this very moment
        raise WrongMoment
    tx.session.execute(insert(MemberPlanGrantRow).inline(), _grants(plan, pair.private, readers))


def set_aside(tx: Tx, person: PersonId) -> None:
    """None is in force. What was is kept; where something is already, that one stays: it is the one
    that whoever holds them has not touched.
    """
    held = tx.session.execute(
        select(MemberPlanRow.id, MemberPlanRow.over)
        .where(MemberPlanRow.person_id == person)
        .order_by(MemberPlanRow.id)
        .with_for_update()
    ).all()
    kept = [row.id for row in held if row.over] or [row.id for row in held]
    day = (tx.today + KEPT).isoformat()
    for plan in kept:
        tx.session.execute(
            update(MemberPlanRow)
            .where(MemberPlanRow.id == plan)
            .values(over=True, until=_until(tx, plan, day))
        )
    tx.session.execute(
        delete(MemberPlanRow).where(
            MemberPlanRow.id.in_([row.id for row in held if row.id not in kept])
        )
    )


def of(tx: Tx, person: PersonId, reader: PersonId) -> tuple[Kept, ...]:
    """What is kept of this member, with what this reader opens it by."""
    rows = tx.session.execute(
        select(
            MemberPlanRow.id,
            MemberPlanRow.person_id,
            MemberPlanRow.over,
            MemberPlanRow.body,
            MemberPlanGrantRow.key,
        )
        .outerjoin(
            MemberPlanGrantRow,
            (MemberPlanGrantRow.plan_id == MemberPlanRow.id)
            & (MemberPlanGrantRow.member_id == reader),
        )
        .where(MemberPlanRow.person_id == person)
    )
    return tuple(
        Kept(
            PlanId(row.id),
            PersonId(row.person_id),
            row.over,
            Sealed(row.body),
            None if row.key is None else Sealed(row.key),
        )
        for row in rows
    )


def opened(kept: Kept, reader: PersonId, private: SecretBytes) -> Written | None:
    """What is written, for a reader with a key of it; None for others. Tampered where it is."""
    if kept.key is None:
        return None
    key = open_secret(private, kept.key, _grant_place(kept.id, reader))
    return read(open_text(key, kept.body, _place(kept.id, kept.person_id)))


def lacking(
    tx: Tx, holder: PersonId, readers: Collection[PersonId]
) -> dict[PlanId, frozenset[PersonId]]:
    """Of the plans this member can open: which of these readers cannot. Some at a time."""
    if not readers:
        return {}
    mine = exists().where(
        MemberPlanGrantRow.plan_id == MemberPlanRow.id, MemberPlanGrantRow.member_id == holder
    )
    have = (
        select(func.count())
        .select_from(MemberPlanGrantRow)
        .where(
            MemberPlanGrantRow.plan_id == MemberPlanRow.id,
            MemberPlanGrantRow.member_id.in_(list(readers)),
        )
        .scalar_subquery()
    )
    short = tx.session.scalars(
        select(MemberPlanRow.id).where(mine, have < len(readers)).limit(AT_ONCE)
    ).all()
    rows = tx.session.execute(
        select(MemberPlanGrantRow.plan_id, MemberPlanGrantRow.member_id).where(
            MemberPlanGrantRow.plan_id.in_(short)
        )
    )
    holders: dict[UUID, set[UUID]] = {}
    for row in rows:
        holders.setdefault(row.plan_id, set()).add(row.member_id)
    return {PlanId(plan): frozenset(readers) - have_it for plan, have_it in holders.items()}


def pass_on(
    tx: Tx,
    missing: Mapping[PlanId, Collection[PersonId]],
    holder: tuple[PersonId, SecretBytes],
    public: Mapping[PersonId, bytes],
) -> int:
    """Seal the keys of these plans, which this holder can open, to whoever misses them; says how
    many keys. Of two at once, one does.
    """
    person, private = holder
    rows = tx.session.execute(
        select(MemberPlanRow.id, MemberPlanGrantRow.key)
        .join(MemberPlanGrantRow, MemberPlanGrantRow.plan_id == MemberPlanRow.id)
        .where(MemberPlanRow.id.in_(list(missing)), MemberPlanGrantRow.member_id == person)
        .with_for_update(read=True, of=MemberPlanRow)  # or its owner takes it away meanwhile
    )
    grants = [
        grant
        for row in rows
        for grant in _grants(
            PlanId(row.id),
            open_secret(private, Sealed(row.key), _grant_place(row.id, person)),
            {each: public[each] for each in missing[PlanId(row.id)]},
        )
    ]
    if grants:
        tx.session.execute(tx.insert(MemberPlanGrantRow).on_conflict_do_nothing(), grants)
    return len(grants)


def sweep(tx: Tx, gone: Collection[PersonId]) -> int:
    """Of whoever nothing is looked at about: erase what is over and had its days, and all of
    whoever is gone; says how many plans.
    """
    perhaps = MemberPlanRow.over | MemberPlanRow.person_id.in_(list(gone))
    rows = tx.session.execute(skipping_locked(tx, select(*KEPT_UNTIL).where(perhaps)))
    ended = [row.id for row in rows if row.person_id in gone or _is_over(tx, row.id, row.until)]
    watched = exists().where(WatchRow.person_id == MemberPlanRow.person_id)
    erased = delete(MemberPlanRow).where(MemberPlanRow.id.in_(ended), ~watched)
    return len(tx.session.scalars(erased.returning(MemberPlanRow.id)).all())


def let_go(tx: Tx, readers: Iterable[PersonId]) -> None:
    """Forget the keys of whoever is neither among these readers nor wrote it."""
    wrote = exists().where(
        MemberPlanRow.id == MemberPlanGrantRow.plan_id,
        MemberPlanRow.person_id == MemberPlanGrantRow.member_id,
    )
    query = select(*HOLDERS).where(MemberPlanGrantRow.member_id.not_in(list(readers)), ~wrote)
    held = [tuple(row) for row in tx.session.execute(skipping_locked(tx, query))]
    tx.session.execute(delete(MemberPlanGrantRow).where(tuple_(*HOLDERS).in_(held)))


def _until(tx: Tx, plan: UUID, day: str) -> Sealed:
    return tx.secret.seal(Plaintext(day), Place("member_plans", "until", plan), DAY_BYTES)


def _is_over(tx: Tx, plan: UUID, sealed: bytes) -> bool:
    """Whether it had its days; what does not open has had them."""
    try:
        day = tx.secret.open(Sealed(sealed), Place("member_plans", "until", plan)).reveal()
        return date.fromisoformat(day) < tx.today
    except (EncryptionError, ValueError):
        return True


def _grants(
    plan: PlanId, private: SecretBytes, readers: Mapping[PersonId, bytes]
) -> list[dict[str, object]]:
    return [
        {
            "plan_id": plan,
            "member_id": reader,
            "key": seal_secret_to(PublicKey(public), private, _grant_place(plan, reader)),
        }
        for reader, public in readers.items()
    ]


def _place(plan: UUID, person: UUID) -> Place:
    return Place("member_plans", "body", plan, member=person)


def _grant_place(plan: UUID, reader: UUID) -> Place:
    return Place("member_plan_grants", "key", plan, member=reader)
