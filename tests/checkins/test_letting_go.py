"""Somebody says «I take it» at the moment a rung goes out. HILO_ROUNDS=1000 for the long form."""

import os
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import UUID

import pytest

from network import outbox
from network.cases import services as cases
from network.checkins import services
from network.checkins.domain.watches import Outcome
from network.checkins.services.telling import ALARM, SOMEBODY_HAS_IT
from network.db import writing
from network.door import Door
from network.kernel.actor import InChat
from network.kernel.hidden import Plaintext
from network.kernel.ids import AlarmId, CaseId
from network.outbox.domain import Leased, Letter, LetterStatus
from network.outbox.services import Delivered, Partly, Postponed, Refused, settle, take
from network.outbox.services import Outcome as Settling
from network.outbox.tables import LetterRow
from network.people import services as people
from tests.cases.leaving import leaves
from tests.cast import Cast, Somebody
from tests.checkins.conftest import CLOCK, POSTMAN, WORD, Life, alarms, rows, writes
from tests.ground.clock import StillClock

ROUNDS = int(os.environ.get("HILO_ROUNDS", "15"))
MINUTES = timedelta(minutes=1)


Settled = Callable[[Sequence[Leased]], list[Settling]]


def delivered(leased: Sequence[Leased]) -> list[Settling]:
    """Everything is out."""
    return [Delivered(one, 1) for one in leased]


def postponed(leased: Sequence[Leased]) -> list[Settling]:
    """Nothing got through."""
    return [Postponed(one, "network") for one in leased]


def partly(leased: Sequence[Leased]) -> list[Settling]:
    """Notices got through, calls did not."""
    return [
        Partly(one, unsent, "network") if (unsent := wanting(one)) else Delivered(one, 1)
        for one in leased
    ]


def wanting(leased: Leased) -> tuple[Letter, ...]:
    """Its letters that call for somebody."""
    return tuple(one for one in leased.letters if one.say == ALARM)


def calls(letters: list[Letter]) -> Counter[int]:
    """How many letters that call for somebody each chat was sent."""
    return Counter(one.to for one in letters if one.say == ALARM)


def test_after_somebody_took_it_each_reads_at_most_one_more_letter(
    door: Door, cast: Cast, clock: StillClock
) -> None:
    """The owner, the clock with the next rung, and two postmen, at the same moment."""
    door.ask(people.set_duty, cast.alice.at_desk)
    for number in range(ROUNDS):
        family = InChat(8_500_000 + number)
        watch_id = ring(door, family)
        clock.advance(10 * MINUTES)
        after = crossed(door, cast, watch_id)
        assert max(calls(after).values(), default=0) <= 1
        assert calls(emptied(door)) == {}, "a letter that nobody had taken called after the owner"
        ends(door, cast.alice, watch_id)
        leaves(door, family)
        clock.advance(40 * MINUTES)
        while door.ask(services.watch, CLOCK):
            pass
        assert calls(emptied(door)) == {}, "an alarm of an earlier round still rings"


