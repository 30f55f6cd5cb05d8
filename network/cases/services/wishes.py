"""What a family decides about its own: what may be done with it, and that it be erased."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from network import audit
from network.cases.domain import Case, CaseStatus, Purpose
from network.cases.policy import CasePermission, require
from network.cases.services.circles import record
from network.cases.services.closing import kept_until
from network.cases.services.intake import NEWS, responders
from network.cases.store import cases
from network.cases.store.cases import Kept
from network.db import Tx
from network.kernel.actor import Actor
from network.kernel.errors import NotVisible, WrongMoment
from network.kernel.hidden import Plaintext
from network.kernel.ids import CaseId
from network.kernel.words import N_
from network.people import services as people

# Whole days, so that no hour stands beside a case: at least one day to take it back, at most two.
TIME_TO_TAKE_IT_BACK = timedelta(days=2)

WILL_BE_ERASED = N_(
    "%(reference)s will be erased on %(day)s: they asked for it. Until then they can take it back."
)
STAYS_AFTER_ALL = N_("%(reference)s stays: they have taken it back.")


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a family allows, and the day it asked to be erased on."""

    allowed: frozenset[Purpose]
    erase_on: date | None


def my_wishes(tx: Tx, actor: Actor) -> Wishes | None:
    """What the family of this chat has decided; None where nothing of theirs is kept."""
    require(actor, CasePermission.ALLOW)
    kept = cases.kept_of_family(tx, actor)
    if not kept:
        return None
    days = [each.erase_on for each in kept if _is_asked(tx, each)]
    return Wishes(kept[0].contact.allowed, min((day for day in days if day), default=None))


def wishes(tx: Tx, actor: Actor, *, case_id: CaseId) -> Wishes:
    """The same, for whoever can open the case."""
    case = cases.get(tx, actor, case_id)
    require(actor, CasePermission.READ, case)
    return wishes_of(tx, case)


def wishes_of(tx: Tx, case: Case) -> Wishes:
    """The same, where the caller has found the case."""
    kept = cases.kept_of(tx, case)
    if kept is None:
        return Wishes(frozenset(), None)
    return Wishes(kept.contact.allowed, kept.erase_on if _is_asked(tx, kept) else None)


def allow(tx: Tx, actor: Actor, *, purpose: Purpose, noted: Plaintext) -> None:
    """The family says yes to one purpose; who accompanies them reads it in the room."""
    _decide(tx, actor, noted, lambda allowed: allowed | {purpose})


def forbid(tx: Tx, actor: Actor, *, purpose: Purpose, noted: Plaintext) -> None:
    """No, or no longer."""
    _decide(tx, actor, noted, lambda allowed: allowed - {purpose})


def ask_erasure(tx: Tx, actor: Actor) -> date:
    """Everything of this chat will be destroyed on that day; until then all goes on as it did.

    Whoever holds the telephone cannot end what watches over a family in one message.
    """
    day = tx.now.date() + TIME_TO_TAKE_IT_BACK
    for each in cases.hold_kept_of_family(tx, actor):
        require(actor, CasePermission.LEAVE, each.case)
        if each.erase_on is None or each.erase_on > day:
            cases.erase_from(tx, each.case.id, day)
            audit.receipt(tx, actor, "case.erasure-asked", case=each.case.id)
            _tell(tx, each.case, WILL_BE_ERASED, day=f"{day:%d/%m/%Y}")
    return day


def keep_after_all(tx: Tx, actor: Actor) -> None:
    """The family takes it back. WrongMoment where it had not asked."""
    asked = [each for each in cases.hold_kept_of_family(tx, actor) if _is_asked(tx, each)]
    if not asked:
        raise WrongMoment
    for each in asked:
        require(actor, CasePermission.LEAVE, each.case)
        cases.erase_from(tx, each.case.id, _usual(tx, each))
        audit.receipt(tx, actor, "case.erasure-taken-back", case=each.case.id)
        _tell(tx, each.case, STAYS_AFTER_ALL)


def _decide(
    tx: Tx,
    actor: Actor,
    noted: Plaintext,
    change: Callable[[frozenset[Purpose]], frozenset[Purpose]],
) -> None:
    for each in cases.hold_kept_of_family(tx, actor):
        require(actor, CasePermission.ALLOW, each.case)
        allowed = change(each.contact.allowed)
        cases.save_contact(tx, each.contact_id, each.contact.allowing(allowed))
        if each.case.status is not CaseStatus.CLOSED:
            if record(tx, case_id=each.case.id, author=None, text=noted) is None:
                raise NotVisible
            _tell(tx, each.case, NEWS)


def _is_asked(tx: Tx, kept: Kept) -> bool:
    usual = _usual(tx, kept)
    return kept.erase_on is not None and (usual is None or kept.erase_on < usual)


def _usual(tx: Tx, kept: Kept) -> date | None:
    """The day it would be erased on if its family had not asked."""
    return None if kept.closed_on is None else kept_until(tx, kept.closed_on)


def _tell(tx: Tx, case: Case, say: str, **params: str) -> None:
    found = responders(tx, case.id)
    readers = (*found.coordinators, *((found.accompanier,) if found.accompanier else ()))
    people.write_to(tx, readers, say, params={"reference": case.card.reference, **params})
