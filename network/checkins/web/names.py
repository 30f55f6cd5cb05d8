"""What causes, statuses and refusals are called on a page."""

from collections.abc import Iterable
from datetime import time

from babel.dates import get_timezone_location
from flask_babel import lazy_gettext as _l

from network.checkins.domain.prompts import PromptStatus
from network.checkins.domain.rhythms import RhythmStatus
from network.checkins.domain.watches import Cause, Happened, Whom
from network.checkins.services import Alarm
from network.kernel.errors import BadInput, NotAllowed, NotVisible, Refused
from network.web.words import chosen_language

CAUSE = {
    Cause.DANGER: _l(
        "Danger word. Do not call them and write them nothing about it: they may not be alone."
    ),
    Cause.SILENCE: _l("No answer to a check-in."),
    Cause.UNREACHABLE: _l("Telegram cannot reach them: they may have blocked the bot or lost it."),
    Cause.CALM: _l("Over"),
    Cause.DRILL: _l("A drill. Nobody is in danger."),
    None: _l("This alarm cannot be read. Find out who it is about, and tell whoever runs Hilo."),
}
# A member has no danger word and no room: what rings for them is their own call, or their silence.
CAUSE_MEMBER = {
    Cause.DANGER: _l(
        "They called for help. They may not be alone: before you call them, look whether they left"
        " a trip or a plan here."
    ),
    Cause.SILENCE: _l("They did not answer the bot."),
}
STATUS = {
    PromptStatus.PROMISED: _l("On its way"),
    PromptStatus.DELIVERED: _l("Delivered; waiting for an answer"),
    PromptStatus.REMINDED: _l("Asked again; waiting for an answer"),
    PromptStatus.LATE: _l("Late"),
    PromptStatus.ANSWERED: _l("Answered"),
    PromptStatus.UNREACHABLE: _l("Not delivered: cannot be reached"),
    PromptStatus.CANCELLED: _l("Taken back"),
    PromptStatus.RESOLVED: _l("Late; resolved by somebody"),
}
TONE = {
    PromptStatus.LATE: "red",
    PromptStatus.UNREACHABLE: "red",
    PromptStatus.REMINDED: "amber",
    PromptStatus.ANSWERED: "green",
}
RHYTHM = {
    RhythmStatus.ACTIVE: _l("Asking"),
    RhythmStatus.PAUSED: _l("Paused"),
    RhythmStatus.ENDED: _l("Ended"),
    RhythmStatus.SET_ASIDE: _l("Cannot be read: set it again"),
}
HAPPENED = {
    Happened.TOLD: _l("Letters went out"),
    Happened.OWNED: _l("Somebody took it"),
    Happened.RENEWED: _l("Whoever has it said what is being done"),
    Happened.LAPSED: _l("Nobody said again that they have it"),
    Happened.ANSWERED: _l("The family answered"),
    Happened.RESOLVED: _l("Resolved"),
}
DAYS = (
    _l("Monday"),
    _l("Tuesday"),
    _l("Wednesday"),
    _l("Thursday"),
    _l("Friday"),
    _l("Saturday"),
    _l("Sunday"),
)
TOO_LONG = _l("That is too long. A few sentences are enough.")
RUNG = {
    Whom.ACCOMPANIER: _l("First, whoever accompanies calls"),
    Whom.DUTY: _l("Then, whoever is on duty calls"),
    Whom.COORDINATORS: _l("At last, any coordinator calls"),
}
# Of a member's own plan: nobody accompanies them.
OWN_RUNG = {
    Whom.DUTY: _l("First, these can be called"),
    Whom.COORDINATORS: _l("If that does not help, these too"),
}
OWN_RUNG_MEANS = {
    Whom.DUTY: _l("Whoever is on duty hears of the alarm first."),
    Whom.COORDINATORS: _l("If nobody takes it, all of coordination hears of it."),
}
REASONS = {
    ("never", "too_long"): TOO_LONG,
    ("accompanier", "too_long"): TOO_LONG,
    ("duty", "too_long"): TOO_LONG,
    ("coordinators", "too_long"): TOO_LONG,
    ("rungs", "empty"): _l("Choose at least one rung that this ladder has."),
    ("stand_in", "empty"): _l("Choose who stands in for the accompanier."),
    ("stand_in", "not_one"): _l("Choose somebody from the list."),
    ("ladder", "not_one"): _l("Choose one of the two ladders."),
    ("every", "out_of_range"): _l("Choose how often from the list."),
    ("ends", "out_of_range"): _l("The last hour must be after the first."),
    ("begins", "not_a_time"): _l("Write a time such as 08:00."),
    ("ends", "not_a_time"): _l("Write a time such as 22:00."),
    ("at", "not_a_time"): _l("Choose a day and an hour."),
    ("at", "out_of_range"): _l("Choose a moment from now on, within two months."),
    ("times", "not_a_time"): _l("Write hours such as 09:00 14:30, at most twelve."),
    ("times", "out_of_range"): _l("Write hours such as 09:00 14:30, at most twelve."),
    ("days", "out_of_range"): _l("With days chosen, ask at least once on each of them."),
    ("night", "out_of_range"): _l("At night, ask as often as by day or more seldom."),
    ("last", "not_a_day"): _l("Choose a day."),
    ("last", "out_of_range"): _l("Choose a day on which there is still a question."),
    ("zone", "unknown_zone"): _l("Choose a clock from the list."),
    ("until", "not_a_time"): _l("Choose a day and an hour."),
    ("until", "out_of_range"): _l("Choose a moment from now on, within three months."),
    ("until", "past_last"): _l(
        "The last day comes before that. Choose an earlier moment, or press «Stop asking»."
    ),
    ("form", "last_one"): _l("That is the last one. To leave it out, press «Stop asking»."),
    ("destination", "empty"): _l("Write in a line where you go."),
    ("destination", "too_long"): _l("That is too long. One line is enough."),
    ("back_at", "not_a_time"): _l("Choose a day and an hour."),
    ("back_at", "out_of_range"): _l("Choose a moment from five minutes on, within a week."),
    ("form", "not_linked"): _l("Link your Telegram first: the bot asks you there."),
    ("form", "out_of_range"): _l("Something changed meanwhile. Look again before you go on."),
    ("outcome", "not_one"): _l("Choose how it ended from the list."),
    ("words", "empty"): _l("Write in a sentence how it ended."),
    ("words", "too_long"): TOO_LONG,
    ("doing", "empty"): _l("Write in a sentence what is being done."),
    ("doing", "too_long"): TOO_LONG,
}
SEALED_INTO_ROOM = _l("It is sealed into the room; those who hold its key can read it.")
SEALED_TO_MACHINE = _l(
    "Coordination reads it here while this alarm is open, and it is erased after a year. Whoever"
    " takes the server could read it: no names and no places."
)
TAKEN = _l("Somebody else has it already.")
FIRST = _l("Take it first: only whoever has it can end it.")
MOVED = _l("Something changed meanwhile. Look again before you go on.")
TRAVELLING = _l("You are on a trip already.")
NOBODY = _l("Nobody of coordination could open it, so it was not kept.")
REAL_ALARM = _l("A real alarm rings and nobody has it. That goes first.")
DRILL_OPEN = _l("A drill goes on already. Wait for its end, or call it off.")
NOBODY_TO_TELL = _l("Nobody of these has a chat or another way that rings. Nothing was started.")
PLAN_SHUT = _l(
    "Whom to call was written down and cannot be opened. Ask a colleague, or write it again."
)
BY_KEY = {
    "already_travelling": TRAVELLING,
    "nobody_to_open": NOBODY,
    "plan_shut": PLAN_SHUT,
    "nobody_to_tell": NOBODY_TO_TELL,
    "real_alarm": REAL_ALARM,
    "drill_open": DRILL_OPEN,
    "taken": TAKEN,
    "take_it_first": FIRST,
    "wrong_moment": MOVED,
}


def sentence(refusal: Refused) -> tuple[str, str]:
    """Which field, and what to do; what no form can mend is raised on."""
    if isinstance(refusal, NotVisible | NotAllowed):
        raise refusal
    if isinstance(refusal, BadInput):
        found = REASONS.get((refusal.field, refusal.reason))
        if found is None:
            raise refusal
        return refusal.field, str(found)
    if refusal.key not in BY_KEY:
        raise refusal
    return "form", str(BY_KEY[refusal.key])


def cause(alarm: Alarm) -> str:
    """Why it rings, in a sentence about a family or about a member."""
    found = CAUSE_MEMBER.get(alarm.cause) if alarm.about.person and alarm.cause else None
    return str(found or CAUSE[alarm.cause])


def kept_where(alarm: Alarm) -> str:
    """Who can read what its owner writes about it."""
    return str(SEALED_TO_MACHINE if alarm.about.person else SEALED_INTO_ROOM)


def city(zone: str) -> str:
    """Whose clock a zone is, by its city: `Ciudad de México`."""
    return str(get_timezone_location(zone, locale=chosen_language(), return_city=True))


def clock_times(times: Iterable[time]) -> str:
    """Hours of the day in one line."""
    return ", ".join(f"{each:%H:%M}" for each in times)
