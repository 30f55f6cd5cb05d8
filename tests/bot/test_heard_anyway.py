"""What a family writes is heard wherever they wrote it: behind a command, under a file."""

from collections.abc import Callable

import pytest

from bot.sandbox import Sandbox
from bot.sandbox.people import Person
from network.cases import services as cases
from network.cases.domain import Outcome
from network.checkins import services as checkins
from network.door import Door
from network.kernel.actor import InChat
from network.people import services as people
from tests.bot.conftest import RunningBot, chooses, opens
from tests.bot.test_members import offered
from tests.cast import Cast

WORD = "pineapple"
pytestmark = pytest.mark.usefixtures("phones")

TICK = "✓ Received"


@pytest.fixture
def heard(bot: RunningBot, rosa: Person, cast: Cast, door: Door) -> Callable[[], list[str]]:
    """Rosa has a case and a word; what stands in its room since."""
    bot.start()
    opens(rosa)
    chooses(rosa, WORD)
    found = door.look(cases.case_of, InChat(rosa.user_id))
    assert found is not None
    case_id = found[0].id

    def read() -> list[str]:
        room = door.ask(cases.room, cast.alice.at_desk, case_id=case_id)
        return [one.text.reveal() for one in room.entries]

    before = len(read())
    return lambda: read()[before:]


def alarms(door: Door, cast: Cast) -> int:
    return len(door.look(checkins.alarms, cast.alice.at_desk))


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        (f"/help\n{WORD} help us", "We are neither police"),
        (f"/start {WORD} help us", "Hello"),
        (f"/trip {WORD} help us", "Hello"),
    ],
)
def test_the_word_behind_any_command_rings(
    rosa: Person,
    cast: Cast,
    door: Door,
    heard: Callable[[], list[str]],
    said: str,
    answer: str,
) -> None:
    before = rosa.last_id
    rosa.says(said)
    rosa.wait_for(answer, after=before)
    assert alarms(door, cast) == 1
    assert heard() == [f"{WORD} help us"]


def test_a_familys_chat_is_not_linked_to_a_member(
    rosa: Person, cast: Cast, door: Door, heard: Callable[[], list[str]]
) -> None:
    code = door.ask(people.new_link_code, cast.chiara.at_desk).reveal()
    before = rosa.last_id
    rosa.says(f"/start {code}")
    rosa.wait_for("Hello", after=before)
    before = rosa.last_id
    rosa.says(f"{WORD} help us")
    rosa.wait_for(TICK, after=before)
    assert alarms(door, cast) == 1
    assert heard() == [code, f"{WORD} help us"]


def test_what_stands_under_a_file_is_heard_when_telegram_does_not_hand_it_over(
    rosa: Person, cast: Cast, door: Door, sandbox: Sandbox, heard: Callable[[], list[str]]
) -> None:
    sandbox.faults.server_error("getFile")
    before = rosa.last_id
    rosa.sends_document(b"%PDF-1.4 x" + bytes(200), "a.pdf", f"no {WORD} today")
    rosa.wait_for("send it again", after=before)
    assert alarms(door, cast) == 1
    assert heard() == [f"no {WORD} today"]


def test_what_stands_behind_wipe_is_heard_when_telegram_does_not_erase(
    rosa: Person, cast: Cast, door: Door, sandbox: Sandbox, heard: Callable[[], list[str]]
) -> None:
    sandbox.faults.server_error("deleteMessages")
    before = rosa.last_id
    rosa.says(f"/wipe {WORD}")
    rosa.wait_for("did not let us erase", after=before)
    assert alarms(door, cast) == 1
    assert heard() == [WORD]


@pytest.mark.usefixtures("heard")
def test_what_comes_later_is_in_the_language_they_chose(
    rosa: Person, cast: Cast, door: Door, phones: dict[str, Person]
) -> None:
    rosa.says("/language")
    rosa.wait_for("Which language")
    before = rosa.last_id
    rosa.presses("lang:es")
    rosa.wait_for(lambda _: True, after=before)
    before = rosa.last_id
    offered(door, cast, rosa)
    bilal = phones["bilal"]
    offer = bilal.wait_for(lambda shown: "accept:" in str([one.data for one in shown.buttons]))
    bilal.presses(str(offer.buttons[0].data))
    rosa.wait_for("palabras", after=before)


@pytest.mark.usefixtures("heard")
def test_whoever_sends_a_live_location_is_told_that_nobody_follows_it(rosa: Person) -> None:
    before = rosa.last_id
    rosa.sends_location(19.0, -98.2)
    rosa.wait_for(TICK, after=before)
    rosa.sends_location(19.0, -98.2, live_period=900)
    rosa.wait_for("nobody follows a live location", after=before)
    told = [one for one in rosa.messages if one.message_id > before and "live" in one.text]
    assert len(told) == 1


@pytest.mark.usefixtures("heard")
def test_the_last_letter_says_that_no_word_calls_any_more_and_leads_back(
    rosa: Person, cast: Cast, door: Door
) -> None:
    found = door.look(cases.case_of, InChat(rosa.user_id))
    assert found is not None
    case_id, ended = found[0].id, Outcome.REUNITED
    door.ask(cases.close, cast.alice.at_desk, case_id=case_id, outcome=ended)
    last = rosa.wait_for("We end here")
    assert "no word calls anybody" in last.text
    rosa.presses(str(last.buttons[0].data))
    rosa.wait_for("Who can see this phone?", after=last.message_id)
