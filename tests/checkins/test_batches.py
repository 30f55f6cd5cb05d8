"""Words of many families share one commit: read and written once, and never past a change."""

from collections import Counter

import pytest
from sqlalchemy import event

from network import inbox, outbox
from network.cases import services as cases
from network.cases.domain import CaseStatus
from network.cases.store import families as store
from network.checkins import services as checkins
from network.db import Tx, writing
from network.door import Call, Door
from network.inbox.domain import AlreadyHandled, Arrival, Incoming, Turn
from network.kernel.actor import Actor, Engine, InChat
from network.kernel.errors import NotVisible, WrongMoment
from network.kernel.hidden import Plaintext
from tests.cast import Cast

CHATS = range(7001, 7013)


@pytest.fixture
def families(door: Door, cast: Cast) -> tuple[InChat, ...]:  # noqa: ARG001  # they receive
    """Twelve families whose cases are open."""
    whos = tuple(InChat(chat) for chat in CHATS)
    for who in whos:
        door.ask(checkins.intake, who, situation="taken", text=Plaintext("they took him"))
    return whos


def arrivals(door: Door, whos: tuple[InChat, ...]) -> list[Arrival]:
    with writing(door.database, door.now(), door.secret, door.pack) as tx:
        inbox.put(tx, [Incoming(one.chat, one.chat, Plaintext("canary")) for one in whos])
    with writing(door.database, door.now(), door.secret, door.pack) as tx:
        return sorted(inbox.claim(tx, len(whos)), key=lambda one: one.update_id)


def hear(tx: Tx, actor: Actor) -> Turn:
    checkins.hear(tx, actor, text=Plaintext("they rang again"))
    return Turn()


def leave(tx: Tx, actor: Actor) -> Turn:
    found = cases.case_of(tx, actor)
    assert found is not None
    store.release_chat(tx, found[0].id)
    return Turn()


def as_it_is(turn: Turn) -> Turn:
    return turn


def due(door: Door) -> int:
    def look(tx: Tx, _actor: Actor) -> int:
        return outbox.backlog(tx)[0]

    return door.look(look, Engine("test"))


def statements(door: Door, calls: list[Call]) -> Counter[str]:
    seen: Counter[str] = Counter()

    def note(*told: object) -> None:
        seen[str(told[2])] += 1

    event.listen(door.database.engine, "before_cursor_execute", note)
    try:
        assert all(one.error is None for one in door.answer_all(calls))
    finally:
        event.remove(door.database.engine, "before_cursor_execute", note)
    return seen


def test_twelve_words_take_no_more_statements_than_two(
    door: Door, families: tuple[InChat, ...]
) -> None:
    held = arrivals(door, families)
    calls = [Call(one, hear, who, as_it_is) for one, who in zip(held, families, strict=True)]
    two, ten = statements(door, calls[:2]), statements(door, calls[2:])
    assert two.total() == ten.total()
    assert due(door) == 2 * len(families)  # a signal for each request and one for each word


def test_who_left_within_a_batch_is_heard_no_more_and_the_others_are(
    door: Door, families: tuple[InChat, ...]
) -> None:
    """Whatever was read ahead for all is not believed after one of them changed something."""
    held = arrivals(door, families)
    calls = [Call(held[0], leave, families[0], as_it_is)]
    calls += [Call(one, hear, families[0], as_it_is) for one in held[1:2]]
    calls += [
        Call(one, hear, who, as_it_is) for one, who in zip(held[2:], families[2:], strict=True)
    ]
    outcomes = door.answer_all(calls)
    assert [type(one.error) for one in outcomes] == [type(None), NotVisible] + [type(None)] * 10
    assert door.look(cases.case_of, families[0]) is None
    found = door.look(cases.case_of, families[2])
    assert found is not None
    assert found[0].status is CaseStatus.RECEIVED


def test_what_one_answer_wrote_is_seen_by_whoever_reads_after_it(
    door: Door, families: tuple[InChat, ...]
) -> None:
    seen = []

    def count(tx: Tx, _actor: Actor) -> Turn:
        seen.append(outbox.backlog(tx)[0])
        return Turn()

    before = due(door)
    held = arrivals(door, families[:3])
    services = (hear, count, hear)
    door.answer_all(
        [
            Call(one, service, who, as_it_is)
            for one, service, who in zip(held, services, families[:3], strict=True)
        ]
    )
    assert seen == [before + 1]
    assert due(door) == before + 2


def test_an_arrival_somebody_else_handled_undoes_none_of_the_others(
    door: Door, families: tuple[InChat, ...]
) -> None:
    held = arrivals(door, families[:3])
    calls = [Call(one, hear, who, as_it_is) for one, who in zip(held, families[:3], strict=True)]
    door.answer_all(calls[1:2])
    before = due(door)
    outcomes = door.answer_all(calls)
    assert [type(one.error) for one in outcomes] == [type(None), AlreadyHandled, type(None)]
    assert due(door) == before + 2


def test_one_that_is_refused_leaves_nothing_of_itself_and_all_of_the_others(
    door: Door, families: tuple[InChat, ...]
) -> None:
    def refuse(tx: Tx, actor: Actor) -> Turn:
        hear(tx, actor)
        raise WrongMoment

    before = due(door)
    held = arrivals(door, families)
    calls = [
        Call(one, refuse if number == 5 else hear, who, as_it_is)
        for number, (one, who) in enumerate(zip(held, families, strict=True))
    ]
    outcomes = door.answer_all(calls)
    assert [number for number, one in enumerate(outcomes) if one.error] == [5]
    assert due(door) == before + 11
