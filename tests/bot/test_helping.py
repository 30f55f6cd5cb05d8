"""Whoever wants to help, from their phone."""

from bot.sandbox.people import Person
from network.cases import services as cases
from network.cases.domain import Outcome
from network.door import Door
from network.kernel.actor import InChat
from network.vetting import services as vetting
from network.vetting.domain.path import Stand, Step
from tests.bot.conftest import RunningBot, opens
from tests.cast import Cast

ANSWERS = ("canary Rosa", "canary Puebla", "canary 55", "canary because", "canary school")


def applies(rosa: Person) -> None:
    rosa.wait_for("What may we call you?")
    for said, follows in zip(
        ANSWERS,
        ("In which state", "How else", "Why do you", "Where do you work", "It arrived"),
        strict=True,
    ):
        rosa.says(said)
        rosa.wait_for(follows)


def test_somebody_applies_asks_where_they_stand_and_takes_it_back(
    bot: RunningBot, rosa: Person, cast: Cast, door: Door
) -> None:
    bot.start()
    rosa.starts()
    rosa.wait_for("Hello")
    rosa.presses("go:want_to_help")
    rosa.wait_for("Whoever comes in")
    rosa.presses("apply:begin")
    applies(rosa)

    (card,) = door.look(vetting.overview, cast.alice.at_desk).mine
    seen = door.look(vetting.whole, cast.elena.at_desk, application_id=card.application.id)
    assert tuple(line.text.reveal() for line in seen.lines if line.text) == ANSWERS

    rosa.says("Estado")
    told = rosa.wait_for("to get to know you")
    assert "canary" not in told.text
    rosa.presses("apply:back")
    rosa.wait_for("Nothing of what you wrote is with us")
    assert door.look(vetting.overview, cast.alice.at_desk).mine == ()


def test_a_family_may_become_one_of_us_and_says_itself_whether_that_is_known(
    bot: RunningBot, rosa: Person, cast: Cast, door: Door
) -> None:
    bot.start()
    opens(rosa)
    chat = InChat(rosa.user_id)
    found = door.look(cases.case_of, chat)
    assert found is not None
    rosa.presses("go:want_to_help")
    rosa.wait_for("Whoever comes in")
    rosa.presses("apply:begin")
    rosa.wait_for("First things first")  # their words have readers now, and a word of danger
    assert door.look(vetting.where_i_stand, chat) is None

    door.ask(
        cases.close_and_invite,
        cast.alice.at_desk,
        case_id=found[0].id,
        outcome=Outcome.REUNITED,
    )
    rosa.wait_for("There is no hurry")
    rosa.presses("apply:beside")
    rosa.wait_for("May those who read it know")
    rosa.presses("apply:known")
    applies(rosa)

    standing = door.look(vetting.where_i_stand, chat)
    assert standing is not None
    assert standing.stand == Stand(Step.IDENTITY)
    (card,) = door.look(vetting.overview, cast.alice.at_desk).mine
    seen = door.look(vetting.whole, cast.alice.at_desk, application_id=card.application.id)
    assert seen.lines[0].what == "helped_before"
