"""From an accompaniment to its chapter in one press, and a section of it to the family."""

from dataclasses import replace
from datetime import timedelta

import pytest

from handbook.cards import LONGEST
from handbook.library import load_library
from handbook.wording import WORDING
from network import outbox
from network.cases import services as cases
from network.cases.domain import Case, CaseStatus, Outcome
from network.db import Tx
from network.door import Door
from network.kernel.actor import Actor, Engine
from network.kernel.errors import NotAllowed, NotVisible
from network.kernel.ids import CaseId
from network.manual import services
from network.manual.services.room import _stages, messages, suggested
from tests.cast import Cast
from tests.ground.clock import StillClock
from tests.manual.conftest import Sign

FIRST, SECTION = "primeras-horas", "telefono"


def test_every_situation_and_stage_leads_to_chapters_that_exist() -> None:
    library = load_library()
    for stages in _stages().values():
        assert stages.keys() == {"first", "later", "after"}
        for slugs in stages.values():
            assert slugs
            for slug in slugs:
                library.chapter(slug)
                library.chapter(slug, "en")


def test_every_situation_of_the_manual_has_its_stages() -> None:
    ours = {path.situation for path in load_library().paths.values()}
    assert _stages().keys() - {"otherwise"} <= ours


def test_what_to_read_follows_the_accompaniment(
    door: Door, cast: Cast, accompanied: CaseId
) -> None:
    found = door.look(services.of_case, cast.bilal.at_desk, case_id=accompanied)
    assert found.open.slug == "llamadas"
    case: Case = replace(found.case, status=CaseStatus.RECEIVED)
    assert suggested(case)[0] == FIRST
    assert suggested(replace(case, card=replace(case.card, situation="no idea")))
    door.ask(cases.close, cast.alice.at_desk, case_id=accompanied, outcome=Outcome.REUNITED)
    found = door.look(services.of_case, cast.alice.at_desk, case_id=accompanied)
    assert found.open.slug == "regreso"
    assert not found.may_send


@pytest.mark.parametrize("language", ["es", "en"])
def test_no_message_is_too_long_and_each_says_what_it_owes(language: str) -> None:
    library = load_library()
    for chapter in library.in_order(language):
        for section in chapter.sections:
            texts = messages(library, chapter, section)
            assert all(0 < len(text) <= LONGEST for text in texts)
            assert WORDING[language].limits in texts[-1]
            if section.harm:
                owed = texts if texts[-1] != WORDING[language].limits else texts[:-1]
                assert all(WORDING[language].under_review in text for text in owed)


def test_a_section_goes_out_in_order_and_the_room_knows(
    door: Door, cast: Cast, accompanied: CaseId
) -> None:
    bilal = cast.bilal.at_desk
    count = door.ask(services.send, bilal, case_id=accompanied, chapter=FIRST, section=SECTION)
    library = load_library()
    chapter = library.chapter(FIRST)
    expected = messages(library, chapter, chapter.section(SECTION))
    assert count == len(expected) > 1

    def waiting(tx: Tx, _actor: Actor) -> int:
        return outbox.backlog(tx)[0]

    assert door.look(waiting, Engine("cli")) >= count
    room = door.ask(cases.room, bilal, case_id=accompanied)
    said = room.entries[-1].text.reveal()
    assert chapter.section(SECTION).title in said
    assert room.entries[-1].author == cast.bilal.id


def test_pressed_twice_it_goes_out_once_a_day(
    door: Door, cast: Cast, accompanied: CaseId, clock: StillClock
) -> None:
    def press(section: str = SECTION) -> int:
        bilal = cast.bilal.at_desk
        return door.ask(services.send, bilal, case_id=accompanied, chapter=FIRST, section=section)

    def waiting(tx: Tx, _actor: Actor) -> int:
        return outbox.backlog(tx)[0]

    before = door.look(waiting, Engine("cli"))
    count = press()
    for _ in range(2):
        assert press() == 0
    assert door.look(waiting, Engine("cli")) == before + count
    noted = door.ask(cases.room, cast.bilal.at_desk, case_id=accompanied).entries
    title = load_library().chapter(FIRST).section(SECTION).title
    assert sum(title in entry.text.reveal() for entry in noted) == 1
    assert press("respira") > 0
    clock.advance(timedelta(days=1))
    assert press() == count


def test_nobody_else_sends(door: Door, cast: Cast, accompanied: CaseId) -> None:
    for who in (cast.chiara.at_desk, cast.dino.at_desk, cast.neighbours):
        with pytest.raises((NotVisible, NotAllowed)):
            door.ask(services.send, who, case_id=accompanied, chapter=FIRST, section=SECTION)
        with pytest.raises((NotVisible, NotAllowed)):
            door.look(services.of_case, who, case_id=accompanied)


@pytest.mark.parametrize(("chapter", "section"), [("x", SECTION), (FIRST, "x"), ("", "")])
def test_what_is_not_there_is_not_sent(
    door: Door, cast: Cast, accompanied: CaseId, chapter: str, section: str
) -> None:
    with pytest.raises(NotVisible):
        door.ask(
            services.send,
            cast.bilal.at_desk,
            case_id=accompanied,
            chapter=chapter,
            section=section,
        )


def test_what_is_kept_back_is_not_sent(door: Door, cast: Cast, accompanied: CaseId) -> None:
    strict = replace(
        door, pack=replace(door.pack, handbook=replace(door.pack.handbook, refuse_unreviewed=True))
    )
    with pytest.raises(NotVisible):
        strict.ask(
            services.send,
            cast.bilal.at_desk,
            case_id=accompanied,
            chapter=FIRST,
            section=SECTION,
        )


def test_from_the_room_it_is_one_press(at: Sign, cast: Cast, accompanied: CaseId) -> None:
    bilal = at(cast.bilal)
    shelf = f"/cases/{accompanied}/manual"
    assert f'href="{shelf}"' in bilal.reads(f"/cases/{accompanied}")
    page = bilal.reads(shelf)
    assert "Enviar a la familia" in page
    assert "también con la pantalla bloqueada" in page
    assert WORDING["es"].under_review in page
    other = bilal.reads(f"{shelf}?chapter={FIRST}")
    assert load_library().chapter(FIRST).title in other
    assert bilal.looks(f"{shelf}?chapter=nada").status_code == 404
    answer = bilal.sends(f"{shelf}/send", chapter=FIRST, section=SECTION, text="canario")
    assert answer.status_code == 303
    assert "Se envió a la familia del manual" in bilal.reads(f"/cases/{accompanied}")
    assert bilal.sends(f"{shelf}/send", chapter=FIRST, section=SECTION).status_code == 303
    assert "ya está enviada hoy" in bilal.reads(f"/cases/{accompanied}")
