"""Whoever wants to help answers before they help; each answer stands in the chapter they read."""

import pytest

from handbook.library import HERE, Library
from handbook.training import FEWEST_QUESTIONS, MOST_QUESTIONS, read_training
from handbook.wording import LANGUAGES

TRAINING = read_training(HERE)


def test_those_who_accompany_and_those_who_coordinate_are_asked() -> None:
    assert {"acompanar", "coordinar"} <= TRAINING.keys()


@pytest.mark.parametrize("slug", TRAINING)
def test_each_question_rests_on_a_section_and_has_one_right_answer(
    library: Library, slug: str
) -> None:
    assert FEWEST_QUESTIONS <= len(TRAINING[slug]) <= MOST_QUESTIONS
    for question in TRAINING[slug]:
        assert len(question.choices) >= 3
        assert question.right in question.choices
        for language in LANGUAGES:
            sections = library.chapter(slug, language).sections
            assert question.section in {section.id for section in sections}


@pytest.mark.parametrize("slug", TRAINING)
def test_the_right_answer_is_not_always_the_same_letter(slug: str) -> None:
    assert len({question.right for question in TRAINING[slug]}) == 3


@pytest.mark.parametrize("slug", TRAINING)
def test_every_answer_is_explained_in_each_language(slug: str) -> None:
    for question in TRAINING[slug]:
        for saying in question.sayings:
            assert all(saying[language].strip() for language in LANGUAGES)
