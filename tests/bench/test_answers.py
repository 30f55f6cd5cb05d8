"""Words answered end to end, with Telegram 50 ms away and two hundred people writing."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.bench.hilo import ROOT, Hilo
from tests.bench.report import TIMES, measured, middle, told
from tests.bench.telegram import Telegram
from tests.ground.postgresql import Cluster

pytestmark = pytest.mark.bench

Json = dict[str, Any]

LATENCY = 0.05
PEOPLE = 200
ROUNDS = 3
WARM = 1.0
SECONDS = 4.0 * TIMES
FIRST = 7_000_000_000
CONVERSATION = ["Lugar", "Vengo de la terminal", "Hora", "Como a las cinco"]
WORDS = [
    "Volvió a sonar y nadie habló.",
    "Mi hermana habló con una vecina, dice que vio pasar la camioneta.",
    "No hemos dicho nada a nadie más.",
    "¿Qué hago si vuelven a llamar?",
]


def intake(number: int) -> list[str]:
    """Everything a family is asked, from the greeting to the word of danger."""
    return [
        "/start",
        "press:go:calling_now",
        "press:person:calling_now",
        "press:say:safe:0",
        "Estado de México",
        "press:say:since:0",
        f"two:Llamaron y piden dinero. Somos {number % 7 + 2} en la casa.",
        "jacaranda azul",
    ]


@contextmanager
def peer(telegram: Telegram, module: str, *words: str) -> Iterator[str]:
    """A bot of somebody else in a process of its own; its token."""
    token = telegram.new_token()
    command = [sys.executable, "-m", f"tests.bench.peers.{module}", token, telegram.url, *words]
    with subprocess.Popen(command, cwd=ROOT) as process:
        try:
            yield token
        finally:
            process.terminate()
            process.wait(20)
            telegram.ask("drop", token=token)


def talk(telegram: Telegram, token: str, words: list[str]) -> Json:
    facts = telegram.ask(
        "talk",
        token=token,
        first_id=FIRST,
        people=PEOPLE,
        words=words,
        warm=WARM,
        seconds=SECONDS,
    )
    assert facts["unanswered"] == 0
    assert facts["uneven"] == 0, "somebody was answered twice, or not at all"
    return facts


def persistent(telegram: Telegram, folder: Path) -> Json:
    with peer(telegram, "persistent", str(folder / f"{time.monotonic_ns()}.pickle")) as token:
        begun = telegram.ask("walk", token=token, first_id=FIRST, scripts=[["/start"]] * PEOPLE)
        assert begun["unanswered"] == 0
        return talk(telegram, token, CONVERSATION)


def echo(telegram: Telegram) -> Json:
    with peer(telegram, "echo") as token:
        return talk(telegram, token, WORDS)


def test_words_answered_end_to_end(durable_cluster: Cluster, tmp_path: Path) -> None:
    rounds: dict[str, list[float]] = {"persistent": [], "echo": [], "sqlite": [], "postgresql": []}
    facts: dict[str, Json] = {}
    urls = {"sqlite": f"sqlite:///{tmp_path / 'hilo.db'}", "postgresql": durable_cluster.create()}
    with ExitStack() as stack:
        telegram = stack.enter_context(Telegram(latency=LATENCY))
        houses = {
            kind: stack.enter_context(_open(telegram, url, tmp_path / kind, kind))
            for kind, url in urls.items()
        }
        for number in range(ROUNDS):
            if number == 0:  # it waits for Telegram, not for the machine: one round tells all
                facts["persistent"] = persistent(telegram, tmp_path)
            facts["echo"] = echo(telegram)
            for kind, hilo in houses.items():
                facts[kind] = _steady(telegram, hilo)
            for kind, found in facts.items():
                rounds[kind].append(found["per_second"])
    for kind in urls:
        for name, against, goal in (
            ("persistent", "python-telegram-bot, persistent conversation", "goal ≥ 15"),
            ("echo", "python-telegram-bot, echo, 16 at a time", "goal ≥ 1.0"),
        ):
            measured(
                f"answers, {kind}, beside {name}",
                ours=middle(rounds[kind]),
                reference=middle(rounds[name]),
                unit="answers/s",
                against=against,
                goal=goal,
                rounds=[rounds[kind], rounds[name]],
                p50_ms=facts[kind]["p50_ms"],
                p99_ms=facts[kind]["p99_ms"],
                reference_p50_ms=facts[name]["p50_ms"],
            )


@contextmanager
def _open(telegram: Telegram, url: str, folder: Path, kind: str) -> Iterator[Hilo]:
    """Two hundred families come in; then the house rests until its turn."""
    hilo = Hilo(telegram, url, folder)
    hilo.staffed()
    with hilo:
        burst = telegram.ask(
            "walk",
            token=hilo.token,
            first_id=FIRST,
            scripts=[intake(number) for number in range(PEOPLE)],
        )
        assert burst["unanswered"] == 0
        assert burst["uneven"] == 0
        assert hilo.count("cases") == PEOPLE
        told(
            f"answers, {kind}, while {PEOPLE} families come in at once",
            f"{burst['per_second']} answers/s, {burst['written']} words and presses in"
            f" {burst['seconds']} s, half of them within {burst['p50_ms']} ms",
            **burst,
        )
        hilo.quiet()
        hilo.rest()
        yield hilo


def _steady(telegram: Telegram, hilo: Hilo) -> Json:
    hilo.wake()
    before, used = hilo.count("entries"), hilo.processor_seconds()
    facts = talk(telegram, hilo.token, WORDS)
    hilo.quiet()
    assert hilo.count("entries") - before == facts["written"], "a word was lost or kept twice"
    facts["processor_ms_each"] = [
        round((now - then) * 1000 / facts["written"], 2)
        for now, then in zip(hilo.processor_seconds(), used, strict=True)
    ]
    hilo.rest()
    return facts
