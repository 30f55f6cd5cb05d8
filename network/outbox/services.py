"""What the postman asks of the outbox: letters to send, and what became of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from network.db import Tx
from network.kernel.actor import Actor, Role
from network.kernel.errors import NotAllowed
from network.outbox import leasing, looking, pacing, repairs, store
from network.outbox.domain import NOBODY, Leased, Letter, Out, Pace


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
    """A signal of which only some letters are out; Telegram may have said how long to wait.

    It is tried again at its usual times all the same: some of it may go by other ways, and whether
    it does must not be seen.
    """

    leased: Leased
    unsent: tuple[Letter, ...]
    error: str
    quiet: timedelta | None = None


Outcome = Delivered | Refused | Postponed | Partly
TOO_MANY = "too_many"  # Telegram's own word, for everybody
NETWORK = "network"  # nobody's letter is to blame


def take(tx: Tx, actor: Actor, *, limit: int, urgent: int = 0, rate: int = 0) -> list[Leased]:
    """Up to `limit` due letters, one for each chat, held for a while; up to `urgent` alarms.

    All postmen together send `rate` letters a second; 0 is no limit.
    """
    _machine(actor)
    return leasing.lease(tx, limit, urgent=urgent, pace=Pace(rate))


def settle(
    tx: Tx, actor: Actor, *, outcomes: Sequence[Outcome], held: Sequence[Letter] = ()
) -> None:
    """Write down what became of letters that were taken, and what it tells of Telegram.

    Notices that were `held` back are promised again, for the end of this half minute.
    """
    _machine(actor)
    store.gather(tx, held)
    if any(isinstance(one, Postponed | Partly) for one in outcomes):
        store.hold(tx, [one.leased.number for one in outcomes])
    out = [one for one in outcomes if isinstance(one, Delivered)]
    store.delivered(tx, [store.Sent(one.leased.number, one.message_id) for one in out])
    for one in outcomes:
        if isinstance(one, Refused):
            store.refused(tx, one.leased.number, one.error)
        elif isinstance(one, Postponed):
            store.later(tx, one.leased, one.error, after=one.after)
        elif isinstance(one, Partly):
            store.later(tx, one.leased, one.error, unsent=one.unsent)
    _learn(tx, outcomes)


def _learn(tx: Tx, outcomes: Sequence[Outcome]) -> None:
    """Telegram's «wait» holds for all; whether it answers is told by letters alone. A signal would
    tell by it that it was not empty.
    """
    waits = [one.after for one in outcomes if isinstance(one, Postponed) and one.error == TOO_MANY]
    waits += [one.quiet for one in outcomes if isinstance(one, Partly)]
    if said := [wait for wait in waits if wait]:
        pacing.hush(tx, max(said))
    letters = [one for one in outcomes if not one.leased.is_signal]
    if _got_through(tx, letters):
        pacing.got_through(tx)
    elif failures := sum(isinstance(one, Postponed) and one.error == NETWORK for one in letters):
        pacing.failed(tx, failures)


def _got_through(tx: Tx, letters: Sequence[Outcome]) -> bool:
    """What Telegram gave a number reached somebody. That it knows us is less: it may refuse to
    carry letters all the same. Then they fail to many; one chat alone may have trouble of its own,
    and must not be taken for a road that is closed to all.
    """
    out = [one for one in letters if isinstance(one, Delivered)]
    if any(one.message_id is not None for one in out):
        return True
    probed = any(_is_probe(one.leased) for one in out)
    return probed and not looking.fails_many(tx, NETWORK)


def _is_probe(leased: Leased) -> bool:
    return all(one.to == NOBODY and one.by is None for one in leased.letters)


def hold_on(tx: Tx, actor: Actor, *, leased: Sequence[Leased]) -> None:
    """Letters still on their way: nobody else takes them for another while."""
    _machine(actor)
    leasing.renew(tx, [one.number for one in leased])


def give_back(tx: Tx, actor: Actor, *, leased: Sequence[Leased]) -> None:
    """Letters taken and not tried: free again for any postman."""
    _machine(actor)
    leasing.release(tx, [one.number for one in leased])


def settle_left(tx: Tx, actor: Actor, *, out: Sequence[Out]) -> None:
    """Letters that a postman who died had sent: out, whatever their rows say."""
    _machine(actor)
    repairs.settle_left(tx, out)


def written_to(tx: Tx, actor: Actor, *, chat: int) -> list[int]:
    """Telegram's numbers of what we wrote to a chat in two days, for wiping it."""
    return looking.traces(tx, chat)


def sweep(tx: Tx, actor: Actor) -> int:
    """The clock forgets letters settled two days ago; says how many."""
    _machine(actor)
    return repairs.sweep(tx)


def _machine(actor: Actor) -> None:
    if actor.role is not Role.MACHINE:
        raise NotAllowed
