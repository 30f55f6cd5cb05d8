"""What each process of `python -m config.start` holds in memory after a short load."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.sandbox.sandbox import DEMO_TOKEN
from tests.bench.hilo import ROOT, environ_of
from tests.bench.report import told

pytestmark = pytest.mark.bench

READY_WITHIN = 180.0
LOOKS = 100
CROWD = {"people": 50, "seconds": 5.0, "text": "/start"}
MIB = 1024


def test_memory_of_each_process(tmp_path: Path) -> None:
    sandbox_port, web_port = _free_port(), _free_port()
    sandbox = f"http://localhost:{sandbox_port}"
    web = f"http://localhost:{web_port}"
    environ = {**os.environ} | environ_of(
        f"sqlite:///{tmp_path / 'hilo.db'}",
        tmp_path,
        HILO_TELEGRAM_TOKEN=DEMO_TOKEN,
        HILO_TELEGRAM_API=sandbox,
        HILO_BIND=f"127.0.0.1:{web_port}",
    )
    people = str(tmp_path / "demo.json")
    with (
        _running("bot.sandbox", "--port", str(sandbox_port), "--people", people, env=environ) as s,
        _running("config.start", env=environ) as start,
    ):
        _wait_for(f"{web}/healthz", start)
        for _ in range(LOOKS):
            _fetch(f"{web}/")
        crowd = json.loads(_fetch(f"{sandbox}/control/crowd", json.dumps(CROWD).encode()))
        assert crowd["answered"] > 0
        held = {"sandbox": _held(s.pid)} | {
            _name(pid): _held(pid) for pid in _descendants(start.pid)
        }
    assert {"web", "bot", "worker", "clock"} <= held.keys()
    for name, (rss, pss) in sorted(held.items()):
        print(f"memory, {name}: {rss} MiB resident, {pss} MiB its own share")
    told(
        "memory",
        f"{sum(pss for _, pss in held.values())} MiB together (proportional shares), after"
        f" {LOOKS} pages and {crowd['answered']} answers",
        mib={name: {"rss": rss, "pss": pss} for name, (rss, pss) in held.items()},
    )


@contextmanager
def _running(module: str, *words: str, env: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", module, *words]
    if module == "bot.sandbox":
        env = {name: value for name, value in env.items() if not name.startswith("HILO_")}
    with subprocess.Popen(command, env=env, cwd=ROOT, stdout=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGINT if module == "config.start" else signal.SIGTERM)
            process.wait(30)


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + READY_WITHIN
    while True:
        assert process.poll() is None, "config.start ended"
        assert time.monotonic() < until, "not ready"
        try:
            _fetch(address)
        except OSError:
            time.sleep(0.3)
        else:
            return


def _fetch(address: str, body: bytes | None = None) -> bytes:
    with urllib.request.urlopen(address, body, timeout=60) as answer:  # noqa: S310  # loopback
        found: bytes = answer.read()
        return found


def _descendants(pid: int) -> list[int]:
    """Every process below, not the one named."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(entry.parent.name)] = int(entry.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue  # it ended meanwhile
    found, waiting = [], [pid]
    while waiting:
        below = [child for child, parent in parents.items() if parent == waiting[0]]
        found += below
        waiting = waiting[1:] + below
    return [one for one in found if _name(one)]


def _name(pid: int) -> str:
    """The part of the Procfile this process is; empty for what only starts others."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    except OSError:
        return ""
    if any("granian" in word for word in words):
        parent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1]
        above = Path(f"/proc/{parent}/cmdline").read_text()
        return "web worker" if "granian" in above else "web"
    for one in ("clock", "worker"):
        if one in words:
            return one
    return "bot" if "bot" in words else ""


def _held(pid: int) -> tuple[int, int]:
    """Resident and proportional memory in MiB; where /proc keeps no shares, resident twice."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        lines = Path(f"/proc/{pid}/status").read_text().replace("VmRSS", "Rss").splitlines()
    sizes = {line.partition(":")[0]: line.split()[1] for line in lines if line.endswith("kB")}
    rss = int(sizes["Rss"]) // MIB
    return rss, int(sizes.get("Pss", sizes["Rss"])) // MIB


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
