"""One page's worth of facts: is anybody falling through?"""

from dataclasses import dataclass

from network import heartbeats, inbox, outbox
from network.cases import services as cases
from network.checkins.policy import CheckinPermission, require
from network.checkins.services.alarms import Alarm, Late, alarms, late
from network.checkins.store import rhythms
from network.db import Tx
from network.heartbeats import Pulse
from network.kernel.actor import Actor


@dataclass(frozen=True, slots=True)
class Machine:
    """How we ourselves are."""

    pulses: tuple[Pulse, ...]
    letters_waiting: int
    letters_refused: int
    arrivals_waiting: int
    arrivals_set_aside: int
    rhythms_set_aside: int


@dataclass(frozen=True, slots=True)
class DeskPage:
    """What coordination looks at first."""

    cases: cases.Desk
    alarms: tuple[Alarm, ...]
    late: tuple[Late, ...]
    machine: Machine


def desk(tx: Tx, actor: Actor) -> DeskPage:
    """Requests, offers, late questions, alarms and the machine, as they are this moment."""
    require(actor, CheckinPermission.SEE_DESK)
    return DeskPage(cases.desk(tx, actor), alarms(tx, actor), late(tx, actor), machine(tx, actor))


def machine(tx: Tx, actor: Actor) -> Machine:
    """Heartbeats, what waits in the inbox and the outbox, and what had to be set aside."""
    return Machine(
        heartbeats.pulses(tx, actor),
        *outbox.backlog(tx),
        *inbox.backlog(tx),
        len(rhythms.set_aside(tx)),
    )
