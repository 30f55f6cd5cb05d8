"""Applications: found by whoever has a seat at them, or by the applicant's chat, code or link."""

import json
from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, false, func, insert, select, update

from network.db import Tx
from network.encryption.sealed import Place, Sealed
from network.kernel.actor import Actor, Role
from network.kernel.errors import NotVisible, WrongMoment
from network.kernel.hidden import Plaintext
from network.kernel.ids import PersonId
from network.vetting.domain.path import (
    Application,
    Facts,
    Reason,
    Stand,
    Step,
)
from network.vetting.tables import ApplicationRow, SeatRow

FACTS_BYTES = 768  # of one size for everybody: what is known of somebody does not show
CHATS = "vetting.chat"
CODES = "vetting.code"
SHOWN = 200
APPLICATIONS = select(ApplicationRow).execution_options(populate_existing=True)


def visible_to(actor: Actor) -> Select[ApplicationRow]:
    """The applications this coordinator has a seat at. There is no other read of theirs."""
    if actor.person_id is None or not actor.active or actor.role is not Role.COORDINATOR:
        return APPLICATIONS.where(false())
    return APPLICATIONS.join(
        SeatRow,
        (SeatRow.application_id == ApplicationRow.id)
        & (SeatRow.epoch == ApplicationRow.epoch)
        & (SeatRow.member_id == actor.person_id),
    )


def get(tx: Tx, actor: Actor, application_id: UUID) -> Application:
    """One the actor has a seat at, or NotVisible."""
    return _one(tx, visible_to(actor).where(ApplicationRow.id == application_id))


def hold(tx: Tx, actor: Actor, application_id: UUID) -> Application:
    """The same, kept still until the commit."""
    keep_still(tx, application_id)
    return get(tx, actor, application_id)


def keep_still(tx: Tx, application_id: UUID) -> None:
    """Lock first, read after: who waits for the lock must read the seats of now."""
    if tx.on_postgresql:
        tx.session.execute(
            select(ApplicationRow.id).where(ApplicationRow.id == application_id).with_for_update()
        )


def hold_found(tx: Tx, found: Application) -> Application:
    """One the caller has found by its writer's own chat or link, kept still and read again: a line
    written to a key that is being replaced would open for nobody.
    """
    keep_still(tx, found.id)
    return _one(tx, APPLICATIONS.where(ApplicationRow.id == found.id))


def listed(tx: Tx, actor: Actor) -> tuple[Application, ...]:
    """Those the actor has a seat at, the longest untouched first."""
    query = visible_to(actor).order_by(ApplicationRow.changed_on, ApplicationRow.id).limit(SHOWN)
    return tuple(application_of(tx, row) for row in tx.session.scalars(query))


def counted(tx: Tx) -> dict[Stand, int]:
    """How many stand where: what all of coordination may know of everybody."""
    rows = tx.session.execute(
        select(ApplicationRow.step, ApplicationRow.course, func.count()).group_by(
            ApplicationRow.step, ApplicationRow.course
        )
    )
    return {Stand(row[0], row[1]): row[2] for row in rows}


def of_chat(tx: Tx, actor: Actor) -> Application | None:
    """The application that was written in the actor's own chat."""
    if actor.chat is None:
        return None
    indexes = tx.secret.indexes(CHATS, str(actor.chat))
    return _perhaps(tx, ApplicationRow.chat_index.in_(indexes))


def of_code(tx: Tx, code: str) -> Application | None:
    """The application whose writer was given this code."""
    return _perhaps(tx, ApplicationRow.code_index.in_(tx.secret.indexes(CODES, code)))


def of_invitation(tx: Tx, invitation_id: UUID | None) -> Application | None:
    """The application that somebody who came in by this link had written."""
    if invitation_id is None:
        return None
    return _perhaps(tx, ApplicationRow.invitation_id == invitation_id)


def with_application(tx: Tx, links: Collection[UUID]) -> frozenset[UUID]:
    """By which of these links somebody came in who had written an application."""
    query = select(ApplicationRow.invitation_id).where(ApplicationRow.invitation_id.in_(links))
    return frozenset(each for each in tx.session.scalars(query) if each is not None)


