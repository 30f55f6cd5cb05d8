"""Telegram that carries nothing: one alarm about us, heard meanwhile, and none about a family."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from network import outbox
from network.cases import services as cases
from network.cases.domain import Urgency
from network.checkins import services
from network.checkins.domain.prompts import PromptStatus
from network.checkins.services.asking import ASKING_AGAIN, CHANNEL_DOWN, HOW_ARE_YOU
from network.checkins.tables import PromptRow
from network.db import writing
from network.door import Door
from network.heartbeats import ENGINES, ROAD
from network.kernel.actor import InChat
from network.kernel.hidden import Plaintext
from network.kernel.ids import CaseId
from network.outbox.domain import NOBODY, Leased, Letter, Priority
from network.outbox.services import Delivered, Outcome, Partly, Postponed, Refused, settle, take
from tests.cast import Cast
from tests.checkins.conftest import POSTMAN, Life, alarms, asked, rows, writes
from tests.delivery.test_channels import confirmed

MINUTES = timedelta(minutes=1)
HOURS = timedelta(hours=1)
Telegram = Callable[[Leased], Outcome]


def refusing(one: Leased) -> Outcome:
    """A token of another bot, or one that may not write: Telegram knows it, and carries nothing."""
    if not one.is_signal:
        return Refused(one, "chat_not_found")
    return Refused(one, "chat_not_found") if one.letters else Delivered(one)


def failing(one: Leased) -> Outcome:
    """Telegram answers who we are and fails at every letter."""
    if not one.is_signal:
        return Postponed(one, "network")
    return Partly(one, one.letters, "network") if one.letters else Delivered(one)


def walk(door: Door, telegram: Telegram) -> list[Letter]:
    """The post under such a Telegram; what went by other ways, which all work."""
    rung: list[Letter] = []
    while leased := door.ask(take, POSTMAN, limit=50):
        outcomes: list[Outcome] = []
        for one in leased:
            elsewhere = not one.is_signal and one.letters[0].to == NOBODY
            outcomes.append(Delivered(one) if elsewhere else telegram(one))
            rung += [each for each in one.letters if elsewhere and each.by is not None]
        door.ask(settle, POSTMAN, outcomes=outcomes)
    return rung


def live(door: Door, life: Life, span: timedelta, telegram: Telegram) -> list[Letter]:
    """Time passes; a request of our own goes out every five minutes, as it does."""
    rung: list[Letter] = []
    life.postman.asleep = True
    for minute in range(span // MINUTES):
        life.passes(MINUTES)
        if minute % 5 == 0:
            with writing(door.database, door.now(), door.secret, door.pack) as tx:
                outbox.promise(tx, Letter(to=NOBODY, language=""))
        rung += walk(door, telegram)
    return rung


@pytest.fixture
def families(door: Door, cast: Cast, life: Life) -> list[CaseId]:
    """Five whom nobody has asked yet."""
    found = []
    for number in range(5):
        chat = InChat(6_000_000 + number)
        text = Plaintext("canary")
        found.append(door.ask(services.intake, chat, situation="missing", text=text).case.id)
        door.ask(
            cases.triage,
            cast.alice.at_desk,
            case_id=found[-1],
            urgency=Urgency.TODAY,
            zone="09",
            need="company",
        )
    life.passes(60 * MINUTES, 5 * MINUTES)
    return found


@pytest.mark.parametrize(
    ("telegram", "each"),
    [(refusing, timedelta(0)), (refusing, 12 * MINUTES), (failing, 3 * MINUTES)],
)
def test_a_bot_that_may_not_write_is_one_alarm_about_us_and_none_about_families(
    door: Door,
    cast: Cast,
    life: Life,
    families: list[CaseId],
    telegram: Telegram,
    each: timedelta,
) -> None:
    confirmed(door, cast.alice, "ntfys://ntfy.example.org/topic")
    rung: list[Letter] = []
    for case_id in families:
        door.ask(services.ask_once, cast.alice.at_desk, case_id=case_id)
        rung += live(door, life, each, telegram)
    rung += live(door, life, 25 * MINUTES, telegram)
    assert alarms(door, cast) == ()
    assert [one.say for one in rung].count(CHANNEL_DOWN) == 1

    life.postman.asleep = False
    life.passes(10 * MINUTES)
    assert {row["status"] for row in rows(door, PromptRow)} <= {
        PromptStatus.DELIVERED,
        PromptStatus.REMINDED,
    }


def test_a_chat_that_is_gone_while_others_are_reached_is_told(
    door: Door, cast: Cast, life: Life, families: list[CaseId]
) -> None:
    def gone(one: Leased) -> Outcome:
        to = {letter.to for letter in one.letters}
        return Refused(one, "chat_not_found") if 6_000_000 in to else Delivered(one, 1)

    for case_id in families:
        door.ask(services.ask_once, cast.alice.at_desk, case_id=case_id)
    live(door, life, 2 * MINUTES, gone)
    (alarm,) = alarms(door, cast)
    assert alarm.case_id == families[0]


def test_a_chat_that_is_gone_in_a_quiet_hour_is_told_once_our_own_alarm_arrived(
    door: Door, cast: Cast, life: Life, families: list[CaseId]
) -> None:
    def gone(one: Leased) -> Outcome:
        to = {letter.to for letter in one.letters}
        return Refused(one, "chat_not_found") if 6_000_000 in to else Delivered(one, 1)

    door.ask(services.ask_once, cast.alice.at_desk, case_id=families[0])
    live(door, life, 8 * MINUTES, gone)
    assert alarms(door, cast) == ()
    live(door, life, 16 * MINUTES, gone)
    assert len(alarms(door, cast)) == 1


def test_whom_our_reminder_did_not_reach_for_our_own_fault_is_not_late(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    asked(door, cast, life, case_id)
    live(door, life, 60 * MINUTES, refusing)
    assert alarms(door, cast) == ()
    life.postman.asleep = False
    life.postman.sent.clear()
    life.passes(6 * MINUTES)
    assert life.postman.to(cast.family.chat) == [ASKING_AGAIN]
    life.passes(20 * MINUTES)
    assert len(alarms(door, cast)) == 1


def test_whom_our_reminder_did_not_leave_for_yet_is_not_late(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    """Telegram takes what others are sent and has us wait long with theirs; nothing of us fails."""
    life.alive = (*ENGINES, ROAD)
    asked(door, cast, life, case_id)
    life.passes(14 * MINUTES)
    life.postman.asleep = True
    for _ in range(40):
        life.passes(MINUTES)
        somebody_reads(door, cast)
    assert statuses(door) == {PromptStatus.REMINDED}
    assert alarms(door, cast) == ()
    life.postman.asleep = False
    life.passes(MINUTES)
    assert ASKING_AGAIN in life.postman.to(cast.family.chat)
    life.passes(13 * MINUTES)
    assert alarms(door, cast) == ()
    life.passes(8 * MINUTES)
    assert len(alarms(door, cast)) == 1
    assert life.postman.to(cast.family.chat).count(ASKING_AGAIN) == 1


def somebody_reads(door: Door, cast: Cast) -> None:
    """Another letter arrives, so that Telegram is known to answer."""
    with writing(door.database, door.now(), door.secret, door.pack) as tx:
        outbox.promise(tx, Letter(cast.chiara.chat, "es", "Noted.", priority=Priority.ALARM))
    (leased,) = door.ask(take, POSTMAN, limit=1)
    assert leased.letters[0].to == cast.chiara.chat
    door.ask(settle, POSTMAN, outcomes=[Delivered(leased, 1)])


def statuses(door: Door) -> set[PromptStatus]:
    return {one["status"] for one in rows(door, PromptRow)}


def test_empty_envelopes_and_words_by_other_ways_do_not_hide_that_telegram_fails(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    confirmed(door, cast.alice, "ntfys://ntfy.example.org/topic")
    writes(door, cast, "canary: good night")
    life.knock()
    door.ask(services.ask_once, cast.bilal.at_desk, case_id=case_id)
    rung = live(door, life, 20 * MINUTES, failing)
    assert [one.say for one in rung].count(CHANNEL_DOWN) == 1
    assert alarms(door, cast) == ()


def test_a_question_given_up_after_a_day_without_telegram_is_asked_again(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    door.ask(services.ask_once, cast.bilal.at_desk, case_id=case_id)
    life.postman.asleep = True
    for _ in range(25 * 3):
        life.passes(20 * MINUTES, 20 * MINUTES)
        walk(door, failing)
    assert alarms(door, cast) == ()
    life.postman.asleep = False
    life.passes(10 * MINUTES)
    assert alarms(door, cast) == ()
    assert HOW_ARE_YOU in life.postman.to(cast.family.chat)
    seen = door.look(services.overview, cast.bilal.at_desk, case_id=case_id).asked
    assert [one.prompt.status for one in seen] == [PromptStatus.DELIVERED]
