"""Alarms and late questions: who sees them, who takes them, who ends them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from config.language import say
from network import outbox
from network.cases.services.circles import record
from network.checkins import policy
from network.checkins.domain.callplans import reached
from network.checkins.domain.fatigue import ended_as
from network.checkins.domain.prompts import CLIMBING, PromptStatus
from network.checkins.domain.subjects import Subject
from network.checkins.domain.watches import (
    SILENT,
    TO_CHOOSE,
    Cause,
    Happened,
    Line,
    Outcome,
    Watch,
    Whom,
    fixed_looks,
    let_go,
    next_look,
    owned,
    renewed,
    resolved,
)
from network.checkins.policy import CheckinPermission
from network.checkins.services.alike import any_rings, hold_alike
from network.checkins.services.owners import abandoned, concerned
from network.checkins.services.somebody import Somebody, find
from network.checkins.services.telling import (
    ONE_IS_OVER,
    RESOLVED,
    SOMEBODY_HAS_IT,
    call_off,
    country_ladder,
    news,
    packed,
    roster,
)
from network.checkins.store import endings, outcomes, prompts, watches
from network.checkins.store.endings import Written
from network.checkins.store.watches import Kept
from network.db import Tx
from network.kernel.actor import Actor
from network.kernel.errors import BadInput, NotVisible
from network.kernel.hidden import Plaintext
from network.kernel.ids import AlarmId, CaseId, PersonId
from network.kernel.words import N_
from network.outbox.domain import Signal
from network.people import services as people
from network.people.domain import Member

MOST_LATE = 200
MOST_TEXT = 4_000
ENDED = N_("Alarm ended. %(outcome)s %(words)s")
DOING = N_("The alarm goes on. What is being done: %(words)s")
OUTCOMES = {
    Outcome.HELPED: N_("They needed help and have it."),
    Outcome.FORGOT: N_("They forgot, slept or were busy."),
    Outcome.CHANNEL: N_("Their telephone, the signal or Telegram failed."),
    Outcome.FALSE: N_("Nothing was wrong."),
    Outcome.ELSEWHERE: N_("It goes on in the room; the alarm is not needed any more."),
    Outcome.ANSWERED: N_("They answered themselves."),
}


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
    zone: str | None = None
    reached: Whom | None = None  # the rung that was told last

    @property
    def case_id(self) -> CaseId | None:
        """The case of the family it is about; None where it is about a member."""
        return self.about.case


@dataclass(frozen=True, slots=True)
class Late:
    """A question that is late or could not be delivered."""

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
    """Take an alarm, and with it every other danger word of that family that nobody has. Of two at
    once, one does; pressing twice changes nothing.
    """
    policy.require(actor, CheckinPermission.SEE_ALARMS)
    pressed, alike = hold_alike(tx, watch_id)
    kept, watch, found = _ringing(tx, actor, pressed)
    alone = abandoned(tx, (kept, *alike), {kept.about: found} if found else {})
    mine, took = kept, list[Watch]()
    for one, before in ((kept, watch), *_readable(alike)):
        free = let_go(before, tx.now) if one.id in alone else before
        had = free.has_owner(tx.now)
        if one is kept or not had:
            taken = owned(free, actor.person, tx.now, tx.pack.alarms.ownership)
            now_kept = _keep(tx, one, taken)
            mine = now_kept if one is kept else mine
            took += [] if had else [before]
    call_off(tx, watch_id, *(one.id for one in alike))
    _spread(tx, actor, found, kept.about, took, SOMEBODY_HAS_IT)
    return _alarm(tx, actor, mine, found)


def renew(tx: Tx, actor: Actor, *, watch_id: AlarmId, doing: Plaintext) -> Alarm:
    """Whoever has it keeps it, and says what is being done: sealed into the case."""
    policy.require(actor, CheckinPermission.SEE_ALARMS)
    words = _words("doing", doing)
    pressed, alike = hold_alike(tx, watch_id)
    kept, watch, found = _ringing(tx, actor, pressed)
    longer = renewed(watch, actor.person, tx.now, tx.pack.alarms.ownership)
    now_kept = _keep(tx, kept, longer)
    for one, other in _readable(alike):
        if other.owner == actor.person and other.has_owner(tx.now):
            _keep(tx, one, renewed(other, actor.person, tx.now, tx.pack.alarms.ownership))
    _write_down(tx, actor, kept.about, say(actor.language, DOING, words=words))
    _spread(tx, actor, found, kept.about, (), "")
    return _alarm(tx, actor, now_kept, found)


def resolve(tx: Tx, actor: Actor, *, watch_id: AlarmId, outcome: Outcome, words: Plaintext) -> None:
    """Its owner says how it ended, sealed into the case. Nobody is told of this alarm again, nor of
    other danger words of that family which they have; one written since rings on.

    One that cannot be read can be taken by nobody; any coordinator ends it.
    """
    policy.require(actor, CheckinPermission.SEE_ALARMS)
    if outcome not in TO_CHOOSE:
        raise BadInput("outcome", "not_one")
    typed = _words("words", words)
    kept, alike, found = _held(tx, actor, watch_id)
    how = say(actor.language, OUTCOMES[outcome])
    text = say(actor.language, ENDED, outcome=how, words=typed)
    if kept.watch is None:
        policy.require(actor, CheckinPermission.SEE_DESK)
        watches.end(tx, kept)
        call_off(tx, watch_id)
        _write_down(tx, actor, kept.about, text)
        return
    ended = [(kept, kept.watch)]
    ended += [(one, watch) for one, watch in _readable(alike) if watch.owner == actor.person]
    for one, watch in ended:
        _end(tx, actor, one, watch)
        if watch.cause in SILENT:
            outcomes.add(tx, one.about, ended_as(watch, outcome, tx.now))
    call_off(tx, *(one.id for one, _ in ended))
    _write_down(tx, actor, kept.about, text)
    over = ONE_IS_OVER if any_rings(watches.of(tx, kept.about)) else RESOLVED
    _spread(tx, actor, found, kept.about, [watch for _, watch in ended], over)


def _end(tx: Tx, actor: Actor, kept: Kept, watch: Watch) -> None:
    ended = resolved(watch, actor.person, tx.now)
    next_at = next_look(ended, fixed_looks(country_ladder(tx.pack.alarms.ladder)), tx.now)
    if next_at is None:
        watches.end(tx, kept)
    else:
        watches.replace(tx, kept, ended, next_at)


def _held(
    tx: Tx, actor: Actor, watch_id: AlarmId
) -> tuple[Kept, tuple[Kept, ...], Somebody | None]:
    """An alarm to be ended with those like it, and its questions closed.

    They are closed before the alarm is held, as a family's own word does it: two that cross never
    wait for each other in a ring. Of one that cannot be read they are closed too, where nothing
    else rings for them: a question that is late and of which nobody is told hides later ones.
    """
    before, _ = _known(tx, actor, watches.one(tx, watch_id))
    if _rings_for_silence(tx, before):
        _close_questions(tx, before.about)
    pressed, alike = hold_alike(tx, watch_id)
    kept, found = _known(tx, actor, pressed)
    return kept, alike, found


def _readable(kept: Sequence[Kept]) -> list[tuple[Kept, Watch]]:
    return [(one, one.watch) for one in kept if one.watch is not None]


def _rings_for_silence(tx: Tx, kept: Kept) -> bool:
    """Whether no other alarm could ring for the questions that are late."""
    if kept.watch is not None:
        return kept.watch.cause in SILENT
    others = [one.watch for one in watches.of(tx, kept.about) if one.id != kept.id]
    return not any(each is None or each.cause in SILENT for each in others)


def alarm(tx: Tx, actor: Actor, *, watch_id: AlarmId) -> Alarm:
    """One open alarm, with what happened so far."""
    policy.require(actor, CheckinPermission.SEE_ALARMS)
    kept, found = _known(tx, actor, watches.one(tx, watch_id))
    return _alarm(tx, actor, kept, found)


def alarms(tx: Tx, actor: Actor) -> tuple[Alarm, ...]:
    """Every open alarm that is this member's to know, the oldest first."""
    policy.require(actor, CheckinPermission.SEE_ALARMS)
    return _shown(tx, actor, watches.ringing(tx))


