"""A label goes when two coordinators say a specialist read those very words; for six months."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest

from handbook.library import load_library
from handbook.standing import OF_TREES, WHOLE, signed
from handbook.wording import WORDING
from network.db import Tx
from network.door import Door
from network.kernel.actor import Actor, Engine, Nobody
from network.kernel.errors import BadInput, NotAllowed, NotVisible, WrongMoment
from network.manual import services, store
from network.manual.domain import Review, ReviewStatus, Specialty, half_a_year_after
from tests.cases.browsing import Browser
from tests.cast import Cast, Somebody
from tests.ground.clock import StillClock
from tests.manual.conftest import Sign

CHAPTER = "acompanar"
SECTION = "nunca"
KEY = (CHAPTER, SECTION, "es")
LABEL = WORDING["es"].under_review


def says(door: Door, who: Somebody, *sections: str, ago: int = 0, chapter: str = CHAPTER) -> UUID:
    return door.ask(
        services.say_review,
        who.at_desk,
        chapter=chapter,
        language="es",
        sections=sections or (SECTION,),
        specialty=Specialty.LAW,
        day=door.now().date() - timedelta(days=ago),
    )


def reviewed(door: Door) -> frozenset[tuple[str, str, str]]:
    return door.look(services.standing, Nobody()).reviewed


def test_it_takes_two(door: Door, cast: Cast) -> None:
    review = says(door, cast.alice, ago=1)
    assert reviewed(door) == frozenset()
    with pytest.raises(WrongMoment):
        door.ask(services.confirm_review, cast.alice.at_desk, review_id=review)
    door.ask(services.confirm_review, cast.elena.at_desk, review_id=review)
    assert reviewed(door) == {KEY}
    with pytest.raises(WrongMoment):
        door.ask(services.confirm_review, cast.elena.at_desk, review_id=review)


def test_any_one_takes_it_back(door: Door, cast: Cast) -> None:
    review = says(door, cast.alice, ago=1)
    door.ask(services.confirm_review, cast.elena.at_desk, review_id=review)
    door.ask(services.withdraw_review, cast.alice.at_desk, review_id=review)
    assert reviewed(door) == frozenset()
    with pytest.raises(WrongMoment):
        door.ask(services.confirm_review, cast.elena.at_desk, review_id=review)


def test_six_months_later_the_label_is_back(door: Door, cast: Cast, clock: StillClock) -> None:
    review = says(door, cast.alice, ago=1)
    door.ask(services.confirm_review, cast.elena.at_desk, review_id=review)
    day = door.now().date() - timedelta(days=1)
    clock.advance(timedelta(days=(half_a_year_after(day) - day).days - 2))
    assert reviewed(door) == {KEY}
    clock.advance(timedelta(days=1))
    assert reviewed(door) == frozenset()
    (card,) = door.look(services.reviews, cast.alice.at_desk).confirmed
    assert card.lapsed
    assert door.look(services.trouble_with_reviews, Engine("cli")) == (
        (CHAPTER, "es", SECTION, "lapsed"),
    )


@pytest.mark.parametrize(
    ("day", "lapses"),
    [
        (date(2026, 8, 31), date(2027, 2, 28)),
        (date(2027, 8, 30), date(2028, 2, 29)),
        (date(2026, 6, 30), date(2026, 12, 30)),
        (date(2026, 12, 31), date(2027, 6, 30)),
    ],
)
def test_half_a_year_is_six_months(day: date, lapses: date) -> None:
    assert half_a_year_after(day) == lapses


def test_other_words_are_not_reviewed(door: Door, cast: Cast) -> None:
    said = Review(
        id=UUID(int=7),
        chapter=CHAPTER,
        language="es",
        specialty=Specialty.LAW,
        day=door.now().date() - timedelta(days=1),
        scope={SECTION: "0" * 64, "gone": "0" * 64},
        status=ReviewStatus.CONFIRMED,
        said_by=cast.alice.id,
        confirmed_by=cast.elena.id,
    )

    def keep(tx: Tx, _actor: Actor) -> None:
        store.add_review(tx, said)
        store.add_review(tx, replace(said, id=UUID(int=8), status=ReviewStatus.SAID))

    door.ask(keep, cast.alice.id)
    assert reviewed(door) == frozenset()
    assert set(door.look(services.trouble_with_reviews, Engine("cli"))) == {
        (CHAPTER, "es", SECTION, "changed"),
        (CHAPTER, "es", "gone", "gone"),
    }
    with pytest.raises(WrongMoment):
        door.ask(services.confirm_review, cast.elena.at_desk, review_id=UUID(int=8))
    again = says(door, cast.alice)
    door.ask(services.confirm_review, cast.elena.at_desk, review_id=again)
    assert door.look(services.trouble_with_reviews, Engine("cli")) == (
        (CHAPTER, "es", "gone", "gone"),
    )


def test_a_tree_is_reviewed_as_a_whole(door: Door, cast: Cast) -> None:
    key = f"{OF_TREES}virtual-call"
    review = says(door, cast.alice, WHOLE, chapter=key)
    door.ask(services.confirm_review, cast.elena.at_desk, review_id=review)
    assert reviewed(door) == {(key, WHOLE, "es")}
    listed = door.look(services.signed, Engine("cli"))
    assert signed(load_library(), listed) == {(key, WHOLE, "es")}
    assert signed(load_library(), [[*listed[0][:3], "0" * 64]]) == frozenset()


@pytest.mark.parametrize(
    ("ago", "sections", "field"),
    [(-1, (SECTION,), "day"), (190, (SECTION,), "day"), (1, ("no-such",), "sections")],
)
def test_what_cannot_be_a_review_is_refused(
    door: Door, cast: Cast, ago: int, sections: tuple[str, ...], field: str
) -> None:
    with pytest.raises(BadInput) as refusal:
        says(door, cast.alice, *sections, ago=ago)
    assert refusal.value.field == field
    with pytest.raises(NotVisible):
        says(door, cast.alice, chapter="no-such-chapter")


def test_only_coordination_speaks_of_reviews(door: Door, cast: Cast) -> None:
    review = says(door, cast.alice)
    for who in (cast.bilal, cast.dino):
        with pytest.raises(NotAllowed):
            says(door, who)
        for verb in (services.confirm_review, services.withdraw_review):
            with pytest.raises(NotAllowed):
                door.ask(verb, who.at_desk, review_id=review)
        with pytest.raises(NotAllowed):
            door.look(services.reviews, who.at_desk)


def test_two_presses_at_once_confirm_it_once(door: Door, cast: Cast) -> None:
    review = says(door, cast.alice)
    elena = cast.elena.at_desk

    def press(_: int) -> bool:
        try:
            door.ask(services.confirm_review, elena, review_id=review)
        except WrongMoment:
            return False
        return True

    with ThreadPoolExecutor(4) as presses:
        assert sum(presses.map(press, range(4))) == 1
    assert reviewed(door) == {KEY}


def test_two_coordinators_take_the_label_off_a_page(
    at: Sign, cast: Cast, stranger: Browser
) -> None:
    before = stranger.reads(f"/manual/{CHAPTER}").count(LABEL)
    alice, elena = at(cast.alice), at(cast.elena)
    day = cast.alice.door.now().date().isoformat()
    answer = alice.sends(
        f"/desk/review/{CHAPTER}/es",
        sections=[SECTION, "ahora"],
        specialty="law",
        day=day,
        status="confirmed",
        confirmed_by=str(cast.elena.id),
    )
    assert answer.status_code == 303
    assert stranger.reads(f"/manual/{CHAPTER}").count(LABEL) == before
    assert "Lo confirmo" not in alice.reads("/desk/reviews")
    page = elena.reads("/desk/reviews")
    assert "lo dijo Alice" in page
    action = page[: page.index("/confirm")].rpartition('"')[2] + "/confirm"
    assert elena.sends(action).status_code == 303
    assert stranger.reads(f"/manual/{CHAPTER}").count(LABEL) == before - 2
    page = elena.reads("/desk/reviews")
    action = page[: page.index("/withdraw")].rpartition('"')[2] + "/withdraw"
    assert elena.sends(action).status_code == 303
    assert stranger.reads(f"/manual/{CHAPTER}").count(LABEL) == before


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"specialty": "law", "day": "2026-11-20"}, "Elige qué partes se leyeron."),
        ({"sections": "nunca", "day": "2026-11-20"}, "Elige de qué sabe"),
        ({"sections": "nunca", "specialty": "law", "day": "ayer"}, "Elige el día."),
        ({"sections": "nunca", "specialty": "law", "day": "9999-12-31"}, "todavía no llega"),
        ({"sections": "nunca", "specialty": "law", "day": "0001-01-01"}, "más de seis meses"),
    ],
)
def test_a_form_that_cannot_be_a_review_says_why(
    at: Sign, cast: Cast, form: dict[str, str], sentence: str
) -> None:
    answer = at(cast.alice).sends(f"/desk/review/{CHAPTER}/es", **form)
    assert answer.status_code == 400
    assert sentence in answer.text


def test_a_network_that_keeps_back_shows_what_was_reviewed(door: Door, cast: Cast) -> None:
    strict = replace(
        door, pack=replace(door.pack, handbook=replace(door.pack.handbook, refuse_unreviewed=True))
    )
    assert strict.look(services.standing, Nobody()).refuses
    with pytest.raises(NotVisible):
        strict.ask(services.did_it_help, Nobody(), chapter=CHAPTER, section=SECTION, useful=True)
    review = says(strict, cast.alice)
    strict.ask(services.confirm_review, cast.elena.at_desk, review_id=review)
    strict.ask(services.did_it_help, Nobody(), chapter=CHAPTER, section=SECTION, useful=True)
