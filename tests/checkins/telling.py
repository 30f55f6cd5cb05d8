"""What an answer to a check-in leaves behind, with the danger word in it or without, to be bet on.

Everything the database is told from the arrival to the last look half an hour later, by worker,
postman and clock: each statement in its order, the size of whatever is sealed in it, how far its
moments are from now, how many rows it changed; every line of the log; what the chat is answered.
Left out is what the responders do about it (taking the alarm and ending it), which SECURITY.md says
does show.
"""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import event

from bot import family
from bot.dialogue import Talk
from bot.replies import Here
from network.cases import services as cases
from network.checkins import services
from network.checkins.domain.watches import Outcome
from network.db import Tx
from network.door import Call, Door
from network.inbox import services as inbox
from network.inbox.domain import Incoming, Turn
from network.kernel.actor import Actor, Engine, InChat
from network.kernel.hidden import Plaintext
from network.kernel.ids import CaseId
from tests.cast import Cast
from tests.checkins.conftest import WORD, Life, alarms
from tests.ground.betting import Seen, listening, plain

WORKER = Engine("worker")
MINUTE = timedelta(minutes=1)
FIRST = 1_000
FIRST_LOOK, LAST_LOOK = 11 * MINUTE, 20 * MINUTE  # a little after the two there are
A_FAMILY = 1_000  # answers of one family: within the thirty days for which its case stays open
CALM = ("violet umbrella", "morning market", "yellow bicycle")  # as long as the word, or nearly
WORDS = ("we", "all", "slept", "at", "home", "my", "sister", "called", "about", "the", "children")


def answers(door: Door, cast: Cast, life: Life, ways: Sequence[int], before: int = 0) -> list[Seen]:
    """What each of these leaves behind: a family is asked and answers, calmly (0) or not (1).

    So many answered before these, who were other families.
    """
    found: list[Seen] = []
    with listening() as ear:
        for first in range(0, len(ways), A_FAMILY):
            chat = InChat(6_000_001 + before + first)
            case_id = _opened(door, life, chat)
            for way in ways[first : first + A_FAMILY]:
                _asked(door, cast, life, case_id)
                ear.lines.clear()
                with _overheard(door) as told:
                    said = _answered(door, chat, FIRST + before + len(found), _words(way))
                    life.postman.walk()
                    life.passes(FIRST_LOOK, FIRST_LOOK)
                logged = tuple(ear.lines)
                _ended(door, cast)
                life.postman.walk()
                ear.lines.clear()
                with _overheard(door) as later:
                    life.passes(LAST_LOOK, LAST_LOOK)
                life.postman.sent.clear()
                found.append((*said, len(told), *told, *later, *logged, *ear.lines))
    return found


def _opened(door: Door, life: Life, chat: InChat) -> CaseId:
    """One more family that chose its word; what that began is over."""
    opened = door.ask(
        services.intake, chat, situation="missing", text=Plaintext("he is not home yet")
    )
    door.ask(cases.set_danger_word, chat, word=Plaintext(WORD))
    life.passes(timedelta(hours=1), 10 * MINUTE)
    return opened.case.id


def _asked(door: Door, cast: Cast, life: Life, case_id: CaseId) -> None:
    door.ask(services.ask_once, cast.alice.at_desk, case_id=case_id)
    life.knock()
    life.passes(MINUTE)


def _words(way: int) -> Plaintext:
    """A sentence of any length, with one word or another in it."""
    draw = secrets.SystemRandom()
    words = draw.choices(WORDS, k=draw.randrange(3, 40))
    words.insert(draw.randrange(len(words)), WORD if way else draw.choice(CALM))
    return Plaintext(" ".join(words))


def _answered(door: Door, chat: InChat, number: int, words: Plaintext) -> Seen:
    """As the bot does it: kept, taken, heard and settled. What the chat is told."""
    came = Incoming(number, chat.chat, words, number)
    door.ask(inbox.receive, WORKER, updates=[came])
    (arrival,) = door.ask(inbox.take, WORKER, limit=5)
    here = Here(chat.chat, "es", Talk(), at=door.now())

    def heard(tx: Tx, actor: Actor) -> Turn:
        return family.words(tx, actor, here, text=words)

    (outcome,) = door.answer_all([Call(arrival, heard, chat, lambda turn: turn)])
    assert isinstance(outcome.result, Turn)
    return tuple(
        (letter.say, str(letter.params), str(letter.buttons), letter.to == chat.chat)
        for letter in outcome.result.letters
    )


def _ended(door: Door, cast: Cast) -> None:
    for alarm in alarms(door, cast):
        door.ask(services.own, cast.alice.at_desk, watch_id=alarm.id)
        door.ask(
            services.resolve,
            cast.alice.at_desk,
            watch_id=alarm.id,
            outcome=Outcome.HELPED,
            words=Plaintext("somebody is with them"),
        )


@contextmanager
def _overheard(door: Door) -> Iterator[list[object]]:
    """What the database is told meanwhile: words, sizes, moments beside now, rows changed."""
    found: list[object] = []

    def note(  # as the event hands it over
        _connection: object,
        cursor: Any,  # noqa: ANN401  # either driver's
        statement: str,
        given: Any,  # noqa: ANN401  # a row's values, by name or by place, or many rows'
        _context: object,
        many: bool,
    ) -> None:
        sets = given if many else [given]
        values = [one.values() if isinstance(one, dict) else one for one in sets]
        shapes = tuple(tuple(plain(value, door.now()) for value in each) for each in values)
        found.append((statement, shapes, cursor.rowcount))

    event.listen(door.database.engine, "after_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(door.database.engine, "after_cursor_execute", note)
