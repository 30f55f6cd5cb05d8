"""A family writes, and it is sealed before anything else happens."""

from network.cases import services
from network.door import Door
from network.kernel.hidden import Plaintext
from tests.cast import Cast


def test_the_first_word_opens_a_case_and_tells_the_coordinators(door: Door, cast: Cast) -> None:
    opened = door.ask(services.intake, cast.family, situation="missing", text=Plaintext("canary"))

    assert {letter.to for letter in opened.news} == {cast.alice.chat, cast.elena.chat}
    heard = door.ask(services.hear, cast.family, text=Plaintext("canary again"))
    assert heard.case.id == opened.case.id
