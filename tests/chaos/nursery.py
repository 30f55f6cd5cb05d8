"""Processes that are born in a moment, so that a thousand of them can be killed.

A parent has imported everything and opened nothing. Each process is forked from it and does what
`python -m bot …` or the web server does from then on: reads its settings, opens its own
connections, works. As a program it answers one JSON line for each it reads; `Nursery` is the other
end.
"""

import asyncio
import ctypes
import gc
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from config.settings import Settings, load
from network.clock import utc_now
from network.house import open_house

Json = dict[str, Any]

WEB = "web"
DIE_WITH_PARENT = 1  # prctl(PR_SET_PDEATHSIG)


@dataclass(frozen=True, slots=True)
class Hurried:
    """Real time, but faster: so that a lease lapses while a test can wait for it."""

    began: datetime
    speed: float

    def __call__(self) -> datetime:
        return self.began + (utc_now() - self.began) * self.speed


class Nursery:
    """The parent's other end. Whatever it bore ends with it."""

    def __init__(self, clock: Hurried) -> None:
        self.clock = clock
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tests.chaos.nursery",
                clock.began.isoformat(),
                str(clock.speed),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._ready = False

    def bear(self, words: Sequence[str], environ: Mapping[str, str]) -> int:
        """One more process; its number."""
        return int(self._ask(bear=list(words), environ=dict(environ))["pid"])

    def kill(self, pid: int) -> None:
        """SIGKILL: nothing of it runs on, not even a finally. Returns when it is gone."""
        assert self._ask(kill=pid)["status"] == -signal.SIGKILL, "it had ended by itself"

    def ended(self) -> list[int]:
        """Which processes ended though nobody killed them."""
        return [int(pid) for pid in self._ask(ended=True)["pids"]]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(60)
        self._process.stdout.close()

    def _ask(self, **words: object) -> Json:
        assert self._process.stdin is not None
        if not self._ready:  # it imports while its other end has other things to do
            self._answer()
            self._ready = True
        self._process.stdin.write(json.dumps(words) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> Json:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the nursery ended"
        answer: Json = json.loads(line)
        return answer


class _Parent:
    """Forks, kills and buries. Has one thread and no connection."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._children: set[int] = set()

    def answer(self, words: Json) -> Json:
        if "bear" in words:
            return {"pid": self._bear(words["bear"], words["environ"])}
        if "kill" in words:
            pid = int(words["kill"])
            os.kill(pid, signal.SIGKILL)
            _, status = os.waitpid(pid, 0)
            self._children.discard(pid)
            return {"status": os.waitstatus_to_exitcode(status)}
        gone = [pid for pid in self._children if os.waitpid(pid, os.WNOHANG)[0]]
        self._children.difference_update(gone)
        return {"pids": gone}

    def end(self) -> None:
        for pid in self._children:
            os.kill(pid, signal.SIGKILL)
        for pid in self._children:
            os.waitpid(pid, 0)

    def _bear(self, words: Sequence[str], environ: Mapping[str, str]) -> int:
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            _live(words, environ, self._now, parent)
        self._children.add(pid)
        return pid


def _live(
    words: Sequence[str], environ: Mapping[str, str], now: Callable[[], datetime], parent: int
) -> None:
    """Never returns."""
    try:
        ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)
        os.dup2(os.open(os.devnull, os.O_RDWR), 0)
        os.dup2(2, 1)  # our answers are the parent's alone
        if words[0] == WEB:
            _serve(load(environ), now, int(words[1]))
        else:
            _work(words, load(environ), now)
    except BaseException as error:  # noqa: BLE001  # seen by whoever asks who ended
        sys.stderr.write(f"{words}: {type(error).__name__}: {error}\n")
    finally:
        os._exit(1)


def _work(words: Sequence[str], settings: Settings, now: Callable[[], datetime]) -> None:
    from bot.__main__ import SWITCH, run  # noqa: PLC0415  # the parent has it already
    from bot.bells import Bells  # noqa: PLC0415

    async def engines() -> None:
        await run(words, settings, open_house(settings, now), Bells())

    sys.setswitchinterval(SWITCH)
    asyncio.run(engines())


def _serve(settings: Settings, now: Callable[[], datetime], port: int) -> None:
    from werkzeug.serving import WSGIRequestHandler, make_server  # noqa: PLC0415  # as above

    from network.app import create_app  # noqa: PLC0415  # as above

    class Silent(WSGIRequestHandler):
        def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002, ANN401
            """Addresses are nobody's business."""

    app = create_app(settings, open_house(settings, now))
    make_server("127.0.0.1", port, app, threaded=True, request_handler=Silent).serve_forever()


def main(began: str, speed: str) -> None:
    """Read everything there is to read, then answer until nobody asks any more."""
    import werkzeug.serving  # noqa: F401, PLC0415  # here: the other end needs none of it

    import bot.__main__  # noqa: F401, PLC0415
    import network.app  # noqa: F401, PLC0415
    from handbook.library import load_library  # noqa: PLC0415

    load_library()
    gc.freeze()  # a child copies no page only because it counted what it was born with
    parent = _Parent(Hurried(datetime.fromisoformat(began), float(speed)))
    sys.stdout.write("{}\n")
    sys.stdout.flush()
    for line in sys.stdin:
        sys.stdout.write(json.dumps(parent.answer(json.loads(line))) + "\n")
        sys.stdout.flush()
    parent.end()


if __name__ == "__main__":
    main(*sys.argv[1:])
