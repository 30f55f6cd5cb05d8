"""A case ends, and at its time nothing of it is left but a year, a state and an outcome."""

from datetime import timedelta

import pytest
from sqlalchemy import func, inspect, select
from sqlalchemy.orm import Session, sessionmaker

from network.cases import services
from network.cases.domain import CaseStatus, Outcome, Purpose
from network.cases.policy import CasePermission
from network.cases.tables import CaseRow, OfferRow, StatisticRow
from network.checkins import services as checkins
from network.db import Database, Row
from network.door import Door
from network.kernel.actor import Engine
from network.kernel.errors import NotAllowed, NotVisible, WrongMoment
from network.kernel.hidden import Plaintext
from network.kernel.ids import CaseId, OfferId
from network.outbox.domain import LetterStatus
from network.outbox.tables import LetterRow
from tests.cases.conftest import words_in
from tests.cases.leaving import leaves
from tests.cases.test_room import upload
from tests.cast import Cast
from tests.ground.clock import StillClock

CLOCK = Engine("clock")
OF_A_CASE = (
    "cases", "contacts", "epochs", "grants", "offers", "entries", "files", "file_chunks",
)  # fmt: skip


def left(sessions: sessionmaker[Session]) -> dict[str, int]:
    """How many rows there are in each table of a case."""
    with sessions() as session:
        return {
            name: session.scalar(select(func.count()).select_from(Row.metadata.tables[name])) or 0
            for name in OF_A_CASE
        }


CHECKINS = {"rhythms", "prompts", "watches", "outcomes", "call_plans"}


def test_every_table_of_a_case_is_counted_here() -> None:
    hanging = {
        table.name
        for table in Row.metadata.sorted_tables
        for key in table.foreign_keys
        if key.column.table.name == "cases"
    }
    # The check-ins' own tables hang from cases too, and go with them.
    assert hanging - CHECKINS - {"exposures"} | {"cases", "file_chunks"} == set(OF_A_CASE)


def test_whatever_hangs_from_a_case_goes_with_it(database: Database) -> None:
    found = inspect(database.engine)
    for table in (*OF_A_CASE[1:], "rhythms", "prompts", "watches"):
        for key in found.get_foreign_keys(table):
            if key["referred_table"] in ("cases", "files", "rhythms"):
                assert key["options"].get("ondelete") == "CASCADE", (table, key)


def test_a_closed_case_is_read_and_not_written(door: Door, cast: Cast, accompanied: CaseId) -> None:
    alice = cast.alice.at_desk
    door.ask(services.close, alice, case_id=accompanied, outcome=Outcome.REUNITED)

    seen = door.ask(services.room, alice, case_id=accompanied)
    assert seen.case.status is CaseStatus.CLOSED
    assert seen.may == {
        CasePermission.READ,
        CasePermission.EXPORT,
        CasePermission.BREAK_GLASS,
    }
    with pytest.raises(NotAllowed):
        door.ask(services.write, alice, case_id=accompanied, text=Plaintext("x"))
    with pytest.raises(NotAllowed):
        door.ask(services.rekey, alice, case_id=accompanied)
    with pytest.raises(NotAllowed):
        door.ask(services.close, alice, case_id=accompanied, outcome=Outcome.REUNITED)


def test_after_its_end_a_family_may_begin_again(
    door: Door, cast: Cast, accompanied: CaseId
) -> None:
    door.ask(services.close, cast.alice.at_desk, case_id=accompanied, outcome=Outcome.FALSE_ALARM)
    with pytest.raises(NotVisible):
        door.ask(services.hear, cast.family, text=Plaintext("x"))
    again = door.ask(services.intake, cast.family, situation="missing", text=Plaintext("again"))
    assert again.case.id != accompanied


