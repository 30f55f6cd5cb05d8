"""A request of our own goes the way of every request, inbox, service, outbox, every five minutes.

It is about nobody: it belongs to no chat, opens no case, and its letter asks Telegram who we are.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Mapped, mapped_column

from network import heartbeats, inbox, outbox
from network.db import Row, Tx, moment
from network.inbox.domain import Incoming
from network.kernel.actor import Actor, Role
from network.kernel.errors import NotAllowed
from network.kernel.hidden import Plaintext
from network.outbox.domain import NOBODY, Letter, LetterStatus, Priority

EVERY = timedelta(minutes=5)
LATE_AFTER = timedelta(minutes=3)
# Older than this it was begun before we ourselves were away, and says nothing about now.
FORGOTTEN_AFTER = 2 * EVERY
KEPT = timedelta(days=7)
UNSAID_AFTER = timedelta(minutes=2)  # longer than all channels take to ring


class ProbeRow(Row):
    """One request of our own: when it was made, and when it came out."""

    __tablename__ = "probes"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    letter_id: Mapped[UUID | None]
    begun_at: Mapped[datetime] = moment("how long our own request takes is the whole point")
    out_at: Mapped[datetime | None] = moment("how long our own request takes is the whole point")
    alarmed_at: Mapped[datetime | None] = moment("coordination is told of it once an hour, no more")


class Turn(Enum):
    """Whether it is ours to say something now; `AGAIN` where whoever took it never said it."""

    NOT_OURS = 0
    FIRST = 1
    AGAIN = 2


@dataclass(frozen=True, slots=True)
class Health:
    """How our own requests fare. `late` since when, where one is not out that should be; `missing`
    where none was made that should have been.
    """

    begun_at: datetime | None  # of the last one that came out
    took: timedelta | None
    late: datetime | None
    missing: bool = False

    @property
    def well(self) -> bool:
        """Whether nothing is known that speaks against it."""
        return self.late is None and not self.missing


def begin(tx: Tx, actor: Actor) -> None:
    """Put the next request into the inbox; one in five minutes, however many clocks there are."""
    _machine(actor)
    number = _number(tx.now)
    begun = tx.session.scalar(
        tx.insert(ProbeRow)
        .values(number=number, begun_at=tx.now)
        .on_conflict_do_nothing(index_elements=["number"])
        .returning(ProbeRow.number)
    )
    if begun is None:
        return
    # Telegram counts its updates upwards from one: below nothing is ours alone.
    body = Plaintext(json.dumps({"update_id": -number}))
    inbox.put(tx, [Incoming(-number, None, body)])
    tx.session.execute(delete(ProbeRow).where(ProbeRow.begun_at < tx.now - KEPT))


def is_probe(update_id: int) -> bool:
    """Whether an arrival is a request of our own."""
    return update_id < 0


def echo(tx: Tx, actor: Actor, *, update_id: int) -> None:
    """What a worker does with our own request: promise a letter."""
    _machine(actor)
    letter = Letter(to=NOBODY, language="", priority=Priority.ANSWER)
    outbox.promise(tx, letter)
    tx.session.execute(
        update(ProbeRow).where(ProbeRow.number == -update_id).values(letter_id=letter.id)
    )


def look(tx: Tx, actor: Actor) -> Health:
    """Note what came out meanwhile, and say how our requests fare."""
    _machine(actor)
    rows = tx.session.execute(
        select(ProbeRow.number, ProbeRow.letter_id).where(
            ProbeRow.out_at.is_(None), ProbeRow.letter_id.is_not(None)
        )
    ).all()
    fates = outbox.deliveries(tx, [row.letter_id for row in rows])
    for row in rows:
        fate = fates.get(row.letter_id)
        if fate is not None and fate.status is LetterStatus.DELIVERED:
            tx.session.execute(
                update(ProbeRow).where(ProbeRow.number == row.number).values(out_at=fate.settled_at)
            )
    return health(tx, actor)


def health(tx: Tx, actor: Actor) -> Health:
    """How our requests fare, as far as it was noted."""
    last = tx.session.scalars(
        select(ProbeRow)
        .where(ProbeRow.out_at.is_not(None))
        .order_by(ProbeRow.number.desc())
        .limit(1)
    ).one_or_none()
    late = tx.session.scalar(
        select(ProbeRow.begun_at)
        .where(
            ProbeRow.out_at.is_(None),
            ProbeRow.begun_at < tx.now - LATE_AFTER,
            ProbeRow.begun_at > tx.now - FORGOTTEN_AFTER,
        )
        .order_by(ProbeRow.number)
        .limit(1)
    )
    missing = heartbeats.awake_for(tx, FORGOTTEN_AFTER) and not _begun_lately(tx)
    if last is None or last.out_at is None:
        return Health(None, None, late, missing)
    return Health(last.begun_at, last.out_at - last.begun_at, late, missing)


def _begun_lately(tx: Tx) -> bool:
    lately = ProbeRow.begun_at.between(tx.now - FORGOTTEN_AFTER, tx.now)
    return tx.session.scalar(select(ProbeRow.number).where(lately).limit(1)) is not None


def tell(tx: Tx, again_after: timedelta) -> Turn:
    """Whether coordination is to be told now that nothing comes out; of several clocks one is.

    It is taken for two minutes and kept by `told`: whoever dies in between has it said again. Until
    then it is dated so far back that it is due again in two minutes, before its own row was begun.
    """
    last = tx.session.execute(
        select(ProbeRow.alarmed_at, ProbeRow.begun_at)
        .where(ProbeRow.alarmed_at <= tx.now)
        .order_by(ProbeRow.alarmed_at.desc())
        .limit(1)
    ).one_or_none()
    if last is not None and tx.now < last.alarmed_at + again_after:
        return Turn.NOT_OURS
    # Where none is made there is a row to say it on all the same, too old to be one of those.
    unmade = tx.now - 3 * EVERY
    tx.session.execute(
        tx.insert(ProbeRow)
        .values(number=_number(unmade), begun_at=unmade)
        .on_conflict_do_nothing(index_elements=["number"])
    )
    mine = tx.session.scalar(
        update(ProbeRow)
        .where(
            ProbeRow.number == select(func.max(ProbeRow.number)).scalar_subquery(),
            (ProbeRow.alarmed_at.is_(None))
            | (ProbeRow.alarmed_at <= tx.now - again_after)
            | (ProbeRow.alarmed_at > tx.now),
        )
        .values(alarmed_at=tx.now - again_after + UNSAID_AFTER)
        .returning(ProbeRow.number)
    )
    if mine is None:
        return Turn.NOT_OURS
    if last is None or last.alarmed_at >= last.begun_at:
        return Turn.FIRST
    return Turn.AGAIN if tx.now < last.alarmed_at + 2 * again_after else Turn.FIRST


def told(tx: Tx) -> None:
    """It was said: what `tell` took stays taken for as long as it asked for."""
    tx.session.execute(
        update(ProbeRow).where(ProbeRow.alarmed_at.is_not(None)).values(alarmed_at=tx.now)
    )


def tell_well(tx: Tx) -> bool:
    """Whether coordination, once told, is to be told now that it is over."""
    over = tx.session.scalars(
        update(ProbeRow)
        .where(ProbeRow.alarmed_at.is_not(None))
        .values(alarmed_at=None)
        .returning(ProbeRow.number)
    ).all()
    return bool(over)


def _number(at: datetime) -> int:
    return int(at.timestamp() // EVERY.total_seconds())


def _machine(actor: Actor) -> None:
    if actor.role is not Role.MACHINE:
        raise NotAllowed
