"""Letters that were refused or wait long: seen without a word of them, tried again, taken back."""

from dataclasses import dataclass

from network import audit, outbox
from network.db import Tx
from network.delivery import store
from network.delivery.policy import DeliveryPermission, require
from network.kernel.actor import Actor
from network.kernel.errors import WrongMoment
from network.kernel.ids import LetterId
from network.outbox.domain import Troubled
from network.outbox.pacing import Road
from network.people import services as people


@dataclass(frozen=True, slots=True)
class LettersPage:
    """What does not get through: letters, Telegram itself, and channels by their owners."""

    letters: tuple[Troubled, ...]
    road: Road
    failing: tuple[
        tuple[str, str], ...
    ]  # whose channel, and of what kind; none if it does not open


def letters(tx: Tx, actor: Actor) -> LettersPage:
    """What coordination can do something about."""
    require(actor, DeliveryPermission.SEE_LETTERS)
    failing = store.failing(tx)
    owners = people.members_named(tx, {one.person_id for one in failing})
    return LettersPage(
        tuple(outbox.troubled(tx)),
        outbox.road(tx),
        tuple((owners[one.person_id].alias, one.kind) for one in failing),
    )


def retry_letter(tx: Tx, actor: Actor, *, letter_id: LetterId) -> None:
    """Try a letter again now that was refused or is waiting for its next try."""
    require(actor, DeliveryPermission.RETRY_LETTER)
    if not outbox.retry(tx, letter_id):
        raise WrongMoment
    audit.receipt(tx, actor, "letter.retried", subject=letter_id)


def cancel_letter(tx: Tx, actor: Actor, *, letter_id: LetterId) -> None:
    """Take a letter back and erase it. Alarms and signals cannot be: nobody may silence one."""
    require(actor, DeliveryPermission.CANCEL_LETTER)
    if not outbox.give_up(tx, letter_id):
        raise WrongMoment
    audit.receipt(tx, actor, "letter.cancelled", subject=letter_id)


def failing_channels(tx: Tx) -> int:
    """How many channels failed their last test."""
    return store.count_failing(tx)
