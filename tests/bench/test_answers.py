"""Words answered end to end, with Telegram 50 ms away and two hundred people writing."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.bench.hilo import ROOT, Hilo, processor_seconds
from tests.bench.report import PEOPLE, TIMES, measured, middle, told
from tests.bench.telegram import Telegram
from tests.ground.postgresql import Cluster

pytestmark = pytest.mark.bench

Json = dict[str, Any]

LATENCY = 0.05
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
        "two:press:say:safe:0",
        "Estado de México",
        "press:say:since:0",
        f"two:Llamaron y piden dinero. Somos {number % 7 + 2} en la casa.",
        "press:word:choose",
        "jacaranda azul",
    ]


@contextmanager
def peer(telegram: Telegram, module: str, *words: str) -> Iterator[tuple[str, int]]:
    """A bot of somebody else in a process of its own; its token and its process."""
    token = telegram.new_token()
    command = [sys.executable, "-m", f"tests.bench.peers.{module}", token, telegram.url, *words]
    with subprocess.Popen(command, cwd=ROOT) as process:
        try:
            yield token, process.pid
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
    with peer(telegram, "persistent", str(folder / "talks.pickle")) as (token, _):
        _greet(telegram, token, "/start", PEOPLE)
        return talk(telegram, token, CONVERSATION)


def echo(telegram: Telegram) -> Json:
    with peer(telegram, "echo") as (token, pid):
        _greet(telegram, token, WORDS[0], 1)  # it is up
        used = processor_seconds(pid)
        facts = talk(telegram, token, WORDS)
        facts["processor_ms"] = _each(processor_seconds(pid) - used, facts)
        return facts


def _greet(telegram: Telegram, token: str, word: str, people: int) -> None:
    begun = telegram.ask("walk", token=token, first_id=FIRST, scripts=[[word]] * people)
    assert begun["unanswered"] == 0


def _each(seconds: float, facts: Json) -> float:
    """Processor milliseconds for one answer: what a busy machine disturbs least."""
    return round(seconds * 1000 / int(facts["written"]), 2)


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
                processor_ms=facts[kind]["processor_ms"],
                reference_processor_ms=facts[name].get("processor_ms"),
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
    _greet(telegram, hilo.token, WORDS[0], 1)
    before, used = hilo.count("entries"), hilo.processor_seconds()
    facts = talk(telegram, hilo.token, WORDS)
    hilo.quiet()
    assert hilo.count("entries") - before == facts["written"], "a word was lost or kept twice"
    facts["processor_ms"] = _each(sum(hilo.processor_seconds()) - sum(used), facts)
    hilo.rest()
    return facts
