"""Epochs and grants: who can open what. Callers have found, and hold still, the case they name."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any, cast

from sqlalchemy import Table, Uuid, bindparam, delete, func, insert, select, update

from network.cases.domain import CaseStatus
from network.cases.store import exposures, gate
from network.cases.store.ends import LEFT, opens
from network.cases.tables import CaseRow, EpochRow, GrantRow
from network.db import Tx
from network.encryption.envelope import KeyPair
from network.encryption.sealed import PublicKey, Sealed
from network.kernel.ids import CaseId, PersonId
from network.quorum import services as quorum

_AHEAD = "cases.readers_of"
AT_ONCE = 1_000
NOTHING: Mapping[PersonId, date] = {}
# Asked for every word of a family: built once.
_GRANTS = cast(Table, GrantRow.__table__)
_CASES = cast(Table, CaseRow.__table__)
_READERS_OF = (
    select(_GRANTS.c.case_id, _GRANTS.c.member_id, _CASES.c.activist_id)
    .join(_CASES, (_CASES.c.id == _GRANTS.c.case_id) & (_CASES.c.epoch == _GRANTS.c.epoch))
    .where(_GRANTS.c.case_id.in_(bindparam("cases", expanding=True)), opens(bindparam("today")))
    .order_by(_GRANTS.c.granted_on, _GRANTS.c.member_id)
)
_READERS = (
    select(_GRANTS.c.member_id)
    .join(_CASES, _CASES.c.id == _GRANTS.c.case_id)
    .where(
        _GRANTS.c.case_id == bindparam("case"),
        _GRANTS.c.epoch == bindparam("epoch"),
        opens(bindparam("today")),
    )
    .order_by(_GRANTS.c.granted_on, _GRANTS.c.member_id)
)
_TAKE = delete(_GRANTS).where(
    _GRANTS.c.case_id == bindparam("case"), _GRANTS.c.member_id == bindparam("member", type_=Uuid())
)
_BEGIN = insert(cast(Table, EpochRow.__table__)).inline()


def begin_epoch(
    tx: Tx, case_id: CaseId, number: int, pair: KeyPair, link: Sealed | None = None
) -> None:
    """Store the public half of a new epoch and, where it is at hand, the link to the one before.

    The one place where epochs begin: here the private half is sealed to the quorum too.
    """
    held = quorum.seal_for_quorum(tx, pair.private, case_id=case_id, epoch=number)
    row = {
        "case_id": case_id,
        "number": number,
        "public_key": pair.public,
        "link": link,
        "begun_on": tx.now.date(),
        "recovery_id": held and held.key,
        "recovery_sealed": held and held.sealed,
    }
    tx.session.execute(_BEGIN, row)


def epochs(tx: Tx, case_id: CaseId) -> dict[int, tuple[PublicKey, Sealed | None]]:
    """The public half of every epoch and the link to the one before it, the newest first."""
    rows = tx.session.execute(
        select(EpochRow.number, EpochRow.public_key, EpochRow.link)
        .where(EpochRow.case_id == case_id)
        .order_by(EpochRow.number.desc())
    )
    return {
        row.number: (PublicKey(row.public_key), Sealed(row.link) if row.link else None)
        for row in rows
    }


def public_key(tx: Tx, case_id: CaseId, epoch: int) -> PublicKey:
    """What the case's next words are sealed to."""
    return PublicKey(
        tx.session.scalars(
            select(EpochRow.public_key).where(EpochRow.case_id == case_id, EpochRow.number == epoch)
        ).one()
    )


def mend_link(tx: Tx, case_id: CaseId, number: int, link: Sealed) -> None:
    """Fill in the link of an epoch that began with nobody's key at hand."""
    tx.session.execute(
        update(EpochRow)
        .where(
            EpochRow.case_id == case_id,
            EpochRow.number == number,
            EpochRow.link.is_(None),
        )
        .values(link=link)
    )


def give(
    tx: Tx,
    case_id: CaseId,
    epoch: int,
    grants: Mapping[PersonId, Sealed],
    ends: Mapping[PersonId, date] = NOTHING,
) -> None:
    """Store these grants, or none where vetting bars one; whoever has theirs keeps that.

    Each ends on its day in `ends`, or after the pack's time where it is not named there; one that
    had ended begins again.
    """
    if not grants:
        return
    gate.check(tx, case_id, epoch, grants)
    fresh = tx.now.date() + tx.pack.access.grant
    new = tx.insert(GrantRow)
    tx.session.execute(
        new.on_conflict_do_update(
            index_elements=["case_id", "epoch", "member_id"],
            set_={"ends_on": new.excluded.ends_on},
            where=GrantRow.ends_on <= tx.now.date(),
        ),
        [
            {
                "case_id": case_id,
                "epoch": epoch,
                "member_id": member,
                "sealed_key": sealed,
                "granted_on": tx.now.date(),
                "ends_on": ends.get(member, fresh),
            }
            for member, sealed in grants.items()
        ],
    )


def held_by(tx: Tx, case_id: CaseId, member: PersonId) -> dict[int, Sealed]:
    """One member's grants of one case, by epoch."""
    rows = tx.session.execute(
        select(GrantRow.epoch, GrantRow.sealed_key)
        .join(CaseRow, CaseRow.id == GrantRow.case_id)
        .where(GrantRow.case_id == case_id, GrantRow.member_id == member, opens(tx.now.date()))
    )
    return {row.epoch: Sealed(row.sealed_key) for row in rows}


