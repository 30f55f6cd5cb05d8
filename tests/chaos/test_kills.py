"""kill -9 of every process at random moments, while families write and somebody answers them.

`HILO_KILLS=1000 HILO_SEED=7 make chaos ARGS='-s tests/chaos/test_kills.py'` for the long form.
"""

import os
import random  # noqa: TID251  # the same seed kills at the same moments
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import make_url

from tests.bench.report import told
from tests.bench.telegram import Telegram
from tests.bench.test_answers import intake
from tests.chaos.judging import NEWCOMERS, judge
from tests.chaos.nursery import WEB, Nursery
from tests.chaos.town import WORD, Town

KILLS = int(os.environ.get("HILO_KILLS", "1000"))
SEED = int(os.environ.get("HILO_SEED", "20261122"))

# As the Procfile has them; and more of each where the database lets several write at once.
ONE_MACHINE = {
    "bot": ("ingress", "postman"),
    "worker": ("worker",),
    "clock": ("clock",),
    "web": (WEB,),
}
MANY = ONE_MACHINE | {"worker 2": ("worker",), "postman 2": ("postman",), "clock 2": ("clock",)}


@dataclass(frozen=True, slots=True)
class Storm:
    """How hard it blows."""

    kills: int
    mean: float  # seconds between two kills
    families: int
    newcomers: int
    rate: float  # things written a second
    calls: int  # each so many messages, a word of danger
    drains_within: float


SHORT = Storm(8, 0.4, 8, 1, 8.0, 5, 120.0)
LONG = {
    "sqlite": Storm(KILLS, 0.35, 60, 20, 15.0, 25, 400.0),
    # Seven processes instead of four: each lives as long between two deaths.
    "postgresql": Storm(KILLS, 0.6, 60, 20, 15.0, 25, 400.0),
}


@contextmanager
def town(
    url: str, folder: Path, storm: Storm, telegram: Telegram, nursery: Nursery
) -> Iterator[Town]:
    several = storm is not SHORT and make_url(url).get_backend_name() == "postgresql"
    parts = MANY if several else ONE_MACHINE
    made = Town(telegram, nursery, url, folder / "var", parts)
    made.settle(storm.families)
    try:
        yield made
    finally:
        made.stop()


def blow(town: Town, storm: Storm) -> dict[str, float]:
    """Everybody writes, everything is killed; returns when nothing waits any more."""
    chance = random.Random(SEED)  # noqa: S311  # no secret hangs on it
    for name in town.parts:
        town.begin(name)
    bilal = town.answering(pause=0.3)
    bilal.start()
    town.telegram.ask(
        "write",
        token=town.token,
        chats=list(town.families),
        rate=storm.rate,
        calls=storm.calls,
        word=WORD,
    )
    scripts = [intake(number) for number in range(storm.newcomers)]
    every = storm.kills * storm.mean / max(storm.newcomers, 1)
    town.telegram.ask("come", token=town.token, first_id=NEWCOMERS, scripts=scripts, every=every)
    killed: Counter[str] = Counter()
    for _ in range(storm.kills):
        time.sleep(chance.expovariate(1 / storm.mean))
        name = chance.choice(list(town.parts))
        town.kill(name)
        killed[name] += 1
    bilal.stop()
    assert town.telegram.ask("hush")["forgotten"] == 0, "somebody who came was never answered"
    drained = town.drain(storm.drains_within)
    assert town.nursery.ended() == [], "a process ended though nobody killed it"
    kept = sum(len(texts) for texts in bilal.kept.values())
    facts = {f"{name} killed": float(times) for name, times in sorted(killed.items())}
    return (
        facts
        | {
            "drained": round(drained, 1),
            "answers": kept,
            "pages cut": bilal.cut,
        }
        | judge(town, bilal.kept, storm.newcomers)
    )


def test_a_few_kills_lose_nothing(
    database_url: str, tmp_path: Path, nursery: Nursery, telegram: Telegram
) -> None:
    with town(database_url, tmp_path, SHORT, telegram, nursery) as made:
        facts = blow(made, SHORT)
    assert facts["calls"] > 0
    assert facts["answers"] > 0


@pytest.mark.chaos
def test_a_thousand_kills_lose_nothing(
    durable_url: str, tmp_path: Path, honest_nursery: Nursery, telegram: Telegram
) -> None:
    kind = make_url(durable_url).get_backend_name()
    with town(durable_url, tmp_path, LONG[kind], telegram, honest_nursery) as made:
        facts = blow(made, LONG[kind])
    told(f"kill -9, {kind}", f"{KILLS} kills, nothing lost: {facts}", seed=SEED, **facts)
