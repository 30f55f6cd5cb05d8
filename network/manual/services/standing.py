"""What pages, bot and phones must know of the handbook now: in two statements, for everybody."""

from datetime import timedelta

from handbook.library import Library, load_library
from handbook.standing import CALL, Dialled, Heard, Key, Standing, of_pack
from handbook.standing import digest_of as digest_now
from network.db import Tx
from network.kernel.actor import Actor
from network.manual import store
from network.manual.domain import Outcome, Review, is_stale
from network.manual.policy import ManualPermission, require

A_REVIEW_OR_MORE = timedelta(days=190)  # no review made before counts today
HEARD = {
    Outcome.ANSWERED: Heard.ANSWERED,
    Outcome.SILENT: Heard.SILENT,
    Outcome.WRONG: Heard.WRONG,
    Outcome.OTHER: Heard.WRONG,
}


def standing(tx: Tx, actor: Actor) -> Standing:
    """Which numbers answered and which sections are reviewed, as of today. No secret: anybody's."""
    return Standing(
        tested(tx),
        _reviewed(tx),
        refuses=tx.pack.handbook.refuse_unreviewed,
    )


def tested(tx: Tx) -> frozenset[Dialled]:
    """The last test of each line, while it is fresh; the pack's own date where nobody was later."""
    day = tx.today
    seeds = {one.number: one for one in of_pack(tx.pack, on=day).dialled}
    last = {(one.line, one.number): one for one in store.last_outcomes(tx)}
    found = []
    for line in tx.pack.directory:
        seed, dial = seeds.get(line.number), last.get((line.id, line.number))
        if dial is not None and (seed is None or dial.day >= seed.day):
            if not is_stale(dial.day, day):
                heard = HEARD[dial.outcome]
                found.append(Dialled(line.number, heard, dial.day, call=line.channel == CALL))
        elif seed is not None:
            found.append(seed)
    return frozenset(found)


def _reviewed(tx: Tx) -> frozenset[Key]:
    day, library = tx.today, load_library(tx.pack.code)
    return frozenset(
        (review.chapter, section, review.language)
        for review in store.reviews(tx, since=day - A_REVIEW_OR_MORE)
        for section in review.scope
        if review.stands(section, digest_of(library, review, section), today=day)
    )


def signed(tx: Tx, actor: Actor) -> list[list[str]]:
    """The reviews that count today, with the digest of what was read: for the press."""
    require(actor, ManualPermission.CHECK)
    library = load_library(tx.pack.code)
    return [[*key, digest_now(library, *key)] for key in sorted(_reviewed(tx))]


def digest_of(library: Library, review: Review, section: str) -> str:
    """The digest of a reviewed section's words as they are now; empty where it is gone."""
    return digest_now(library, review.chapter, section, review.language)
