"""By which words a family knows us: they have them from their first answer on."""

import pytest

from bot import family, public, reading
from bot.dialogue import Step, Talk
from bot.sandbox.people import Person
from network.cases import services as cases
from network.cases.domain import KindRefused
from network.door import Door
from network.kernel.actor import InChat
from network.kernel.hidden import Plaintext
from network.people import services as people
from tests.bot.conftest import RunningBot
from tests.bot.scenes import Chat
from tests.cast import Cast


@pytest.mark.usefixtures("cast")
def test_who_stops_after_the_first_answer_has_the_words_to_know_us_by(
    bot: RunningBot, rosa: Person, door: Door
) -> None:
    bot.start()
    rosa.starts()
    rosa.wait_for("Hello")
    rosa.presses("go:taken")
    rosa.wait_for(lambda shown: "person:taken" in [one.data for one in shown.buttons])
    rosa.presses("person:taken")
    before = rosa.wait_for("Who can see this phone?").message_id
    rosa.presses("Only I")
    asked = rosa.wait_for("In which state", after=before)
    found = door.look(cases.case_of, InChat(rosa.user_id))
    assert found is not None
    (told,) = [one for one in rosa.messages if found[0].card.verification in one.text]
    assert found[0].card.reference in told.text
    assert before < told.message_id < asked.message_id


def test_the_words_come_once_with_whatever_is_sent_first(door: Door, cast: Cast) -> None:
    door.ask(people.set_duty, cast.alice.at_desk)
    chat = Chat(door, cast, Talk(language="es"))
    chat.plays(family.ask_for_person, situation="taken")
    asked = chat.plays(family.place, location=(19.0, -98.2))
    assert asked[0] == family.RECEIVED
    assert chat.promised()[1:] == [family.KNOW_US, *asked]
    chat.says("Puebla")
    chat.plays(public.greet)
    chat.plays(reading.enter, situation="taken")
    assert chat.promised().count(family.KNOW_US) == 1


def test_what_is_written_under_a_first_file_that_is_refused_is_heard(
    door: Door, cast: Cast
) -> None:
    door.ask(people.set_duty, cast.alice.at_desk)
    chat = Chat(door, cast, Talk(language="es"))
    chat.plays(family.ask_for_person, situation="taken")
    caption = Plaintext("canary: they took him from here")
    chat.plays(family.file_refused, refusal=KindRefused(), caption=caption)
    assert caption.reveal() in chat.reads()
    assert family.KNOW_US in chat.promised()
    assert chat.talk.step is Step.SAFE
