"""Somebody with a shaking hand answers one question at a time, and always has a way forward."""

import pytest

from handbook.library import Library
from handbook.tree import Tree
from handbook.wording import LANGUAGES, WORDING

TREES = [(slug, lang) for slug in ("virtual-call", "report-or-not") for lang in LANGUAGES]
every_tree = pytest.mark.parametrize(("slug", "language"), TREES)


def walked(tree: Tree, *answers: int) -> str:
    step = tree.steps[tree.start]
    for answer in answers:
        step = tree.steps[step.choices[answer].to]
    return step.id


def test_a_mother_whose_son_answers_hangs_up(library: Library) -> None:
    assert walked(library.tree("virtual-call"), 0, 0, 0) == "a-salvo"


def test_a_father_alone_who_cannot_find_her_is_told_to_treat_it_as_possibly_real(
    library: Library,
) -> None:
    tree = library.tree("virtual-call")
    assert walked(tree, 0, 1, 0, 2, 1, 1) == "posible-real"
    assert "primeras-horas" in {onward.target for onward in tree.steps["posible-real"].onward}


def test_the_right_answer_is_not_called_a_trick(library: Library) -> None:
    assert walked(library.tree("virtual-call"), 1, 2, 1, 0) == "posible-real"


def test_somebody_told_to_hide_in_a_hotel_is_told_to_leave(library: Library) -> None:
    tree = library.tree("virtual-call")
    assert walked(tree, 3) == "me-ordenan"
    assert "Sal a un lugar con gente" in tree.steps["me-ordenan"].html.text


def test_a_family_afraid_of_the_local_police_is_shown_other_doors(library: Library) -> None:
    tree = library.tree("report-or-not")
    assert walked(tree, 1, 0, 1) == "otra-puerta"
    assert "No vayas a la comandancia" in tree.steps["otra-puerta"].cards[0].text


@every_tree
def test_no_step_is_a_dead_end(library: Library, slug: str, language: str) -> None:
    for step in library.tree(slug, language).steps.values():
        assert step.choices or step.onward


@every_tree
def test_every_step_that_could_do_harm_says_so_on_each_card(
    library: Library, slug: str, language: str
) -> None:
    label = WORDING[language].under_review
    for step in library.tree(slug, language).steps.values():
        assert step.harm
        for card in step.cards:
            assert label in card.text
            assert len(card.text) <= 300


@pytest.mark.parametrize("slug", ["virtual-call", "report-or-not"])
def test_both_languages_branch_alike(library: Library, slug: str) -> None:
    spanish, english = (library.tree(slug, language) for language in LANGUAGES)
    for key, step in spanish.steps.items():
        other = english.steps[key]
        assert [c.to for c in step.choices] == [c.to for c in other.choices]
        assert (step.facts, step.harm) == (other.facts, other.harm)
