"""Whose copy a brief that got out is, as far as that can be said.

Said to one coordinator alone it would be an oracle: try a text until somebody is named, or until it
names nobody. So each answer is in the log with whom it names, the other coordinators hear that it
was asked, and few are given to one person in a day.
"""

from dataclasses import dataclass, field
from datetime import timedelta

from network import audit
from network.cases import marking
from network.cases.domain import MOST_BRIEF, Offer
from network.cases.marking import Found
from network.cases.policy import TRACED, TRACED_AMONG, CasePermission, require
from network.cases.store import exposures, recovery
from network.cases.store import offers as store
from network.db import Tx
from network.kernel.actor import Actor
from network.kernel.errors import BadInput, SlowDown
from network.kernel.hidden import Plaintext
from network.kernel.ids import CaseId, OfferId, PersonId
from network.kernel.words import N_
from network.people import services as people

COPIES = "cases.copies"
LONGEST = 2 * MOST_BRIEF  # spaces and headings around it, and not much more
MOST_COPIES = 2_000  # the latest; with the places below, some seconds of work at the very most
MOST_PLACES = 200  # a whole brief seldom has as many, and a hundred name one of a million copies
MOST_LEFT = 12  # shown and written down
MOST_A_DAY = 5
A_DAY = timedelta(days=1)
SOMEBODY_ASKED = N_(
    "%(who)s has asked whose copy a text is that got out. If you do not know of it, ask them."
)
ASKED_OF_ONE = N_(
    "%(who)s has asked whose copy a text is that got out: it is about %(reference)s. If you do not"
    " know of it, ask them. Who was named stands in its log, for coordination that can open it."
)


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy of a brief: whose it was, and of what."""

    member: PersonId
    alias: str
    case_id: CaseId
    reference: str  # empty where the case is erased or cannot be named


@dataclass(frozen=True, slots=True)
class Left:
    """One copy that a part of a text leaves: it fits so many of the places that were seen."""

    copy: Copy
    fits: int


@dataclass(frozen=True, slots=True)
class Trace:
    """What can be said of a text: the one copy it is, the copies it may be, or nothing. `about`:
    the case it was said to be of.
    """

    it_is: Copy | None
    left: tuple[Left, ...]  # none where one is named
    places: int  # that could be one or the other, seen in the text
    readers: int  # whose copies it was compared with
    about: CaseId | None
    words: Plaintext = field(repr=False)

    @property
    def readers_left(self) -> int:
        """How many people those copies are of."""
        return len({each.copy.member for each in self.left})


def said_by(tx: Tx, offer_id: OfferId, brief: Plaintext) -> Plaintext:
    """The brief as this one copy says it."""

    def bit(around: str) -> int:
        return tx.secret.index(COPIES, f"{offer_id.hex}:{around}")[0] & 1

    return Plaintext(marking.marked(brief.reveal(), bit))


def compare(tx: Tx, actor: Actor, *, text: Plaintext, reference: str = "") -> Trace:
    """Compare a text with every copy there is, or with those of one case alone.

    Fewer copies need less text: of those of one family, a few lines tell. What is not enough to
    name one may leave some, with how much was seen: nobody is accused by that. A reference that
    nobody has names nobody: this is no place to try them out. What is found is shown to nobody
    before `note` has kept it. SlowDown once a day's tries are used up.
    """
    require(actor, CasePermission.SEE_EXPOSURE)
    words = text.reveal()
    if not words.strip() or len(words) > LONGEST:
        raise BadInput("text", "leak_shape")
    _slowly(tx, actor, MOST_A_DAY - 1)
    wanted = "-".join(reference.casefold().replace("-", " ").split())
    among = [each.id for each in recovery.named(tx, wanted)] if wanted else None
    asked = store.copies(tx, MOST_COPIES, among=among)
    names = exposures.references(tx, {each.case_id for each in asked})
    found = _fitting(tx, words, [each.id for each in asked])
    named, by_id = marking.named(found), {each.id: each for each in asked}
    left = marking.remaining(found) if named is None else ()
    return Trace(
        it_is=_copy(tx, by_id[named], names) if named is not None else None,
        left=tuple(Left(_copy(tx, by_id[one], names), found[one].fits) for one in left[:MOST_LEFT]),
        places=max((one.places for one in found.values()), default=0),
        readers=len({each.member for each in asked}),
        about=asked[0].case_id if wanted and asked else None,
        words=text,
    )


def note(tx: Tx, actor: Actor, *, trace: Trace) -> Trace:
    """It was asked, and this was the answer: in the log, and in the other coordinators' letters.
    Only then may it be shown.
    """
    require(actor, CasePermission.SEE_EXPOSURE)
    it_is = trace.it_is
    case = it_is.case_id if it_is else trace.about
    audit.receipt(tx, actor, TRACED, case=case, subject=it_is.member if it_is else None)
    for each in trace.left:
        audit.receipt(tx, actor, TRACED_AMONG, case=each.copy.case_id, subject=each.copy.member)
    _slowly(tx, actor, MOST_A_DAY)  # after it, as whoever writes to the log waits for the others
    me = people.member(tx, actor.person)
    others = people.coordinators(tx, but={me.id})
    reference = _reference(tx, case)
    params = {"who": me.alias, **({"reference": reference} if reference else {})}
    people.write_to(tx, others, ASKED_OF_ONE if reference else SOMEBODY_ASKED, params=params)
    return trace


def _reference(tx: Tx, case: CaseId | None) -> str:
    """What the case is called that the answer stands with; empty where there is none."""
    return exposures.references(tx, [case]).get(case, "") if case is not None else ""


def _slowly(tx: Tx, actor: Actor, most: int) -> None:
    since = tx.now - A_DAY
    if audit.times(tx, actor.person, TRACED, since=since) > most:
        raise SlowDown(int(A_DAY.total_seconds()))


def _copy(tx: Tx, offer: Offer, names: dict[CaseId, str]) -> Copy:
    alias = people.member(tx, offer.member).alias
    return Copy(offer.member, alias, offer.case_id, names.get(offer.case_id, ""))


def _fitting(tx: Tx, words: str, copies: list[OfferId]) -> dict[OfferId, Found]:
    """With the secret of today and those retired: a copy is as old as its offer. Each mark is
    worked out once under all of them.
    """
    seen = marking.some(marking.places(words), MOST_PLACES)
    found = {}
    for each in copies:
        marks = [tx.secret.indexes(COPIES, f"{each.hex}:{around}") for around in seen]
        under = zip(*marks, strict=True) if marks else ()
        fits = [marking.fits(seen, [one[0] & 1 for one in column]) for column in under]
        found[each] = min(fits, key=lambda one: one.chance, default=Found(0, 0, 1.0))
    return found
