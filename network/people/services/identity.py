"""Who stands at the door, as the database says at this moment."""

from dataclasses import replace
from typing import assert_never
from uuid import UUID

from network.db import Tx
from network.encryption.envelope import SEED_BYTES
from network.encryption.keyring import join_session
from network.encryption.sealed import Tampered
from network.kernel.actor import Actor, Engine, InChat, InSession, Nobody, Role, Who
from network.kernel.errors import NotVisible
from network.kernel.hidden import SecretBytes
from network.people.domain import OWN, Member, Standing, session_is_live
from network.people.store import members, passes


def identify(tx: Tx, who: Who) -> Actor:
    """The person behind a card. Only reads; a revocation of a second ago already counts."""
    match who:
        case InSession():
            return _in_session(tx, who)
        case InChat():
            return _in_chat(tx, who)
        case Engine():
            return Actor(Role.MACHINE)
        case Nobody():
            return Actor(Role.STRANGER)
        case UUID():
            found = members.by_id(tx, who)
            if found is None:
                raise NotVisible
            return _actor(found)
        case _ as never:
            assert_never(never)


def _in_session(tx: Tx, who: InSession) -> Actor:
    """Both halves, live, of somebody who may come in; anything else looks the same."""
    stored = passes.session(tx, who.session_id)
    if stored is None:
        raise NotVisible
    if not session_is_live(opened_at=stored.opened_at, seen_at=stored.seen_at, now=tx.now):
        raise NotVisible
    found = members.by_id(tx, stored.person_id)
    if found is None or found.standing not in {Standing.APPLIED, Standing.ACTIVE}:
        raise NotVisible
    try:
        held = join_session(who.session_id, stored.person_id, who.secret, stored.sealed_key)
    except Tampered:
        raise NotVisible from None
    key, way = SecretBytes(held.reveal()[:SEED_BYTES]), held.reveal()[SEED_BYTES]
    return _actor(_as_opened(found, way), key=key, in_session=who)


def _as_opened(member: Member, way: int) -> Member:
    """A member as the way they came by shows them: by any but their own, somebody who asked to come
    in and waits. Every room then asks, finds and refuses as it does for whoever waits.
    """
    if way == OWN:
        return member
    return replace(member, role=Role.ACTIVIST, standing=Standing.APPLIED, on_duty=False)


def _in_chat(tx: Tx, who: InChat) -> Actor:
    found = members.by_chat(tx, who.chat)
    if found is None:
        return Actor(Role.FAMILY, chat=who.chat, language=who.language)
    return _actor(found, chat=who.chat)


def _actor(
    member: Member,
    *,
    key: SecretBytes | None = None,
    in_session: InSession | None = None,
    chat: int | None = None,
) -> Actor:
    return Actor(
        role=member.role,
        person_id=member.id,
        active=member.active,
        private_key=key,
        session_id=in_session.session_id if in_session else None,
        chat=chat,
        language=member.profile.language,
    )
