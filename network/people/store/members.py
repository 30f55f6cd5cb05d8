"""Finding and changing members: scoped reads, guarded writes."""

import json
from collections.abc import Collection, Iterable
from datetime import date
from typing import Any, cast
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    Table,
    bindparam,
    false,
    func,
    select,
    true,
    update,
)

from network.db import Tx
from network.encryption.sealed import Place, Sealed
from network.kernel.actor import Actor, Role
from network.kernel.errors import BadInput, NotVisible, WrongMoment
from network.kernel.hidden import Plaintext
from network.kernel.ids import PersonId
from network.many import IDS, among
from network.people.domain import (
    Clearance,
    Level,
    Member,
    Newcomer,
    Profile,
    Standing,
    moved,
)
from network.people.store import ways
from network.people.tables import PersonRow

PROFILE_BYTES = 512  # every profile looks as long as every other
CHATS = "people.chat"  # a domain of its own: the outbox's index of the same chat is another number
HANDLES = "people.handle"
# Writes go by guarded UPDATEs, so a row read twice must be read again.
PEOPLE = select(PersonRow).execution_options(populate_existing=True)
# Asked for every word that reaches the bot: built once, and without the keys nobody needs there.
_ROWS = cast(Table, PersonRow.__table__)
_CARDS = select(
    _ROWS.c.id,
    _ROWS.c.role,
    _ROWS.c.standing,
    _ROWS.c.on_duty,
    _ROWS.c.profile,
    _ROWS.c.public_key,
    _ROWS.c.chat_index,
)
_BY_CHAT = _CARDS.where(_ROWS.c.chat_index.in_(bindparam("indexes", expanding=True)))
_BY_IDS = _CARDS.where(among(_ROWS.c.id))
_ACTIVE = _CARDS.where(
    _ROWS.c.standing == Standing.ACTIVE,
    _ROWS.c.role == bindparam("role"),
    _ROWS.c.public_key.is_not(None),
).order_by(_ROWS.c.id)


# What one transaction has read of members, until it changes one.
_KNOWN, _ACTIVE_KNOWN = "people.known", "people.active"
_AHEAD = "people.by_chat"


def find(tx: Tx, ids: Iterable[PersonId]) -> dict[PersonId, Member]:
    """These members, for another room that already knows of them."""
    known: dict[PersonId, Member] = tx.known.setdefault(_KNOWN, {})
    wanted = list(ids)
    if missing := [each for each in wanted if each not in known]:
        rows = tx.peek(_BY_IDS, {IDS: missing}).all()
        read = {one.id: one for one in (_member(tx, row) for row in rows)}
        known.update(read)
        if len(missing) == len(wanted):
            return read
    return {each: known[each] for each in wanted if each in known}


def active(tx: Tx, role: Role) -> tuple[Member, ...]:
    """Every active member of a role who has a key, in the order of their ids."""
    known: dict[Role, tuple[Member, ...]] = tx.known.setdefault(_ACTIVE_KNOWN, {})
    if role not in known:
        rows = tx.peek(_ACTIVE, {"role": role})
        known[role] = tuple(_member(tx, row) for row in rows)
    return known[role]


def visible_to(actor: Actor) -> Select[PersonRow]:
    """The members this actor may know of: everybody for coordination, for others themselves."""
    return PEOPLE.where(_visible(actor))


def get(tx: Tx, actor: Actor, person_id: PersonId) -> Member:
    """One member the actor may see, held until the transaction ends."""
    query = visible_to(actor).where(PersonRow.id == person_id).with_for_update()
    row = tx.session.scalar(query)
    if row is None:
        raise NotVisible
    return _member(tx, row)


def everybody(tx: Tx, actor: Actor) -> tuple[Member, ...]:
    """Every member the actor may see, newest first."""
    rows = tx.session.scalars(visible_to(actor).order_by(PersonRow.joined_on.desc(), PersonRow.id))
    return tuple(_member(tx, row) for row in rows)


def by_id(tx: Tx, person_id: PersonId) -> Member | None:
    """Who this is, for the door."""
    row = tx.session.scalar(PEOPLE.where(PersonRow.id == person_id))
    return None if row is None else _member(tx, row)


def by_chat(tx: Tx, chat: int) -> Member | None:
    """Whose chat this is, for the door."""
    ahead: dict[int, Member | None] = tx.ahead.get(_AHEAD, {})
    if chat in ahead:
        return ahead[chat]
    indexes = tx.secret.indexes(CHATS, str(chat))
    row = tx.session.execute(_BY_CHAT, {"indexes": indexes}).first()
    return None if row is None else _member(tx, row)


def read_ahead(tx: Tx, chats: Collection[int]) -> None:
    """Whose chats these are, for the answers of one commit."""
    named = {index: chat for chat in chats for index in tx.secret.indexes(CHATS, str(chat))}
    rows = tx.peek(_BY_CHAT, {"indexes": list(named)})
    found = {named[row.chat_index]: _member(tx, row) for row in rows}
    tx.ahead[_AHEAD] = {chat: found.get(chat) for chat in chats}


def handle_is_taken(tx: Tx, handle: str) -> bool:
    """Whether somebody has, or had, this name."""
    query = select(PersonRow.id).where(
        PersonRow.handle_index.in_(tx.secret.indexes(HANDLES, handle))
    )
    return tx.session.scalar(query) is not None


def standing(tx: Tx, where: Standing) -> tuple[PersonId, ...]:
    """The ids of whoever stands there."""
    rows = tx.session.scalars(select(PersonRow.id).where(PersonRow.standing == where))
    return tuple(map(PersonId, rows))


def count(tx: Tx) -> int:
    """How many ever joined."""
    return tx.session.scalar(select(func.count()).select_from(PersonRow)) or 0