def written_on(tx: Tx, day: date) -> int:
    """How many were written on a page that day and not looked at since."""
    query = select(func.count()).where(
        ApplicationRow.opened_on == day,
        ApplicationRow.chat_index.is_(None),
        ApplicationRow.step == Step.IDENTITY,
    )
    return tx.session.scalar(query) or 0


def add(
    tx: Tx,
    application: Application,
    *,
    erase_on: date,
    chat: int | None = None,
    code: str | None = None,
) -> None:
    """A new application. The database refuses a second one of the same chat."""
    tx.session.execute(
        insert(ApplicationRow).values(
            id=application.id,
            step=application.stand.step,
            course=application.stand.course,
            opened_on=application.opened_on,
            changed_on=application.changed_on,
            erase_on=erase_on,
            epoch=application.epoch,
            facts=_seal_facts(tx, application.id, application.facts),
            chat_index=None if chat is None else tx.secret.index(CHATS, str(chat)),
            code_index=None if code is None else tx.secret.index(CODES, code),
        )
    )


def move(
    tx: Tx,
    before: Application,
    after: Application,
    *,
    erase_on: date | None = None,
) -> Application:
    """Write the move only where they still stand as they were read, else WrongMoment."""
    changed = tx.session.scalar(
        update(ApplicationRow)
        .where(
            ApplicationRow.id == before.id,
            ApplicationRow.step == before.stand.step,
            ApplicationRow.course == before.stand.course,
            ApplicationRow.epoch == before.epoch,
        )
        .values(
            step=after.stand.step,
            course=after.stand.course,
            changed_on=tx.now.date(),
            erase_on=erase_on,
            facts=_seal_facts(tx, after.id, after.facts),
            invitation_id=after.invitation,
        )
        .returning(ApplicationRow.id)
    )
    if changed is None:
        raise WrongMoment
    return after


def erase(tx: Tx, application_id: UUID) -> None:
    """Destroy an application and, by cascade, everything that hangs from it."""
    tx.session.execute(delete(ApplicationRow).where(ApplicationRow.id == application_id))


def due_for_erasure(tx: Tx, today: date) -> tuple[Application, ...]:
    """Applications that led nowhere and have been kept for long enough, for the clock."""
    rows = tx.session.scalars(APPLICATIONS.where(ApplicationRow.erase_on <= today).limit(SHOWN))
    return tuple(application_of(tx, row) for row in rows)


def _perhaps(tx: Tx, condition: Any) -> Application | None:  # noqa: ANN401  # a column expression
    row = tx.session.scalar(APPLICATIONS.where(condition))
    return None if row is None else application_of(tx, row)


def _one(tx: Tx, query: Select[ApplicationRow]) -> Application:
    row = tx.session.scalar(query)
    if row is None:
        raise NotVisible
    return application_of(tx, row)


def application_of(tx: Tx, row: ApplicationRow) -> Application:
    """What a row holds, with its facts opened."""
    return Application(
        id=row.id,
        stand=Stand(row.step, row.course),
        opened_on=row.opened_on,
        changed_on=row.changed_on,
        epoch=row.epoch,
        facts=_facts(tx, row),
        invitation=row.invitation_id,
    )


def _seal_facts(tx: Tx, application_id: UUID, facts: Facts) -> Sealed:
    found = [
        facts.ballot.hex,
        facts.language,
        facts.chat,
        list(facts.zones),
        [each.hex for each in facts.referees],
        facts.reason and facts.reason.value,
    ]
    text = Plaintext(json.dumps(found, separators=(",", ":")))
    return tx.secret.seal(text, _facts_place(application_id), FACTS_BYTES)


def _facts(tx: Tx, row: ApplicationRow) -> Facts:
    text = tx.secret.open(Sealed(row.facts), _facts_place(row.id))
    ballot, language, chat, zones, referees, reason, *_ = json.loads(text.reveal())
    return Facts(
        UUID(ballot),
        language,
        chat,
        tuple(zones),
        tuple(PersonId(UUID(each)) for each in referees),
        Reason(reason) if reason else None,
    )


def _facts_place(application_id: UUID) -> Place:
    return Place("applications", "facts", application_id)
