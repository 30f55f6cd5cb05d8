"""What the postman asks of the outbox: letters to send, and what became of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from network.db import Tx
from network.kernel.actor import Actor, Role
from network.kernel.errors import NotAllowed
from network.outbox import store
from network.outbox.domain import Leased, Letter


@dataclass(frozen=True, slots=True)
class Delivered:
    """It is out; Telegram's number for it, where it has one."""

    leased: Leased
    message_id: int | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """Telegram said never, and why in one word."""

    leased: Leased
    error: str


@dataclass(frozen=True, slots=True)
class Postponed:
    """It did not work this time; Telegram may have said how long to wait."""

    leased: Leased
    error: str
    after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Partly:
    """A signal of which only some letters are out."""

    leased: Leased
    unsent: tuple[Letter, ...]


Outcome = Delivered | Refused | Postponed | Partly


def take(tx: Tx, actor: Actor, *, limit: int) -> list[Leased]:
    """Up to `limit` due letters, one for each chat, held for a minute."""
    _machine(actor)
    return store.lease(tx, limit)


def settle(tx: Tx, actor: Actor, *, outcomes: Sequence[Outcome]) -> None:
    """Write down what became of letters that were taken."""
    _machine(actor)
    store.delivered(
        tx,
        [
            store.Sent(one.leased.number, one.message_id)
            for one in outcomes
            if isinstance(one, Delivered)
        ],
    )
    for one in outcomes:
        if isinstance(one, Refused):
            store.refused(tx, one.leased.number, one.error)
        elif isinstance(one, Postponed):
            store.later(tx, one.leased, one.error, after=one.after)
        elif isinstance(one, Partly):
            store.replace_signal(tx, one.leased, one.unsent)


def give_back(tx: Tx, actor: Actor, *, leased: Sequence[Leased]) -> None:
    """Letters taken and not tried: free again for any postman."""
    _machine(actor)
    store.release(tx, [one.number for one in leased])


def written_to(tx: Tx, actor: Actor, *, chat: int) -> list[int]:
    """Telegram's numbers of what we wrote to a chat in two days, for wiping it."""
    return store.traces(tx, chat)


def sweep(tx: Tx, actor: Actor) -> int:
    """The clock forgets letters settled two days ago; says how many."""
    _machine(actor)
    return store.sweep(tx)


def _machine(actor: Actor) -> None:
    if actor.role is not Role.MACHINE:
        raise NotAllowed
