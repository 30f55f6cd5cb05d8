"""What the room's outcomes, specialties and refusals are called on a page."""

from flask_babel import lazy_gettext as _l

from network.kernel.errors import BadInput
from network.manual.domain import Outcome, Specialty

OUTCOME = {
    Outcome.ANSWERED: _l("It answered, and it is what we say it is"),
    Outcome.SILENT: _l("Nobody answered"),
    Outcome.WRONG: _l("Wrong number"),
    Outcome.OTHER: _l("It is something else"),
}
TONE = {
    Outcome.ANSWERED: "green",
    Outcome.SILENT: "amber",
    Outcome.WRONG: "red",
    Outcome.OTHER: "red",
}
SPECIALTY = {
    Specialty.PSYCHOLOGY: _l("Psychology"),
    Specialty.MEDICINE: _l("Medicine"),
    Specialty.LAW: _l("Law"),
    Specialty.CRISIS: _l("Advice to families during a crisis"),
    Specialty.SEARCH: _l("Search for missing people"),
    Specialty.SECURITY: _l("Security"),
    Specialty.CHILDHOOD: _l("Children"),
    Specialty.MIGRATION: _l("Migration"),
}
REASONS = {
    ("outcome", "choose"): _l("Choose what you heard."),
    ("remark", "too_long"): _l("That is too long. A few words are enough."),
    ("sections", "choose"): _l("Choose which parts were read."),
    ("specialty", "choose"): _l("Choose what the person who read it knows about."),
    ("day", "not_a_day"): _l("Choose the day."),
    ("day", "in_the_future"): _l("That day has not come yet."),
    ("day", "too_old"): _l("That is more than six months ago: it has to be read again."),
}


def sentence(refusal: BadInput) -> tuple[str, str]:
    """Which field, and what to do; what no form can mend is raised on."""
    found = REASONS.get((refusal.field, refusal.reason))
    if found is None:
        raise refusal
    return refusal.field, str(found)
