"""What the room's statuses, deliveries and receipts are called on a page."""

from flask_babel import lazy_gettext as _l

from network.cases.domain import CaseStatus, Entry, EntryKind, Outcome, Purpose, Urgency
from network.outbox.domain import Delivery, LetterStatus
from network.web.frame import clock
from network.web.words import _

STATUS = {
    CaseStatus.RECEIVED: _l("Waits for a coordinator"),
    CaseStatus.TRIAGED: _l("Ready to be offered"),
    CaseStatus.OFFERED: _l("Offered; waits for a yes"),
    CaseStatus.ACCOMPANIED: _l("Accompanied"),
    CaseStatus.RESTING: _l("Resting"),
    CaseStatus.CLOSED: _l("Closed"),
}
URGENCY = {
    Urgency.NOW: _l("Now"),
    Urgency.TODAY: _l("Today"),
    Urgency.WEEK: _l("This week"),
}
PURPOSES = {
    Purpose.LAWYER: _l("Showing it to a lawyer who helps them"),
    Purpose.SEARCH: _l("Showing it to a search commission"),
    Purpose.STATISTICS: _l("Counting it, without names, when it is erased"),
}
TONE = {Urgency.NOW: "red", Urgency.TODAY: "amber", Urgency.WEEK: "green"}
OUTCOME = {
    Outcome.REUNITED: _l("They are together again"),
    Outcome.NOT_FOUND: _l("They are still missing; others go on looking"),
    Outcome.HANDED_ON: _l("Another organisation has taken over"),
    Outcome.FALSE_ALARM: _l("It was a false alarm"),
    Outcome.LOST_TOUCH: _l("We have lost touch with the family"),
}
REFUSED = {
    "blocked": _l("Refused by Telegram: they blocked the bot"),
    "deactivated": _l("Refused by Telegram: their account is gone"),
    "chat_not_found": _l("Refused by Telegram: it does not know their chat"),
    "never_started": _l("Refused by Telegram: they have not started the bot"),
    "too_long": _l("Refused by Telegram: the message is too long"),
    "gave_up": _l("Not delivered: we gave up after a day of trying"),
}
RECEIPTS = {
    "case.opened-room": _l("Opened the room"),
    "case.granted": _l("Gave somebody a key"),
    "case.accepted": _l("Said yes and was given access"),
    "case.declined": _l("Said no"),
    "case.triaged": _l("Said how soon, where and what is needed"),
    "case.offered": _l("Asked somebody to accompany"),
    "case.offer-withdrawn": _l("Took the offer back"),
    "case.offer-expired": _l("The time of an offer ran out"),
    "case.rekeyed": _l("Changed the key"),
    "case.passed-on": _l("Passed on what came before, and can open none of it now"),
    "case.opened-file": _l("Opened a file"),
    "case.rested": _l("Put it to rest"),
    "case.resumed": _l("Went on with it"),
    "case.closed": _l("Closed it"),
    "case.copy-made": _l("Made the family's own copy, with the yes of another"),
    "case.exported-entry": _l("Took one entry out with a proof, with the yes of another"),
    "brief.traced": _l("Asked whose copy a text is that got out"),
    "brief.traced-among": _l("Among others, this copy was left when a part of a text was compared"),
    "case.looked-for": _l("Looked for it by its reference"),
    "quorum.asked-open": _l("Asked several of coordination to open it for somebody"),
    "quorum.said-yes": _l("Said yes to opening it together"),
    "quorum.stopped": _l("Stopped its being opened together"),
    "quorum.lapsed": _l("Nobody finished opening it together; it was called off"),
    "case.opened-together": _l("Opened it with the yes of several"),
    "case.shut-again": _l("The time of opening it together was over; the key was changed"),
    "case.renewed": _l("Renewed access"),
    "case.grant-ended": _l("Access ended by itself"),
    "case.grant-kept": _l("Access went on, because nobody else was there"),
    "case.erasure-asked": _l("Asked that everything be erased"),
    "case.erasure-taken-back": _l("Took back that everything be erased"),
    "case.erasure-held": _l("Held back that it is erased"),
}


def delivery_words(entry: Entry, delivery: Delivery | None) -> tuple[str, str]:
    """How far our words to the family got, honestly, and the tone to say it in."""
    if entry.kind is not EntryKind.TO_FAMILY:
        return "", ""
    if entry.letter is None:
        return _("Kept here only: the family's chat is gone"), "red"
    if delivery is None:
        return _("Sent long ago; what became of it is no longer kept"), ""
    return _how_far(delivery)


def _how_far(delivery: Delivery) -> tuple[str, str]:
    match delivery.status:
        case LetterStatus.WAITING if delivery.error:
            return _("Promised; Telegram has not taken it yet, we keep trying"), "amber"
        case LetterStatus.WAITING:
            return _("Promised; it goes out next"), "amber"
        case LetterStatus.DELIVERED:
            at = clock(delivery.settled_at) if delivery.settled_at else ""
            return _(
                "Delivered to Telegram %(at)s; whether it was read, nobody can tell", at=at
            ), ""
        case LetterStatus.REFUSED:
            return str(REFUSED.get(delivery.error or "", _("Refused by Telegram"))), "red"
        case LetterStatus.CANCELLED:
            return _("Taken back before it was sent"), ""
