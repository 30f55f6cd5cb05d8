"""A text that gets out names its copy, also in part and rewritten; nobody is named on a guess."""

import hashlib
import re
from collections.abc import Callable
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from network.cases.marking import (
    MAYBE,
    Bit,
    Found,
    fitting,
    marked,
    named,
    places,
    remaining,
)

BRIEF = (
    "La familia vive en el sur de la ciudad y está sola desde hace tres días. Ahora hay que"
    " acompañarlos por teléfono, pero no tienen que hablar de lo que pasó. A veces la hermana no"
    " contesta porque trabaja por la noche; entonces se necesita esperar. Dicen que el tío se va a"
    " quedar con ellos dos semanas, aunque todavía no es seguro. También hace falta que alguien"
    " les explique cómo se guarda lo que llega al teléfono, y que lo haga cuanto antes. Quizá"
    " después quieran hablar con una abogada, pero de momento no. Nunca se les pregunta por dinero."
    " La tía dijo «no vamos a dejar de buscarlo porque él haría lo mismo» y así hay que decirlo."
)
COPIES = 120


def copy(number: int) -> Bit:
    """What one copy says where these words are around."""
    return lambda around: hashlib.sha256(f"{number}:{around}".encode()).digest()[0] & 1


EVERYBODY = {number: copy(number) for number in range(COPIES)}


def typed_again(text: str) -> str:
    """As somebody types it into another program: plain spaces, no capitals, other quotes."""
    plain = text.replace("\u00a0", " ").replace("«", '"').replace("»", '"').casefold()
    return re.sub(r"\s+", " ", plain)


def test_copies_differ_where_two_forms_say_the_same() -> None:
    made = {marked(BRIEF, bit) for bit in EVERYBODY.values()}
    assert len(made) == COPIES
    assert len({tuple(places(one)) for one in made}) == 1
    assert all("«no vamos a dejar de buscarlo porque él haría lo mismo»" in one for one in made)


def test_marking_twice_is_marking_once() -> None:
    once = marked(BRIEF, copy(7))
    assert marked(once, copy(7)) == once
    assert marked(once, copy(8)) == marked(BRIEF, copy(8))


@settings(max_examples=50)
@given(st.text(max_size=300))
def test_whatever_is_written_can_be_marked_and_read(text: str) -> None:
    once = marked(text, copy(1))
    assert marked(once, copy(1)) == once
    found = fitting(once, {1: copy(1), 2: copy(2)})
    assert found[1].fits == found[1].places


def test_numbers_that_are_not_words_stay() -> None:
    for text in (
        "Llame al 55 1234 5678 y al 3.5 o a las 12:10 del 2/3, pero no al 5% de ellos hoy",
        "se quedó en https://hilo.example.org/2/3 con los demás que lo oyeron",
    ):
        for number in range(20):
            said = marked(text, copy(number)).replace("\u00a0", " ").replace(",", "")
            assert said == text.replace(",", "")


def rate(leak: Callable[[str], str], *, among: int) -> tuple[int, int]:
    """Of ten leaked texts, how many name their copy, and how many somebody else's."""
    right = wrong = 0
    for number in range(10):
        others = islice(EVERYBODY.items(), number, number + among)
        who = named(fitting(leak(marked(BRIEF, copy(number))), dict(others)))
        right += who == number
        wrong += who not in {number, None}
    return right, wrong


def half(text: str) -> str:
    return text[len(text) // 4 : len(text) * 3 // 4]


def quarter(text: str) -> str:
    return text[: len(text) // 4]


@pytest.mark.parametrize(
    ("leak", "among", "right"),
    [
        (str, 100, 10),  # as it was copied, of all copies there are
        (half, 100, 10),
        (quarter, 4, 10),  # of those of one family
        (typed_again, 4, 10),
        (quarter, 100, 0),  # seldom enough: then nobody is named, rather than somebody
        (typed_again, 100, 0),
        (lambda text: half(typed_again(text)), 4, 0),
    ],
)
def test_how_much_of_it_is_enough(leak: Callable[[str], str], among: int, right: int) -> None:
    """Of a brief of 120 words with sixty places, fifteen of them in its wording."""
    assert len(places(marked(BRIEF, copy(0)))) == 60
    found, wrong = rate(leak, among=among)
    assert wrong == 0
    assert found >= right


@pytest.mark.parametrize(
    ("leak", "among", "listed"),
    [
        (lambda text: half(typed_again(text)), 10, 10),  # eight places: of those of one family
        (typed_again, 100, 10),
        (lambda text: half(typed_again(text)), 100, 0),  # so many that chance would leave some
        (lambda text: quarter(typed_again(text)), 2, 0),  # so few that guessing would pay
    ],
)
def test_what_names_nobody_may_still_leave_a_few(
    leak: Callable[[str], str], among: int, listed: int
) -> None:
    """Whoever's copy it is stands among them, and hardly anybody by chance."""
    right = wrong = 0
    for number in range(10):
        others = dict(islice(EVERYBODY.items(), number, number + among))
        left = remaining(fitting(leak(marked(BRIEF, copy(number))), others))
        right += number in left
        wrong += len(set(left) - {number})
    assert right == listed
    assert wrong <= 1


def test_a_text_that_is_no_copy_leaves_somebody_seldom() -> None:
    """Fewer than one in twenty, as the page says."""
    family = dict(islice(EVERYBODY.items(), 0, 4))
    part = [half(typed_again(marked(BRIEF, copy(each)))) for each in range(1_000, 1_200)]
    assert sum(bool(remaining(fitting(each, family))) for each in part) < 200 * MAYBE


def test_a_text_that_is_no_copy_names_nobody() -> None:
    for number in range(1_000, 1_020):
        assert named(fitting(marked(BRIEF, copy(number)), EVERYBODY)) is None


def test_one_word_is_no_proof() -> None:
    assert named(fitting("", EVERYBODY)) is None
    assert named(fitting("porque sí", EVERYBODY)) is None
    assert named({}) is None
    twins = {"one": Found(20, 20, 2.0**-20), "other": Found(20, 20, 2.0**-20)}
    assert named(twins) is None


@pytest.mark.parametrize("language", ["es", "en"])
def test_an_english_text_too(language: str) -> None:
    text = {
        "es": BRIEF,
        "en": (
            "They are alone at home because nobody came, although somebody has to be there right"
            " now. Maybe the aunt can help, but she also works at night. Sometimes everybody is"
            " away and no one picks up, so we have to call as it is getting late in the day."
        ),
    }[language]
    assert named(fitting(marked(text, copy(3)), EVERYBODY)) == 3
