"""Applications: found by whoever has a seat at them, or by the applicant's chat, code or link."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, false, func, insert, select, update

from network.db import Tx
from network.encryption.envelope import KeyPair, Opener, seal_secret_to, seal_to
from network.encryption.sealed import Place, PublicKey, Sealed
from network.kernel.actor import Actor, Role
from network.kernel.errors import NotVisible, WrongMoment
from network.kernel.hidden import Plaintext, SecretBytes
from network.kernel.ids import PersonId, new_id
from network.people.domain import Member
from network.vetting.domain.path import (
    Application,
    Facts,
    Reason,
    Stand,
    Step,
)
from network.vetting.tables import ApplicationKeyRow, ApplicationRow, LineRow, SeatRow

FACTS_BYTES = 768  # of one size for everybody: what is known of somebody does not show
CHATS = "vetting.chat"
CODES = "vetting.code"
SHOWN = 200
APPLICATIONS = select(ApplicationRow).execution_options(populate_existing=True)


@dataclass(frozen=True, slots=True)
class StoredLine:
    """One sealed line of the history."""

    id: UUID
    epoch: int
    body: Sealed = field(repr=False)


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
    return tuple(_application(tx, row) for row in tx.session.scalars(query))


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


def seat(
    tx: Tx, application_id: UUID, epoch: int, pair: KeyPair, members: Iterable[Member]
) -> None:
    """A new key of an application, and a seat for each of these coordinators."""
    tx.session.execute(
        insert(ApplicationKeyRow).values(
            application_id=application_id, epoch=epoch, public_key=pair.public
        )
    )
    rows = [
        {
            "application_id": application_id,
            "epoch": epoch,
            "member_id": each.id,
            "sealed_key": seal_secret_to(
                PublicKey(each.public_key or b""),
                pair.private,
                _seat(application_id, epoch, each.id),
            ),
        }
        for each in members
    ]
    tx.session.execute(insert(SeatRow), rows)


def turn_epoch(tx: Tx, application: Application) -> int:
    """Count the epoch up, once: two changes of one pair never cross."""
    turned: int | None = tx.session.scalar(
        update(ApplicationRow)
        .where(ApplicationRow.id == application.id, ApplicationRow.epoch == application.epoch)
        .values(epoch=ApplicationRow.epoch + 1)
        .returning(ApplicationRow.epoch)
    )
    if turned is None:
        raise WrongMoment
    return turned


def forget_seats_of(tx: Tx, application_id: UUID, members: Iterable[PersonId]) -> None:
    """Destroy every seat of somebody who may not read this any more, in every epoch."""
    tx.session.execute(
        delete(SeatRow).where(
            SeatRow.application_id == application_id, SeatRow.member_id.in_(list(members))
        )
    )


def forget_keys_before(tx: Tx, application_id: UUID, epoch: int) -> None:
    """What was sealed to earlier keys is sealed anew: they open nothing, and go."""
    for table in (SeatRow, ApplicationKeyRow):
        tx.session.execute(
            delete(table).where(table.application_id == application_id, table.epoch < epoch)
        )


def seats(tx: Tx, ids: Iterable[UUID]) -> dict[UUID, tuple[PersonId, ...]]:
    """Who has a seat now at each of these."""
    rows = tx.session.execute(
        select(SeatRow.application_id, SeatRow.member_id)
        .join(
            ApplicationRow,
            (ApplicationRow.id == SeatRow.application_id) & (ApplicationRow.epoch == SeatRow.epoch),
        )
        .where(SeatRow.application_id.in_(list(ids)))
        .order_by(SeatRow.member_id)
    )
    found: dict[UUID, tuple[PersonId, ...]] = {}
    for row in rows:
        found[row.application_id] = (
            *found.get(row.application_id, ()),
            PersonId(row.member_id),
        )
    return found


def loads(tx: Tx, members: Iterable[PersonId]) -> dict[PersonId, int]:
    """How many seats each of these has."""
    rows = tx.session.execute(
        select(SeatRow.member_id, func.count())
        .where(SeatRow.member_id.in_(list(members)))
        .group_by(SeatRow.member_id)
    )
    return {PersonId(row[0]): row[1] for row in rows}


def not_seated_whole(tx: Tx, active: Iterable[PersonId], wanted: int) -> tuple[Application, ...]:
    """Applications at which fewer than `wanted` of those active have a seat, for the clock."""
    counted_ = (
        select(SeatRow.application_id, SeatRow.epoch, func.count().label("many"))
        .where(SeatRow.member_id.in_(list(active)))
        .group_by(SeatRow.application_id, SeatRow.epoch)
        .subquery()
    )
    gone = select(SeatRow.application_id).where(SeatRow.member_id.not_in(list(active))).distinct()
    query = APPLICATIONS.outerjoin(
        counted_,
        (counted_.c.application_id == ApplicationRow.id)
        & (counted_.c.epoch == ApplicationRow.epoch),
    ).where((func.coalesce(counted_.c.many, 0) < wanted) | ApplicationRow.id.in_(gone))
    return tuple(_application(tx, row) for row in tx.session.scalars(query.limit(SHOWN)))


def seat_keys(tx: Tx, actor: Actor, application_id: UUID) -> dict[int, SecretBytes]:
    """The private keys of an application that the actor's own key opens, by epoch."""
    rows = tx.session.execute(
        select(SeatRow.epoch, SeatRow.sealed_key).where(
            SeatRow.application_id == application_id, SeatRow.member_id == actor.person
        )
    ).all()
    opener = Opener(actor.key())
    return {
        row.epoch: opener.open_secret(
            Sealed(row.sealed_key), _seat(application_id, row.epoch, actor.person)
        )
        for row in rows
    }