def readers(tx: Tx, case_id: CaseId, epoch: int) -> tuple[PersonId, ...]:
    """Whoever can open what is sealed to this epoch."""
    asked = {"case": case_id, "epoch": epoch, "today": tx.now.date()}
    return tuple(PersonId(member) for member in tx.session.scalars(_READERS, asked))


def opens_alone(tx: Tx, case_id: CaseId, member: PersonId, others: Collection[PersonId]) -> bool:
    """Whether this member can open something of the case that none of these others can."""
    linked = {number for number, (_, link) in epochs(tx, case_id).items() if link is not None}
    held: dict[PersonId, set[int]] = {}
    query = select(GrantRow.member_id, GrantRow.epoch).where(GrantRow.case_id == case_id)
    for row in tx.session.execute(query):
        held.setdefault(PersonId(row.member_id), set()).add(row.epoch)
    by_others = [_reached(held.get(each, set()), linked) for each in others]
    return bool(_reached(held.get(member, set()), linked).difference(*by_others))


def left_with(tx: Tx, case_id: CaseId) -> tuple[PersonId, ...]:
    """Whoever can open something of a case, but not what is being sealed now."""
    query = select(GrantRow.member_id).where(GrantRow.case_id == case_id, LEFT).distinct()
    query = query.join(CaseRow, CaseRow.id == GrantRow.case_id)
    return tuple(map(PersonId, tx.session.scalars(query.order_by(GrantRow.member_id))))


def left_to_pass_on(tx: Tx, member: PersonId, *, limit: int) -> tuple[CaseId, ...]:
    """The running cases of which this member can open something, but not what comes now."""
    query = (
        select(GrantRow.case_id)
        .join(CaseRow, CaseRow.id == GrantRow.case_id)
        .where(GrantRow.member_id == member, CaseRow.status != CaseStatus.CLOSED, LEFT)
        .distinct()
        .limit(limit)
    )
    return tuple(map(CaseId, tx.session.scalars(query)))


def _reached(held: set[int], linked: set[int]) -> set[int]:
    """The epochs these grants lead to: each opens the one before it, where there is a link."""
    found = set(held)
    for held_one in held:
        number = held_one
        while number in linked:
            number -= 1
            found.add(number)
    return found


def count_held(tx: Tx, member: PersonId) -> int:
    """How many cases somebody holds a grant of."""
    query = select(func.count(GrantRow.case_id.distinct())).where(GrantRow.member_id == member)
    return tx.session.scalar(query) or 0


def held_by_any(
    tx: Tx, members: Sequence[PersonId], *, limit: int
) -> list[tuple[PersonId, CaseId]]:
    """Some of the cases that these members hold grants of, for the clock. Others each time, so that
    none waits behind those that nobody can receive yet.
    """
    if not members:
        return []
    rows = tx.session.execute(
        select(GrantRow.member_id, GrantRow.case_id)
        .where(GrantRow.member_id.in_(members))
        .group_by(GrantRow.member_id, GrantRow.case_id)
        .order_by(func.random())
        .limit(limit)
    )
    return [(PersonId(row.member_id), CaseId(row.case_id)) for row in rows]


def take(tx: Tx, case_id: CaseId, member: PersonId) -> None:
    """Destroy every grant of one member, in every epoch; what they could open is written down."""
    exposures.write_down(tx, case_id, member)
    tx.session.execute(_TAKE, {"case": case_id, "member": member})


def readers_of(tx: Tx, case_id: CaseId) -> tuple[PersonId | None, tuple[PersonId, ...]]:
    """The accompanier, and whoever can open what is sealed to the case now."""
    ahead: dict[CaseId, list[Any]] = tx.ahead.get(_AHEAD, {})
    if case_id in ahead:
        rows = ahead[case_id]
    else:
        rows = list(tx.session.execute(_READERS_OF, {"cases": [case_id], "today": tx.now.date()}))
    accompanier = rows[0].activist_id if rows else None
    return (
        PersonId(accompanier) if accompanier else None,
        tuple(PersonId(row.member_id) for row in rows),
    )


def readers_of_many(tx: Tx, case_ids: Sequence[CaseId]) -> dict[CaseId, set[PersonId]]:
    """Whoever can open what is sealed to each of these cases now."""
    found: dict[CaseId, set[PersonId]] = {each: set() for each in case_ids}
    for start in range(0, len(case_ids), AT_ONCE):
        some = list(case_ids[start : start + AT_ONCE])
        asked = {"cases": some, "today": tx.now.date()}
        for row in tx.session.execute(_READERS_OF, asked):
            found[CaseId(row.case_id)].add(PersonId(row.member_id))
    return found


def read_ahead(tx: Tx, case_ids: Sequence[CaseId]) -> frozenset[PersonId]:
    """Who reads each of these cases, for the answers of one commit; says who they are."""
    ahead: dict[CaseId, list[Any]] = {each: [] for each in case_ids}
    for row in tx.peek(_READERS_OF, {"cases": list(case_ids), "today": tx.now.date()}):
        ahead[CaseId(row.case_id)].append(row)
    tx.ahead[_AHEAD] = ahead
    return frozenset(PersonId(row.member_id) for rows in ahead.values() for row in rows)
