"""A brief that got out is brought to coordination, and names the copy it was."""

import pytest

from config.settings import load
from network.app import create_app
from network.cases import services
from network.cases.services import tracing
from network.door import Door
from network.kernel.actor import Who
from network.kernel.errors import BadInput, NotAllowed
from network.kernel.hidden import Plaintext
from network.kernel.ids import CaseId
from tests.cases.browsing import Browser, signed_in
from tests.cases.test_marking import BRIEF, typed_again
from tests.cast import Cast, Somebody

SECRET = "9b1c2a9be07d5386aa19c4e2f70b8d6355e1907c3ab2d84f6e0a71c95b3d28f4"


def copy_of(door: Door, who: Somebody) -> str:
    """The brief as this member reads it."""
    (offer,) = door.look(services.my_offers, who.at_desk)
    assert offer.brief is not None
    return offer.brief.reveal()


@pytest.fixture
def offered(door: Door, cast: Cast, triaged: CaseId) -> CaseId:
    """Bilal and Chiara are asked with the same brief."""
    to, brief = (cast.bilal.id, cast.chiara.id), Plaintext(BRIEF)
    door.ask(services.offer, cast.alice.at_desk, case_id=triaged, to=to, brief=brief)
    return triaged


@pytest.mark.usefixtures("offered")
def test_the_two_read_the_same_in_other_words(door: Door, cast: Cast) -> None:
    bilals, chiaras = copy_of(door, cast.bilal), copy_of(door, cast.chiara)
    assert bilals != chiaras
    assert abs(len(bilals.split()) - len(chiaras.split())) < 20


@pytest.mark.usefixtures("offered")
def test_what_got_out_names_its_copy(door: Door, cast: Cast) -> None:
    for who in (cast.bilal, cast.chiara):
        leak = Plaintext(copy_of(door, who))
        found = door.ask(tracing.trace, cast.elena.at_desk, text=leak)
        assert found.it_is is not None
        assert found.it_is.alias == who.alias
        assert found.compared == 2
        again = Plaintext(typed_again(leak.reveal()))
        nearest = door.ask(tracing.trace, cast.elena.at_desk, text=again).nearest[0]
        assert (nearest.alias, nearest.found.fits) == (who.alias, nearest.found.places)


@pytest.mark.usefixtures("offered")
def test_what_is_no_copy_names_nobody(door: Door, cast: Cast) -> None:
    for text in ("A veces no contesta y hace falta esperar.", "porque sí", "x" * 9):
        found = door.ask(tracing.trace, cast.alice.at_desk, text=Plaintext(text))
        assert found.it_is is None


@pytest.mark.usefixtures("offered")
def test_only_coordination_asks(door: Door, cast: Cast) -> None:
    who: Who
    for who in (cast.bilal.at_desk, cast.bilal.in_chat, cast.family, cast.dino.at_desk):
        with pytest.raises(NotAllowed):
            door.ask(tracing.trace, who, text=Plaintext(BRIEF))


@pytest.mark.usefixtures("offered")
def test_a_reference_nobody_has_and_an_empty_text_are_told(door: Door, cast: Cast) -> None:
    for text, reference in (("", ""), (BRIEF, "no-such"), ("x" * 20_001, "")):
        with pytest.raises(BadInput):
            door.ask(tracing.trace, cast.alice.at_desk, text=Plaintext(text), reference=reference)


@pytest.mark.usefixtures("offered")
def test_the_page_says_whose_copy_it_is_and_everybody_was_told_before(
    door: Door, cast: Cast
) -> None:
    app = create_app(load({"HILO_SECRET": SECRET, "HILO_LANGUAGE": "es"}), door)
    told = "Cada copia de un resumen"
    bilal, alice = signed_in(app, cast.bilal), signed_in(app, cast.alice)
    assert told in bilal.reads("/cases/")
    assert told in alice.reads("/cases/")
    page = _pasted(alice, copy_of(door, cast.chiara))
    assert "Es la copia de Chiara" in page
    assert "Bilal" not in page
    assert "No se puede nombrar a nadie" in _pasted(alice, "otra cosa que dijo alguien")


def _pasted(browser: Browser, text: str) -> str:
    answer = browser.sends("/cases/leaked", page="/cases/leaked", text=text, reference="")
    assert answer.status_code == 200
    return answer.text