def add_line(tx: Tx, application: Application, text: Plaintext) -> None:
    """One more line of the history, sealed to the pair; whoever writes it need not read it."""
    public, line = public_key(tx, application), new_id()
    tx.session.execute(
        insert(LineRow).values(
            id=line,
            application_id=application.id,
            epoch=application.epoch,
            body=seal_to(public, text, _line(application.id, application.epoch, line)),
        )
    )


def lines(tx: Tx, application_id: UUID) -> tuple[StoredLine, ...]:
    """The history as it is sealed, from the first line on."""
    rows = tx.session.execute(
        select(LineRow.id, LineRow.epoch, LineRow.body)
        .where(LineRow.application_id == application_id)
        .order_by(LineRow.number)
    )
    return tuple(StoredLine(row.id, row.epoch, Sealed(row.body)) for row in rows)


def opened(
    application_id: UUID, keys: Mapping[int, SecretBytes], stored: Iterable[StoredLine]
) -> tuple[Plaintext | None, ...]:
    """The lines as these keys open them; None where one belongs to a key that is gone."""
    openers = {epoch: Opener(key) for epoch, key in keys.items()}
    return tuple(
        openers[each.epoch].open_text(each.body, _line(application_id, each.epoch, each.id))
        if each.epoch in openers
        else None
        for each in stored
    )


def seal_again(
    tx: Tx, application: Application, public: PublicKey, found: Mapping[UUID, Plaintext]
) -> None:
    """These lines, sealed to the key of now."""
    for line, text in found.items():
        place = _line(application.id, application.epoch, line)
        tx.session.execute(
            update(LineRow)
            .where(LineRow.id == line)
            .values(epoch=application.epoch, body=seal_to(public, text, place))
        )


def public_key(tx: Tx, application: Application) -> PublicKey:
    """What the next line is sealed to."""
    return PublicKey(
        tx.session.scalars(
            select(ApplicationKeyRow.public_key).where(
                ApplicationKeyRow.application_id == application.id,
                ApplicationKeyRow.epoch == application.epoch,
            )
        ).one()
    )


def erase(tx: Tx, application_id: UUID) -> None:
    """Destroy an application and, by cascade, everything that hangs from it."""
    tx.session.execute(delete(ApplicationRow).where(ApplicationRow.id == application_id))


def due_for_erasure(tx: Tx, today: date) -> tuple[Application, ...]:
    """Applications that led nowhere and have been kept for long enough, for the clock."""
    rows = tx.session.scalars(APPLICATIONS.where(ApplicationRow.erase_on <= today).limit(SHOWN))
    return tuple(_application(tx, row) for row in rows)


def _perhaps(tx: Tx, condition: Any) -> Application | None:  # noqa: ANN401  # a column expression
    row = tx.session.scalar(APPLICATIONS.where(condition))
    return None if row is None else _application(tx, row)


def _one(tx: Tx, query: Select[ApplicationRow]) -> Application:
    row = tx.session.scalar(query)
    if row is None:
        raise NotVisible
    return _application(tx, row)


def _application(tx: Tx, row: ApplicationRow) -> Application:
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


def _seat(application_id: UUID, epoch: int, member: UUID) -> Place:
    return Place("application_seats", "sealed_key", application_id, None, epoch, member)


def _line(application_id: UUID, epoch: int, line: UUID) -> Place:
    return Place("application_lines", "body", line, application_id, epoch)