def add(
    tx: Tx,
    newcomer: Newcomer,
    *,
    role: Role,
    standing: Standing,
    clearance: Clearance,
    chat: int | None = None,
) -> None:
    """Store somebody new; a name somebody has is refused."""
    if handle_is_taken(tx, newcomer.handle):
        raise BadInput("handle", "handle_taken")
    profile = Profile(newcomer.handle, newcomer.alias, newcomer.language, chat, clearance)
    _forget_known(tx)
    added = tx.session.scalar(
        tx.insert(PersonRow)
        .values(
            id=newcomer.id,
            role=role,
            standing=standing,
            on_duty=False,
            handle_index=tx.secret.index(HANDLES, newcomer.handle),
            chat_index=None if chat is None else tx.secret.index(CHATS, str(chat)),
            profile=_seal(tx, newcomer.id, profile),
            public_key=newcomer.keys.public,
            key_by_passphrase=newcomer.keys.by_passphrase,
            key_by_recovery=newcomer.keys.by_recovery,
            key_salt=newcomer.keys.salt,
            totp=newcomer.totp,
            covers=ways.packed(ways.unused(tx, newcomer.id)),
            totp_step=newcomer.step,
            joined_on=tx.now.date(),
        )
        .on_conflict_do_nothing()
        .returning(PersonRow.id)
    )
    if added is None:
        raise BadInput("handle", "handle_taken")


def move(tx: Tx, member: Member, target: Standing) -> None:
    """Change where a member stands, if they still stand where they were read."""
    after = moved(member.standing, target)
    guarded(tx, member.id, PersonRow.standing == member.standing, standing=after, on_duty=False)


def forget_keys(tx: Tx, member: Member) -> None:
    """Destroy everything a removed member could come in or be written to with."""
    guarded(
        tx,
        member.id,
        PersonRow.standing == Standing.REMOVED,
        chat_index=None,
        profile=_seal(tx, member.id, Profile("", member.alias, member.profile.language)),
        public_key=None,
        key_by_passphrase=None,
        key_by_recovery=None,
        key_salt=None,
        totp=None,
        covers=None,
    )


def put_on_duty(tx: Tx, actor: Actor) -> None:
    """From now on new requests come to the actor."""
    guarded(tx, actor.person, PersonRow.standing == Standing.ACTIVE, on_duty=True)


def take_off_duty(tx: Tx, actor: Actor) -> None:
    """From now on new requests go to others."""
    guarded(tx, actor.person, PersonRow.standing == Standing.ACTIVE, on_duty=False)


def rewrite(tx: Tx, member: Member, profile: Profile) -> None:
    """Store a changed profile, and where its owner is found by chat."""
    index = None if profile.chat is None else tx.secret.index(CHATS, str(profile.chat))
    guarded(
        tx,
        member.id,
        PersonRow.standing == member.standing,
        profile=_seal(tx, member.id, profile),
        chat_index=index,
    )


def guarded(
    tx: Tx, person_id: PersonId, *conditions: ColumnElement[bool], **values: object
) -> None:
    """Change a member's row where all of these still hold; WrongMoment where not."""
    _forget_known(tx)
    changed = tx.session.scalar(
        update(PersonRow)
        .where(PersonRow.id == person_id, *conditions)
        .values(**values)
        .returning(PersonRow.id)
    )
    if changed is None:
        raise WrongMoment


def _visible(actor: Actor) -> ColumnElement[bool]:
    if actor.role is Role.MACHINE or (actor.role is Role.COORDINATOR and actor.active):
        return true()
    if actor.person_id is None:
        return false()
    return PersonRow.id == actor.person_id


def _forget_known(tx: Tx) -> None:
    tx.known.pop(_KNOWN, None)
    tx.known.pop(_ACTIVE_KNOWN, None)


def _member(tx: Tx, row: PersonRow | Row[*tuple[Any, ...]]) -> Member:
    return Member(
        id=PersonId(row.id),
        role=row.role,
        standing=row.standing,
        on_duty=row.on_duty,
        profile=_open(tx, row.id, row.profile),
        public_key=row.public_key,
    )


def _place(person: UUID) -> Place:
    return Place("people", "profile", person, member=person)


def _seal(tx: Tx, person: UUID, profile: Profile) -> Sealed:
    known = profile.clearance
    days = [each and each.isoformat() for each in (known.since, known.review_on)]
    cleared = [known.level.value, *days, *known.zones]
    fields = [profile.handle, profile.alias, profile.language, profile.chat, cleared]
    if profile.zone is not None or known.reminded_on is not None:
        fields.append(profile.zone)
    if known.reminded_on is not None:
        fields.append(known.reminded_on.isoformat())
    text = Plaintext(json.dumps(fields, ensure_ascii=False, separators=(",", ":")))
    return tx.secret.seal(text, _place(person), PROFILE_BYTES)


def _open(tx: Tx, person: UUID, sealed: bytes) -> Profile:
    handle, alias, language, chat, *more = json.loads(
        tx.secret.open(Sealed(sealed), _place(person)).reveal()
    )
    zone = more[1] if len(more) > 1 else None
    return Profile(handle, alias, language, chat, _clearance(more), zone)


def _clearance(found: list[Any]) -> Clearance:
    """As it was sealed. Who came in before there was a path was let in on somebody's word."""
    if not found:
        return Clearance(Level.VOUCHED)
    level, since, review_on, *zones = found[0]
    reminded_on = _day(found[2]) if len(found) > 2 else None  # noqa: PLR2004  # the third of them
    return Clearance(Level(level), _day(since), _day(review_on), tuple(zones), reminded_on)


def _day(found: str | None) -> date | None:
    return date.fromisoformat(found) if found else None
