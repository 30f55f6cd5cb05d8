"""The handbook in the chat: what was dialled and reviewed shows, and a press adds to a total."""

from bot.sandbox.people import Person
from handbook.cards import LONGEST
from handbook.library import load_library
from handbook.wording import WORDING
from network.cases import services as cases
from network.door import Door
from network.kernel.actor import InChat
from network.manual import services as manual
from network.manual.domain import Outcome, Specialty
from network.manual.services.room import messages
from tests.bot.conftest import RunningBot, opens, until
from tests.cast import Cast

LABEL = WORDING["en"].under_review


def pressed(rosa: Person) -> list[str]:
    """What can be pressed under the last message."""
    return [one.data for one in rosa.messages[-1].buttons if one.data]


def to_the_end_of_a_section(rosa: Person) -> None:
    """Next, until a section ends."""
    while not any(data.startswith("helped:") for data in pressed(rosa)):
        forward = [data for data in pressed(rosa) if data.startswith("card:")][-1]
        seen = len(rosa.messages)
        rosa.presses(forward)
        until(lambda seen=seen: len(rosa.messages) > seen)  # type: ignore[misc]


def test_a_press_at_the_end_of_a_section_adds_to_a_total(
    bot: RunningBot, rosa: Person, cast: Cast, door: Door
) -> None:
    bot.start()
    rosa.starts()
    rosa.wait_for("Hello")
    rosa.presses("go:taken")
    rosa.wait_for(lambda shown: "Next" in shown.labels)
    to_the_end_of_a_section(rosa)
    rosa.presses(next(data for data in pressed(rosa) if data.endswith(":no")))
    thanks = rosa.wait_for("Nothing is kept about you")
    assert "Next" in thanks.labels
    (total,) = door.look(manual.totals, cast.alice.at_desk)
    assert (total.chapter, total.section, total.yes, total.no) == ("primeras-horas", "ahora", 0, 1)


def test_the_chat_says_what_was_heard_and_owes_no_label_once_reviewed(
    bot: RunningBot, rosa: Person, cast: Cast, door: Door
) -> None:
    door.ask(manual.dial, cast.alice.at_desk, line_id="911", outcome=Outcome.ANSWERED)
    review = door.ask(
        manual.say_review,
        cast.alice.at_desk,
        chapter="primeras-horas",
        language="en",
        sections=("ahora",),
        specialty=Specialty.CRISIS,
        day=door.now().date(),
    )
    bot.start()
    rosa.starts()
    rosa.wait_for("Hello")
    rosa.presses("go:taken")
    first = rosa.wait_for(lambda shown: "Next" in shown.labels)
    assert LABEL in first.text
    door.ask(manual.confirm_review, cast.elena.at_desk, review_id=review)
    seen = len(rosa.messages)
    rosa.presses("go:taken")
    until(lambda: len(rosa.messages) > seen)
    assert LABEL not in rosa.messages[-1].text
    cards = [rosa.messages[-1].text]
    while not any(data.startswith("helped:") for data in pressed(rosa)):
        to_the_end_of_a_section(rosa)
        cards.append(rosa.messages[-1].text)
    assert all(len(card) <= LONGEST for card in cards)


def test_a_section_reaches_the_family_whole_and_in_order(
    bot: RunningBot, rosa: Person, cast: Cast, door: Door
) -> None:
    bot.start()
    opens(rosa)
    found = door.look(cases.case_of, InChat(rosa.user_id))
    assert found is not None
    seen = len(rosa.messages)
    count = door.ask(
        manual.send,
        cast.alice.at_desk,
        case_id=found[0].id,
        chapter="primeras-horas",
        section="telefono",
    )
    until(lambda: len(rosa.messages) >= seen + count)
    chapter = load_library().chapter("primeras-horas", "en")
    expected = messages(load_library(), chapter, chapter.section("telefono"))
    assert tuple(one.text for one in rosa.messages[seen : seen + count]) == expected
