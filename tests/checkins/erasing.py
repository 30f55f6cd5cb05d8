"""Somebody's wish to be forgotten, as far as a story needs it: what rings, what is left."""

from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from network.cases import services as cases
from network.cases.tables import CaseRow
from network.checkins import services
from network.checkins.domain.watches import Outcome as Ended
from network.door import Door
from network.kernel.hidden import Plaintext
from network.kernel.ids import AlarmId, CaseId
from tests.cast import Cast
from tests.checkins.conftest import CLOCK, WORD, Life, alarms, writes

DAY = timedelta(days=1)


def rings(door: Door, cast: Cast) -> AlarmId:
    """The danger word was written; nobody has ended the alarm."""
    writes(door, cast, f"canary: {WORD}")
    (alarm,) = alarms(door, cast)
    return alarm.id


def ends(door: Door, cast: Cast, watch_id: AlarmId) -> None:
    door.ask(services.own, cast.alice.at_desk, watch_id=watch_id)
    words = Plaintext("canary: their aunt has them")
    door.ask(
        services.resolve,
        cast.alice.at_desk,
        watch_id=watch_id,
        outcome=Ended.FALSE,
        words=words,
    )


def dawns(life: Life, day: date) -> None:
    """It is one in the morning of that day in Mexico City: the clock that erases has knocked."""
    life.clock.advance(datetime.combine(day, time(7), UTC) - life.clock.instant)
    while life.door.ask(services.erase_due, CLOCK):
        pass
    life.postman.walk()


def is_kept(sessions: sessionmaker[Session], case_id: CaseId) -> bool:
    with sessions() as session:
        return session.scalar(select(CaseRow.id).where(CaseRow.id == case_id)) is not None


def chat_of(life: Life, cast: Cast) -> list[str]:
    return life.postman.to(cast.family.chat)


def answers(door: Door, cast: Cast) -> tuple[object, object, object]:
    """Everything the family's chat can find of its own."""
    return (
        door.look(cases.my_wishes, cast.family),
        door.look(cases.case_of, cast.family),
        door.look(cases.was_accompanied, cast.family),
    )


def room_of(door: Door, cast: Cast, case_id: CaseId) -> cases.Room:
    return door.ask(cases.room, cast.alice.at_desk, case_id=case_id)
