"""Who said yes to whose coming in."""

from sqlalchemy import select

from network.db import Tx
from network.kernel.actor import Actor, Role
from network.kernel.errors import WrongMoment
from network.kernel.ids import PersonId
from network.people.domain import Matter, Member, Standing
from network.people.tables import ApprovalRow, PersonRow


def say_yes(tx: Tx, actor: Actor, member: Member, matter: Matter) -> None:
    """Store the actor's yes; a second yes of the same person is refused."""
    said = tx.session.scalar(
        tx.insert(ApprovalRow)
        .values(person_id=member.id, by_id=actor.person, matter=matter, on=tx.now.date())
        .on_conflict_do_nothing()
        .returning(ApprovalRow.by_id)
    )
    if said is None:
        raise WrongMoment


def yeses(tx: Tx, matter: Matter) -> dict[PersonId, frozenset[PersonId]]:
    """Who said yes to whom, counting only those who are active coordinators today."""
    rows = tx.session.execute(
        select(ApprovalRow.person_id, ApprovalRow.by_id)
        .join(PersonRow, PersonRow.id == ApprovalRow.by_id)
        .where(
            ApprovalRow.matter == matter,
            PersonRow.standing == Standing.ACTIVE,
            PersonRow.role == Role.COORDINATOR,
        )
    )
    found: dict[PersonId, frozenset[PersonId]] = {}
    for person, by in rows:
        found[PersonId(person)] = found.get(PersonId(person), frozenset()) | {PersonId(by)}
    return found
