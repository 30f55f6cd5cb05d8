"""From Telegram's HTTP to sealed and committed, beside the least that could be done."""

import sqlite3
import time
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from network.db import PRAGMAS
from network.encryption.sealed import Place
from network.encryption.server import ServerSecret
from network.inbox.updates import read_update
from tests.bench.hilo import SECRET, Hilo
from tests.bench.report import TIMES, measured, middle
from tests.bench.telegram import Telegram
from tests.ground.postgresql import plain

pytestmark = pytest.mark.bench

UPDATES = int(2_000 * TIMES)
ROUNDS = 3
WORDS = "No sé qué hacer, ya pasaron dos horas y el teléfono está apagado."
CREATE = "create table least (id integer primary key, body {bytes})"


def test_updates_from_http_to_sealed_and_committed(durable_url: str, tmp_path: Path) -> None:
    ours, least = [], []
    with Telegram(latency=0.0) as telegram:
        hilo = Hilo(telegram, durable_url, tmp_path / "var", parts=(("ingress",),))
        with hilo:
            for number in range(ROUNDS):
                least.append(_least(durable_url, tmp_path / f"least{number}.db"))
                ours.append(_poured(telegram, hilo, stored=UPDATES * (number + 1)))
    kind = make_url(durable_url).get_backend_name()
    measured(
        f"inbox, {kind}",
        ours=middle(ours),
        reference=middle(least),
        unit="updates/s",
        against="seal + one insert, commit",
        goal="goal ≥ 0.4",
        rounds=[ours, least],
    )


def _poured(telegram: Telegram, hilo: Hilo, *, stored: int) -> float:
    """Everything Telegram has confirmed stands in the inbox."""
    poured = telegram.ask(
        "pour", token=hilo.token, first_id=7_000_000, people=200, updates=UPDATES, text=WORDS
    )
    assert poured["left"] == 0
    assert hilo.count("inbox") == stored
    return UPDATES / float(poured["seconds"])


def _least(url: str, path: Path) -> float:
    """One update after the other by the bare driver, in this process."""
    secret = ServerSecret.from_text(SECRET)
    bodies = [read_update(_update(number)).body for number in range(UPDATES // 2)]
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        with sqlite3.connect(path, isolation_level=None) as lite:
            for pragma in PRAGMAS:
                lite.execute(f"pragma {pragma}")
            lite.execute(CREATE.format(bytes="blob"))
            began = time.perf_counter()
            for number, body in enumerate(bodies):
                sealed = secret.seal(body, Place("inbox", "body", str(number)))
                lite.execute("begin immediate")
                lite.execute("insert into least values (?, ?)", (number, sealed))
                lite.execute("commit")
            took = time.perf_counter() - began
        lite.close()
        return len(bodies) / took
    with psycopg.connect(plain(address), autocommit=True) as bare:
        bare.execute("drop table if exists least")
        bare.execute(CREATE.format(bytes="bytea"))
        began = time.perf_counter()
        for number, body in enumerate(bodies):
            sealed = secret.seal(body, Place("inbox", "body", str(number)))
            bare.execute("insert into least values (%s, %s)", (number, sealed))
        return len(bodies) / (time.perf_counter() - began)


def _update(number: int) -> dict[str, object]:
    person = {"id": 7_000_000 + number % 200, "first_name": "Persona"}
    return {
        "update_id": number,
        "message": {
            "message_id": number,
            "date": 1_800_000_000,
            "from": person | {"is_bot": False},
            "chat": person | {"type": "private"},
            "text": WORDS,
        },
    }
