"""Break-glass: a case that nobody can open any more, opened for one person and for a while."""

import logging
from dataclasses import dataclass
from uuid import UUID

from network import audit, outbox
from network.cases.domain import Case, CaseStatus
from network.cases.policy import CasePermission, require
from network.cases.services.holding import can_go_on_without, take_from
from network.cases.services.opening import entrust, open_keys
from network.cases.store import cases, families, gate, keys, recovery
from network.db import FAULTS, Tx, savepoint
from network.encryption import keyring
from network.encryption.quorum import open_escrow
from network.encryption.sealed import PublicKey
from network.kernel.actor import Actor
from network.kernel.errors import BadInput, NotVisible, Refused, WrongMoment
from network.kernel.ids import CaseId, PersonId
from network.kernel.words import N_
from network.outbox.domain import Button, Letter, Priority
from network.people import services as people
from network.people.domain import Member
from network.quorum import services as quorum
from network.quorum.domain import Asked, Ceremony, NotInQuorum

log = logging.getLogger(__name__)

SEALED_AT_ONCE = 50
ENDED_AT_ONCE = 10
# What is wrong with one case and keeps no other from its turn.
ONE_ALONE: tuple[type[Exception], ...] = (Refused, *FAULTS)

FAMILY_IS_TOLD = N_(
    "Those who read you cannot be reached, so coordination asks for permission to open what you"
    " wrote here. Nothing is opened before %(hours)s hours have passed. If you do not want it,"
    " press the button."
)
FAMILY_SAYS_NO = N_("I do not want it")
FAMILY_OPENED = N_("Somebody of coordination can read what you wrote here now, to go on with you.")
OPENED_TOGETHER = N_("%(who)s can open %(reference)s now, until %(hours)s hours from now.")


@dataclass(frozen=True, slots=True)
class Named:
    """A case as whoever knows its reference may know of it, and how many can open it now."""

    case: Case
    readers: int
    in_quorum: bool


@dataclass(frozen=True, slots=True)
class Entrusted:
    """How many cases are not sealed to the quorum yet: of the reader's own, and of all; and who
    could open one together with the others.
    """

    mine: int
    all: int
    coordinators: tuple[Member, ...]


def named(tx: Tx, actor: Actor, *, reference: str) -> tuple[Named, ...]:
    """The cases of a reference that somebody told a coordinator. Leaves a receipt."""
    require(actor, CasePermission.BREAK_GLASS)
    typed = "-".join(reference.casefold().replace("-", " ").split())
    found = recovery.named(tx, typed)
    shown = []
    for case in found:
        audit.receipt(tx, actor, "case.looked-for", case=case.id)
        readers = people.members_named(tx, keys.readers(tx, case.id, case.epoch)).values()
        held = recovery.entrusted(tx, case.id)
        shown.append(Named(case, sum(each.active for each in readers), case.epoch in held))
    return tuple(shown)


def ask_opening(
    tx: Tx, actor: Actor, *, reference: str, case_id: CaseId, opener: PersonId, reason: str
) -> UUID:
    """Ask the quorum to open a case for a named coordinator. The family and all others are told.

    Who asks has to know the case's reference; its id alone is not enough.
    """
    require(actor, CasePermission.BREAK_GLASS)
    found = (one.case for one in named(tx, actor, reference=reference))
    case = next((one for one in found if one.id == case_id), None)
    if case is None:
        raise NotVisible
    if families.contact_of(tx, case.id) is None:  # nobody is left to be told, or to say no
        raise WrongMoment
    held = recovery.entrusted(tx, case.id).get(case.epoch)
    if held is None:
        raise NotInQuorum
    if opener in keys.readers(tx, case.id, case.epoch):
        raise BadInput("opener", "has_key")
    if gate.barred(tx, case, [opener]):
        raise BadInput("opener", "not_available")
    ceremony = quorum.begin_opening(
        tx,
        actor,
        case_id=case.id,
        key_id=held.key,
        opener=opener,
        asked=Asked(reason.strip(), case.card.reference),
    )
    _tell_family(tx, case, ceremony.id)
    return ceremony.id


def family_stops(tx: Tx, actor: Actor, *, ceremony_id: UUID) -> None:
    """The family's no, from the button in their chat."""
    found = families.of_family(tx, actor)
    if found is None:
        raise NotVisible
    quorum.stop_for_family(tx, actor, ceremony_id=ceremony_id, case_id=found.case.id)


