"""A member's own account: alias, language, duty, sessions, and the chat we write to."""

import secrets
from dataclasses import dataclass, replace

from network import audit, outbox
from network.db import Tx
from network.kernel.actor import Actor
from network.kernel.errors import BadInput, NotAllowed
from network.kernel.hidden import Plaintext
from network.kernel.ids import SessionId
from network.kernel.words import N_
from network.outbox.domain import Letter, Priority
from network.people.domain import (
    AlreadyLinked,
    Member,
    OpenSession,
    read_alias,
    same_code,
)
from network.people.policy import PersonPermission, require
from network.people.services.reading import member as read_member
from network.people.store import locks, members, passes

LINK_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LINK_LENGTH = 8


@dataclass(frozen=True, slots=True)
class Account:
    """What somebody sees of themselves."""

    member: Member
    sessions: tuple[OpenSession, ...]
    may_link: bool


def whoami(tx: Tx, actor: Actor) -> Actor:
    """Who the door found behind the card."""
    return actor


def way_in(tx: Tx, actor: Actor) -> int:
    """By which of their ways the actor came."""
    require(actor, PersonPermission.OWN_ACCOUNT)
    return locks.way_of(locks.of(tx, actor), actor)


def seen(tx: Tx, actor: Actor) -> None:
    """This session is in use; the web asks at most once a minute."""
    if actor.session_id is not None:
        passes.touch(tx, actor.session_id)


def account(tx: Tx, actor: Actor) -> Account:
    """The actor's own account."""
    require(actor, PersonPermission.OWN_ACCOUNT)
    return Account(
        read_member(tx, actor.person), passes.sessions_of(tx, actor), may_link=actor.active
    )


def rename(tx: Tx, actor: Actor, *, alias: str) -> None:
    """Change what colleagues and families call the actor."""
    require(actor, PersonPermission.OWN_ACCOUNT)
    member = members.get(tx, actor, actor.person)
    members.rewrite(tx, member, replace(member.profile, alias=read_alias(alias)))
    audit.receipt(tx, actor, "person.renamed", subject=actor.person)


def change_language(tx: Tx, actor: Actor, *, language: str) -> None:
    """Change the language of the pages and of the letters."""
    require(actor, PersonPermission.OWN_ACCOUNT)
    if language not in tx.pack.languages:
        raise BadInput("language", "language_shape")
    member = members.get(tx, actor, actor.person)
    members.rewrite(tx, member, replace(member.profile, language=language))


def change_zone(tx: Tx, actor: Actor, *, zone: str) -> None:
    """Name the state the actor mostly is in; with "", none any more."""
    require(actor, PersonPermission.OWN_ACCOUNT)
    if zone and zone not in {one.geo_code for one in tx.pack.areas.states}:
        raise BadInput("zone", "zone_shape")
    member = members.get(tx, actor, actor.person)
    members.rewrite(tx, member, replace(member.profile, zone=zone or None))


def set_duty(tx: Tx, actor: Actor) -> None:
    """From now on new requests come to the actor."""
    require(actor, PersonPermission.TAKE_DUTY)
    members.put_on_duty(tx, actor)
    audit.receipt(tx, actor, "person.took-duty", subject=actor.person)


def leave_duty(tx: Tx, actor: Actor) -> None:
    """From now on new requests go to others; to every coordinator when nobody is left on duty."""
    require(actor, PersonPermission.TAKE_DUTY)
    members.take_off_duty(tx, actor)
    audit.receipt(tx, actor, "person.left-duty", subject=actor.person)


def end_session(tx: Tx, actor: Actor, *, session_id: SessionId) -> None:
    """End one of the actor's own sessions, on whatever machine it is."""
    require(actor, PersonPermission.OWN_ACCOUNT)
    passes.end_session(tx, actor, session_id)


def new_link_code(tx: Tx, actor: Actor) -> Plaintext:
    """A code to send to the bot within a quarter of an hour; any earlier one is void."""
    require(actor, PersonPermission.LINK_CHAT)
    letters = "".join(secrets.choice(LINK_LETTERS) for _ in range(LINK_LENGTH))
    passes.add_link_code(tx, actor, letters)
    half = LINK_LENGTH // 2
    return Plaintext(f"{letters[:half]}-{letters[half:]}")


def link_chat(tx: Tx, actor: Actor, *, code: Plaintext) -> str:
    """From now on this chat is the code's owner's; says their alias. One chat, one member."""
    if actor.chat is None:
        raise NotAllowed
    owner = read_member(tx, passes.use_link_code(tx, same_code(code.reveal())))
    if actor.person_id not in {None, owner.id}:
        raise AlreadyLinked
    if not owner.active:
        raise NotAllowed
    before = owner.profile.chat
    members.rewrite(tx, owner, replace(owner.profile, chat=actor.chat))
    audit.receipt(tx, actor, "person.linked", subject=owner.id)
    if before is not None and before != actor.chat:
        _part_from(tx, owner, before)
    return owner.alias


def unlink_chat(tx: Tx, actor: Actor) -> None:
    """The bot does not know the actor's chat any more; letters that wait for it are taken back."""
    require(actor, PersonPermission.LINK_CHAT)
    member = members.get(tx, actor, actor.person)
    if member.profile.chat is None:
        return
    outbox.cancel_chat(tx, member.profile.chat)
    members.rewrite(tx, member, replace(member.profile, chat=None))
    audit.receipt(tx, actor, "person.unlinked", subject=actor.person)


def _part_from(tx: Tx, owner: Member, chat: int) -> None:
    """Tell the chat that was linked before, in case its owner did not do this."""
    outbox.cancel_chat(tx, chat)
    outbox.promise(
        tx,
        Letter(
            to=chat,
            language=owner.profile.language,
            say=N_("This chat is no longer linked. If that was not you, tell your coordination."),
            keyboard=(),
            priority=Priority.NOTICE,
        ),
    )
