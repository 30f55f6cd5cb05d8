"""The reading level is a formula somebody can check by hand."""

import pytest

from handbook.reading import count, english_syllables, spanish_syllables


@pytest.mark.parametrize(
    ("word", "syllables"),
    [
        ("sol", 1), ("casa", 2), ("familia", 3), ("policía", 4), ("guía", 2), ("averigüe", 4),
        ("queso", 2), ("país", 2), ("muy", 1), ("leer", 2), ("aéreo", 4), ("ciudad", 2), ("yo", 1),
    ],
)  # fmt: skip
def test_spanish_syllables(word: str, syllables: int) -> None:
    assert spanish_syllables(word) == syllables


@pytest.mark.parametrize(("word", "syllables"), [("phone", 1), ("money", 2), ("police", 2)])
def test_english_syllables(word: str, syllables: int) -> None:
    assert english_syllables(word) == syllables


def test_two_sentences_and_a_heading_count_as_three() -> None:
    counted = count(["Respira", "Habla poco. No digas nombres."], language="es")
    assert (counted.words, counted.sentences, counted.syllables) == (6, 3, 12)


def test_the_formulas_are_the_published_ones() -> None:
    counted = count(["La casa es roja."], language="es")  # 4 words, 6 syllables, 1 sentence
    assert counted.inflesz == pytest.approx(206.835 - 62.3 * 6 / 4 - 4)
    assert counted.fernandez_huerta == pytest.approx(206.84 - 60 * 6 / 4 - 1.02 * 4)
