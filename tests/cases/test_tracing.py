"""A brief that got out is brought to coordination, and names the copy it was."""

import re

import pytest
from flask import Flask

from config.language import say
from network import audit
from network.audit import Receipt
from network.cases import marking, services
from network.cases.marking import LEAST
from network.cases.policy import INQUIRIES, TRACED, TRACED_AMONG, not_shown
from network.cases.services import looking, tracing
from network.db import Tx
from network.door import Door
from network.kernel.actor import Actor, Engine, Role, Who
from network.kernel.errors import BadInput, NotAllowed, SlowDown
from network.kernel.hidden import Plaintext
from network.kernel.ids import CaseId
from network.outbox.domain import Letter
from network.outbox.services import take
from tests.cases.browsing import Browser, signed_in
from tests.cases.test_marking import BRIEF, half, typed_again
from tests.cast import Cast, Somebody
from tests.ground.clock import StillClock


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
        again = Plaintext(typed_again(leak.reveal()))
        for text in (leak, again):
            found = door.look(tracing.compare, cast.elena.at_desk, text=text)
            assert found.it_is is not None
            assert found.it_is.alias == who.alias


@pytest.mark.usefixtures("offered")
def test_what_is_no_copy_names_nobody(door: Door, cast: Cast) -> None:
    for text in ("A veces no contesta y hace falta esperar.", "porque sí", "x" * 9):
        found = door.look(tracing.compare, cast.alice.at_desk, text=Plaintext(text))
        assert found.it_is is None


@pytest.mark.usefixtures("offered")
def test_only_coordination_asks(door: Door, cast: Cast) -> None:
    who: Who
    for who in (cast.bilal.at_desk, cast.bilal.in_chat, cast.family, cast.dino.at_desk):
        with pytest.raises(NotAllowed):
            door.look(tracing.compare, who, text=Plaintext(BRIEF))
        with pytest.raises(NotAllowed):
            door.ask(tracing.note, who, trace=tracing.Trace(None, (), 0, 0, None, Plaintext(BRIEF)))


@pytest.mark.usefixtures("offered")
def test_an_empty_text_and_one_too_long_are_told_and_a_reference_tells_nothing(
    door: Door, cast: Cast
) -> None:
    for text in ("", " ", "x" * (tracing.LONGEST + 1)):
        with pytest.raises(BadInput):
            door.look(tracing.compare, cast.alice.at_desk, text=Plaintext(text))
    copy = Plaintext(copy_of(door, cast.bilal))
    found = door.look(tracing.compare, cast.alice.at_desk, text=copy, reference="no-such")
    assert (found.it_is, found.about) == (None, None)


def test_each_answer_is_in_the_log_with_whom_it_names_and_the_others_hear_that_it_was_asked(
    door: Door, cast: Cast, offered: CaseId
) -> None:
    text = Plaintext(copy_of(door, cast.bilal))
    found = door.look(tracing.compare, cast.elena.at_desk, text=text)
    door.ask(tracing.note, cast.elena.at_desk, trace=found)

    def written(tx: Tx, _actor: Actor) -> list[Receipt]:
        return list(audit.receipts_of(tx, offered, limit=99))

    (line,) = [one for one in door.look(written, cast.alice.id) if one.verb == TRACED]
    assert (line.person_id, line.subject) == (cast.elena.id, cast.bilal.id)
    (told,) = [one for one in letters(door) if one.say == tracing.ASKED_OF_ONE]
    assert told.to == cast.alice.chat  # who may not hold it: its reference says where to ask
    heading = door.look(looking.heading, cast.alice.at_desk, case_id=offered)
    assert told.params["reference"] == heading.case.card.reference


def test_whom_it_names_reads_nothing_of_it_though_they_accompany_the_case(
    app: Flask, door: Door, cast: Cast, offered: CaseId
) -> None:
    text = Plaintext(copy_of(door, cast.bilal))
    (offer,) = door.look(services.my_offers, cast.bilal.at_desk)
    door.ask(services.accept, cast.bilal.in_chat, offer_id=offer.offer.id)
    found = door.look(tracing.compare, cast.elena.at_desk, text=text, reference="")
    assert found.it_is is not None
    door.ask(tracing.note, cast.elena.at_desk, trace=found)

    def verbs(who: Somebody) -> list[set[str]]:
        room = door.ask(services.room, who.at_desk, case_id=offered)
        access = door.look(looking.access, who.at_desk, case_id=offered)
        return [{one.verb for one in each.receipts} for each in (room, access)]

    assert all(TRACED not in each for each in verbs(cast.bilal))
    assert all(TRACED in each for each in verbs(cast.alice))
    page = f"/cases/{offered}/access"
    assert _line(signed_in(app, cast.alice).reads(page))
    assert not _line(signed_in(app, cast.bilal).reads(page))


