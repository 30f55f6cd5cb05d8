"""Reading for many answers at once what each of them asks."""

from collections.abc import Sequence

from network.cases import services as cases
from network.checkins.store import prompts
from network.db import Tx
from network.kernel.actor import InChat, Who
from network.people import services as people


def read_ahead(tx: Tx, whos: Sequence[Who]) -> None:
    """What nearly every word of a family asks, in one statement each for all these chats."""
    chats = frozenset(who.chat for who in whos if isinstance(who, InChat))
    if not chats:
        return
    people.read_ahead(tx, chats)
    prompts.read_ahead(tx, cases.read_ahead(tx, chats))
