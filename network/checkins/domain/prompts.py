"""The life of one question, from the promise of its letter to its answer."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from network.checkins.domain.subjects import Subject
from network.kernel.ids import PromptId, RhythmId

ASK_THE_OUTBOX_AGAIN = timedelta(seconds=30)  # while a question's letter is not out yet
SELDOM = timedelta(minutes=5)  # the longest we leave a waiting letter alone
READ_FIRST = timedelta(seconds=15)  # something of theirs waits to be read
ASKED_AGAIN = 3  # the question, the reminder, and once more after we were away
BELATED = timedelta(hours=1)  # what is overdue by more than this wakes nobody at night
OUT_LATER = timedelta(minutes=1)  # a letter that leaves later than this was held up
NOTHING = timedelta(0)
Wakes = Callable[[datetime], datetime]  # when somebody may be woken: then, or in the morning


class PromptStatus(StrEnum):
    """How far a question is."""

    PROMISED = "promised"
    DELIVERED = "delivered"
    REMINDED = "reminded"
    LATE = "late"
    ANSWERED = "answered"
    UNREACHABLE = "unreachable"
    CANCELLED = "cancelled"
    RESOLVED = "resolved"


# Somebody may still answer these, and ought to.
OPEN = frozenset(
    {
        PromptStatus.PROMISED,
        PromptStatus.DELIVERED,
        PromptStatus.REMINDED,
        PromptStatus.LATE,
        PromptStatus.UNREACHABLE,
    }
)
# The question is out and nobody is worried yet.
WAITING = frozenset({PromptStatus.PROMISED, PromptStatus.DELIVERED, PromptStatus.REMINDED})
# Somebody is being told.
CLIMBING = frozenset({PromptStatus.LATE, PromptStatus.UNREACHABLE})


class Fate(StrEnum):
    """What the outbox knows of a question's letter."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    REFUSED = "refused"  # this person cannot be reached
    FAILED = "failed"  # nobody can be reached: our trouble, not theirs
    GONE = "gone"
    KEPT_BACK = "kept_back"  # we took it back at night: they are asked when they wake


UNDELIVERED = frozenset({Fate.REFUSED, Fate.FAILED})
# It may still go out, or is written again.
NOT_OUT = frozenset({Fate.WAITING, Fate.FAILED, Fate.KEPT_BACK})


@dataclass(frozen=True, slots=True)
class Prompt:
    """One question to one family or member; `asked` is how many letters carried it."""

    id: PromptId
    rhythm_id: RhythmId
    about: Subject
    status: PromptStatus
    planned_at: datetime
    delivered_at: datetime | None = None
    next_look_at: datetime | None = None
    asked_at: datetime | None = None
    asked: int = 1


@dataclass(frozen=True, slots=True)
class Step:
    """What one look at a question decides. `reminds` writes again; `climbs` begins the ladder."""

    status: PromptStatus
    delivered_at: datetime | None
    next_look_at: datetime | None
    asked_at: datetime | None = None
    asked: int = 1
    reminds: bool = False
    climbs: bool = False


def at_any_hour(moment: datetime) -> datetime:
    """Who may be woken at night, too."""
    return moment


@dataclass(frozen=True, slots=True)
class Patience:
    """How long somebody has, counted from delivery, and when they may be woken."""

    reminder: timedelta
    grace: timedelta
    wakes: Wakes = at_any_hour

    @property
    def after_reminder(self) -> timedelta:
        """How long we listen after the last asking before anybody is late."""
        return self.grace - self.reminder

    def is_night(self, moment: datetime) -> bool:
        """Whether nobody wakes them then for what is belated."""
        return self.wakes(moment) > moment

    def is_belated(self, late: timedelta) -> bool:
        """Whether this much later than it should be is an outage of ours, and no delay."""
        return late > min(self.after_reminder, BELATED)


@dataclass(frozen=True, slots=True)
class Heard:
    """How well we listened: how long we were away since the last asking, and whether something of
    theirs waits to be read.
    """

    away: timedelta = NOTHING
    unread: bool = False


@dataclass(frozen=True, slots=True)
class Post:
    """What the outbox knows of a question's last letter."""

    fate: Fate
    settled_at: datetime | None = None


