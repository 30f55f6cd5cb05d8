"""The same over HTTP, for this machine only; and the program by itself."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pyotp
import pytest
from aiohttp import ClientSession
from telegram import Bot

from bot.sandbox import NotInProduction, Sandbox
from tests.sandbox.conftest import HandClock, client_of

ROOT = Path(__file__).parents[2]
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
DEMO = {
    "web": "http://localhost:8000",
    "accounts": [
        {
            "name": "Alice",
            "handle": "alice",
            "passphrase": "laguna sombra trigo",
            "totp_secret": SECRET,
            "role": "coordinator",
            "telegram_user_id": 1001,
            "person": "Alice",
        }
    ],
}


async def told(session: ClientSession, method: str, url: str, **more: Any) -> Any:  # noqa: ANN401 - any JSON
    async with session.request(method, url, **more) as answer:
        return await answer.json()


@pytest.mark.asyncio
async def test_a_person_is_played_over_http(sandbox: Sandbox) -> None:
    control = f"{sandbox.url}/control"
    async with ClientSession() as session, client_of(sandbox) as bot:
        made = await told(session, "POST", f"{control}/people", json={"name": "Rosa"})
        person = f"{control}/people/{made['id']}"
        await told(session, "POST", f"{person}/says", json={"text": "hola"})
        await bot.send_message(made["id"], "buenas")
        shown = await told(
            session, "POST", f"{person}/wait_for", json={"wanted": "buenas", "timeout": 5}
        )
        assert shown["from_bot"]
        sent = await told(session, "POST", f"{person}/sends_document?filename=a.txt", data=b"abc")
        assert sent["kind"] == "document"
        messages = await told(session, "GET", f"{person}/messages")
        assert [message["text"] for message in messages] == ["hola", "buenas", ""]
        calls = await told(session, "GET", f"{control}/calls?method=sendMessage")
        assert calls["calls"][0]["parameters"]["text"] == "buenas"
        assert "error" in await told(session, "POST", f"{person}/flies", json={})


@pytest.mark.asyncio
async def test_faults_are_switched_over_http(sandbox: Sandbox) -> None:
    faults = f"{sandbox.url}/control/faults"
    async with ClientSession() as session:
        state = await told(session, "POST", faults, json={"kind": "error", "status": 502})
        assert [fault["status"] for fault in state["faults"]] == [502]
        state = await told(session, "DELETE", f"{faults}/{state['faults'][0]['id']}")
        assert state["faults"] == []
        state = await told(session, "POST", faults, json={"latency": 0.01, "redelivery": True})
        assert (sandbox.faults.latency, sandbox.faults.redelivery) == (0.01, True)


@pytest.mark.asyncio
async def test_other_sites_cannot_steer_it(sandbox: Sandbox) -> None:
    async with ClientSession() as session:
        for headers in ({"Origin": "https://other.example"}, {"Host": "other.example"}):
            async with session.get(f"{sandbox.url}/control/people", headers=headers) as answer:
                assert answer.status == 403


@pytest.mark.asyncio
async def test_accounts_show_when_their_file_appears(tmp_path: Path, hand_clock: HandClock) -> None:
    file = tmp_path / "demo.json"
    with Sandbox(now=hand_clock, people_file=file) as sandbox:
        async with ClientSession() as session:
            url = f"{sandbox.url}/control/accounts"
            assert not (await told(session, "GET", url))["found"]
            file.write_text("{half", encoding="utf-8")
            assert not (await told(session, "GET", url))["found"]
            file.write_text(json.dumps(DEMO), encoding="utf-8")
            state = await told(session, "GET", url)
        (alice,) = state["accounts"]
        assert alice["code"] == pyotp.TOTP(SECRET).at(hand_clock())
        assert alice["seconds_left"] == 30
        async with client_of(sandbox) as bot:
            await bot.send_message(1001, "ya estás")


async def echo(bot: Bot) -> None:
    offset = 0
    while True:
        for update in await bot.get_updates(offset=offset, timeout=5):
            offset = update.update_id + 1
            assert update.message is not None
            await update.message.reply_text("eco")


@pytest.mark.asyncio
async def test_a_crowd_waits_for_each_answer_and_tells_how_long(sandbox: Sandbox) -> None:
    async with ClientSession() as session, client_of(sandbox) as bot:
        echoing = asyncio.create_task(echo(bot))
        crowd = {"people": 3, "seconds": 0.5}
        facts = await told(session, "POST", f"{sandbox.url}/control/crowd", json=crowd)
        echoing.cancel()
        await asyncio.gather(echoing, return_exceptions=True)
    assert facts["answered"] >= 3
    assert facts["sent"] - facts["answered"] <= 3
    assert facts["p50_ms"] <= facts["p99_ms"]


def test_production_has_no_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HILO_MODE", "production")
    with pytest.raises(NotInProduction):
        Sandbox().start()
    ended = subprocess.run(
        [sys.executable, "-m", "bot.sandbox", "--port", "0"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "HILO_MODE" in ended.stderr


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_the_program_ends_at_once_even_while_polled(how: signal.Signals, tmp_path: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if k != "HILO_MODE"}
    with subprocess.Popen(
        [sys.executable, "-m", "bot.sandbox", "--port", "0", "--people", str(tmp_path / "none")],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    ) as program:
        assert program.stdout is not None
        url = program.stdout.readline().split()[-1]
        token = Sandbox().token
        with subprocess.Popen(
            [sys.executable, "-c", POLL, f"{url}/bot{token}/getUpdates?timeout=50"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as poller:
            assert poller.stdout is not None
            poller.stdout.readline()
            time.sleep(0.2)
            began = time.monotonic()
            program.send_signal(how)
            assert program.wait(60) == 0
            assert time.monotonic() - began < 40  # the poll would have waited for 50
            poller.wait(60)


POLL = (
    "import sys, urllib.request; print('polling', flush=True); urllib.request.urlopen(sys.argv[1])"
)
