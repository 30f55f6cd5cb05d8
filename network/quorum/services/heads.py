"""The log's head in coordinators' letters, and the page on which it can be compared."""

from dataclasses import dataclass

from network import audit
from network.db import Tx
from network.kernel.actor import Actor
from network.kernel.words import N_
from network.people import services as people
from network.quorum.policy import QuorumPermission, require

# One letter a day, and it says nothing of anybody: keep it, and compare when you doubt.
HEAD_TODAY = N_("Today's words of the log, at line %(number)s: %(words)s. Keep this message.")


@dataclass(frozen=True, slots=True)
class LogPage:
    """Whether the log is whole now, and what was said of it on each day."""

    lines: int
    now: audit.PrintedHead
    languages: tuple[str, ...]  # in whose words it is shown, the reader's first
    broken: audit.Broken | None
    printed: tuple[audit.PrintedHead, ...]


def say_head(tx: Tx, actor: Actor) -> int:
    """The clock tells every coordinator the log's head, once a day, in words of their language;
    says how many were told.
    """
    require(actor, QuorumPermission.KEEP_HOUSE)
    said = audit.write_down(tx)
    if said is None:
        return 0
    letters = [
        letter
        for one in people.coordinators(tx)
        for letter in people.write_to(
            tx,
            [one],
            HEAD_TODAY,
            params={"number": str(said.number), "words": said.in_words(one.profile.language)},
            once=f"head:{said.on}",
        )
    ]
    return len(letters)


def log_page(tx: Tx, actor: Actor) -> LogPage:
    """Walk the whole chain now, and show the words of each day beside it."""
    require(actor, QuorumPermission.SEE)
    number, link = audit.head(tx)
    now = audit.PrintedHead(tx.now.date(), number, link)
    mine_first = sorted(audit.LANGUAGES, key=lambda each: each != actor.language)
    broken = audit.verify_with_heads(tx)
    return LogPage(number, now, tuple(mine_first), broken, audit.printed(tx))
