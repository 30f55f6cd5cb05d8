"""Ten thousand of a hundred thousand become late at once: decided, written down, and told.

Beside the least that could be done (PEERS' F3): one set-based statement that finds and flips ten
thousand due rows of a hundred thousand with a row written for each, and twenty kept-alive
connections that post ten thousand times to a loopback hook.
"""

import http.client
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import make_url

from network.checkins import services
from network.db import PRAGMAS
from network.kernel.actor import Engine
from tests.bench import silent
from tests.bench.hilo import Hilo
from tests.bench.report import TIMES, measured, told
from tests.bench.telegram import Telegram
from tests.ground.postgresql import plain

pytestmark = pytest.mark.bench

RHYTHMS = int(100_000 * TIMES)
LATE = RHYTHMS // 10
CONNECTIONS = 20
STATE, LETTERS = 1_600, 8_250  # bytes of a sealed alarm, and of an envelope with some letters
CARRIED = 20  # letters in an envelope
CLOCK = Engine("clock")
WITHIN = 300.0  # seconds until it counts as lost


def test_ten_thousand_late_at_once_are_decided(durable_url: str, tmp_path: Path) -> None:
    """The clock's own verb, knock after knock, in this process."""
    with Telegram(latency=0.0) as telegram:
        hilo = Hilo(telegram, durable_url, tmp_path / "var", parts=())
        hilo.staffed()
        silent.fill(hilo.door, rhythms_=RHYTHMS, late=LATE, late_at=hilo.door.now())
        reference = _flipped(durable_url, tmp_path / "least.db")
        same = _same_rows(hilo)
        sent = _posted()
        began = time.monotonic()
        while hilo.door.ask(services.watch, CLOCK):
            pass
        ours = time.monotonic() - began
        assert hilo.count("prompts where status = 'late'") == LATE
        assert hilo.count("watches") == LATE
        hilo.stop()
    kind = make_url(durable_url).get_backend_name()
    measured(
        f"late at once, {kind}",
        ours=ours * 1000,
        reference=reference * 1000,
        unit="ms until all are decided and their letters written",
        against="one set-based scan",
        goal="goal ≤ 4",
        late=LATE,
        of=RHYTHMS,
        posted_ms=round(sent * 1000),
    )
    measured(
        f"late at once, {kind}, beside the same rows",
        ours=ours * 1000,
        reference=same * 1000,
        unit="ms until all are decided and their letters written",
        against="the same rows of the same tables and sizes in three bare statements",
        goal="no goal of its own",
    )


def test_the_last_letter_is_out(durable_url: str, tmp_path: Path) -> None:
    """Clock and postman in their own processes, from the moment they are late."""
    with Telegram(latency=0.0) as telegram:
        hilo = Hilo(telegram, durable_url, tmp_path / "var")
        hilo.staffed()
        late_at = hilo.door.now() + timedelta(days=1)
        found = silent.fill(hilo.door, rhythms_=RHYTHMS, late=LATE, late_at=late_at)
        telegram.ask("staff", token=hilo.token, chats=list(found.chats))
        with hilo:
            hilo.quiet()
            began = time.monotonic()
            hilo.tell("update prompts set next_look_at = :now where next_look_at = :late", late_at)
            decided = _until(hilo, "prompts where status = 'late'", began)
            heard = _heard(telegram, hilo, found.chats)
            hilo.quiet()
    last = max(heard.values()) - began
    assert set(heard) >= set(found.chats), "a letter was lost"
    kind = make_url(durable_url).get_backend_name()
    told(
        f"late at once to the last letter, {kind}",
        f"{LATE} letters to as many chats: all decided after {decided:.2f} s, the last one out"
        f" after {last:.1f} s (goal ≤ 30 s)",
        decided_s=round(decided, 3),
        last_s=round(last, 2),
        goal="last out ≤ 30 s",
    )


def _until(hilo: Hilo, what: str, began: float) -> float:
    while hilo.count(what) < LATE:
        assert time.monotonic() < began + WITHIN, "the clock did not decide"
        time.sleep(0.05)
    return time.monotonic() - began


def _heard(telegram: Telegram, hilo: Hilo, chats: tuple[int, ...]) -> dict[int, float]:
    """For each chat the moment of its first letter."""
    until = time.monotonic() + WITHIN
    while True:
        letters = telegram.ask("letters", token=hilo.token)["letters"]
        heard: dict[int, float] = {}
        for at, chat in letters:
            heard.setdefault(chat, at)
        if heard.keys() >= set(chats):
            return heard
        assert time.monotonic() < until, f"{len(heard)} of {len(chats)} heard of it"
        time.sleep(0.5)