def alarms_of(tx: Tx, actor: Actor, about: Subject) -> tuple[Alarm, ...]:
    """The open alarms about a family or member the caller has found."""
    ringing = [one for one in watches.of(tx, about) if one.watch and one.watch.rings]
    return _shown(tx, actor, ringing)


def written(tx: Tx, actor: Actor, *, watch_id: AlarmId) -> tuple[Written, ...]:
    """What whoever had an alarm about a member wrote of it, the newest first: whoever takes it over
    has to know what is being done. Of a family it stands in its room.
    """
    policy.require(actor, CheckinPermission.SEE_ALARMS)
    kept, _ = _known(tx, actor, watches.one(tx, watch_id))
    if kept.about.person is None or kept.watch is None:
        return ()
    return endings.of(tx, kept.about, began(kept.watch).date())


def late(tx: Tx, actor: Actor) -> tuple[Late, ...]:
    """Questions late or not delivered that are this member's to know; the newest of very many."""
    policy.require(actor, CheckinPermission.SEE_ALARMS)
    silent = prompts.climbing(tx, MOST_LATE)
    around = find(tx, {one.about for one in silent})
    return tuple(
        Late(
            one.about,
            _reference(one.about, around.get(one.about)),
            one.status,
            one.planned_at,
            one.delivered_at,
        )
        for one in silent
        if policy.concerns(actor, one.about, _accompanier(around.get(one.about)))
    )


