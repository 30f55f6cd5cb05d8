"""What lets somebody in: sessions, invitations, link codes, and the count of wrong tries."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, case, delete, insert, or_, select, update

from network.db import Tx
from network.encryption.envelope import Opener
from network.encryption.sealed import Place, Sealed, Tampered
from network.kernel.actor import Actor, Role
from network.kernel.errors import NotVisible, SlowDown
from network.kernel.hidden import Plaintext
from network.kernel.ids import PersonId, SessionId
from network.people.domain import (
    ABSOLUTE,
    IDLE,
    INVITATION_LASTS,
    LINK_CODE_LASTS,
    TRIES_FORGOTTEN_AFTER,
    Device,
    Invitation,
    Level,
    OpenSession,
    minute_of,
    pause_after,
    quarter_of,
)
from network.people.tables import InvitationRow, LinkCodeRow, SessionRow, TriesRow

TOKENS = "people.invitation"
LINKS = "people.link"
TRIES = "people.tries"
ALIAS_BYTES = 256


@dataclass(frozen=True, slots=True)
class StoredSession:
    """The server's half of a session."""

    id: SessionId
    person_id: PersonId
    sealed_key: Sealed
    opened_at: datetime
    seen_at: datetime


def session(tx: Tx, session_id: SessionId) -> StoredSession | None:
    """The half that belongs to the browser's half, for the door."""
    row = tx.session.execute(
        select(
            SessionRow.person_id, SessionRow.sealed_key, SessionRow.opened_at, SessionRow.seen_at
        ).where(SessionRow.id == session_id)
    ).one_or_none()
    if row is None:
        return None
    return StoredSession(
        session_id, PersonId(row.person_id), Sealed(row.sealed_key), row.opened_at, row.seen_at
    )


@dataclass(frozen=True, slots=True)
class Half:
    """The server's half of a session that is about to begin, and what it is called in the list."""

    id: SessionId
    sealed_key: Sealed
    device: Sealed


def device_place(session_id: SessionId, person: PersonId) -> Place:
    """Where the kind of a browser is sealed, to the key that its session holds."""
    return Place("sessions", "device", session_id, member=person)


def open_session(tx: Tx, person: PersonId, half: Half) -> None:
    """Store the server's half, and forget the member's sessions that have run out."""
    tx.session.execute(delete(SessionRow).where(SessionRow.person_id == person, _run_out(tx)))
    tx.session.execute(
        insert(SessionRow).values(
            id=half.id,
            person_id=person,
            sealed_key=half.sealed_key,
            device=half.device,
            opened_at=minute_of(tx.now),
            seen_at=minute_of(tx.now),
        )
    )


def touch(tx: Tx, session_id: SessionId) -> None:
    """Note, to the minute, that a session is in use."""
    tx.session.execute(
        update(SessionRow)
        .where(SessionRow.id == session_id, SessionRow.seen_at < minute_of(tx.now))
        .values(seen_at=minute_of(tx.now))
    )


def sessions_of(tx: Tx, actor: Actor) -> tuple[OpenSession, ...]:
    """The actor's own live sessions, the latest seen first.

    A browser is shown those that the key it holds can name; without a key, all, unnamed.
    """
    rows = tx.session.execute(
        select(SessionRow.id, SessionRow.device, SessionRow.opened_at, SessionRow.seen_at)
        .where(SessionRow.person_id == actor.person, ~_run_out(tx))
        .order_by(SessionRow.seen_at.desc(), SessionRow.id)
    )
    opener = Opener(actor.private_key) if actor.private_key else None
    found = []
    for row in rows:
        device = None
        if opener is not None:
            try:
                place = device_place(SessionId(row.id), actor.person)
                device = Device(opener.open_text(Sealed(row.device), place).reveal())
            except Tampered:
                continue
        found.append(
            OpenSession(
                SessionId(row.id),
                row.opened_at,
                quarter_of(row.seen_at),
                is_this_one=row.id == actor.session_id,
                device=device,
            )
        )
    return tuple(found)


