"""Did it help? Totals by section and month, and nothing about who said so."""

from datetime import timedelta

from handbook.library import NotWritten, load_library
from handbook.standing import as_it_stands
from network.db import Tx
from network.kernel.actor import Actor
from network.kernel.errors import NotVisible
from network.manual import store
from network.manual.domain import Total, month_of
from network.manual.policy import ManualPermission, require
from network.manual.services.standing import standing

SHOWN = timedelta(days=365)


def did_it_help(tx: Tx, actor: Actor, *, chapter: str, section: str, useful: bool) -> None:
    """One more yes or no for a section that exists; anybody may say it, and nobody is noted."""
    library = as_it_stands(load_library(tx.pack.code), standing(tx, actor)).library
    try:
        found = library.chapter(chapter).section(section)
    except (NotWritten, KeyError):
        raise NotVisible from None
    if found.left_out:
        raise NotVisible
    store.add_to_total(tx, chapter=chapter, section=section, useful=useful)


def totals(tx: Tx, actor: Actor) -> tuple[Total, ...]:
    """What was said in the last twelve months, the newest month first."""
    require(actor, ManualPermission.SEE_TOTALS)
    return store.totals(tx, since=month_of(tx.now - SHOWN))
