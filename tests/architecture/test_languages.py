"""Nobody meets a sentence that was never written in their language."""

import pytest

from config.language import ROOT, Gaps, extract, gaps, languages


@pytest.fixture(scope="module")
def found() -> dict[str, Gaps]:
    used = extract(ROOT)
    return {language: gaps(language, used=used) for language in languages() if language != "en"}


def test_every_sentence_is_translated(found: dict[str, Gaps]) -> None:
    assert {language: each.missing for language, each in found.items() if each.missing} == {}


def test_no_translation_is_a_guess(found: dict[str, Gaps]) -> None:
    assert {language: each.fuzzy for language, each in found.items() if each.fuzzy} == {}


def test_translations_hold_the_placeholders_of_their_sentence(found: dict[str, Gaps]) -> None:
    assert {language: each.differing for language, each in found.items() if each.differing} == {}


def test_no_sentence_holds_a_bare_percent_sign(found: dict[str, Gaps]) -> None:
    assert {language: each.percent for language, each in found.items() if each.percent} == {}