def test_offers_of_a_closed_case_are_over(
    door: Door, cast: Cast, triaged: CaseId, offers: dict[str, OfferId],
    sessions: sessionmaker[Session],
) -> None:  # fmt: skip
    door.ask(services.close, cast.alice.at_desk, case_id=triaged, outcome=Outcome.LOST_TOUCH)
    with pytest.raises(WrongMoment):
        door.ask(services.accept, cast.bilal.in_chat, offer_id=offers["bilal"])
    with sessions() as session:
        assert set(session.scalars(select(OfferRow.pending_key))) == {b""}


def test_only_coordinators_who_hold_a_case_close_it(
    door: Door, cast: Cast, accompanied: CaseId
) -> None:
    door.ask(services.drop, cast.elena.at_desk, case_id=accompanied)
    with pytest.raises(NotVisible):
        door.ask(services.close, cast.elena.at_desk, case_id=accompanied, outcome=Outcome.REUNITED)
    with pytest.raises(NotAllowed):
        door.ask(services.close, cast.bilal.at_desk, case_id=accompanied, outcome=Outcome.REUNITED)


def test_a_case_is_destroyed_when_its_time_is_over_and_not_before(
    door: Door, cast: Cast, accompanied: CaseId, clock: StillClock,
    sessions: sessionmaker[Session],
) -> None:  # fmt: skip
    door.ask(services.hear, cast.family, file=upload(door, cast.family, bytes(100_000)))
    door.ask(services.allow, cast.family, purpose=Purpose.STATISTICS, noted=Plaintext("yes"))
    door.ask(services.close, cast.alice.at_desk, case_id=accompanied, outcome=Outcome.REUNITED)
    assert all(left(sessions).values())
    clock.advance(door.pack.access.kept_after_closing)
    assert door.ask(checkins.erase_due, CLOCK) == 0
    clock.advance(timedelta(days=1))
    assert door.ask(checkins.erase_due, CLOCK) == 1
    assert door.ask(checkins.erase_due, CLOCK) == 0

    assert not any(left(sessions).values())
    with sessions() as session:
        (row,) = session.scalars(select(StatisticRow))
        assert (row.year, row.state, row.outcome) == (clock().year, "09", "reunited")
    with pytest.raises(NotVisible):
        door.ask(services.room, cast.alice.at_desk, case_id=accompanied)


def test_a_family_that_leaves_takes_everything_along(
    door: Door, cast: Cast, accompanied: CaseId, sessions: sessionmaker[Session]
) -> None:
    door.ask(services.hear, cast.family, file=upload(door, cast.family, bytes(100_000)))
    door.ask(services.write, cast.bilal.at_desk, case_id=accompanied, text=Plaintext("on its way"))
    leaves(door, cast.family)

    assert not any(left(sessions).values())
    with sessions() as session:
        waiting = session.scalars(
            select(LetterRow).where(LetterRow.status == LetterStatus.WAITING)
        ).all()
        assert session.scalars(select(StatisticRow.outcome)).all() == []  # nobody had allowed it
    # What still waits is for members, and one sentence for the chat: that it is done.
    mine = door.secret.index("chat", str(cast.family.chat))
    assert sum(each.chat_index == mine for each in waiting) == 1
    with pytest.raises(NotVisible):
        door.ask(services.ask_erasure, cast.family)


def test_leaving_touches_nobody_elses_case(
    door: Door, cast: Cast, received: CaseId, sessions: sessionmaker[Session]
) -> None:
    other = door.ask(
        services.intake, cast.neighbours, situation="missing", text=Plaintext("us too")
    )
    leaves(door, cast.family)

    assert words_in(door, cast.alice, other.case.id) == ["us too"]
    with sessions() as session:
        assert session.scalars(select(CaseRow.id)).all() == [other.case.id] != [received]


def test_the_houses_chores_are_the_clocks_alone(door: Door, cast: Cast) -> None:
    for chore in (checkins.erase_due, services.expire_offers):
        for who in (cast.alice.at_desk, cast.bilal.in_chat, cast.family):
            with pytest.raises(NotAllowed):
                door.ask(chore, who)
