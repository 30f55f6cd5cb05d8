"""What is to be erased while an alarm about it is open waits: for a while, and not for ever."""

from datetime import date

from network.cases import services as cases
from network.cases.services import WaitingErasure
from network.checkins import policy
from network.checkins.domain.prompts import CLIMBING, PromptStatus
from network.checkins.domain.subjects import Subject
from network.checkins.policy import CheckinPermission
from network.checkins.services.alarms import alarm
from network.checkins.store import prompts, watches
from network.db import Tx
from network.kernel.actor import Actor
from network.kernel.errors import WrongMoment
from network.kernel.ids import AlarmId, CaseId

UNANSWERED = frozenset({PromptStatus.DELIVERED, PromptStatus.REMINDED})


def erase_due(tx: Tx, actor: Actor) -> int:
    """The clock destroys what is to be erased and does not ring; says how many it looked at."""
    return cases.erase_due(tx, actor, rings=_might_ring, parted=_ask_no_more)


def destroy_left(tx: Tx, actor: Actor) -> int:
    """The clock destroys what a family's last reader did not pass on and what does not ring."""
    return cases.destroy_left(tx, actor, rings=_rings)


def waiting_erasure(tx: Tx, actor: Actor, *, watch_id: AlarmId) -> WaitingErasure | None:
    """Whether the family an open alarm is about has asked to be erased; None where it has not."""
    policy.require(actor, CheckinPermission.SEE_DESK)
    about = alarm(tx, actor, watch_id=watch_id).about
    if about.case is None:
        return None
    return cases.waiting_erasure(tx, actor, case_id=about.case)


def hold_erasure(tx: Tx, actor: Actor, *, watch_id: AlarmId) -> date:
    """A coordinator holds it back a week, also beyond the end of this alarm: two weeks in all.

    Any of them may, as any may take the alarm: the one who holds the key may be asleep.
    """
    policy.require(actor, CheckinPermission.SEE_DESK)
    about = alarm(tx, actor, watch_id=watch_id).about
    if about.case is None:
        raise WrongMoment
    return cases.hold_erasure(tx, actor, case_id=about.case)


def _rings(tx: Tx, case_id: CaseId) -> bool:
    """One that cannot be read rings, too."""
    found = watches.of(tx, Subject(case=case_id))
    return any(one.watch is None or one.watch.rings for one in found)


def _might_ring(tx: Tx, case_id: CaseId) -> bool:
    """Also a question that they have and did not answer, which is called off when they are gone."""
    out = prompts.open_of(tx, Subject(case=case_id))
    return _rings(tx, case_id) or any(one.prompt.status in UNANSWERED for one in out)


def _ask_no_more(tx: Tx, case_id: CaseId) -> None:
    """A question that nobody can answer any more would ring. What rings already goes on."""
    out = [one.prompt for one in prompts.hold_open(tx, Subject(case=case_id))]
    quiet = [one.id for one in out if one.status not in CLIMBING]
    prompts.close(tx, quiet, PromptStatus.CANCELLED)
