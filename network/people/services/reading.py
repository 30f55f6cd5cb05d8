"""What other rooms ask of this one: who a member is, who receives, and how to write to them."""

from collections.abc import Collection, Iterable, Mapping

from network import outbox
from network.db import Tx
from network.kernel.actor import Actor, Role
from network.kernel.errors import NotVisible
from network.kernel.ids import LetterId, PersonId
from network.kernel.words import N_
from network.outbox.domain import Button, Letter, Priority, Signal
from network.people.domain import Member, Standing
from network.people.store import members, passes

MOST_TOLD = 12  # letters of one envelope, which has one size
SILENT_CALL = N_(
    "%(alias)s needs help and cannot say so. Do not call or write to them, and tell nobody near "
    "them. Agree with somebody else in coordination what to do."
)
Buttons = tuple[tuple[Button, ...], ...]


def member(tx: Tx, person_id: PersonId) -> Member:
    """One member, for a room that already knows of them."""
    found = members.by_id(tx, person_id)
    if found is None:
        raise NotVisible
    return found


def member_in(tx: Tx, chat: int) -> Member | None:
    """Whose chat this is; None where no member linked it."""
    return members.by_chat(tx, chat)


def read_ahead(tx: Tx, chats: Collection[int]) -> None:
    """For the answers of one commit: whose chats these are."""
    members.read_ahead(tx, chats)


def count_members(tx: Tx) -> int:
    """How many people ever joined this network."""
    return members.count(tx)


def members_named(tx: Tx, ids: Iterable[PersonId]) -> dict[PersonId, Member]:
    """These members by id; those who never existed are left out."""
    return members.find(tx, ids)


def signed_in(tx: Tx) -> tuple[PersonId, ...]:
    """Whoever is signed in somewhere, for a room that counts what that opens."""
    return passes.signed_in(tx)


def coordinators(tx: Tx, *, but: Collection[PersonId | None] = ()) -> tuple[Member, ...]:
    """Every active coordinator, or all but some."""
    found = members.active(tx, Role.COORDINATOR)
    return tuple(each for each in found if each.id not in but)


def activists(tx: Tx) -> tuple[Member, ...]:
    """Every active activist."""
    return members.active(tx, Role.ACTIVIST)


def receivers(tx: Tx) -> tuple[Member, ...]:
    """Who receives new requests: the coordinators on duty, or all of them when nobody is."""
    everyone = coordinators(tx)
    return tuple(one for one in everyone if one.on_duty) or everyone


def removed(tx: Tx) -> tuple[PersonId, ...]:
    """Everybody who was ever put out, for the clock."""
    return members.standing(tx, Standing.REMOVED)


def suspended(tx: Tx) -> tuple[PersonId, ...]:
    """Everybody who is stopped for now, for the clock."""
    return members.standing(tx, Standing.SUSPENDED)


def letters_to(
    readers: Iterable[Member],
    say: str,
    *,
    params: Mapping[str, str] | None = None,
    buttons: Buttons = (),
    priority: Priority = Priority.NOTICE,
    once: str | None = None,
) -> tuple[Letter, ...]:
    """The same letter for each reader with a linked chat, in their language; not promised.

    Nothing for whoever was stopped: their chat is still known, and must hear of nobody any more.
    """
    return tuple(
        Letter(
            to=one.profile.chat,
            language=one.profile.language,
            say=say,
            params=dict(params or {}),
            buttons=buttons,
            priority=priority,
            once=once and f"{once}:{one.id}",
        )
        for one in readers
        if one.profile.chat is not None and one.active
    )


def silent_call(tx: Tx, person_id: PersonId) -> tuple[Letter, ...]:
    """What the others in coordination hear when somebody came in who may not be free to speak."""
    return _to_the_others(tx, person_id, SILENT_CALL, Priority.ALARM)


def told_of_copy(tx: Tx, person_id: PersonId, say: str) -> Signal:
    """What the others in coordination hear of a copied device: its owner may not read freely."""
    return Signal(_to_the_others(tx, person_id, say, Priority.NOTICE))


def _to_the_others(tx: Tx, person_id: PersonId, say: str, priority: Priority) -> tuple[Letter, ...]:
    others = coordinators(tx, but={person_id})
    alias = member(tx, person_id).alias
    return letters_to(others[:MOST_TOLD], say, params={"alias": alias}, priority=priority)


def letter_to_owner(tx: Tx, actor: Actor, say: str) -> Signal:
    """What the owner of an account hears of a change in it: one envelope of one size, always.

    Whoever waits to be let in has no chat, so that before a cover it stays empty: a letter would
    tell whoever holds the telephone what the cover hides.
    """
    told = letters_to([member(tx, actor.person)], say) if actor.active else ()
    return Signal(told)


def write_to(  # noqa: PLR0913  # a letter has this many parts
    tx: Tx,
    readers: Iterable[Member],
    say: str,
    *,
    params: Mapping[str, str] | None = None,
    buttons: Buttons = (),
    priority: Priority = Priority.NOTICE,
    once: str | None = None,
) -> list[LetterId]:
    """Promise the same letter to each reader with a linked chat."""
    letters = letters_to(readers, say, params=params, buttons=buttons, priority=priority, once=once)
    return [outbox.promise(tx, letter) for letter in letters]