def signed_in(tx: Tx) -> tuple[PersonId, ...]:
    """Whoever has a live session."""
    rows = tx.session.scalars(
        select(SessionRow.person_id).where(~_run_out(tx)).distinct().order_by(SessionRow.person_id)
    )
    return tuple(map(PersonId, rows))


def end_session(tx: Tx, actor: Actor, session_id: SessionId) -> None:
    """Destroy one of the actor's own sessions."""
    ended = tx.session.scalar(
        delete(SessionRow)
        .where(SessionRow.id == session_id, SessionRow.person_id == actor.person)
        .returning(SessionRow.id)
    )
    if ended is None:
        raise NotVisible


def end_sessions_of(tx: Tx, person: PersonId, *, but: SessionId | None = None) -> None:
    """Destroy all of a member's sessions, or all but one."""
    query = delete(SessionRow).where(SessionRow.person_id == person)
    tx.session.execute(query if but is None else query.where(SessionRow.id != but))


def end_every_session(tx: Tx) -> int:
    """Destroy every session there is; says how many."""
    return len(tx.session.scalars(delete(SessionRow).returning(SessionRow.id)).all())


def add_invitation(
    tx: Tx, actor: Actor, token: Plaintext, offer: Invitation, invitation_id: UUID
) -> None:
    """Store an open link as its blind index."""
    sealed = Plaintext(f"{offer.level.value}\n{offer.alias}")  # an alias is one line
    tx.session.execute(
        insert(InvitationRow).values(
            id=invitation_id,
            token_index=tx.secret.index(TOKENS, token.reveal()),
            role=offer.role,
            vouched=offer.vouched,
            alias=tx.secret.seal(sealed, _alias(invitation_id), ALIAS_BYTES),
            invited_by=actor.person_id,
            expires_at=tx.now + INVITATION_LASTS,
        )
    )


def invitation(tx: Tx, token: Plaintext) -> Invitation:
    """What an open link offers; used, old and unknown links look the same."""
    row = tx.session.execute(
        select(
            InvitationRow.id, InvitationRow.role, InvitationRow.vouched, InvitationRow.alias
        ).where(
            InvitationRow.token_index.in_(tx.secret.indexes(TOKENS, token.reveal())),
            InvitationRow.used_by.is_(None),
            InvitationRow.expires_at > tx.now,
        )
    ).one_or_none()
    if row is None:
        raise NotVisible
    sealed = tx.secret.open(Sealed(row.alias), _alias(row.id)).reveal() if row.alias else ""
    level, _, alias = sealed.rpartition("\n")
    return Invitation(Role(row.role), row.vouched, alias, _level(level, vouched=row.vouched))


def who_used(tx: Tx, invitation_id: UUID) -> PersonId | None:
    """Who came in by this link, or None."""
    query = select(InvitationRow.used_by).where(InvitationRow.id == invitation_id)
    person = tx.session.scalar(query)
    return None if person is None else PersonId(person)


def used_by(tx: Tx, person: PersonId) -> UUID | None:
    """The link by which somebody came in."""
    return tx.session.scalar(select(InvitationRow.id).where(InvitationRow.used_by == person))


def links_of(tx: Tx, whom: Collection[PersonId]) -> dict[UUID, PersonId]:
    """By which link each of these came in; nobody who came in without one."""
    rows = tx.session.execute(
        select(InvitationRow.id, InvitationRow.used_by).where(InvitationRow.used_by.in_(whom))
    )
    return {row.id: PersonId(row.used_by) for row in rows if row.used_by is not None}


def use_invitation(tx: Tx, token: Plaintext, person: PersonId) -> None:
    """Spend a link. Of several at the same moment one wins."""
    used = tx.session.scalar(
        update(InvitationRow)
        .where(
            InvitationRow.token_index.in_(tx.secret.indexes(TOKENS, token.reveal())),
            InvitationRow.used_by.is_(None),
            InvitationRow.expires_at > tx.now,
        )
        .values(used_by=person, alias=None)
        .returning(InvitationRow.id)
    )
    if used is None:
        raise NotVisible


