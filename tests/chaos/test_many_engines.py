"""Two, then four clocks and postmen on one PostgreSQL: each rung taken once, each letter by one.

`make chaos ARGS='-s tests/chaos/test_many_engines.py'` for the long form.
"""

import time
from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest

from config.language import say
from network import outbox
from network.checkins import services as checkins
from network.checkins.services.asking import HOW_ARE_YOU
from network.db import writing
from network.kernel.actor import InChat
from network.kernel.hidden import Plaintext
from network.outbox.domain import Letter
from tests.bench.report import told
from tests.bench.telegram import Telegram
from tests.chaos.nursery import Nursery
from tests.chaos.town import LANGUAGE, WORD, Town

RUNG = timedelta(minutes=10)  # until coordination is woken, in this country
LEAD = timedelta(seconds=4)  # everybody is at work before anything is due
PATIENCE = 300.0


@dataclass(frozen=True, slots=True)
class Rush:
    """What falls due at one moment: a rung and a question for each family, beside its letters.

    One word of danger each: those of one family that ring at one look are one letter.
    """

    families: int
    letters: int


SHORT = Rush(60, 5)
LONG = Rush(2_000, 1)


def rush(town: Town, many: Rush) -> dict[str, float]:
    """It is promised beforehand; then so many engines wake up to it together."""
    town.settle(many.families)
    due = town.door.now() + LEAD + timedelta(seconds=many.families / 20)
    past = replace(town.door, now=lambda: due - RUNG)
    for chat in town.families:
        past.ask(checkins.hear, InChat(chat, LANGUAGE), text=Plaintext(WORD))
    alice = town.staff.alice.at_desk
    for case_id in town.families.values():
        town.door.ask(checkins.ask_once, alice, case_id=case_id, at=due)
    _promise(town, many)
    town.telegram.ask("start_chats", token=town.token, chats=list(town.families))
    for name in town.parts:
        town.begin(name)
    time.sleep(max(0.0, (due - town.door.now()).total_seconds()))
    drained = town.drain(PATIENCE)
    assert town.nursery.ended() == []
    return {"drained_s": round(drained, 1)} | _judged(town, many)


def _promise(town: Town, many: Rush) -> None:
    door = town.door
    with writing(door.database, door.now(), door.secret, door.pack) as tx:
        for chat in town.families:
            for number in range(many.letters):
                words = Plaintext(f"carta {number}")
                outbox.promise(tx, Letter(chat, LANGUAGE, words=words))


def _judged(town: Town, many: Rush) -> dict[str, float]:
    heard = town.telegram.ask("record")["heard"]
    question = say(LANGUAGE, HOW_ARE_YOU)
    for chat in town.families:
        words = [text for text, _ in heard[str(chat)]]
        assert [one for one in words if one.startswith("carta")] == [
            f"carta {number}" for number in range(many.letters)
        ], "a letter was lost, doubled, or out of its order"
        assert words.count(question) == 1, "a question was asked twice, or not at all"
    rung = _calls(heard[str(town.staff.elena.chat)])
    assert len(rung) == many.families, "a rung was lost"
    assert set(rung.values()) == {1}, "a rung was taken twice"
    first = _calls(heard[str(town.staff.alice.chat)])
    assert set(first) == set(rung)
    assert len(set(first.values())) == 1, "of one rung somebody was told oftener than of another"
    assert town.count("outbox where attempts <> 1") == 0, "a letter was leased by two"
    return {
        "rungs": len(rung),
        "letters": town.count("outbox"),
        "questions": len(town.families),
    }


def _calls(heard: list[list[str]]) -> Counter[str]:
    return Counter(button for _, button in heard if button.startswith("own:"))


def engines(many: int) -> dict[str, tuple[str, ...]]:
    """So many of each, every one a process."""
    numbers = count(1)
    return {f"{kind} {next(numbers)}": (kind,) for kind in ("clock", "postman") * many}


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_four_clocks_and_postmen_take_each_thing_once(
    database_url: str, tmp_path: Path, telegram: Telegram, honest_nursery: Nursery
) -> None:
    town = Town(telegram, honest_nursery, database_url, tmp_path / "var", engines(4))
    try:
        assert rush(town, SHORT)["rungs"] == SHORT.families
    finally:
        town.stop()


@pytest.mark.chaos
@pytest.mark.parametrize("many", [2, 4])
@pytest.mark.parametrize("durable_url", ["postgresql"], indirect=True)
def test_many_clocks_and_postmen_take_each_thing_once(
    durable_url: str, many: int, tmp_path: Path, telegram: Telegram, honest_nursery: Nursery
) -> None:
    town = Town(telegram, honest_nursery, durable_url, tmp_path / "var", engines(many))
    try:
        facts = rush(town, LONG)
    finally:
        town.stop()
    told(f"{many} clocks, {many} postmen, PostgreSQL", f"each once: {facts}", **facts)
