"""A member's own plan: written on their page, read by whoever answers an alarm about them.

It has a key pair of its own, new at each writing: whoever stopped coordinating opens nothing that
was written since. What was written before they could have read, so that a new key for the same
words would take nothing from them.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from network import audit
from network.checkins.domain.callplans import CallPlan
from network.checkins.domain.memberplans import RidesAlong, Written, shown
from network.checkins.domain.subjects import Subject
from network.checkins.domain.trips import NobodyToOpen
from network.checkins.policy import CheckinPermission, require
from network.checkins.services.alarms import alarm, began
from network.checkins.store import memberplans, watches
from network.checkins.store.memberplans import Kept
from network.db import Tx
from network.encryption.envelope import new_key_pair
from network.encryption.sealed import EncryptionError
from network.kernel.actor import Actor, Role
from network.kernel.errors import NotAllowed
from network.kernel.ids import AlarmId, PersonId
from network.people import services as people
from network.people.domain import Member

OPENED = "plan.opened"
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class MyPlan:
    """What its owner sees: what they wrote, and when coordination opened what they had written."""

    written: Written | None
    openings: tuple[datetime, ...]
    some_lack_keys: bool  # of those who came to coordination since


def my_plan(tx: Tx, actor: Actor) -> MyPlan:
    """The actor's own plan, opened with their key."""
    require(actor, CheckinPermission.OWN_CHECKINS)
    kept = memberplans.of(tx, actor.person, actor.person)
    in_force = [one for one in kept if not one.over]
    found, _ = _opened(in_force, actor)
    rings = [
        None if one.watch is None else began(one.watch)
        for one in watches.of(tx, Subject(person=actor.person))
        if one.watch is None or one.watch.rings
    ]
    openings = audit.times_about(tx, actor.person, OPENED)
    lacking = bool(memberplans.lacking(tx, actor.person, tuple(_readers(tx))))
    return MyPlan(next(iter(found.values()), None), shown(openings, rings, tx.now), lacking)


def write_my_plan(tx: Tx, actor: Actor, *, plan: CallPlan) -> None:
    """Put this in the place of what the actor had written; an empty one takes it away.

    What was in force is kept a week for whoever answers an alarm about them, and for as long as one
    rings: what is done here is the same either way, and shows nobody which.
    """
    require(actor, CheckinPermission.OWN_CHECKINS)
    readers = {one.id: _public(one) for one in people.coordinators(tx, but={actor.person})}
    if not plan.is_empty and not readers:
        raise NobodyToOpen
    memberplans.set_aside(tx, actor.person)
    if plan.is_empty:
        return
    readers[actor.person] = _public(people.member(tx, actor.person))
    written = Written(plan, tx.now)
    memberplans.add(tx, actor.person, written, new_key_pair(), readers)


def plan_of_alarm(tx: Tx, actor: Actor, *, watch_id: AlarmId) -> RidesAlong | None:
    """What rides with an alarm about a member, while it rings; None where they wrote nothing.

    Opening it leaves a receipt.
    """
    person = alarm(tx, actor, watch_id=watch_id).about.person
    kept = () if person is None else memberplans.of(tx, person, actor.person)
    if not kept:
        return None
    found, is_shut = _opened(kept, actor)
    if found:
        audit.receipt(tx, actor, OPENED, subject=person)
    return RidesAlong(found.get(False), found.get(True), is_shut)


def plans_lack_keys(tx: Tx, actor: Actor) -> bool:
    """Whether the actor can open a plan that a coordinator, come later, could not."""
    require(actor, CheckinPermission.OWN_CHECKINS)
    return bool(memberplans.lacking(tx, actor.person, tuple(_readers(tx))))


def pass_on_plans(tx: Tx, actor: Actor) -> int:
    """Who has a key at hand seals it to those who came to coordination since; says how many keys.

    Nobody is asked to remember it: it is done when a coordinator opens the desk, and when its owner
    looks at their plan.
    """
    require(actor, CheckinPermission.OWN_CHECKINS)
    readers = _readers(tx)
    missing = memberplans.lacking(tx, actor.person, tuple(readers))
    return memberplans.pass_on(tx, missing, (actor.person, actor.key()), readers)


def sweep_plans(tx: Tx, actor: Actor) -> int:
    """The clock erases what is over and had its week, the plans of whoever was put out (both where
    no alarm can ring about them), and the keys of whoever would not answer any more; says how many
    plans.
    """
    if actor.role is not Role.MACHINE:
        raise NotAllowed
    erased = memberplans.sweep(tx, people.removed(tx))
    memberplans.let_go(tx, _readers(tx))
    return erased


def _opened(kept: Sequence[Kept], actor: Actor) -> tuple[dict[bool, Written], bool]:
    """What the actor can open, by whether it is over; and whether there is one they cannot."""
    found, is_shut = {}, False
    for one in kept:
        try:
            written = memberplans.opened(one, actor.person, actor.key())
        except (EncryptionError, ValueError, KeyError, TypeError):
            # Without the trace: it may hold what was being opened. The rest of the page counts.
            log.error("the plan %s cannot be opened", one.id)  # noqa: TRY400
            written = None
        if written is None:
            is_shut = True
        else:
            found[one.over] = written
    return found, is_shut


def _readers(tx: Tx) -> dict[PersonId, bytes]:
    return {one.id: _public(one) for one in people.coordinators(tx)}


def _public(member: Member) -> bytes:
    assert member.public_key is not None
    return member.public_key
