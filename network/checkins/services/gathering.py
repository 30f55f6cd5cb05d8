"""Silences of one zone: what is known of the others, and which rungs wait for each other.

The first who falls silent is told of at once, always. Who follows within moments, and would ring
the same telephones again, is told of with all that follow until one moment, which is fixed when it
is first named; from then on the ladders of all of them climb together.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from network.checkins.domain.prompts import Prompt, PromptStatus
from network.checkins.domain.silence import Fell, findings, gathers_at, is_recent
from network.checkins.domain.subjects import Subject
from network.checkins.domain.watches import (
    Cause,
    Watch,
    due_rungs,
    in_step,
    next_look,
    waiting,
)
from network.checkins.services.beginnings import MOST_CALLED, Begun
from network.checkins.services.sharing import MOST_NAMED
from network.checkins.services.somebody import Somebody, find
from network.checkins.services.telling import Roster, reach, those_told
from network.checkins.store import prompts, trips, watches
from network.checkins.store.watches import Kept, Looked
from network.db import Tx
from network.kernel.ids import AlarmId, PersonId, PromptId
from network.people.domain import Member

MOST_SILENT = 300  # the newest silences among which a zone is found
MOST_FOLLOWING = 100  # at one tick: more than these are told of at once, in letters they share


class Others:
    """Whoever else is silent, read once for a tick, and only where somebody asks."""

    def __init__(self, tx: Tx, around: Mapping[Subject, Somebody]) -> None:
        self._tx = tx
        self._around = around

    @cached_property
    def known(self) -> tuple[tuple[Prompt, Somebody], ...]:
        """Their questions, and who they are; one who cannot be read is left out."""
        since = self._tx.now - self._tx.pack.silence.window
        silent = prompts.climbing_since(self._tx, since, MOST_SILENT)
        more = find(self._tx, {one.about for one in silent} - self._around.keys())
        return tuple(
            (one, somebody)
            for one in silent
            if (somebody := self._around.get(one.about) or more.get(one.about)) is not None
        )


@dataclass(frozen=True, slots=True)
class Fresh:
    """Somebody whose alarm of silence begins now, and whom its first rung calls."""

    watch_id: AlarmId
    prompt: Prompt
    status: PromptStatus
    found: Somebody | None
    begun: Begun
    members: tuple[Member, ...]

    @property
    def zone(self) -> str | None:
        """Where they are, as far as it is known."""
        return self.found.zone if self.found is not None else None


@dataclass(frozen=True, slots=True)
class Company:
    """Those of one zone who fell silent moments before. Their ladders begin together at `moment`;
    `called` have a letter about one of them, or will; `ahead` were told of before anybody else was
    silent, and fall into step.
    """

    moment: datetime
    called: frozenset[PersonId]
    ahead: tuple[Kept, ...]

    def begins(self, one: Fresh, now: datetime) -> tuple[Watch, datetime, tuple[Member, ...]]:
        """How an alarm begins among these, when it is looked at next, and whom it calls now.

        Only a letter that would be somebody's next one about this zone waits.
        """
        if now < self.moment and any(member.id in self.called for member in one.members):
            watch = waiting(one.begun.watch, self.moment)
            return watch, watch.time_of(watch.rung), ()
        watch = in_step(one.begun.watch, self.moment)
        return watch, _next_look(watch, now), one.members


def companies(
    tx: Tx, fresh: Sequence[Fresh], others: Others, everyone: Roster
) -> dict[AlarmId, Company]:
    """In whose company these fell silent; without those who are told of at once as ever.

    Those are: who cannot be reached, who is late from a trip, the first of their zone, and so many
    at one tick that they fill letters by themselves.
    """
    if len(fresh) > MOST_FOLLOWING:
        return {}
    late = [(one, one.zone) for one in fresh if one.status is PromptStatus.LATE]
    travels = _on_trips(tx, [one.prompt for one, zone in late if zone is not None])
    may = {
        one.watch_id: zone
        for one, zone in late
        if zone is not None and one.prompt.id not in travels
    }
    counted = Counter(may.values())
    zones = {zone for zone, count in counted.items() if count < MOST_NAMED}
    if not zones:
        return {}
    near = _near(tx, {one.prompt.about for one in fresh}, zones, others)
    found = {zone: _company(tx, some, everyone) for zone, some in near.items()}
    return {each: one for each, zone in may.items() if (one := found.get(zone)) is not None}


def fall_in(
    tx: Tx, companies: Collection[Company], taken: Collection[AlarmId]
) -> tuple[Looked, ...]:
    """Who was told of first goes on with the others: their next rung waits for those of the others,
    once, and less than twice the pack's `share`. Whoever is just being changed by somebody else is
    left as they are.
    """
    moments = {kept.id: one.moment for one in companies for kept in one.ahead}
    wanted = [each for each in moments if each not in taken]
    if not wanted:
        return ()
    found = []
    for kept in watches.claim_these(tx, wanted):
        watch = kept.watch
        if watch is not None and _is_ahead(watch, tx.now):
            joined = in_step(watch, moments[kept.id])
            found.append(Looked(kept.id, joined, _next_look(joined, tx.now)))
    return tuple(found)


def dark_zones(
    tx: Tx, fallen: Sequence[Subject], around: Mapping[Subject, Somebody], others: Others
) -> frozenset[str]:
    """The zones of these in which so many are silent that their rungs wait for each other."""
    rules = tx.pack.silence
    known = [(each, one.zone) for each in fallen if (one := around.get(each)) is not None]
    here = [Fell(each, zone, tx.now) for each, zone in known if zone]
    if not here:
        return frozenset()
    there = [
        Fell(one.about, somebody.zone, one.delivered_at or one.planned_at)
        for one, somebody in others.known
    ]
    dark = findings((*there, *here), window=rules.window, people=rules.people)
    return frozenset(each.zone for each in dark)


def _near(
    tx: Tx, fresh: Collection[Subject], zones: Collection[str], others: Others
) -> dict[str, list[tuple[Kept, Watch, Somebody]]]:
    """The alarms of others in these zones who fell silent moments ago, in a few statements."""
    here = [
        (prompt, somebody)
        for prompt, somebody in others.known
        if somebody.zone in zones
        and prompt.status is PromptStatus.LATE
        and prompt.about not in fresh
    ]
    on_trips = _on_trips(tx, [prompt for prompt, _ in here])
    known = {prompt.about: somebody for prompt, somebody in here}
    found: defaultdict[str, list[tuple[Kept, Watch, Somebody]]] = defaultdict(list)
    for kept in watches.of_these(tx, known):
        watch, somebody = kept.watch, known[kept.about]
        if watch is None or watch.cause is not Cause.SILENCE or watch.prompt in on_trips:
            continue
        if somebody.zone and is_recent(watch, tx.now, tx.pack.silence.share):
            found[somebody.zone].append((kept, watch, somebody))
    return found


def _on_trips(tx: Tx, asked: Sequence[Prompt]) -> frozenset[PromptId]:
    """Those of these questions that ask for a return from a trip."""
    members = {one.rhythm_id for one in asked if one.about.person is not None}
    travels = trips.rhythms_of(tx, members)
    return frozenset(one.id for one in asked if one.rhythm_id in travels)


def _company(
    tx: Tx, near: Sequence[tuple[Kept, Watch, Somebody]], everyone: Roster
) -> Company | None:
    moment, is_new = gathers_at([watch for _, watch, _ in near], tx.now, tx.pack.silence.share)
    called: set[PersonId] = set()
    for kept, watch, somebody in near:
        called.update(one.id for one in _called(tx, kept.about, watch, somebody, everyone))
    ahead = tuple(kept for kept, watch, _ in near if _is_ahead(watch, tx.now)) if is_new else ()
    return Company(moment, frozenset(called), ahead if len(ahead) < MOST_NAMED else ())


def _called(
    tx: Tx, about: Subject, watch: Watch, somebody: Somebody, everyone: Roster
) -> Sequence[Member]:
    here = everyone.around(about, somebody)
    if watch.rung:
        return those_told(watch, here)
    return reach(watch, due_rungs(watch, watch.time_of(0)), here, MOST_CALLED, tx.now)[1]


def _next_look(watch: Watch, now: datetime) -> datetime:
    found = next_look(watch, (), now)
    assert found is not None
    return found


def _is_ahead(watch: Watch, now: datetime) -> bool:
    """Told of at once, alone, and nobody has it: the next rung is still to come."""
    told = watch.rung > 0 and watch.told is None and now < watch.time_of(watch.rung)
    return told and watch.cause is Cause.SILENCE and watch.owner is None and not watch.gathered
