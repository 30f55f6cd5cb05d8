"""Learning: the questions of a chapter, and who answered all of them rightly."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256

from handbook.library import HERE
from handbook.training import Question, read_training
from network import audit
from network.db import Tx
from network.kernel.actor import Actor
from network.kernel.errors import NotVisible
from network.kernel.ids import PersonId
from network.manual import store
from network.manual.domain import Completion
from network.manual.policy import ManualPermission, allowed, require
from network.vetting import services as vetting


@dataclass(frozen=True, slots=True)
class Course:
    """A chapter's questions, and what the reader has done of them."""

    chapter: str
    questions: tuple[Question, ...]
    done: Completion | None
    is_current: bool  # the questions are still those that were answered


@dataclass(frozen=True, slots=True)
class Learner:
    """What one member completed, as far as the questions are still the same."""

    person: PersonId
    chapters: tuple[str, ...]


def my_courses(tx: Tx, actor: Actor) -> tuple[Course, ...]:
    """Every chapter that has questions, and what the actor has done of them."""
    require(actor, ManualPermission.LEARN)
    done = {one.chapter: one for one in store.completions(tx, (actor.person,))}
    return tuple(_course(chapter, done.get(chapter)) for chapter in courses())


def course(tx: Tx, actor: Actor, *, chapter: str) -> Course:
    """The questions of one chapter, or NotVisible."""
    require(actor, ManualPermission.LEARN)
    if chapter not in courses():
        raise NotVisible
    done = {one.chapter: one for one in store.completions(tx, (actor.person,))}
    return _course(chapter, done.get(chapter))


def answer(tx: Tx, actor: Actor, *, chapter: str, chosen: Mapping[int, str]) -> tuple[int, ...]:
    """The questions that were not answered rightly, by number from 0; none completes the chapter.

    What was answered wrongly is told to the reader and kept nowhere.
    """
    require(actor, ManualPermission.LEARN)
    questions = courses().get(chapter)
    if questions is None:
        raise NotVisible
    wrong = tuple(number for number, one in enumerate(questions) if chosen.get(number) != one.right)
    if not wrong:
        store.complete(tx, Completion(actor.person, chapter, tx.today, digest_of(chapter)))
        audit.receipt(tx, actor, "manual.trained", subject=actor.person)
        done = completed(tx, actor, person=actor.person)
        vetting.chapters_done(tx, actor, person=actor.person, chapters=done)
    return wrong


def completed(tx: Tx, actor: Actor, *, person: PersonId) -> frozenset[str]:
    """The chapters whose questions, as they are now, somebody has answered: for vetting to ask."""
    if person != actor.person_id or not allowed(actor, ManualPermission.LEARN):
        require(actor, ManualPermission.SEE_TRAINING)
    return _current(store.completions(tx, (person,))).get(person, frozenset())


def trained(tx: Tx, actor: Actor) -> dict[PersonId, frozenset[str]]:
    """The same of everybody at once, for coordination."""
    require(actor, ManualPermission.SEE_TRAINING)
    return _current(store.completions(tx, None))


@cache
def courses() -> dict[str, tuple[Question, ...]]:
    """The questions as they are asked, read once for the life of the process."""
    return read_training(HERE)


@cache
def digest_of(chapter: str) -> str:
    """What changes when a question, a choice or a right answer changes."""
    told = [
        [one.section, dict(one.ask), {k: dict(v) for k, v in one.choices.items()}, one.right]
        for one in courses()[chapter]
    ]
    return sha256(json.dumps(told, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _course(chapter: str, done: Completion | None) -> Course:
    current = done is not None and done.digest == digest_of(chapter)
    return Course(chapter, courses()[chapter], done, current)


def _current(found: Iterable[Completion]) -> dict[PersonId, frozenset[str]]:
    known: dict[PersonId, frozenset[str]] = {}
    for one in found:
        if one.chapter in courses() and one.digest == digest_of(one.chapter):
            known[one.person] = known.get(one.person, frozenset()) | {one.chapter}
    return known
