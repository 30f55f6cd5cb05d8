"""Whoever wants to help answers the questions of a chapter; only that they could is kept."""

import pytest

from handbook.library import HERE
from handbook.training import read_training
from network.db import Tx
from network.door import Door
from network.kernel.actor import Actor, Engine, Nobody
from network.kernel.errors import NotAllowed, NotVisible
from network.manual import services, store
from network.manual.domain import Completion
from network.manual.services.training import digest_of
from tests.cast import Cast
from tests.manual.conftest import Sign

CHAPTER = "acompanar"
RIGHT = {number: one.right for number, one in enumerate(read_training(HERE)[CHAPTER])}
WRONG = RIGHT | {1: "z", 3: ""}


def test_all_right_completes_it(door: Door, cast: Cast) -> None:
    assert door.ask(services.answer, cast.bilal.at_desk, chapter=CHAPTER, chosen=RIGHT) == ()
    done = door.look(services.completed, cast.alice.at_desk, person=cast.bilal.id)
    assert done == {CHAPTER}
    assert door.look(services.completed, cast.bilal.at_desk, person=cast.bilal.id) == done
    assert door.look(services.trained, cast.alice.at_desk) == {cast.bilal.id: done}


def test_what_is_wrong_is_told_and_kept_nowhere(door: Door, cast: Cast) -> None:
    wrong = door.ask(services.answer, cast.bilal.at_desk, chapter=CHAPTER, chosen=WRONG)
    assert wrong == (1, 3)
    assert door.ask(services.answer, cast.bilal.at_desk, chapter=CHAPTER, chosen={}) == tuple(RIGHT)

    def rows(tx: Tx, _actor: Actor) -> tuple[Completion, ...]:
        return store.completions(tx, None)

    assert door.look(rows, Nobody()) == ()


def test_somebody_who_waits_may_learn_first(door: Door, cast: Cast) -> None:
    door.ask(services.answer, cast.dino.at_desk, chapter=CHAPTER, chosen=RIGHT)
    assert door.look(services.completed, Engine("vetting"), person=cast.dino.id) == {CHAPTER}
    with pytest.raises(NotAllowed):
        door.look(services.completed, cast.dino.at_desk, person=cast.bilal.id)
    with pytest.raises(NotAllowed):
        door.look(services.trained, cast.dino.at_desk)


def test_other_questions_have_to_be_answered_anew(door: Door, cast: Cast) -> None:
    def long_ago(tx: Tx, _actor: Actor) -> None:
        store.complete(tx, Completion(cast.bilal.id, CHAPTER, tx.now.date(), "0" * 64))

    door.ask(long_ago, Nobody())
    assert door.look(services.completed, cast.alice.at_desk, person=cast.bilal.id) == frozenset()
    (course,) = [
        one for one in door.look(services.my_courses, cast.bilal.at_desk) if one.chapter == CHAPTER
    ]
    assert course.done is not None
    assert not course.is_current
    door.ask(services.answer, cast.bilal.at_desk, chapter=CHAPTER, chosen=RIGHT)
    assert door.look(services.completed, cast.alice.at_desk, person=cast.bilal.id) == {CHAPTER}
    assert len(digest_of(CHAPTER)) == 64


def test_families_and_strangers_are_not_asked(door: Door, cast: Cast) -> None:
    for who in (cast.family, Nobody()):
        with pytest.raises(NotAllowed):
            door.ask(services.answer, who, chapter=CHAPTER, chosen=RIGHT)
    with pytest.raises(NotVisible):
        door.ask(services.answer, cast.bilal.at_desk, chapter="primeras-noches", chosen=RIGHT)


def test_bilal_answers_on_a_page_and_alice_sees_it(at: Sign, cast: Cast) -> None:
    bilal = at(cast.bilal)
    assert "Aprender" in bilal.reads("/training")
    fields = {f"q{number}": letter for number, letter in WRONG.items()}
    answer = bilal.sends(f"/training/{CHAPTER}", **fields)
    assert answer.status_code == 200
    assert "2 respuestas todavía no son correctas" in answer.text
    assert "Todavía no contesta" in at(cast.alice).reads("/people")
    fields = {f"q{number}": letter for number, letter in RIGHT.items()}
    hostile = {"q999": "a", "qq": "b", "q١": "c", "person_id": str(cast.dino.id)}
    assert bilal.sends(f"/training/{CHAPTER}", **fields, **hostile).status_code == 303
    assert "hecho el" in bilal.reads("/account")
    people = at(cast.alice).reads("/people")
    assert people.count("Contestó las preguntas de:") == 1
    assert "todavía no" in at(cast.dino).reads("/account")
