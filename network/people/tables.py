"""How members, invitations, approvals and sessions are stored."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from network.db import (
    Row,
    blind_index,
    moment,
    pk,
    public_half,
    sealed_to_member,
    sealed_to_server,
)
from network.kernel.actor import Role
from network.people.domain import Matter, Standing


class PersonRow(Row):
    """A member. No name, chat or handle stands here in clear."""

    __tablename__ = "people"

    id: Mapped[pk]
    role: Mapped[Role]
    standing: Mapped[Standing] = mapped_column(index=True)
    on_duty: Mapped[bool]
    handle_index: Mapped[blind_index] = mapped_column(unique=True)
    chat_index: Mapped[blind_index | None] = mapped_column(unique=True, nullable=True)
    profile: Mapped[sealed_to_server]
    public_key: Mapped[public_half | None] = mapped_column(nullable=True)
    key_by_passphrase: Mapped[sealed_to_member | None] = mapped_column(nullable=True)
    key_by_recovery: Mapped[sealed_to_member | None] = mapped_column(nullable=True)
    key_salt: Mapped[bytes | None] = mapped_column(LargeBinary(32), info={"public": True})
    totp: Mapped[sealed_to_member | None] = mapped_column(nullable=True)
    # Further private keys, wrapped in the same way: as many for everybody, used or not.
    covers: Mapped[sealed_to_member | None] = mapped_column(nullable=True)
    totp_step: Mapped[int | None] = mapped_column(BigInteger)
    joined_on: Mapped[date]


class InvitationRow(Row):
    """A single-use link. Only a blind index of its token is kept."""

    __tablename__ = "invitations"

    id: Mapped[pk]
    token_index: Mapped[blind_index] = mapped_column(unique=True)
    role: Mapped[Role]
    vouched: Mapped[bool]  # made on the command line: its bearer needs no approvals
    alias: Mapped[sealed_to_server | None] = mapped_column(nullable=True)
    invited_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"), index=True)
    expires_at: Mapped[datetime] = moment("an old link must not open the door")
    used_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"), index=True)


class ApprovalRow(Row):
    """One coordinator's yes to one colleague's coming in, or to their leaving for good."""

    __tablename__ = "approvals"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), primary_key=True)
    by_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), primary_key=True, index=True)
    matter: Mapped[Matter] = mapped_column(primary_key=True)
    on: Mapped[date]


class SessionRow(Row):
    """The server's half of a session: a private key sealed under the half in the cookie."""

    __tablename__ = "sessions"

    id: Mapped[pk]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), index=True)
    sealed_key: Mapped[sealed_to_member]
    device: Mapped[sealed_to_member]
    opened_at: Mapped[datetime] = moment("a session ends ten hours after it began")
    seen_at: Mapped[datetime] = moment(
        "a session ends after twenty idle minutes; kept to the minute"
    )


class PasskeyRow(Row):
    """A device's own key, and a member's private key under what that device alone can compute."""

    __tablename__ = "passkeys"

    id: Mapped[pk]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), index=True)
    credential_index: Mapped[blind_index] = mapped_column(unique=True)
    facts: Mapped[sealed_to_server]
    key_by_passkey: Mapped[sealed_to_member]
    label: Mapped[sealed_to_member]
    added_on: Mapped[date]


class AnsweredRow(Row):
    """A question that a passkey answered: until it is too old, it must not be answered again."""

    __tablename__ = "answered_questions"

    mark: Mapped[blind_index] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime] = moment("a question can be answered for five minutes", index=True)


class ReturnRow(Row):
    """That two let somebody come back who lost what shows their codes; and the link, once made."""

    __tablename__ = "returns"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), primary_key=True)
    token_index: Mapped[blind_index | None] = mapped_column(unique=True, nullable=True)
    expires_at: Mapped[datetime] = moment("an old link must not open the door", index=True)


class LinkCodeRow(Row):
    """A one-time code that links a member's Telegram chat."""

    __tablename__ = "link_codes"

    code_index: Mapped[blind_index] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), index=True)
    expires_at: Mapped[datetime] = moment("a code lives a quarter of an hour")


class TriesRow(Row):
    """How often somebody tried to come in under one name, whether or not anybody has it."""

    __tablename__ = "tries"

    key_index: Mapped[blind_index] = mapped_column(primary_key=True)
    failures: Mapped[int]
    try_again_at: Mapped[datetime] = moment(
        "slows guessing at one name, in all processes", index=True
    )
