"""Whose copy a brief that got out is, as far as that can be said. Asking leaves a receipt."""

from dataclasses import dataclass, field

from network import audit
from network.cases import marking
from network.cases.marking import Bit, Found
from network.cases.policy import CasePermission, require
from network.cases.store import exposures
from network.cases.store import offers as store
from network.db import Tx
from network.kernel.actor import Actor
from network.kernel.errors import BadInput
from network.kernel.hidden import Plaintext
from network.kernel.ids import OfferId
from network.people import services as people

COPIES = "cases.copies"
LONGEST = 20_000
MOST_COPIES = 5_000
SHOWN = 3


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy of a brief: whose it was, of what, and how well it fits."""

    alias: str
    reference: str  # empty where the case is erased or cannot be named
    found: Found


@dataclass(frozen=True, slots=True)
class Trace:
    """What can be said of a text: the copy it is, or the nearest ones without an accusation."""

    it_is: Copy | None
    nearest: tuple[Copy, ...]
    places: int
    compared: int
    words: Plaintext = field(repr=False)


def said_by(tx: Tx, offer_id: OfferId, brief: Plaintext) -> Plaintext:
    """The brief as this one copy says it."""

    def bit(around: str) -> int:
        return tx.secret.index(COPIES, f"{offer_id.hex}:{around}")[0] & 1

    return Plaintext(marking.marked(brief.reveal(), bit))


def trace(tx: Tx, actor: Actor, *, text: Plaintext, reference: str = "") -> Trace:
    """Compare a text with every copy there is, or with those of one case alone.

    Fewer copies need less text: of those of one family, a few lines tell.
    """
    require(actor, CasePermission.SEE_EXPOSURE)
    words = text.reveal()
    if not words.strip() or len(words) > LONGEST:
        raise BadInput("text", "leak_shape")
    made = store.copies(tx, MOST_COPIES)
    names = exposures.references(tx, {each.case_id for each in made})
    wanted = "-".join(reference.casefold().split())
    asked = [each for each in made if not wanted or names.get(each.case_id) == wanted]
    if wanted and not asked:
        raise BadInput("reference", "no_such_copy")
    found = _fitting(tx, words, tuple(each.id for each in asked))
    it_is = marking.named(found)
    ranked = sorted(asked, key=lambda each: found[each.id].chance)[:SHOWN]
    members = people.members_named(tx, {each.member for each in ranked})
    shown = {
        each.id: Copy(members[each.member].alias, names.get(each.case_id, ""), found[each.id])
        for each in ranked
    }
    audit.receipt(tx, actor, "brief.traced")
    return Trace(
        shown[it_is] if it_is is not None else None,
        tuple(shown.values()),
        max((each.places for each in found.values()), default=0),
        len(asked),
        text,
    )


def _fitting(tx: Tx, words: str, copies: tuple[OfferId, ...]) -> dict[OfferId, Found]:
    """With the secret of today and those retired: a copy is as old as its offer."""
    best: dict[OfferId, Found] = {}
    for number in range(len(tx.secret.indexes(COPIES, ""))):
        found = marking.fitting(words, {each: _bit(tx, each, number) for each in copies})
        for each, fits in found.items():
            if each not in best or fits.chance < best[each].chance:
                best[each] = fits
    return best


def _bit(tx: Tx, offer_id: OfferId, number: int) -> Bit:
    def bit(around: str) -> int:
        return tx.secret.indexes(COPIES, f"{offer_id.hex}:{around}")[number][0] & 1

    return bit
