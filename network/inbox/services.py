"""What the bot's engines ask of the inbox: keep, take, give back, put aside."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from network.db import Tx
from network.inbox import store
from network.inbox.domain import Arrival, Incoming
from network.kernel.actor import Actor, Role
from network.kernel.errors import NotAllowed


def receive(tx: Tx, actor: Actor, *, updates: Sequence[Incoming]) -> None:
    """Keep what arrived, each update once. Telegram may be told so when this has committed."""
    _machine(actor)
    store.put(tx, updates)


def take(tx: Tx, actor: Actor, *, limit: int) -> list[Arrival]:
    """The oldest waiting arrivals of up to `limit` free chats, held for a while."""
    _machine(actor)
    return store.claim(tx, limit)


def give_back(tx: Tx, actor: Actor, *, arrivals: Sequence[Arrival]) -> None:
    """Arrivals not handled through no fault of theirs: free again, the try not counted."""
    _machine(actor)
    store.release(tx, arrivals)


def hold_on(tx: Tx, actor: Actor, *, arrivals: Sequence[Arrival]) -> None:
    """Arrivals still in a worker's hands: nobody else takes them for another while."""
    _machine(actor)
    store.renew(tx, [one.update_id for one in arrivals])


def try_again(tx: Tx, actor: Actor, *, arrival: Arrival, after: timedelta) -> None:
    """An arrival broke us: it waits, and its try counts, so that it cannot break us for ever."""
    _machine(actor)
    store.hold(tx, arrival, after)


def put_aside(tx: Tx, actor: Actor, *, arrivals: Sequence[Arrival]) -> None:
    """Arrivals that make no sense: kept sealed for a week, counted, out of the way."""
    _machine(actor)
    store.set_aside(tx, [one.update_id for one in arrivals])


def written_in(tx: Tx, actor: Actor, *, chat: int) -> list[int]:
    """Telegram's numbers of what a chat wrote to us, for wiping it."""
    return store.traces(tx, chat)


def anything_since(tx: Tx, actor: Actor, *, since: datetime) -> bool:
    """Whether Telegram brought anything later than this; our own requests do not count."""
    _machine(actor)
    return store.anything_since(tx, since)


def sweep(tx: Tx, actor: Actor) -> int:
    """The clock forgets arrivals handled or set aside a week ago; says how many."""
    _machine(actor)
    return store.sweep(tx)


def _machine(actor: Actor) -> None:
    if actor.role is not Role.MACHINE:
        raise NotAllowed
