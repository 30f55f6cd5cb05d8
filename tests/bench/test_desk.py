"""The desk opens each word of the last half hour, once, to find what rings: how long that takes."""

import time
from pathlib import Path

import pytest
from sqlalchemy import make_url

from network.checkins.domain.subjects import Subject
from network.checkins.domain.watches import Cause, fixed_looks, of_word
from network.checkins.services.telling import country_ladder
from network.checkins.store import watches
from network.checkins.store.watches import New
from network.db import Tx
from network.kernel.actor import Actor, Engine
from network.kernel.ids import AlarmId, new_id
from tests.bench.hilo import Hilo
from tests.bench.report import TIMES, measured, middle
from tests.bench.telegram import Telegram
from tests.bench.worlds import fill

pytestmark = pytest.mark.bench

WORDS = int(10_000 * TIMES)  # in half an hour: more than five each second
RINGING = 5
ROUNDS = 5
ME = Engine("bench")


def test_what_rings_is_found_among_ten_thousand_words(durable_url: str, tmp_path: Path) -> None:
    with Telegram(latency=0.0) as telegram:
        hilo = Hilo(telegram, durable_url, tmp_path / "var", parts=())
        hilo.staffed()
        case = fill(hilo.door, open_cases=0, in_room=1, in_each=1).room

        def written(tx: Tx, _actor: Actor) -> None:
            ladder = country_ladder(tx.pack.alarms.ladder)
            at = tx.now + fixed_looks(ladder)[0]
            causes = [Cause.DANGER] * RINGING + [Cause.CALM] * (WORDS - RINGING)
            watches.add(
                tx,
                [
                    New(AlarmId(new_id()), Subject(case=case), of_word(cause, ladder, tx.now), at)
                    for cause in causes
                ],
            )

        hilo.door.ask(written, ME)
        ours, bare = [], []
        for _ in range(ROUNDS):
            began = time.monotonic()
            assert hilo.door.look(lambda tx, _actor: len(watches.ringing(tx)), ME) >= RINGING
            ours.append((time.monotonic() - began) * 1000)
            began = time.monotonic()
            hilo.door.look(_read, ME)
            bare.append((time.monotonic() - began) * 1000)
        hilo.stop()
    measured(
        f"what rings, {make_url(durable_url).get_backend_name()}",
        ours=middle(ours[1:]),
        reference=middle(bare),
        unit="ms for 10,000 words",
        against="the same rows, read and not opened",
        goal="told, not judged",
        first_ms=round(ours[0], 1),
        rounds=[ours, bare],
    )


def _read(tx: Tx, _actor: Actor) -> int:
    return len(tx.session.connection().exec_driver_sql("select * from watches").all())
