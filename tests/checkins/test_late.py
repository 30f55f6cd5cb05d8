"""Thousands may fall silent at once: each is judged with as little opened as can be."""

from datetime import timedelta
from itertools import count

from sqlalchemy import update

from network.cases import services as cases
from network.cases.domain import Urgency
from network.cases.tables import ContactRow
from network.checkins import services
from network.checkins.domain.prompts import (
    Fate,
    Heard,
    Post,
    Prompt,
    PromptStatus,
    Step,
    judged,
)
from network.checkins.domain.subjects import Subject
from network.checkins.domain.watches import Cause
from network.checkins.services.telling import ALARM
from network.checkins.store import watches
from network.checkins.tables import RhythmRow
from network.db import writing
from network.door import Door
from network.kernel.actor import InChat
from network.kernel.hidden import Plaintext
from network.kernel.ids import CaseId, PromptId, RhythmId, new_id
from network.outbox.domain import Letter
from network.people import services as people
from tests.cast import Cast, Somebody
from tests.checkins.conftest import Life, alarms, asked, statements
from tests.ground.clock import StillClock

MINUTES = timedelta(minutes=1)
_chats = count(6_100_000)


def reminded(clock: StillClock) -> Prompt:
    return Prompt(
        PromptId(new_id()),
        RhythmId(new_id()),
        Subject(case=CaseId(new_id())),
        PromptStatus.REMINDED,
        clock() - 31 * MINUTES,
        clock() - 30 * MINUTES,
        clock(),
        clock() - 15 * MINUTES,
        2,
    )


def test_whoever_was_asked_twice_and_heard_clearly_is_late_without_their_plan(
    clock: StillClock,
) -> None:
    one = reminded(clock)
    assert judged(one, Post(Fate.DELIVERED, one.asked_at), Heard(), clock()) == Step(
        PromptStatus.LATE, one.delivered_at, None, one.asked_at, 2, climbs=True
    )


def test_whoever_we_may_not_have_heard_is_not_judged_in_haste(clock: StillClock) -> None:
    one = reminded(clock)
    post = Post(Fate.DELIVERED, one.asked_at)
    assert judged(one, post, Heard(), clock()) is not None
    assert judged(one, post, Heard(unread=True), clock()) is None
    assert judged(one, post, Heard(away=MINUTES), clock()) is None
    assert judged(one, post, Heard(), clock() - MINUTES) is None
    assert judged(one, Post(Fate.REFUSED), Heard(), clock()) is None
    assert judged(one, Post(Fate.WAITING), Heard(), clock()) is None
    assert judged(one, Post(Fate.DELIVERED, clock() - MINUTES), Heard(), clock()) is None


def test_silence_rings_also_where_plan_and_contact_do_not_open(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    asked(door, cast, life, case_id)
    life.passes(25 * MINUTES)
    with writing(door.database, door.now(), door.secret, door.pack) as tx:
        tx.session.execute(update(ContactRow).values(sealed=b"torn"))
        tx.session.execute(update(RhythmRow).values(plan=b"torn"))
    life.passes(10 * MINUTES)
    (ringing,) = alarms(door, cast)
    assert ringing.cause is Cause.SILENCE
    assert ringing.about == Subject(case=case_id)


def test_a_tick_that_finds_somebody_late_reads_no_contact(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    asked(door, cast, life, case_id)
    life.passes(29 * MINUTES)
    with statements(door.database) as said:
        life.passes(3 * MINUTES)
    assert len(alarms(door, cast)) == 1
    knocks = [one for one in said if "FROM cases" in one and "contacts" in one]
    assert knocks == []


def accompanied(door: Door, cast: Cast, by: Somebody | None) -> CaseId:
    """One more family, and who goes with it; the looks that its first word began are not over."""
    family = InChat(next(_chats))
    case = door.ask(
        services.intake, family, situation="missing", text=Plaintext("canary: not home")
    ).case.id
    door.ask(
        cases.triage,
        cast.alice.at_desk,
        case_id=case,
        urgency=Urgency.TODAY,
        zone=None,
        need="company",
    )
    if by is not None:
        (offer,) = door.ask(
            cases.offer,
            cast.alice.at_desk,
            case_id=case,
            to=(by.id,),
            brief=Plaintext("brief canary"),
        )
        door.ask(cases.accept, by.in_chat, offer_id=offer)
    return case


def all_late(door: Door, cast: Cast, life: Life, families: list[CaseId]) -> list[str]:
    """Their questions run out at one moment; what the database is told by the tick that sees it."""
    life.passes(timedelta(hours=1), timedelta(minutes=10))
    for case in families:
        door.ask(services.ask_once, cast.alice.at_desk, case_id=case)
    life.knock()
    life.passes(29 * MINUTES)
    life.postman.sent.clear()
    with statements(door.database) as said:
        life.passes(MINUTES)
    return said


def buttons(letters: list[Letter], chat: int) -> set[str]:
    return {
        button.data for one in letters if one.to == chat for row in one.buttons for button in row
    }


def test_whoever_begins_alike_still_has_an_alarm_and_an_accompanier_of_their_own(
    door: Door, cast: Cast, life: Life
) -> None:
    door.ask(people.set_duty, cast.alice.at_desk)
    with_whom = (cast.bilal, cast.chiara, None, cast.bilal, None)
    families = [accompanied(door, cast, one) for one in with_whom]
    all_late(door, cast, life, families)
    with writing(door.database, door.now(), door.secret, door.pack) as tx:
        kept = {case: watches.of(tx, Subject(case=case)) for case in families}
    found = {}
    for case, (one,) in kept.items():
        assert one.watch is not None
        assert one.watch.cause is Cause.SILENCE
        assert len(one.watch.history) == 1
        found[case] = one.watch.prompt
    assert len(set(found.values())) == len(families)
    sent = life.postman.sent
    own = [f"own:{kept[case][0].id.hex}" for case in families]
    assert buttons(sent, cast.bilal.chat) == {own[0], own[3]}
    assert buttons(sent, cast.chiara.chat) == {own[1]}
    assert buttons(sent, cast.alice.chat) == {own[2], own[4]}  # where nobody goes with them
    assert [one.say for one in sent if one.to == cast.chiara.chat] == [ALARM]


def test_six_late_at_once_take_no_more_statements_than_two(
    door: Door, cast: Cast, life: Life
) -> None:
    door.ask(people.set_duty, cast.alice.at_desk)
    life.postman.asleep = False
    two = [accompanied(door, cast, cast.bilal) for _ in range(2)]
    few = all_late(door, cast, life, two)
    six = [accompanied(door, cast, cast.bilal) for _ in range(6)]
    life.passes(timedelta(hours=1), timedelta(minutes=10))
    assert few
    many = all_late(door, cast, life, six)
    late = [[each for each in said if "prompts" in each] for said in (few, many)]
    assert len(late[0]) == len(late[1])
    assert len(alarms(door, cast)) == len(two) + len(six)
