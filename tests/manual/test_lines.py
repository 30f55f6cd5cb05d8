"""Coordinators dial; what they heard last is what everybody reads beside the number."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from handbook.standing import Dialled, Heard
from network.db import Tx
from network.door import Door
from network.kernel.actor import Actor, Nobody
from network.kernel.errors import BadInput, NotAllowed, NotVisible
from network.manual import services
from network.manual.domain import Outcome
from network.manual.tables import DialRow
from tests.cases.browsing import Browser
from tests.cast import Cast
from tests.ground.clock import StillClock
from tests.manual.conftest import Sign

PAGE = "/manual/derechos-y-directorio"


def heard(door: Door) -> dict[str, Dialled]:
    return {one.number: one for one in door.look(services.standing, Nobody()).dialled}


def test_nobody_has_dialled_anything_at_first(door: Door) -> None:
    assert heard(door) == {}


def test_the_last_outcome_decides(door: Door, cast: Cast) -> None:
    for outcome, expected in (
        (Outcome.ANSWERED, Heard.ANSWERED),
        (Outcome.SILENT, Heard.SILENT),
        (Outcome.OTHER, Heard.WRONG),
        (Outcome.WRONG, Heard.WRONG),
        (Outcome.ANSWERED, Heard.ANSWERED),
    ):
        door.ask(services.dial, cast.alice.at_desk, line_id="089", outcome=outcome)
        assert {number: one.heard for number, one in heard(door).items()} == {"089": expected}


def test_after_ninety_days_it_is_not_tested_again(
    door: Door, cast: Cast, clock: StillClock
) -> None:
    door.ask(services.dial, cast.alice.at_desk, line_id="911", outcome=Outcome.ANSWERED)
    clock.advance(timedelta(days=90))
    assert "911" in heard(door)
    clock.advance(timedelta(days=1))
    assert heard(door) == {}
    cards, _ = door.look(services.lines, cast.elena.at_desk)
    (card,) = [one for one in cards if one.line.id == "911"]
    assert card.stale
    assert card.by == "Alice"


def test_a_line_whose_number_changed_was_never_dialled(door: Door, cast: Cast) -> None:
    door.ask(services.dial, cast.alice.at_desk, line_id="911", outcome=Outcome.ANSWERED)
    first = door.pack.directory[0]
    moved = replace(door.pack, directory=(replace(first, number="912"), *door.pack.directory[1:]))
    assert door.look(services.standing, Nobody()).dialled
    assert not replace(door, pack=moved).look(services.standing, Nobody()).dialled


@pytest.mark.parametrize(("day", "by_pack"), [(date(2000, 1, 1), False), (None, True)])
def test_the_packs_date_is_the_seed_until_somebody_dials_later(
    door: Door, cast: Cast, day: date | None, *, by_pack: bool
) -> None:
    today = door.now().date() - timedelta(days=1)
    first = replace(door.pack.directory[0], last_dialled=day or today)
    seeded = replace(door, pack=replace(door.pack, directory=(first,)))
    assert bool(heard(seeded)) == by_pack
    seeded.ask(services.dial, cast.alice.at_desk, line_id=first.id, outcome=Outcome.SILENT)
    assert heard(seeded)[first.number].heard is Heard.SILENT


def test_never_dialled_comes_first_then_the_oldest(
    door: Door, cast: Cast, clock: StillClock
) -> None:
    for line in ("911", "089"):
        door.ask(services.dial, cast.alice.at_desk, line_id=line, outcome=Outcome.SILENT)
        clock.advance(timedelta(days=2))
    cards, states = door.look(services.lines, cast.alice.at_desk)
    assert [card.line.id for card in cards][-2:] == ["911", "089"]
    assert all(card.last is None for card in cards[:-2])
    assert len(states) == 32
    assert [state.state for state in states if state.lines] == ["Ciudad de México"]


def test_only_coordination_dials(door: Door, cast: Cast) -> None:
    for who in (cast.bilal.at_desk, cast.dino.at_desk, cast.family, Nobody()):
        with pytest.raises(NotAllowed):
            door.ask(services.dial, who, line_id="911", outcome=Outcome.WRONG)
        with pytest.raises(NotAllowed):
            door.look(services.lines, who)
    with pytest.raises(NotVisible):
        door.ask(services.dial, cast.alice.at_desk, line_id="no", outcome=Outcome.WRONG)
    with pytest.raises(BadInput):
        door.ask(
            services.dial,
            cast.alice.at_desk,
            line_id="911",
            outcome=Outcome.WRONG,
            remark="x" * 201,
        )
    assert heard(door) == {}


def test_a_reader_sees_at_once_what_was_heard(at: Sign, cast: Cast, stranger: Browser) -> None:
    assert "911 <small>(sin probar)</small>" in stranger.reads(PAGE)
    desk = at(cast.alice)
    page = desk.reads("/desk/lines")
    assert "Nadie lo ha marcado todavía." in page
    assert "no se encontró un número confiable" in page
    answer = desk.sends(
        "/desk/lines/911/dial", outcome="answered", remark="canario: contestó Ana", number="666"
    )
    assert answer.status_code == 303
    assert 'href="tel:911"' in stranger.reads(PAGE)
    assert "contestó el" in stranger.reads(PAGE)
    assert "canario" not in stranger.reads(PAGE)
    assert "Alice" not in stranger.reads(PAGE)
    again = at(cast.elena).reads("/desk/lines")
    assert "canario: contestó Ana" in again
    assert "por Alice" in again


def test_another_process_knows_within_a_minute(
    door: Door, cast: Cast, stranger: Browser, clock: StillClock
) -> None:
    stranger.reads(PAGE)
    door.ask(services.dial, cast.alice.at_desk, line_id="911", outcome=Outcome.ANSWERED)
    assert 'href="tel:911"' not in stranger.reads(PAGE)
    clock.advance(timedelta(minutes=1))
    assert 'href="tel:911"' in stranger.reads(PAGE)


def test_a_form_that_says_nothing_usable_is_shown_again(at: Sign, cast: Cast) -> None:
    desk = at(cast.alice)
    answer = desk.sends("/desk/lines/911/dial", outcome="<script>", remark="ocupado")
    assert answer.status_code == 400
    assert "Elige qué oíste." in answer.text
    assert "ocupado" in answer.text
    answer = desk.sends("/desk/lines/911/dial", outcome="silent", remark="ñ" * 201)
    assert answer.status_code == 400
    assert desk.sends("/desk/lines/nada/dial", outcome="silent").status_code == 404


def test_a_remark_is_sealed(door: Door, cast: Cast) -> None:
    door.ask(
        services.dial,
        cast.alice.at_desk,
        line_id="911",
        outcome=Outcome.SILENT,
        remark="canario amarillo",
    )

    def rows(tx: Tx, _actor: Actor) -> list[bytes]:
        return [bytes(row.remark) for row in tx.session.execute(DialRow.__table__.select())]

    (kept,) = door.look(rows, Nobody())
    assert b"canario" not in kept
    door.ask(services.dial, cast.alice.at_desk, line_id="911", outcome=Outcome.SILENT)
    assert len({len(one) for one in door.look(rows, Nobody())}) == 1