def _known(tx: Tx, actor: Actor, kept: Kept) -> tuple[Kept, Somebody | None]:
    """An alarm this member may know of. A calm watch and none at all look the same."""
    found = find(tx, (kept.about,)).get(kept.about)
    if kept.watch is not None and not kept.watch.rings:
        raise NotVisible
    if not policy.concerns(actor, kept.about, _accompanier(found)):
        raise NotVisible
    return kept, found


def _ringing(tx: Tx, actor: Actor, kept: Kept) -> tuple[Kept, Watch, Somebody | None]:
    """The same, for one that can be read."""
    kept, found = _known(tx, actor, kept)
    if kept.watch is None:
        raise NotVisible
    return kept, kept.watch, found


def _words(field: str, typed: Plaintext) -> str:
    words = typed.reveal().strip()
    if not words:
        raise BadInput(field, "empty")
    if len(words) > MOST_TEXT:
        raise BadInput(field, "too_long")
    return words


def _keep(tx: Tx, kept: Kept, watch: Watch) -> Kept:
    next_at = next_look(watch, fixed_looks(country_ladder(tx.pack.alarms.ladder)), tx.now)
    assert next_at is not None
    watches.replace(tx, kept, watch, next_at)
    return Kept(kept.id, kept.about, kept.state, watch, next_at)


def _write_down(tx: Tx, actor: Actor, about: Subject, text: str) -> None:
    """In the case of a family; a member has no such room."""
    if about.case is not None:
        record(tx, case_id=about.case, author=actor.person, text=Plaintext(text))
    else:
        endings.add(tx, about, Plaintext(text))


def _spread(  # who tells whom of which alarms
    tx: Tx,
    actor: Actor,
    found: Somebody | None,
    about: Subject,
    ringing: Sequence[Watch],
    sentence: str,
) -> None:
    """Tell whoever knew of these alarms; in an envelope, as everything about alarms is."""
    around = roster(tx).around(about, found)
    knew = {one.id: one for each in ringing for one in concerned(tx, about, each, around)}
    others = [one for one in knew.values() if one.id != actor.person_id]
    letters = news(others, sentence, around) if others else ()
    outbox.promise_signals(tx, [Signal(some) for some in packed(letters) or [()]])


def _close_questions(tx: Tx, about: Subject) -> None:
    """Also one that becomes late at this very moment: it counts on the alarm that ends here."""
    held = prompts.hold_open(tx, about)
    silent = [one.prompt.id for one in held if one.prompt.status in CLIMBING]
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
        began(watch),
        watch.rung,
        kept.next_look_at,
        owners.get(watch.owner) if has and watch.owner is not None else None,
        watch.owned_until if has else None,
        mine=has and watch.owner == actor.person_id,
        history=watch.history,
        zone=found.zone if found else None,
        reached=reached(watch),
    )


def began(watch: Watch) -> datetime:
    """When somebody fell silent or called, or was first told of: the ladder's own beginning moves
    with our absences, and with those it climbs with.
    """
    told = [line.at for line in watch.history if line.what is Happened.TOLD]
    return min([watch.since, watch.until, *told])


def _accompanier(found: Somebody | None) -> PersonId | None:
    return found.accompanier.id if found and found.accompanier else None


def _reference(about: Subject, found: Somebody | None) -> str:
    return found.reference if found else str(about.id)[:8]