@pytest.mark.parametrize("fails", [postponed, partly])
def test_a_letter_that_failed_on_its_way_while_somebody_took_the_alarm_does_not_call_again(
    door: Door, cast: Cast, clock: StillClock, fails: Settled
) -> None:
    """The same four at once, and neither postman gets anything through."""
    door.ask(people.set_duty, cast.alice.at_desk)
    for number in range(-(-ROUNDS // 4)):
        family = InChat(8_600_000 + number)
        watch_id = ring(door, family)
        clock.advance(10 * MINUTES)
        crossed(door, cast, watch_id, fails)
        assert any(one.owner for one in alarms(door, cast))
        clock.advance(2 * MINUTES)
        assert calls(emptied(door)) == {}, "a letter that did not get through calls after the owner"
        ends(door, cast.alice, watch_id)
        leaves(door, family)
        clock.advance(40 * MINUTES)
        while door.ask(services.watch, CLOCK):
            pass
        emptied(door)


def crossed(
    door: Door, cast: Cast, watch_id: AlarmId, settled: Settled = delivered
) -> list[Letter]:
    """What two postmen send once Alice has it, all four having begun together."""
    start = Barrier(4)
    after: list[Letter] = []

    def own() -> None:
        start.wait()
        door.ask(services.own, cast.alice.in_chat, watch_id=watch_id)

    def knock() -> None:
        start.wait()
        door.ask(services.watch, CLOCK)

    def walk() -> None:
        start.wait()
        for _ in range(6):
            leased = door.ask(take, POSTMAN, limit=4)
            if any(one.owner for one in alarms(door, cast)):
                after.extend(letter for one in leased for letter in one.letters)
            door.ask(settle, POSTMAN, outcomes=settled(leased))

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(deed) for deed in (own, knock, walk, walk)]:
            done.result()
    return after


def ring(door: Door, family: InChat) -> AlarmId:
    """A family's danger word, and the alarm it began."""
    door.ask(services.intake, family, situation="missing", text=Plaintext("canary"))
    door.ask(cases.set_danger_word, family, word=Plaintext(WORD))
    door.ask(services.hear, family, text=Plaintext(f"canary {WORD}"))
    buttons = [
        button.data
        for one in emptied(door)
        if one.say == ALARM
        for row in one.buttons
        for button in row
    ]
    return AlarmId(UUID(buttons[0].removeprefix("own:")))


def ends(door: Door, who: Somebody, watch_id: AlarmId) -> None:
    """Whoever has it says that they are well."""
    door.ask(
        services.resolve,
        who.at_desk,
        watch_id=watch_id,
        outcome=Outcome.HELPED,
        words=Plaintext("they are well"),
    )


def envelopes(door: Door) -> dict[UUID, int]:
    """Every envelope that waits, and how large it is."""
    found = rows(door, LetterRow)
    return {
        one["id"]: len(one["payload"])
        for one in found
        if one["is_signal"] and one["status"] == LetterStatus.WAITING
    }


def emptied(door: Door) -> list[Letter]:
    """Everything that waits goes out."""
    found: list[Letter] = []
    while leased := door.ask(take, POSTMAN, limit=50):
        found += [letter for one in leased for letter in one.letters]
        door.ask(settle, POSTMAN, outcomes=[Delivered(one, 1) for one in leased])
    return found


@pytest.mark.usefixtures("case_id")
def test_letters_that_wait_when_somebody_takes_it_go_out_empty(
    door: Door, cast: Cast, life: Life
) -> None:
    """The envelope stays where it was and as large as it was; the notice in it stays too."""
    life.postman.asleep = True
    writes(door, cast, f"canary {WORD}")
    (ringing,) = alarms(door, cast)
    door.ask(services.own, cast.bilal.in_chat, watch_id=ringing.id)
    sent = life.postman.walk()
    assert calls(sent) == {}
    assert {one.say for one in sent if one.to == cast.alice.chat} == {SOMEBODY_HAS_IT}
    assert any(one.to == cast.bilal.chat for one in sent), "what the family wrote is still news"


@pytest.mark.usefixtures("case_id")
def test_no_rung_waits_for_the_morning(door: Door, cast: Cast, life: Life) -> None:
    """A danger word at three at night, where nobody may be asked before eight."""
    hours = (9 - life.clock.instant.hour) % 24  # three o'clock in Mexico City
    life.passes(timedelta(hours=hours), timedelta(hours=1))
    life.postman.sent.clear()
    writes(door, cast, f"canary {WORD}")
    life.passes(11 * MINUTES)
    duty_and_coordination = 2  # Alice hears both rungs, each once
    assert calls(life.postman.sent) == {
        cast.bilal.chat: 1,
        cast.alice.chat: duty_and_coordination,
        cast.elena.chat: 1,
    }


@pytest.mark.usefixtures("case_id")
@pytest.mark.parametrize("fails", [postponed, partly])
def test_a_call_in_the_hands_of_a_postman_who_fails_is_not_written_back_once_it_was_taken_out(
    door: Door, cast: Cast, life: Life, fails: Settled
) -> None:
    """Taken and ended while the letter is on its way: its envelope keeps its size and its place."""
    life.postman.asleep = True
    writes(door, cast, f"canary {WORD}")
    (ringing,) = alarms(door, cast)
    leased = door.ask(take, POSTMAN, limit=50)
    assert any(wanting(one) for one in leased)
    sizes = envelopes(door)
    door.ask(services.own, cast.bilal.in_chat, watch_id=ringing.id)
    ends(door, cast.bilal, ringing.id)
    door.ask(settle, POSTMAN, outcomes=fails(leased))
    assert sizes == {row: size for row, size in envelopes(door).items() if row in sizes}
    life.clock.advance(MINUTES)
    assert calls(emptied(door)) == {}


@pytest.mark.usefixtures("case_id")
@pytest.mark.parametrize("ended", [False, True])
def test_letters_of_every_rung_that_waited_are_taken_back_when_somebody_has_it(
    door: Door, cast: Cast, life: Life, ended: bool
) -> None:
    """Nothing goes out for seven hours, while rung after rung is told."""
    life.postman.asleep = True
    writes(door, cast, f"canary {WORD}")
    life.passes(7 * 60 * MINUTES, 10 * MINUTES)
    (ringing,) = alarms(door, cast)
    many = 12
    assert ringing.rung > many
    before = envelopes(door)
    door.ask(services.own, cast.alice.in_chat, watch_id=ringing.id)
    if ended:
        ends(door, cast.alice, ringing.id)
    assert before == {row: size for row, size in envelopes(door).items() if row in before}
    assert calls(life.postman.walk()) == {}


def test_letters_about_silence_of_every_rung_are_taken_back_when_they_answer(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    door.ask(services.ask_once, cast.bilal.at_desk, case_id=case_id)
    life.knock()
    life.passes(29 * MINUTES)
    life.postman.asleep = True
    life.passes(90 * MINUTES, 10 * MINUTES)
    (ringing,) = alarms(door, cast)
    assert ringing.rung > 1
    writes(door, cast, "canary: here")
    assert alarms(door, cast) == ()
    assert calls(life.postman.walk()) == {}


@pytest.mark.usefixtures("case_id")
def test_an_envelope_that_was_given_up_is_tried_again_without_what_was_ended(
    door: Door, cast: Cast, life: Life
) -> None:
    life.postman.asleep = True
    writes(door, cast, f"canary {WORD}")
    (ringing,) = alarms(door, cast)
    (refused,) = [one for one in door.ask(take, POSTMAN, limit=50) if wanting(one)]
    door.ask(settle, POSTMAN, outcomes=[Refused(refused, "blocked")])
    door.ask(services.own, cast.alice.in_chat, watch_id=ringing.id)
    ends(door, cast.alice, ringing.id)
    with writing(door.database, door.now(), door.secret, door.pack) as tx:
        assert outbox.retry(tx, refused.id)
    life.clock.advance(MINUTES)
    assert calls(emptied(door)) == {}
