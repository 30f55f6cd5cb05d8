"""Alarms and late questions: who sees them, who takes them, who ends them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from config.language import say
from network import outbox
from network.cases.services.circles import Circle, circles, record
from network.checkins import policy
from network.checkins.domain.prompts import CLIMBING, PromptStatus
from network.checkins.domain.watches import (
    Cause,
    Happened,
    Line,
    Watch,
    fixed_looks,
    next_look,
    owned,
    resolved,
)
from network.checkins.policy import CheckinPermission
from network.checkins.services.telling import (
    RESOLVED,
    SOMEBODY_HAS_IT,
    country_ladder,
    news,
    roster,
    those_told,
)
from network.checkins.store import prompts, watches
from network.checkins.store.watches import Kept
from network.db import Tx
from network.kernel.actor import Actor
from network.kernel.errors import BadInput, NotVisible
from network.kernel.hidden import Plaintext
from network.kernel.ids import AlarmId, CaseId, PersonId, PromptId
from network.kernel.words import N_
from network.outbox.domain import Signal
from network.people import services as people
from network.people.domain import Member

MOST_LATE = 200
MOST_TOLD = 24  # letters of one envelope
MOST_TEXT = 4_000
ENDED = N_("Alarm ended: %(outcome)s")


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm that nobody has ended. `cause` is None where its state cannot be read."""

    id: AlarmId
    case_id: CaseId
    reference: str
    cause: Cause | None
    since: datetime | None
    rung: int
    next_look_at: datetime
    owner: Member | None
    owned_until: datetime | None
    mine: bool
    history: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Late:
    """A question that is late or could not be delivered."""

    prompt_id: PromptId
    case_id: CaseId
    reference: str
    status: PromptStatus
    planned_at: datetime
    delivered_at: datetime | None


def own(tx: Tx, actor: Actor, *, watch_id: AlarmId) -> Alarm:
    """Take an alarm, or say again that one has it. Of two at once, one does."""
    policy.require(actor, CheckinPermission.SEE_ALARMS)
    kept, watch, circle = _ringing(tx, actor, watch_id)
    had = watch.has_owner(tx.now)
    taken = owned(watch, actor.person, tx.now)
    next_at = next_look(taken, fixed_looks(country_ladder(tx.pack.alarms.ladder)), tx.now)
    assert next_at is not None
    watches.replace(tx, kept, taken, next_at)
    _spread(tx, actor, circle, kept.case_id, watch, "" if had else SOMEBODY_HAS_IT)
    return _alarm(tx, actor, Kept(kept.id, kept.case_id, kept.state, taken, next_at), circle)


def resolve(tx: Tx, actor: Actor, *, watch_id: AlarmId, outcome: Plaintext) -> None:
    """Its owner says how it ended, sealed into the case. Nobody is told of this alarm again."""
    policy.require(actor, CheckinPermission.SEE_ALARMS)
    words = outcome.reveal().strip()
    if not words:
        raise BadInput("outcome", "empty")
    if len(words) > MOST_TEXT:
        raise BadInput("outcome", "too_long")
    kept, watch, circle = _ringing(tx, actor, watch_id)
    ended = resolved(watch, actor.person, tx.now)
    next_at = next_look(ended, fixed_looks(country_ladder(tx.pack.alarms.ladder)), tx.now)
    if next_at is None:
        watches.end(tx, kept)
    else:
        watches.replace(tx, kept, ended, next_at)
    if watch.prompt is not None:
        _close_questions(tx, kept.case_id)
    text = say(actor.language, ENDED, outcome=words)
    record(tx, case_id=kept.case_id, author=actor.person, text=Plaintext(text))
    _spread(tx, actor, circle, kept.case_id, watch, RESOLVED)


def alarm(tx: Tx, actor: Actor, *, watch_id: AlarmId) -> Alarm:
    """One open alarm, with what happened so far."""
    policy.require(actor, CheckinPermission.SEE_ALARMS)
    kept, _watch, circle = _ringing(tx, actor, watch_id)
    return _alarm(tx, actor, kept, circle)


def alarms(tx: Tx, actor: Actor) -> tuple[Alarm, ...]:
    """Every open alarm that is this member's to know, the oldest first."""
    policy.require(actor, CheckinPermission.SEE_ALARMS)
    ringing = [one for one in watches.everywhere(tx) if one.watch is None or one.watch.rings]
    return _shown(tx, actor, ringing)