def step(prompt: Prompt, post: Post, heard: Heard, patience: Patience, now: datetime) -> Step:
    """What becomes of a question at this look. Lateness counts from delivery, never from plan."""
    match prompt.status:
        case PromptStatus.PROMISED:
            return _promised(prompt, post, patience, now)
        case PromptStatus.DELIVERED:
            return _delivered(prompt, prompt.delivered_at or now, heard, patience, now)
        case PromptStatus.REMINDED:
            return _reminded(prompt, post, heard, patience, now)
        case _:
            return _still(prompt, None)


def judged(prompt: Prompt, post: Post, heard: Heard, now: datetime) -> Step | None:
    """Late, where somebody was asked twice and we listened all along until the look that was
    planned for this moment; None where more has to be known.

    So thousands who fall silent at once are judged without opening the plan of each.
    """
    if prompt.status is not PromptStatus.REMINDED or post.fate in UNDELIVERED | {Fate.WAITING}:
        return None
    if _out_later(prompt, post, now) is not None:
        return None
    if heard != Heard() or prompt.next_look_at is None or now < prompt.next_look_at:
        return None
    return _late(prompt, _asked_at(prompt, now))


def _late(prompt: Prompt, asked_at: datetime) -> Step:
    late = PromptStatus.LATE
    return Step(late, prompt.delivered_at, None, asked_at, prompt.asked, climbs=True)


def _still(prompt: Prompt, look: datetime | None) -> Step:
    """As it was, until the next look."""
    return Step(prompt.status, prompt.delivered_at, look, prompt.asked_at, prompt.asked)


def _waits(prompt: Prompt, since: datetime, now: datetime) -> Step:
    """Its letter is not out: the longer it waits the seldomer we ask, or a silent channel would
    keep us busy.
    """
    wait = min(max((now - since) / 4, ASK_THE_OUTBOX_AGAIN), SELDOM)
    return _still(prompt, now + wait)


def _out_later(prompt: Prompt, post: Post, now: datetime) -> datetime | None:
    """When the last letter was out, where it was held up and our listening begins there."""
    if post.fate is not Fate.DELIVERED or post.settled_at is None:
        return None
    out = min(post.settled_at, now)
    return out if out > _asked_at(prompt, now) + OUT_LATER else None


def _promised(prompt: Prompt, post: Post, patience: Patience, now: datetime) -> Step:
    if post.fate in NOT_OUT and _is_kept_back(prompt, post, patience, now):
        morning = patience.wakes(now)
        return Step(prompt.status, None, morning, morning, prompt.asked)
    match post.fate:
        case Fate.WAITING:
            return _waits(prompt, prompt.asked_at or prompt.planned_at, now)
        case Fate.KEPT_BACK | Fate.FAILED:
            look, at = (SELDOM, None) if post.fate is Fate.FAILED else (ASK_THE_OUTBOX_AGAIN, now)
            return Step(prompt.status, None, now + look, at, prompt.asked, reminds=True)
        case Fate.REFUSED:
            return Step(PromptStatus.UNREACHABLE, None, None, None, prompt.asked, climbs=True)
        case Fate.GONE:
            return Step(PromptStatus.CANCELLED, None, None, None, prompt.asked)
        case Fate.DELIVERED:
            return _delivered(prompt, post.settled_at or now, Heard(), patience, now)


def _is_kept_back(prompt: Prompt, post: Post, patience: Patience, now: datetime) -> bool:
    """Whether it comes so late that it would wake them: the letter is taken back till morning."""
    if not patience.is_night(now):
        return False
    return post.fate is Fate.KEPT_BACK or patience.is_belated(now - prompt.planned_at)


def _delivered(
    prompt: Prompt, delivered: datetime, heard: Heard, patience: Patience, now: datetime
) -> Step:
    """Reminded first, always: nobody is late who was not asked twice, with time between."""
    if now < delivered + patience.reminder:
        look = delivered + patience.reminder
        return Step(PromptStatus.DELIVERED, delivered, look, delivered, prompt.asked)
    if heard.unread:
        return Step(PromptStatus.DELIVERED, delivered, now + READ_FIRST, delivered, prompt.asked)
    if patience.is_night(now) and _is_belated(prompt, delivered, patience, now):
        look = patience.wakes(now)
        return Step(PromptStatus.DELIVERED, delivered, look, delivered, prompt.asked)
    late_at = max(delivered + patience.grace, now + patience.after_reminder)
    return Step(PromptStatus.REMINDED, delivered, late_at, now, prompt.asked + 1, reminds=True)


