"""The plan that rides with an alarm: sealed to the case, read by those who hold it.

A member's own is sealed to whoever would answer an alarm about them: `memberplans`.
"""

import json

from network.cases.services.circles import companion
from network.cases.services.looking import heading
from network.cases.services.opening import open_for, seal_for
from network.checkins.domain.callplans import CallPlan, facts, plan_of
from network.checkins.store import callplans
from network.db import Tx
from network.kernel.actor import Actor
from network.kernel.hidden import Plaintext
from network.kernel.ids import CaseId


def call_plan(tx: Tx, actor: Actor, *, case_id: CaseId) -> CallPlan | None:
    """Whom to call, for who holds the case: NotVisible without a grant, None without a plan.

    Where there is a plan, reading it leaves the receipt of an opening.
    """
    case = heading(tx, actor, case_id=case_id).case
    kept = callplans.of_case(tx, case_id)
    if kept is None:
        return None
    opened = open_for(tx, actor, case, kept.sealed, kept.place)
    return None if opened is None else plan_of(json.loads(opened.reveal()))


def write_call_plan(tx: Tx, actor: Actor, *, case_id: CaseId, plan: CallPlan) -> None:
    """Put this plan in the place of the one before; an empty one takes it away."""
    case = companion(tx, actor, case_id=case_id)
    if plan.is_empty:
        callplans.forget(tx, case_id)
        return
    place = callplans.place_of(case_id, case.epoch)
    text = Plaintext(json.dumps(facts(plan), ensure_ascii=False))
    callplans.keep(tx, case_id, case.epoch, seal_for(tx, case, text, place))