def alarms_of(tx: Tx, actor: Actor, case_id: CaseId) -> tuple[Alarm, ...]:
    """The open alarms of one case the caller has found."""
    ringing = [one for one in watches.of_case(tx, case_id) if one.watch and one.watch.rings]
    return _shown(tx, actor, ringing)


def late(tx: Tx, actor: Actor) -> tuple[Late, ...]:
    """Every question that is late or could not be delivered and is this member's to know."""
    policy.require(actor, CheckinPermission.SEE_ALARMS)
    found = prompts.climbing(tx, MOST_LATE)
    around = circles(tx, {one.case_id for one in found})
    return tuple(
        Late(
            one.id,
            one.case_id,
            _reference(one.case_id, around.get(one.case_id)),
            one.status,
            one.planned_at,
            one.delivered_at,
        )
        for one in found
        if policy.concerns(actor, _accompanier(around.get(one.case_id)))
    )


def _ringing(tx: Tx, actor: Actor, watch_id: AlarmId) -> tuple[Kept, Watch, Circle | None]:
    """An alarm this member may know of. A calm watch and none at all look the same."""
    kept = watches.one(tx, watch_id)
    circle = circles(tx, (kept.case_id,)).get(kept.case_id)
    if kept.watch is None or not kept.watch.rings:
        raise NotVisible
    if not policy.concerns(actor, _accompanier(circle)):
        raise NotVisible
    return kept, kept.watch, circle


def _spread(
    tx: Tx, actor: Actor, circle: Circle | None, case_id: CaseId, watch: Watch, sentence: str
) -> None:
    """Tell whoever knew of the alarm; in an envelope, as everything about alarms is."""
    around = roster(tx).around(case_id, circle)
    others = [one for one in those_told(watch, around) if one.id != actor.person_id]
    letters = news(others[:MOST_TOLD], sentence, around) if sentence else ()
    outbox.promise_signal(tx, Signal(letters))


def _close_questions(tx: Tx, case_id: CaseId) -> None:
    silent = [
        one.prompt.id for one in prompts.open_of(tx, case_id) if one.prompt.status in CLIMBING
    ]
    prompts.close(tx, silent, PromptStatus.RESOLVED)


def _shown(tx: Tx, actor: Actor, ringing: Sequence[Kept]) -> tuple[Alarm, ...]:
    around = circles(tx, {one.case_id for one in ringing})
    mine = [one for one in ringing if policy.concerns(actor, _accompanier(around.get(one.case_id)))]
    owners = people.members_named(
        tx, {one.watch.owner for one in mine if one.watch and one.watch.owner is not None}
    )
    shown = [_card(tx, actor, one, around.get(one.case_id), owners) for one in mine]
    return tuple(sorted(shown, key=lambda one: one.since or tx.now))


def _alarm(tx: Tx, actor: Actor, kept: Kept, circle: Circle | None) -> Alarm:
    owner = kept.watch.owner if kept.watch else None
    owners = people.members_named(tx, {owner} if owner is not None else set())
    return _card(tx, actor, kept, circle, owners)


def _card(
    tx: Tx, actor: Actor, kept: Kept, circle: Circle | None, owners: dict[PersonId, Member]
) -> Alarm:
    reference = _reference(kept.case_id, circle)
    watch = kept.watch
    if watch is None:
        return Alarm(
            kept.id,
            kept.case_id,
            reference,
            None,
            None,
            0,
            kept.next_look_at,
            None,
            None,
            mine=False,
        )
    has = watch.has_owner(tx.now)
    return Alarm(
        kept.id,
        kept.case_id,
        reference,
        watch.cause,
        _began(watch),
        watch.rung,
        kept.next_look_at,
        owners.get(watch.owner) if has and watch.owner is not None else None,
        watch.owned_until if has else None,
        mine=has and watch.owner == actor.person_id,
        history=watch.history,
    )


def _began(watch: Watch) -> datetime:
    """When somebody was first told: the ladder's own beginning moves with our absences."""
    told = [line.at for line in watch.history if line.what is Happened.TOLD]
    return min([watch.since, *told])


def _accompanier(circle: Circle | None) -> PersonId | None:
    return circle.accompanier.id if circle and circle.accompanier else None


def _reference(case_id: CaseId, circle: Circle | None) -> str:
    return circle.case.card.reference if circle else str(case_id)[:8]