def _flipped(url: str, path: Path) -> float:
    """Found, flipped and a notice written for each, in one transaction by the bare driver."""
    if make_url(url).get_backend_name() == "sqlite":
        lite = sqlite3.connect(path, isolation_level=None)
        for pragma in PRAGMAS:
            lite.execute(f"PRAGMA {pragma}")
        return _scan(lite, "integer primary key")
    with psycopg.connect(plain(make_url(url)), autocommit=True) as server:
        return _scan(server, "bigint generated by default as identity primary key")


def _scan(connection: sqlite3.Connection | psycopg.Connection, key: str) -> float:
    run = connection.execute
    run(f"create table bare (id {key}, state text not null, due bigint not null)")
    run(f"create table notices (id {key}, of_row bigint not null, body text not null)")
    numbers = f"with recursive n(i) as (select 1 union all select i + 1 from n where i < {RHYTHMS})"  # noqa: S608  # our own number
    due = "select 'up', case when i % 10 = 0 then 1 else 9 end from n"
    run(f"{numbers} insert into bare (state, due) {due}")
    run("create index bare_due on bare (due) where state = 'up'")
    began = time.monotonic()
    run("begin")
    rows = run("update bare set state = 'late' where state = 'up' and due <= 5 returning id")
    found = rows.fetchall()
    connection.cursor().executemany(
        "insert into notices (of_row, body) values (?, 'late')"
        if isinstance(connection, sqlite3.Connection)
        else "insert into notices (of_row, body) values (%s, 'late')",
        found,
    )
    run("commit")
    took = time.monotonic() - began
    assert len(found) == LATE
    run("drop table bare")
    run("drop table notices")
    return took


SAME_ROWS = """
update prompts set status = 'late', next_look_at = null
 where status = 'reminded' and next_look_at <= ? returning case_id;
insert into watches (id, case_id, state, next_look_at) values (?, ?, ?, ?);
insert into outbox (id, priority, is_signal, payload, status, promised_at, due_at, attempts)
 values (?, 0, true, ?, 'waiting', ?, ?, 0)
"""


def _same_rows(hilo: Hilo) -> float:
    """What ours leaves, written by the driver alone: the questions flipped in one statement, an
    alarm of its size for each, their letters. Nothing is opened, sealed or committed: it is undone.
    """
    url, now = make_url(hilo.url), hilo.door.now()
    if url.get_backend_name() == "sqlite":
        with closing(sqlite3.connect(url.database or "", isolation_level=None)) as lite:
            for pragma in PRAGMAS:
                lite.execute(f"PRAGMA {pragma}")
            at = now.replace(tzinfo=None).isoformat(" ")
            return _undone(lite, SAME_ROWS, [uuid4().hex for _ in range(LATE)], at)
    with psycopg.connect(plain(url), autocommit=True) as server:
        return _undone(server, SAME_ROWS.replace("?", "%s"), [uuid4() for _ in range(LATE)], now)


def _undone(
    connection: sqlite3.Connection | psycopg.Connection,
    statements: str,
    ids: Sequence[object],
    at: object,
) -> float:
    flip, alarm, letter = statements.split(";")
    state, letters = os.urandom(STATE), os.urandom(LETTERS)
    began = time.monotonic()
    connection.execute("begin")
    found = connection.execute(flip, (at,)).fetchall()
    assert len(found) == LATE
    many = connection.cursor().executemany
    many(alarm, [(one, case, state, at) for one, (case,) in zip(ids, found, strict=True)])
    many(letter, [(one, letters, at, at) for one in ids[: LATE // CARRIED]])
    took = time.monotonic() - began
    connection.execute("rollback")
    return took


HOOK = """
import asyncio, sys
async def serve(reader, writer):
    try:
        while True:
            head = await reader.readuntil(b"\\r\\n\\r\\n")
            length = int(head.lower().split(b"content-length:")[1].split(b"\\r\\n")[0])
            await reader.readexactly(length)
            writer.write(b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nok")
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()
async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()
asyncio.run(main())
"""


def _posted() -> float:
    """Ten thousand posts over twenty connections that stay open."""
    hook = subprocess.Popen([sys.executable, "-c", HOOK], stdout=subprocess.PIPE, text=True)
    assert hook.stdout is not None
    port = int(hook.stdout.readline())

    def post(_lane: int) -> None:
        lane = http.client.HTTPConnection("127.0.0.1", port)
        for _ in range(LATE // CONNECTIONS):
            lane.request("POST", "/", body=b'{"text": "late"}')
            lane.getresponse().read()
        lane.close()

    began = time.monotonic()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        list(pool.map(post, range(CONNECTIONS)))
    took = time.monotonic() - began
    hook.kill()
    hook.wait()
    hook.stdout.close()
    return took
