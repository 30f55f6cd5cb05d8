"""The plan that rides with an alarm: sealed to the case, read by those who hold it.

A member's own is sealed to whoever would answer an alarm about them: `memberplans`.
"""

import json
import logging

from network.cases.services.circles import companion
from network.cases.services.looking import heading
from network.cases.services.opening import open_for, seal_for
from network.checkins.domain.callplans import CallPlan, PlanShut, facts, plan_of
from network.checkins.store import callplans
from network.db import Tx
from network.encryption.sealed import EncryptionError
from network.kernel.actor import Actor
from network.kernel.hidden import Plaintext
from network.kernel.ids import CaseId

log = logging.getLogger(__name__)


def call_plan(tx: Tx, actor: Actor, *, case_id: CaseId) -> CallPlan | None:
    """Whom to call, for who holds the case: NotVisible without a grant, None without a plan,
    PlanShut where it does not open.

    Reading it leaves the receipt of an opening.
    """
    case = heading(tx, actor, case_id=case_id).case
    kept = callplans.of_case(tx, case_id)
    if kept is None:
        return None
    try:
        opened = open_for(tx, actor, case, kept.sealed, kept.place)
    except EncryptionError:
        log.error("the plan of %s cannot be opened", case_id)  # noqa: TRY400  # a trace may hold it
        raise PlanShut from None
    if opened is None:  # sealed before the reader's first key of the case
        raise PlanShut
    return plan_of(json.loads(opened.reveal()))


def write_call_plan(tx: Tx, actor: Actor, *, case_id: CaseId, plan: CallPlan) -> None:
    """Put this plan in the place of the one before; an empty one takes it away."""
    case = companion(tx, actor, case_id=case_id)
    if plan.is_empty:
        callplans.forget(tx, case_id)
        return
    place = callplans.place_of(case_id, case.epoch)
    text = Plaintext(json.dumps(facts(plan), ensure_ascii=False))
    callplans.keep(tx, case_id, case.epoch, seal_for(tx, case, text, place))
