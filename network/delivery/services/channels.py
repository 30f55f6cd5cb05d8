"""A member's other ways: add, test, confirm, forget; and the way an alarm takes by them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from network import audit, outbox
from network.db import Tx
from network.delivery import store
from network.delivery.domain import (
    MOST,
    WORDS_A_DAY,
    Channel,
    ChannelState,
    WrongWord,
    read_address,
)
from network.delivery.policy import DeliveryPermission, require
from network.kernel.actor import Actor
from network.kernel.errors import BadInput
from network.kernel.hidden import Plaintext
from network.kernel.ids import ChannelId, PersonId, new_id
from network.kernel.words import N_
from network.outbox.domain import CLOCKS_APART, NOBODY, Letter, Priority
from network.people import services as people
from network.people.domain import Member

BATCH = 100
DOWN_AFTER = 10  # letters that did not get through, in all postmen, and none that did
DOWN_SINCE = timedelta(seconds=30)
FAILED = N_(
    "One of your other ways to be reached did not pass its test. If Telegram fails, nothing may"
    " reach you there. Sign in and try it again."
)
TEST = N_("This is a test, and nothing has happened. Write this word in your account: %(word)s")


@dataclass(frozen=True, slots=True)
class Way:
    """A channel as the postman needs it."""

    id: ChannelId
    address: Plaintext = field(repr=False)


def channels(tx: Tx, actor: Actor) -> tuple[Channel, ...]:
    """The actor's own channels."""
    require(actor, DeliveryPermission.OWN_CHANNELS)
    return store.mine(tx, actor)


def cut(tx: Tx, actor: Actor, *, person_id: PersonId) -> None:
    """Somebody was removed: no letter reaches them by any of their other ways from now on."""
    require(actor, DeliveryPermission.CUT)
    store.remove_all_of(tx, person_id)


def add_channel(
    tx: Tx, actor: Actor, *, address: Plaintext, schemas: frozenset[str], mail: bool
) -> None:
    """Another way to the actor. A word goes there at once; until it is confirmed, no alarm does."""
    require(actor, DeliveryPermission.OWN_CHANNELS)
    read = read_address(address.reveal(), schemas=schemas, mail=mail)
    if len(store.mine(tx, actor)) >= MOST:
        raise BadInput("address", "enough")
    channel_id = ChannelId(new_id())
    _may_send_a_word(tx, actor)
    new = Channel(channel_id, actor.person, ChannelState.NEW, read, tx.now).asked(tx.now)
    store.add(tx, new)
    _send_word(tx, new, actor.language)
    audit.receipt(tx, actor, "channel.added", subject=channel_id)


def remove_channel(tx: Tx, actor: Actor, *, channel_id: ChannelId) -> None:
    """The actor is not reached there any more."""
    require(actor, DeliveryPermission.OWN_CHANNELS)
    store.remove(tx, actor, channel_id)
    audit.receipt(tx, actor, "channel.removed", subject=channel_id)


def test_channel(tx: Tx, actor: Actor, *, channel_id: ChannelId) -> None:
    """Send a word there now; WrongMoment within two minutes of the last one, BadInput where enough
    were sent today.
    """
    require(actor, DeliveryPermission.OWN_CHANNELS)
    before = store.one(tx, actor, channel_id)
    asked = before.asked(tx.now)
    _may_send_a_word(tx, actor)
    store.save(tx, before, asked)
    _send_word(tx, asked, actor.language)
    audit.receipt(tx, actor, "channel.tested", subject=channel_id)


def confirm_channel(tx: Tx, actor: Actor, *, channel_id: ChannelId, word: Plaintext) -> bool:
    """The word that arrived there, typed in. False where it is not the one; after five, none is."""
    require(actor, DeliveryPermission.OWN_CHANNELS)
    before = store.one(tx, actor, channel_id)
    if not before.word:
        raise WrongWord
    if not before.is_word(word.reveal()):
        store.save(tx, before, before.tried())
        return False
    store.save(tx, before, before.confirmed(tx.now))
    audit.receipt(tx, actor, "channel.confirmed", subject=channel_id)
    return True


