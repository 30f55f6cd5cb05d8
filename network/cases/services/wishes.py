"""What a family decides about its own: what may be done with it, one purpose at a time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from network.cases.domain import Case, CaseStatus, Purpose
from network.cases.erasure import everything_goes
from network.cases.policy import CasePermission, require
from network.cases.services.circles import record
from network.cases.services.intake import NEWS, responders
from network.cases.store import cases, families
from network.db import Tx
from network.kernel.actor import Actor
from network.kernel.errors import NotVisible
from network.kernel.hidden import Plaintext
from network.kernel.ids import CaseId
from network.people import services as people


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a family allows, the day it asked to be erased on, and what holds that back."""

    allowed: frozenset[Purpose]
    erase_on: date | None
    held_until: date | None = None
    at_the_latest: date | None = None
    can_be_held: bool = False  # by coordination, a week more


@dataclass(frozen=True, slots=True)
class MyWishes:
    """The same for the family itself, which is not told what waits; and the day there would be."""

    allowed: frozenset[Purpose]
    is_open: bool  # whether there is still something to allow
    erase_on: date | None
    would_be_on: date


def my_wishes(tx: Tx, actor: Actor) -> MyWishes | None:
    """What the family of this chat has decided; None where nothing of theirs is kept."""
    require(actor, CasePermission.ALLOW)
    kept = families.kept_of_family(tx, actor)
    if not kept:
        return None
    today = tx.today
    days = tuple(each.erasure for each in kept)
    would = max(day for each in days if (day := each.asked(today).erase_on) is not None)
    is_open = kept[0].case.status is not CaseStatus.CLOSED
    said = [kept[0]] if is_open else kept
    allowed = frozenset[Purpose]().union(*(each.contact.allowed for each in said))
    return MyWishes(allowed, is_open, everything_goes(days, today), would)


def wishes(tx: Tx, actor: Actor, *, case_id: CaseId) -> Wishes:
    """The same, for whoever can open the case."""
    case = cases.get(tx, actor, case_id)
    require(actor, CasePermission.READ, case)
    return wishes_of(tx, case)


def wishes_of(tx: Tx, case: Case) -> Wishes:
    """The same, where the caller has found the case."""
    contact, days = families.decided(tx, case)
    allowed = frozenset[Purpose]() if contact is None else contact.allowed
    if not days.is_asked:
        return Wishes(allowed, None)
    can_be_held = days.held_more(tx.today) is not None
    return Wishes(allowed, days.erase_on, days.held_until, days.at_the_latest, can_be_held)


def allow(tx: Tx, actor: Actor, *, purpose: Purpose, noted: Plaintext) -> None:
    """The family says yes to one purpose; who accompanies them reads it in the room. NotVisible
    once it has ended: nobody is left to make use of it.
    """
    kept = families.hold_kept_of_family(tx, actor)
    _decide(tx, actor, noted, kept[:1], CasePermission.ALLOW, lambda allowed: allowed | {purpose})


def forbid(tx: Tx, actor: Actor, *, purpose: Purpose, noted: Plaintext) -> None:
    """No, or no longer, also of what has ended."""
    kept = families.hold_kept_of_family(tx, actor)
    _decide(tx, actor, noted, kept, CasePermission.FORBID, lambda allowed: allowed - {purpose})


def _decide(  # who, of what, by which right, and how
    tx: Tx,
    actor: Actor,
    noted: Plaintext,
    kept: Sequence[families.Kept],
    right: CasePermission,
    change: Callable[[frozenset[Purpose]], frozenset[Purpose]],
) -> None:
    for each in kept:
        require(actor, right, each.case)
        allowed = change(each.contact.allowed)
        families.save_contact(tx, each.contact_id, each.contact.allowing(allowed))
        if each.case.status is not CaseStatus.CLOSED:
            if record(tx, case_id=each.case.id, author=None, text=noted) is None:
                raise NotVisible
            readers = responders(tx, each.case.id).everybody
            people.write_to(tx, readers, NEWS, params={"reference": each.case.card.reference})