def _is_belated(prompt: Prompt, delivered: datetime, patience: Patience, now: datetime) -> bool:
    """Whether we were away when they ought to have been reminded, or kept the question until it
    came at night. Who was asked in time is reminded in time, at night too.
    """
    if patience.is_belated(now - delivered - patience.reminder):
        return True
    return patience.is_night(delivered) and patience.is_belated(delivered - prompt.planned_at)


def _till_morning(prompt: Prompt, patience: Patience, now: datetime) -> Step:
    """It is night, and they would have to be asked again for our own fault: when they wake."""
    look = patience.wakes(now)
    return Step(PromptStatus.DELIVERED, prompt.delivered_at, look, prompt.asked_at, prompt.asked)


def _reminded(prompt: Prompt, post: Post, heard: Heard, patience: Patience, now: datetime) -> Step:
    """Late when we have listened long enough since the last asking, and read all they sent."""
    if post.fate is Fate.REFUSED:
        return Step(
            PromptStatus.UNREACHABLE,
            prompt.delivered_at,
            None,
            prompt.asked_at,
            prompt.asked,
            climbs=True,
        )
    if heard.unread:
        return _still(prompt, now + READ_FIRST)
    if post.fate is Fate.FAILED:
        return _not_reminded(prompt, patience, now)
    out = _out_later(prompt, post, now)
    if out is not None:  # what we were away before that is nothing to them: it is counted anew
        look = max(out + patience.after_reminder, now)
        return Step(PromptStatus.REMINDED, prompt.delivered_at, look, out, prompt.asked)
    return _listening(prompt, post, heard, patience, now)


def _listening(prompt: Prompt, post: Post, heard: Heard, patience: Patience, now: datetime) -> Step:
    """How long we have listened since they were asked last; nobody is late to whom it waits yet."""
    asked_at = _asked_at(prompt, now)
    listened = now - asked_at - heard.away
    if listened >= patience.after_reminder:
        waits = post.fate is Fate.WAITING
        return _waits(prompt, asked_at, now) if waits else _late(prompt, asked_at)
    if heard.away >= patience.after_reminder:
        return _not_heard(prompt, post, listened, patience, now)
    look = now + patience.after_reminder - listened
    return Step(PromptStatus.REMINDED, prompt.delivered_at, look, asked_at, prompt.asked)


def _not_reminded(prompt: Prompt, patience: Patience, now: datetime) -> Step:
    """Our reminder reached nobody: they were not asked twice yet."""
    before = prompt.delivered_at
    if patience.is_night(now) and _is_belated(prompt, before or now, patience, now):
        return _till_morning(prompt, patience, now)
    look = now + SELDOM
    return Step(PromptStatus.REMINDED, before, look, now, prompt.asked, reminds=True)


def _not_heard(
    prompt: Prompt, post: Post, listened: timedelta, patience: Patience, now: datetime
) -> Step:
    """We were away for as long as they have: they are asked again, though never for ever, and have
    their time again. At night they have it in the morning.
    """
    night, before = patience.is_night(now), prompt.delivered_at
    if night and (prompt.asked < ASKED_AGAIN or post.fate is Fate.WAITING):
        return _till_morning(prompt, patience, now)
    if prompt.asked < ASKED_AGAIN:
        look, again = now + patience.after_reminder, prompt.asked + 1
        return Step(PromptStatus.REMINDED, before, look, now, again, reminds=True)
    since = patience.wakes(now) if night else now - listened
    look = since + patience.after_reminder
    return Step(PromptStatus.REMINDED, before, look, _asked_at(prompt, now), prompt.asked)


def _asked_at(prompt: Prompt, now: datetime) -> datetime:
    return min(prompt.asked_at or prompt.delivered_at or now, now)