def test_due(tx: Tx, actor: Actor) -> int:
    """The clock tests what is due, and writes down whose word did not come back; its owner hears of
    it by Telegram. Says how many.
    """
    require(actor, DeliveryPermission.CARRY)
    due = store.due(tx, BATCH)
    owners = people.members_named(tx, {one.person_id for one in due})
    for one in due:
        owner = owners.get(one.person_id)
        asks = owner is not None and owner.active and one.rings and not one.shut
        if one.asked_at is not None or owner is None or not asks:
            store.save(tx, one, one.failed(tx.now))
            if owner is not None and owner.active and one.rings:
                _say_failed(tx, owner)
        else:
            asked = one.asked(tx.now)
            store.save(tx, one, asked)
            _send_word(tx, asked, owner.profile.language)
    return len(due)


def elsewhere(
    tx: Tx, actor: Actor, *, chats: Iterable[int], promised_at: datetime, wait: timedelta
) -> dict[int, tuple[Way, ...]]:
    """By which other ways the readers of these chats are reached, where it is time for that.

    It is when the letter is older than the country's patience, will be before it is tried again, or
    Telegram gets nothing through to anybody.
    """
    require(actor, DeliveryPermission.CARRY)
    waited = tx.now - promised_at
    ahead = waited < -CLOCKS_APART  # promised by a clock that ran ahead: how long ago nobody knows
    patience = timedelta(0) if ahead else tx.pack.alarms.fallback - waited
    if wait < patience and not _down(tx):
        return {}
    readers = {chat: people.member_in(tx, chat) for chat in set(chats)}
    found = _ways(tx, [one for one in readers.values() if one is not None])
    return {chat: found.get(one.id, ()) for chat, one in readers.items() if one is not None}


def ways(tx: Tx, actor: Actor, *, ids: Iterable[ChannelId]) -> dict[ChannelId, Plaintext | None]:
    """The addresses of these channels, as they are at this moment; None where one does not open.

    Those that are gone are left out, and those of members who are not active any more.
    """
    require(actor, DeliveryPermission.CARRY)
    found = store.named(tx, ids)
    owners = people.members_named(tx, {one.person_id for one in found})
    return {
        one.id: None if one.shut else one.address
        for one in found
        if one.person_id in owners and owners[one.person_id].active
    }


def ways_to(tx: Tx, readers: Iterable[Member]) -> dict[PersonId, tuple[ChannelId, ...]]:
    """The channels these members are called by; those without one that rings are left out."""
    found = _ways(tx, readers)
    return {person: tuple(one.id for one in those) for person, those in found.items()}


def to_coordination(tx: Tx) -> tuple[tuple[Member, tuple[Way, ...]], ...]:
    """Every active coordinator, and the other ways to them."""
    everybody = people.coordinators(tx)
    found = _ways(tx, everybody)
    return tuple((one, found.get(one.id, ())) for one in everybody)


def _ways(tx: Tx, readers: Iterable[Member]) -> dict[PersonId, tuple[Way, ...]]:
    wanted = [one.id for one in readers if one.active]
    found: dict[PersonId, tuple[Way, ...]] = {}
    for one in store.ringing(tx, wanted):
        found[one.person_id] = (*found.get(one.person_id, ()), Way(one.id, one.address))
    return found


def _down(tx: Tx) -> bool:
    road = outbox.road(tx)
    return (
        road.failing_since is not None
        and road.failures >= DOWN_AFTER
        and tx.now >= road.failing_since + DOWN_SINCE
    )


def _may_send_a_word(tx: Tx, actor: Actor) -> None:
    """A word rings whatever telephone was typed in, and may cost money. Counted in the log, where
    removing the channel takes nothing back.
    """
    audit.wait_in_line(tx)
    since = tx.now - timedelta(days=1)
    verbs = ("channel.added", "channel.tested")
    if sum(audit.times(tx, actor.person, one, since=since) for one in verbs) >= WORDS_A_DAY:
        raise BadInput("form", "words_enough")


def _send_word(tx: Tx, channel: Channel, language: str) -> None:
    outbox.promise(
        tx,
        Letter(
            to=NOBODY,
            language=language,
            say=TEST,
            params={"word": channel.word},
            priority=Priority.NOTICE,
            by=channel.id,
        ),
    )


def _say_failed(tx: Tx, owner: Member) -> None:
    """They alone can mend it, and may not look at their account for months."""
    if owner.profile.chat is None:
        return
    outbox.promise(
        tx,
        Letter(
            to=owner.profile.chat,
            language=owner.profile.language,
            say=FAILED,
            priority=Priority.NOTICE,
        ),
    )