def open_together(tx: Tx, actor: Actor, *, ceremony_id: UUID, proof: people.Proof) -> CaseId:
    """The one the stewards named opens the case, after the delay. Their access ends by itself."""
    require(actor, CasePermission.BREAK_GLASS)
    people.prove_again(tx, actor, proof=proof)
    opening = quorum.combined(tx, actor, ceremony_id=ceremony_id)
    case = cases.hold_for_offer(tx, opening.case_id)
    held = recovery.entrusted(tx, case.id)
    if case.epoch not in held or held[case.epoch].key != opening.key_id:
        raise NotInQuorum
    me = people.member(tx, actor.person)
    for epoch, each in held.items():
        if each.key != opening.key_id:
            continue
        private = open_escrow(opening.private, each, case=case.id, epoch=epoch)
        grant = keyring.grant(
            private, PublicKey(me.public_key or b""), case=case.id, epoch=epoch, member=me.id
        )
        keys.give(tx, case.id, epoch, {me.id: grant})
    audit.receipt(tx, actor, "case.opened-together", case=case.id, subject=me.id)
    hours = _hours(tx.pack.quorum.open_for.total_seconds())
    params = {"who": me.alias, "reference": case.card.reference, "hours": hours}
    people.write_to(tx, people.coordinators(tx), OPENED_TOGETHER, params=params)
    found = families.contact_of(tx, case.id)
    if found is not None and case.status is not CaseStatus.CLOSED:
        outbox.promise(tx, Letter(to=found[1].chat, language=found[1].language, say=FAMILY_OPENED))
    return case.id


def end_openings(tx: Tx, actor: Actor) -> int:
    """The clock ends what was opened together: a new key for those who stay, without the opener.

    Where nobody else could receive what the family writes, it waits until somebody can. One that
    waits or breaks keeps no other from ending.
    """
    require(actor, CasePermission.KEEP_HOUSE)
    ended = 0
    for each in quorum.over(tx):
        if ended == ENDED_AT_ONCE:
            break
        try:
            with savepoint(tx):
                ended += _end(tx, actor, each)
        except ONE_ALONE as trouble:
            log.error("opening %s does not end: %s", each.id, type(trouble).__name__)  # noqa: TRY400
    return ended


def keep_quorum(tx: Tx, actor: Actor) -> None:
    """The clock destroys recovery keys of before, once nothing is sealed to them any more."""
    require(actor, CasePermission.KEEP_HOUSE)
    quorum.key_in_use(tx, actor, used=recovery.keys_in_use(tx))


def entrusted(tx: Tx, actor: Actor) -> Entrusted:
    """How many cases are not sealed to the present recovery key, and everybody of coordination."""
    require(actor, CasePermission.BREAK_GLASS)
    openers = people.coordinators(tx)
    current = quorum.public(tx)
    if current is None:
        return Entrusted(0, 0, openers)
    mine = recovery.mine_not_entrusted(tx, actor, current[0], limit=1000)
    return Entrusted(len(mine), recovery.count_not_entrusted(tx, current[0]), openers)


def entrust_mine(tx: Tx, actor: Actor) -> int:
    """Seal a batch of the actor's own cases to the quorum; says how many that were."""
    require(actor, CasePermission.BREAK_GLASS)
    current = quorum.public(tx)
    if current is None:
        return 0
    found = recovery.mine_not_entrusted(tx, actor, current[0], limit=SEALED_AT_ONCE)
    for case in found:
        entrust(tx, open_keys(tx, actor, case))
    return len(found)


def _tell_family(tx: Tx, case: Case, ceremony_id: UUID) -> None:
    found = families.contact_of(tx, case.id)
    if found is None or case.status is CaseStatus.CLOSED:
        return
    contact = found[1]
    outbox.promise(
        tx,
        Letter(
            to=contact.chat,
            language=contact.language,
            say=FAMILY_IS_TOLD,
            params={"hours": _hours(tx.pack.quorum.delay.total_seconds())},
            buttons=((Button(FAMILY_SAYS_NO, f"glass:{ceremony_id.hex}"),),),
            priority=Priority.ANSWER,
        ),
    )


def _end(tx: Tx, actor: Actor, opening: Ceremony) -> int:
    """Shut one case again; 0 where it has to wait."""
    case = cases.hold_if_free(tx, opening.case_id) if opening.case_id else None
    if case is None:
        return 0
    if case.status is CaseStatus.CLOSED:
        keys.take(tx, case.id, opening.opener)
    elif opening.opener in keys.readers(tx, case.id, case.epoch):
        if not can_go_on_without(tx, case, opening.opener):
            return 0
        take_from(tx, actor, case, opening.opener)
    quorum.shut(tx, opening)
    audit.receipt(tx, actor, "case.shut-again", case=case.id, subject=opening.opener)
    return 1


def _hours(seconds: float) -> str:
    return str(max(1, round(seconds / 3600)))
