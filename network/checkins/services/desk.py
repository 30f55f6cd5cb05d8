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
from network.kernel.ids import CaseId
from network.people import services as people
from network.people.services import MemberCard


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
    applicants: tuple[MemberCard, ...]
    on_duty: bool  # the reader
    nobody_on_duty: bool
    machine: Machine

    @property
    def open_to_me(self) -> frozenset[CaseId]:
        """The cases whose room the reader can enter."""
        waiting = (each.case for each in self.cases.requests)
        offered = (each.case for each in self.cases.offered)
        return frozenset(
            each.id for each in (*waiting, *offered, *self.cases.mine, *self.cases.others)
        )

    @property
    def somebody_is_falling(self) -> bool:
        """Whether there is anything here that somebody must do now."""
        unowned = any(each.owner is None for each in self.alarms)
        return bool(unowned or self.late or self.cases.requests)


def desk(tx: Tx, actor: Actor) -> DeskPage:
    """Requests, offers, late questions, alarms and the machine, as they are this moment."""
    require(actor, CheckinPermission.SEE_DESK)
    everybody = people.people(tx, actor)
    return DeskPage(
        cases.desk(tx, actor),
        alarms(tx, actor),
        late(tx, actor),
        everybody.waiting,
        everybody.on_duty,
        everybody.nobody_on_duty,
        machine(tx, actor),
    )


def machine(tx: Tx, actor: Actor) -> Machine:
    """Heartbeats, what waits in the inbox and the outbox, and what had to be set aside."""
    return Machine(
        heartbeats.pulses(tx, actor),
        *outbox.backlog(tx),
        *inbox.backlog(tx),
        rhythms.set_aside(tx),
    )
