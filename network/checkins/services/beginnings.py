"""How alarms of silence begin: worked out once for all that begin alike at one tick."""

from dataclasses import dataclass
from datetime import datetime

from network.checkins.domain.prompts import Prompt, PromptStatus
from network.checkins.domain.watches import Cause, Watch, due_rungs, next_look, of_silence
from network.checkins.services.somebody import Somebody
from network.checkins.services.telling import Roster, ladder_of, reach
from network.db import Tx
from network.people.domain import Member

MOST_CALLED = 1_000  # of one rung: more coordinators than any network has
_Alike = tuple[Cause, str, bool]


@dataclass(frozen=True, slots=True)
class Begun:
    """An alarm whose first rung is told. Who is told is the same for all that begin alike, but for
    whoever stands at `accompanier`.
    """

    watch: Watch
    next_look_at: datetime
    members: tuple[Member, ...]
    accompanier: int | None


class Beginnings:
    """Those of one tick. Two families differ in their ladder and in whether somebody accompanies
    them whom we can write to; whoever coordinates is the same for all.
    """

    def __init__(self, tx: Tx, everyone: Roster) -> None:
        self._tx = tx
        self._everyone = everyone
        self._coordinators = {one.id for one in everyone.coordinators}
        self._known: dict[_Alike, Begun] = {}

    def of(
        self, prompt: Prompt, status: PromptStatus, found: Somebody | None
    ) -> tuple[Begun, tuple[Member, ...]]:
        """How this one's alarm begins, and whom it calls."""
        cause = Cause.SILENCE if status is PromptStatus.LATE else Cause.UNREACHABLE
        who = found.accompanier if found else None
        if prompt.about.case is None or (who is not None and who.id in self._coordinators):
            begun = self._begin(cause, prompt, found)  # told of once, or not told of themselves
            return begun, begun.members
        reachable = who is not None and who.profile.chat is not None
        alike = (cause, found.ladder if found else "", reachable)
        begun = self._known.get(alike) or self._begin(cause, prompt, found)
        if begun.watch.told is None:  # else not everybody found room, and who did is their own
            self._known[alike] = begun
        at = begun.accompanier
        if at is None or who is None:
            return begun, begun.members
        return begun, (*begun.members[:at], who, *begun.members[at + 1 :])

    def _begin(self, cause: Cause, prompt: Prompt, found: Somebody | None) -> Begun:
        now = self._tx.now
        begun = of_silence(cause, ladder_of(self._tx, found), prompt.id, now)
        around = self._everyone.around(prompt.about, found)
        told, members = reach(begun, due_rungs(begun, now), around, MOST_CALLED, now)
        next_at = next_look(told, (), now)
        assert next_at is not None
        who = around.accompanier
        at = next((n for n, one in enumerate(members) if who and one.id == who.id), None)
        return Begun(told, next_at, members, at)