def cancel_invitations_by(tx: Tx, person: PersonId) -> None:
    """Close the links somebody made that nobody has used."""
    tx.session.execute(
        delete(InvitationRow).where(
            InvitationRow.invited_by == person, InvitationRow.used_by.is_(None)
        )
    )


def add_link_code(tx: Tx, actor: Actor, code: str) -> None:
    """Store a one-time code as its blind index; the member's earlier one is void."""
    forget_link_codes(tx, actor.person)
    tx.session.execute(
        insert(LinkCodeRow).values(
            code_index=tx.secret.index(LINKS, code),
            person_id=actor.person,
            expires_at=tx.now + LINK_CODE_LASTS,
        )
    )


def use_link_code(tx: Tx, code: str) -> PersonId:
    """Spend a code and say whose it was. Wrong, used and old codes look the same."""
    owner = tx.session.scalar(
        delete(LinkCodeRow)
        .where(
            LinkCodeRow.code_index.in_(tx.secret.indexes(LINKS, code)),
            LinkCodeRow.expires_at > tx.now,
        )
        .returning(LinkCodeRow.person_id)
    )
    if owner is None:
        raise NotVisible
    return PersonId(owner)


def forget_link_codes(tx: Tx, person: PersonId) -> None:
    """Void a member's open codes."""
    tx.session.execute(delete(LinkCodeRow).where(LinkCodeRow.person_id == person))


def count_try(tx: Tx, name: str) -> None:
    """Count a try before it is judged, or raise SlowDown where the last wrong one is too near.

    Counted beforehand, a hundred guesses at the same moment are a hundred tries, not one.
    """
    key = tx.secret.index(TRIES, name)
    first = tx.insert(TriesRow).values(key_index=key, failures=1, try_again_at=tx.now)
    forgotten = TriesRow.try_again_at < tx.now - TRIES_FORGOTTEN_AFTER
    failures = tx.session.scalar(
        first.on_conflict_do_update(
            index_elements=["key_index"],
            set_={"failures": case((forgotten, 1), else_=TriesRow.failures + 1)},
            where=TriesRow.try_again_at <= tx.now,
        ).returning(TriesRow.failures)
    )
    if failures is None:
        raise SlowDown(_seconds_left(tx, key))
    tx.session.execute(
        update(TriesRow)
        .where(TriesRow.key_index == key)
        .values(try_again_at=tx.now + pause_after(failures))
    )


def forget_tries(tx: Tx, name: str) -> None:
    """A right answer: the tries before it do not count any more."""
    tx.session.execute(
        delete(TriesRow).where(TriesRow.key_index.in_(tx.secret.indexes(TRIES, name)))
    )


def sweep(tx: Tx) -> None:
    """Delete what has run out: sessions, links, codes and counts."""
    for query in (
        delete(SessionRow).where(_run_out(tx)),
        delete(InvitationRow).where(
            InvitationRow.expires_at <= tx.now, InvitationRow.used_by.is_(None)
        ),
        delete(LinkCodeRow).where(LinkCodeRow.expires_at <= tx.now),
        delete(TriesRow).where(TriesRow.try_again_at < tx.now - TRIES_FORGOTTEN_AFTER),
    ):
        tx.session.execute(query)


def _run_out(tx: Tx) -> ColumnElement[bool]:
    return or_(SessionRow.seen_at <= tx.now - IDLE, SessionRow.opened_at <= tx.now - ABSOLUTE)


def _level(sealed: str, *, vouched: bool) -> Level:
    """A link from before there was a path says no level: its maker's word is all there is."""
    if sealed:
        return Level(sealed)
    return Level.VOUCHED if vouched else Level.NONE


def _alias(invitation_id: UUID) -> Place:
    return Place("invitations", "alias", invitation_id)


def _seconds_left(tx: Tx, key: bytes) -> int:
    until = tx.session.scalar(select(TriesRow.try_again_at).where(TriesRow.key_index == key))
    left = 0 if until is None else (until - tx.now).total_seconds()
    return max(1, int(left) + 1)