def test_a_part_typed_again_leaves_whose_copy_it_may_be_and_accuses_nobody(
    app: Flask, door: Door, cast: Cast, offered: CaseId
) -> None:
    leak = Plaintext(half(typed_again(copy_of(door, cast.bilal))))

    found = door.look(tracing.compare, cast.elena.at_desk, text=leak)
    page = _pasted(signed_in(app, cast.elena), leak.reveal())

    assert found.it_is is None
    assert "Bilal" in {each.copy.alias for each in found.left}  # and Chiara, once in 256 runs
    assert found.readers_left == len(found.left) <= found.readers == 2
    assert found.left[0].fits == found.places >= LEAST
    assert "No se puede nombrar a nadie" in page
    assert "No alcanza para decir" in page
    assert "Bilal" in page
    assert "Es la copia" not in page

    def written(tx: Tx, _actor: Actor) -> list[tuple[str, object]]:
        receipts = audit.receipts_of(tx, offered, limit=99)
        return [(one.verb, one.subject) for one in receipts if one.verb in INQUIRIES]

    assert (TRACED_AMONG, cast.bilal.id) in door.look(written, cast.alice.id)
    assert TRACED_AMONG in not_shown(Actor(Role.ACTIVIST, cast.bilal.id, active=True))


@pytest.mark.usefixtures("offered")
def test_what_was_listed_counts_as_one_question(door: Door, cast: Cast) -> None:
    leak = Plaintext(half(typed_again(copy_of(door, cast.bilal))))
    for _ in range(tracing.MOST_A_DAY):
        found = door.look(tracing.compare, cast.elena.at_desk, text=leak)
        door.ask(tracing.note, cast.elena.at_desk, trace=found)
    with pytest.raises(SlowDown):
        door.look(tracing.compare, cast.elena.at_desk, text=leak)


@pytest.mark.usefixtures("offered")
def test_nobody_is_an_oracle_a_few_tries_a_day_and_then_none(
    door: Door, cast: Cast, clock: StillClock
) -> None:
    def tries(who: Somebody) -> None:
        found = door.look(tracing.compare, who.at_desk, text=Plaintext(BRIEF))
        door.ask(tracing.note, who.at_desk, trace=found)

    ahead = door.look(tracing.compare, cast.alice.at_desk, text=Plaintext(BRIEF))
    for _ in range(tracing.MOST_A_DAY):
        tries(cast.alice)
    with pytest.raises(SlowDown):
        tries(cast.alice)
    with pytest.raises(SlowDown):  # nor by what was compared beforehand
        door.ask(tracing.note, cast.alice.at_desk, trace=ahead)
    tries(cast.elena)  # each has their own
    clock.advance(tracing.A_DAY)
    tries(cast.alice)


@pytest.mark.usefixtures("offered")
def test_the_page_says_whose_copy_it_is_and_everybody_was_told_before(
    app: Flask, door: Door, cast: Cast
) -> None:
    told = "Cada copia de un resumen"
    bilal, alice = signed_in(app, cast.bilal), signed_in(app, cast.alice)
    assert told in bilal.reads("/cases/")
    assert told in alice.reads("/cases/")
    page = _pasted(alice, copy_of(door, cast.chiara))
    assert "Es la copia de Chiara" in page
    assert "Bilal" not in page
    assert not re.search(r"\d+ (de|copias|lugares)", page)  # nothing to try a text against
    nobody = _pasted(alice, "otra cosa que dijo alguien")
    assert "No se puede nombrar a nadie" in nobody
    assert not re.search(r"\d+ (de|copias|lugares)", nobody)
    for _ in range(tracing.MOST_A_DAY - 2):
        _pasted(alice, "otra cosa que dijo alguien")
    refused = alice.sends("/cases/leaked", page="/cases/leaked", text="otra", reference="")
    assert refused.status_code == 429
    assert "Es la copia" not in refused.text


@pytest.mark.usefixtures("offered")
def test_a_text_as_long_as_may_be_is_compared_at_a_few_places_and_still_names(
    door: Door, cast: Cast
) -> None:
    leak = copy_of(door, cast.bilal)
    thrice = "\n".join(leak.replace("familia", f"familia {word}") for word in ("", "Ruiz", "Soto"))
    for most in (1, 7, 60, tracing.MOST_PLACES):
        kept = marking.some(marking.places(thrice), most)
        assert 0 < len(kept) <= most
        assert kept.items() <= marking.places(thrice).items()
    found = door.look(tracing.compare, cast.elena.at_desk, text=Plaintext(thrice))
    assert found.it_is is not None
    assert found.it_is.alias == cast.bilal.alias


def _line(page: str) -> bool:
    return say("es", "Asked whose copy a text is that got out") in page


def letters(door: Door) -> list[Letter]:
    """What waits to be sent."""
    return [each for one in door.ask(take, Engine("postman"), limit=50) for each in one.letters]


def _pasted(browser: Browser, text: str) -> str:
    answer = browser.sends("/cases/leaked", page="/cases/leaked", text=text, reference="")
    assert answer.status_code == 200
    return answer.text
