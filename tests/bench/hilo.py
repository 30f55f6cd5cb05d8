"""Hilo as it runs: its own processes over a database that keeps what it says it keeps."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Self

from sqlalchemy import bindparam, text

from config.settings import Settings, load
from network import heartbeats
from network.db import Instant
from network.door import Door
from network.house import open_house
from network.kernel.actor import Engine, Role
from network.people import services as people
from tests.bench.telegram import Telegram
from tests.cast import Somebody, somebody
from tests.ground.databases import migrate

ROOT = Path(__file__).resolve().parents[2]
SECRET = "a-secret-of-the-benches-alone-0123456789-abcdefghijk"
STARTS_WITHIN = 120.0
QUIET_WITHIN = 120.0
PARTS = (("ingress", "postman"), ("worker",), ("clock",))  # as the Procfile has them


def settings_of(url: str, var: Path, **more: str) -> Settings:
    """What an installation over this database is told."""
    return load(environ_of(url, var, **more))


def environ_of(url: str, var: Path, **more: str) -> dict[str, str]:
    """The same, unread."""
    return {
        "HILO_DATABASE_URL": url.replace("+psycopg", ""),
        "HILO_SECRET": SECRET,
        "HILO_TELEGRAM_RATE": "0",
        "HILO_VAR": str(var),
        **more,
    }


@dataclass(slots=True)
class Hilo:
    """One installation under measurement, and a way to look into its database."""

    telegram: Telegram
    url: str
    folder: Path
    parts: Sequence[Sequence[str]] = PARTS
    token: str = ""
    door: Door = field(init=False)
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.token = self.telegram.new_token()
        migrate(self.url)
        self.door = open_house(self.settings)

    @property
    def environ(self) -> dict[str, str]:
        """What its processes are told."""
        return environ_of(
            self.url,
            self.folder,
            HILO_TELEGRAM_TOKEN=self.token,
            HILO_TELEGRAM_API=self.telegram.url,
        )

    @property
    def settings(self) -> Settings:
        """The same, read."""
        return load(self.environ)

    def staffed(self) -> tuple[Somebody, ...]:
        """Two coordinators, one of them on duty, and two activists, with keys and linked chats."""
        staff = (
            somebody(self.door, "alice", Role.COORDINATOR),
            somebody(self.door, "elena", Role.COORDINATOR),
            somebody(self.door, "bilal", Role.ACTIVIST),
            somebody(self.door, "chiara", Role.ACTIVIST),
        )
        self.door.ask(people.set_duty, staff[0].at_desk)
        self.telegram.ask("staff", token=self.token, chats=[one.chat for one in staff])
        return staff

    def __enter__(self) -> Self:
        """Returns when every engine has given a sign of life."""
        try:
            return self._start()
        except BaseException:
            self.stop()
            raise

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _start(self) -> Self:
        environ = {**os.environ, **self.environ}
        for words in self.parts:
            self.processes.append(
                subprocess.Popen([sys.executable, "-m", "bot", *words], env=environ, cwd=ROOT)
            )
        wanted = {word for words in self.parts for word in words}
        until = time.monotonic() + STARTS_WITHIN
        while not wanted <= self._beating():
            assert all(one.poll() is None for one in self.processes), "Hilo ended"
            assert time.monotonic() < until, f"no sign of life of {wanted - self._beating()}"
            time.sleep(0.05)
        return self

    def stop(self) -> None:
        """As Ctrl-C does."""
        for one in self.processes:
            one.send_signal(signal.SIGCONT)
            one.terminate()
        for one in self.processes:
            try:
                one.wait(20)
            except subprocess.TimeoutExpired:
                one.kill()
        self.processes.clear()
        self.door.database.dispose()

    def rest(self) -> None:
        """Takes no processor while somebody else is measured."""
        for one in self.processes:
            one.send_signal(signal.SIGSTOP)

    def wake(self) -> None:
        """Goes on."""
        for one in self.processes:
            one.send_signal(signal.SIGCONT)

    def quiet(self) -> None:
        """Waits until every arrival is handled and every letter that is due is out."""
        until = time.monotonic() + QUIET_WITHIN
        while self.left():
            assert time.monotonic() < until, f"{self.left()} left undone"
            time.sleep(0.1)

    def left(self) -> int:
        """Arrivals and due letters that wait."""
        return self.count("inbox where status = 'waiting'") + self.count(
            "outbox where status = 'waiting' and due_at <= :now"
        )

    def count(self, what: str) -> int:
        """Rows, as the database itself counts them."""
        with self.door.database.reading() as session:
            found = session.execute(
                text(f"select count(*) from {what}"),  # noqa: S608  # our own words
                {"now": self.door.now()} if ":now" in what else {},
            )
            return int(found.scalar_one())

    def tell(self, statement: str, late: datetime) -> None:
        """One statement of a bench's own, with `now` and the moment it is given."""
        with self.door.database.writing.begin() as session:
            typed = text(statement).bindparams(
                bindparam("now", self.door.now(), Instant), bindparam("late", late, Instant)
            )
            session.execute(typed)

    def processor_seconds(self) -> list[float]:
        """What each process has used."""
        return [processor_seconds(one.pid) for one in self.processes]

    def _beating(self) -> set[str]:
        pulses = self.door.look(heartbeats.pulses, Engine("bench"))
        return {one.engine for one in pulses if one.fresh}


def processor_seconds(pid: int) -> float:
    """What a process has used of the processors so far."""
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")
