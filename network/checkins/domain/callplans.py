"""Whom to call when an alarm rings, rung by rung, and whom never to call. Pure."""

from dataclasses import dataclass, field
from typing import Any

from network.checkins.domain.watches import Watch, Whom
from network.kernel.errors import BadInput, Refused

MOST_TEXT = 1_000


class PlanShut(Refused):
    """There is a plan, and the reader's keys do not open it: that is not the same as none."""

    key = "plan_shut"


@dataclass(frozen=True, slots=True)
class CallPlan:
    """What the family and whoever accompanies them agreed on. `rungs` may leave some out."""

    never: str = field(default="", repr=False)
    rungs: dict[Whom, str] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        for name, text in (("never", self.never), *self.rungs.items()):
            if len(text) > MOST_TEXT:
                raise BadInput(str(name), "too_long")

    @property
    def is_empty(self) -> bool:
        """Whether nothing was agreed."""
        return not self.never and not any(self.rungs.values())


def facts(plan: CallPlan) -> dict[str, Any]:
    """A plan as it is sealed."""
    rungs = {whom.value: text for whom, text in plan.rungs.items() if text}
    return {"never": plan.never, "rungs": rungs}


def plan_of(found: dict[str, Any]) -> CallPlan:
    """What `facts` was given."""
    return CallPlan(found["never"], {Whom(name): said for name, said in found["rungs"].items()})


def reached(watch: Watch) -> Whom | None:
    """Whom the last told rung told: the part of the plan that counts now."""
    return None if watch.rung == 0 else watch.whom(watch.rung - 1)
