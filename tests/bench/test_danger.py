"""From a word of danger to the first alarm on the wire, while other people go on writing."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url

from config.language import say
from network import outbox
from network.cases import services as cases
from network.checkins.services.asking import question
from network.checkins.services.somebody import Address
from network.checkins.services.telling import ALARM
from network.db import Tx
from network.kernel.actor import Actor, Engine, InChat
from network.kernel.ids import PromptId, new_id
from tests.bench.crowd import percentile
from tests.bench.hilo import Hilo
from tests.bench.report import TIMES, told
from tests.bench.telegram import Telegram
from tests.bench.test_answers import FIRST, intake

pytestmark = pytest.mark.bench

RINGING = int(100 * TIMES)
OTHERS = 40
RATE = 20.0  # words a second of the others
EVERY = 0.25  # seconds between two words of danger
LATENCY = 0.05
LANGUAGE = "es"
WAITING = int(10_000 * TIMES)
FIRST_ASKED = 600_000_000
FEW_RINGING, FEW_OTHERS, FEW_WORDS = 20, 10, 4.0


def test_a_word_of_danger_rings_at_once(durable_url: str, tmp_path: Path) -> None:
    with Telegram(latency=LATENCY) as telegram:
        hilo = Hilo(telegram, durable_url, tmp_path / "var")
        staff = hilo.staffed()
        with hilo:
            scripts = [intake(number) for number in range(OTHERS + RINGING)]
            came = telegram.ask("walk", token=hilo.token, first_id=FIRST, scripts=scripts)
            assert came["unanswered"] == 0
            hilo.quiet()
            facts = telegram.ask(
                "alarms",
                token=hilo.token,
                first_id=FIRST,
                ringing=[
                    [FIRST + OTHERS + number, f"todo bien, {scripts[0][-1]}, gracias"]
                    for number in range(RINGING)
                ],
                others=OTHERS,
                rate=RATE,
                every=EVERY,
            )
            waits = _waits(hilo, facts)
            hilo.quiet()
    assert facts["unanswered"] == 0
    assert len(waits) == RINGING, "an alarm was lost"
    assert {chat for _, chat, _ in facts["letters"]} <= {one.chat for one in staff}
    kind = make_url(durable_url).get_backend_name()
    p50, p99 = percentile(waits, 0.5), percentile(waits, 0.99)
    told(
        f"danger, {kind}",
        f"first alarm on the wire after p50 {p50} ms, p99 {p99} ms (goal p99 < 500 ms;"
        f" {RINGING} alarms, {RATE:g} other words a second, Telegram {LATENCY * 1000:g} ms away)",
        p50_ms=p50,
        p99_ms=p99,
        longest_ms=percentile(waits, 1.0),
        others_p50_ms=facts["p50_ms"],
        others_p99_ms=facts["p99_ms"],
        goal="p99 < 500 ms",
    )


def test_a_word_of_danger_rings_while_ten_thousand_questions_wait(
    durable_url: str, tmp_path: Path
) -> None:
    with Telegram(latency=LATENCY) as telegram:
        hilo = Hilo(telegram, durable_url, tmp_path / "var")
        hilo.staffed()
        chats = [FIRST_ASKED + number for number in range(WAITING)]
        telegram.ask("staff", token=hilo.token, chats=chats)
        with hilo:
            scripts = [intake(number) for number in range(FEW_OTHERS + FEW_RINGING)]
            came = telegram.ask("walk", token=hilo.token, first_id=FIRST, scripts=scripts)
            assert came["unanswered"] == 0
            hilo.quiet()
            _ask_everybody(hilo, chats)
            ringing = [
                [FIRST + FEW_OTHERS + number, f"todo bien, {scripts[0][-1]}, gracias"]
                for number in range(FEW_RINGING)
            ]
            facts = telegram.ask(
                "alarms",
                token=hilo.token,
                first_id=FIRST,
                ringing=ringing,
                others=FEW_OTHERS,
                rate=FEW_WORDS,
                every=EVERY,
            )
            left = hilo.left()
            waits = _waits(hilo, facts)
            hilo.quiet()
    assert len(waits) == FEW_RINGING, "an alarm was lost"
    assert left > 0, "the questions were out before the last word of danger: write more of them"
    p50, p99 = percentile(waits, 0.5), percentile(waits, 0.99)
    told(
        f"danger behind a queue, {make_url(durable_url).get_backend_name()}",
        f"first alarm on the wire after p50 {p50} ms, p99 {p99} ms (goal p99 < 1000 ms;"
        f" {FEW_RINGING} alarms; {WAITING} questions waited at the first, {left} after the last)",
        p50_ms=p50,
        p99_ms=p99,
        longest_ms=percentile(waits, 1.0),
        left=left,
        goal="p99 < 1 s",
    )


def _ask_everybody(hilo: Hilo, chats: list[int]) -> None:
    """A question to each of these chats, promised at once."""

    def asked(tx: Tx, _actor: Actor) -> None:
        for start in range(0, len(chats), 1_000):
            outbox.promise_all(
                tx,
                [
                    question(Address(chat, LANGUAGE), PromptId(new_id()), None, tx.now, again=False)
                    for chat in chats[start : start + 1_000]
                ],
            )

    hilo.door.ask(asked, Engine("bench"))


def _waits(hilo: Hilo, facts: dict[str, Any]) -> list[float]:
    """For each word of danger, the seconds until the first letter that calls about its case."""
    first: dict[str, float] = {}
    for at, _, text in facts["letters"]:
        first.setdefault(text, at)
    waits = []
    for at, chat in facts["said"]:
        text = say(LANGUAGE, ALARM, reference=_reference(hilo, chat))
        if text in first:
            waits.append(first[text] - at)
    return sorted(waits)


def _reference(hilo: Hilo, chat: int) -> str:
    def looked_up(tx: Tx, actor: Actor) -> str:
        found = cases.case_of(tx, actor)
        assert found is not None
        return found[0].card.reference

    return hilo.door.look(looked_up, InChat(chat))
