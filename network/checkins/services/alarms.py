"""Alarms and late questions: who sees them, who takes them, who ends them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from config.language import say
from network import outbox
from network.cases.services.circles import record
from network.checkins import policy
from network.checkins.domain.prompts import CLIMBING, PromptStatus
from network.checkins.domain.subjects import Subject
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
from network.checkins.services.somebody import Somebody, find
from network.checkins.services.telling import (
    RESOLVED,
    SOMEBODY_HAS_IT,
    country_ladder,
    news,
    roster,
    those_told,
)
from network.checkins.store import endings, prompts, watches
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
    about: Subject
    reference: str
    cause: Cause | None
    since: datetime | None
    rung: int
    next_look_at: datetime
    owner: Member | None
    owned_until: datetime | None
    mine: bool
    history: tuple[Line, ...] = ()

    @property
    def case_id(self) -> CaseId | None:
        """The case of the family it is about; None where it is about a member."""
        return self.about.case


@dataclass(frozen=True, slots=True)
class Late:
    """A question that is late or could not be delivered."""

    prompt_id: PromptId
    about: Subject
    reference: str
    status: PromptStatus
    planned_at: datetime
    delivered_at: datetime | None

    @property
    def case_id(self) -> CaseId | None:
        """The case of the family that was asked; None where it was a member."""
        return self.about.case


def own(tx: Tx, actor: Actor, *, watch_id: AlarmId) -> Alarm:
    """Take an alarm, or say again that one has it. Of two at once, one does."""
    policy.require(actor, CheckinPermission.SEE_ALARMS)
    kept, watch, found = _ringing(tx, actor, watch_id)
    had = watch.has_owner(tx.now)
    taken = owned(watch, actor.person, tx.now)
    next_at = next_look(taken, fixed_looks(country_ladder(tx.pack.alarms.ladder)), tx.now)
    assert next_at is not None
    watches.replace(tx, kept, taken, next_at)
    _spread(tx, actor, found, kept.about, watch, "" if had else SOMEBODY_HAS_IT)
    return _alarm(tx, actor, Kept(kept.id, kept.about, kept.state, taken, next_at), found)


def resolve(tx: Tx, actor: Actor, *, watch_id: AlarmId, outcome: Plaintext) -> None:
    """Its owner says how it ended, sealed into the case. Nobody is told of this alarm again."""
    policy.require(actor, CheckinPermission.SEE_ALARMS)
    words = outcome.reveal().strip()
    if not words:
        raise BadInput("outcome", "empty")
    if len(words) > MOST_TEXT:
        raise BadInput("outcome", "too_long")
    kept, watch, found = _ringing(tx, actor, watch_id)
    ended = resolved(watch, actor.person, tx.now)
    next_at = next_look(ended, fixed_looks(country_ladder(tx.pack.alarms.ladder)), tx.now)
    if next_at is None:
        watches.end(tx, kept)
    else:
        watches.replace(tx, kept, ended, next_at)
    if watch.prompt is not None:
        _close_questions(tx, kept.about)
    text = Plaintext(say(actor.language, ENDED, outcome=words))
    if kept.about.case is not None:
        record(tx, case_id=kept.about.case, author=actor.person, text=text)
    else:
        endings.add(tx, kept.about, text)
    _spread(tx, actor, found, kept.about, watch, RESOLVED)


def alarm(tx: Tx, actor: Actor, *, watch_id: AlarmId) -> Alarm:
    """One open alarm, with what happened so far."""
    policy.require(actor, CheckinPermission.SEE_ALARMS)
    kept, _watch, found = _ringing(tx, actor, watch_id)
    return _alarm(tx, actor, kept, found)


def alarms(tx: Tx, actor: Actor) -> tuple[Alarm, ...]:
    """Every open alarm that is this member's to know, the oldest first."""
    policy.require(actor, CheckinPermission.SEE_ALARMS)
    ringing = [one for one in watches.everywhere(tx) if one.watch is None or one.watch.rings]
    return _shown(tx, actor, ringing)


def alarms_of(tx: Tx, actor: Actor, about: Subject) -> tuple[Alarm, ...]:
    """The open alarms about a family or member the caller has found."""
    ringing = [one for one in watches.of(tx, about) if one.watch and one.watch.rings]
    return _shown(tx, actor, ringing)


def late(tx: Tx, actor: Actor) -> tuple[Late, ...]:
    """Every question that is late or could not be delivered and is this member's to know."""
    policy.require(actor, CheckinPermission.SEE_ALARMS)
    silent = prompts.climbing(tx, MOST_LATE)
    around = find(tx, {one.about for one in silent})
    return tuple(
        Late(
            one.id,
            one.about,
            _reference(one.about, around.get(one.about)),
            one.status,
            one.planned_at,
            one.delivered_at,
        )
        for one in silent
        if policy.concerns(actor, one.about, _accompanier(around.get(one.about)))
    )


def _ringing(tx: Tx, actor: Actor, watch_id: AlarmId) -> tuple[Kept, Watch, Somebody | None]:
    """An alarm this member may know of. A calm watch and none at all look the same."""
    kept = watches.one(tx, watch_id)
    found = find(tx, (kept.about,)).get(kept.about)
    if kept.watch is None or not kept.watch.rings:
        raise NotVisible
    if not policy.concerns(actor, kept.about, _accompanier(found)):
        raise NotVisible
    return kept, kept.watch, found


def _spread(
    tx: Tx, actor: Actor, found: Somebody | None, about: Subject, watch: Watch, sentence: str
) -> None:
    """Tell whoever knew of the alarm; in an envelope, as everything about alarms is."""
    around = roster(tx).around(about, found)
    others = [one for one in those_told(watch, around) if one.id != actor.person_id]
    letters = news(others[:MOST_TOLD], sentence, around) if sentence else ()
    outbox.promise_signal(tx, Signal(letters))


def _close_questions(tx: Tx, about: Subject) -> None:
    silent = [one.prompt.id for one in prompts.open_of(tx, about) if one.prompt.status in CLIMBING]
    prompts.close(tx, silent, PromptStatus.RESOLVED)


def _shown(tx: Tx, actor: Actor, ringing: Sequence[Kept]) -> tuple[Alarm, ...]:
    around = find(tx, {one.about for one in ringing})
    mine = [
        one
        for one in ringing
        if policy.concerns(actor, one.about, _accompanier(around.get(one.about)))
    ]
    owners = people.members_named(
        tx, {one.watch.owner for one in mine if one.watch and one.watch.owner is not None}
    )
    shown = [_card(tx, actor, one, around.get(one.about), owners) for one in mine]
    return tuple(sorted(shown, key=lambda one: one.since or tx.now))


def _alarm(tx: Tx, actor: Actor, kept: Kept, found: Somebody | None) -> Alarm:
    owner = kept.watch.owner if kept.watch else None
    owners = people.members_named(tx, {owner} if owner is not None else set())
    return _card(tx, actor, kept, found, owners)


def _card(
    tx: Tx, actor: Actor, kept: Kept, found: Somebody | None, owners: dict[PersonId, Member]
) -> Alarm:
    reference = _reference(kept.about, found)
    watch = kept.watch
    if watch is None:
        return Alarm(
            kept.id,
            kept.about,
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
        kept.about,
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


def _accompanier(found: Somebody | None) -> PersonId | None:
    return found.accompanier.id if found and found.accompanier else None


def _reference(about: Subject, found: Somebody | None) -> str:
    return found.reference if found else str(about.id)[:8]
