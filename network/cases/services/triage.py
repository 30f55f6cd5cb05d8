"""Triage: how soon, where, and what is needed; all that an offer may say."""

from dataclasses import replace

from config.areas import NoSuchArea
from network import audit
from network.cases.domain import MAX_NEED, Case, CaseStatus, Urgency, cleaned
from network.cases.policy import CasePermission, require
from network.cases.services.holding import part_with_barred
from network.cases.store import cases
from network.db import Tx
from network.kernel.actor import Actor
from network.kernel.errors import BadInput, WrongMoment
from network.kernel.hidden import Plaintext
from network.kernel.ids import CaseId


def triage(
    tx: Tx,
    actor: Actor,
    *,
    case_id: CaseId,
    urgency: Urgency,
    zone: str | None,
    need: str,
) -> Case:
    """A coordinator says how soon somebody must come, where to and what for; again, to correct it.

    `zone` is the code of a state or municipality, `need` a few words without names. Not while the
    case is offered: those invited have read the old ones.
    """
    case = cases.hold(tx, actor, case_id)
    require(actor, CasePermission.TRIAGE, case)
    if case.status is CaseStatus.OFFERED:
        raise WrongMoment
    first = case.status is CaseStatus.RECEIVED
    after = replace(
        case.moved_to(CaseStatus.TRIAGED) if first else case,
        urgency=urgency,
        coordinator=case.coordinator or actor.person,
        card=replace(
            case.card,
            zone=zone or None,
            need=cleaned(Plaintext(need), "need", longest=MAX_NEED).reveal(),
            time_zone=_time_zone(tx, zone),
        ),
    )
    cases.move(tx, case, after)
    audit.receipt(tx, actor, "case.triaged", case=case_id)
    return part_with_barred(tx, actor, after)


def _time_zone(tx: Tx, zone: str | None) -> str:
    if not zone:
        return tx.pack.time_zone
    try:
        return tx.pack.areas.zone_of(zone)
    except NoSuchArea:
        raise BadInput("zone", "no_such_place") from None
