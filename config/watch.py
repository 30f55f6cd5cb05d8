"""Watches a Hilo from another machine and rings when it is not well. One file, no packages.

    python3 watch.py https://hilo.example.org --ring ntfys://ntfy.sh/a-long-name-nobody-guesses

It asks for /healthz every half minute. A Hilo is well when it answers in time, in its own words,
says so itself, and every moment in the answer is fresh by the clock here. Anything else is not:
silence, an error, a page of a hotel's network, an old answer that somebody kept. After two minutes
of that it rings, again after 5, 10, 20 … minutes and at least every six hours, and once when all is
well again. An address that did not ring is tried again, until there is something else to say.
It needs Python 3.9 or newer.
"""

from __future__ import annotations  # so that it runs on machines older than the one it watches

import argparse
import http.client
import json
import os
import re
import smtplib
import socket
import ssl
import sys
import threading
import time
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timezone
from email.message import EmailMessage
from pathlib import Path
from typing import Any, TextIO, TypeVar
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

Found = TypeVar("Found")
STALE_AFTER = 120.0  # seconds; engines beat every ten
EVERY = 30.0
RING_AFTER = 120.0
FIRST_PAUSE = 300.0
LONGEST_PAUSE = 6 * 3600.0
PATIENCE = 15.0  # for each answer on the line
WHOLE = 30.0  # for a look, and for a ring, however slowly it drips
MOST = 64 * 1024  # bytes of an answer
PLAIN = re.compile(r"[a-z0-9_. -]{1,40}")  # the names of our parts; what else is said stays unsaid
MOST_NAMES = 5
ENGINES = ("ingress", "worker", "postman", "clock")
SCHEMES = ("ntfy", "ntfys", "mailto", "mailtos", "http", "https")
RING_VARIABLE = "HILO_WATCH_RING"
WRONG_RING = "a ring must begin with ntfys://, mailtos:// or https://"
WRONG_ADDRESS = "the address of a Hilo begins with https://, and holds no name or passphrase"
OLDEST = (3, 9)
A_DAY = 86_400.0


@dataclass(frozen=True)
class Verdict:
    """What one look found: None is well, else one word and what it means."""

    wrong: str | None = None
    detail: str = ""


def judge(status: int, body: bytes, now: datetime) -> Verdict:
    """What an answer is worth. Believes no word of it that the clock here does not confirm."""
    try:
        said = json.loads(body)
        beats = {name: said["engines"][name] for name in ENGINES}
        claims = said["ok"]
        broken = list(said["stale"])
    except (ValueError, KeyError, TypeError):
        if status >= 500:  # noqa: PLR2004  # HTTP's own number
            return Verdict("ill", f"it answers with error {status}")
        return Verdict("lying", "something else answers in its place")
    if status != 200 or claims is not True or broken:  # noqa: PLR2004  # HTTP's own number
        names = [each for each in map(str, broken) if PLAIN.fullmatch(each)][:MOST_NAMES]
        return Verdict("ill", "it says so itself: " + (", ".join(names) or f"error {status}"))
    ages = {name: _age(beat, now) for name, beat in beats.items()}
    if early := [name for name, age in ages.items() if age is not None and age < -STALE_AFTER]:
        return Verdict("lying", f"its moments lie in the future: {', '.join(early)}; check clocks")
    if old := [name for name, age in ages.items() if age is None or age > STALE_AFTER]:
        many = ", ".join(old)
        return Verdict("lying", f"it says all is well with old moments: {many}; check clocks")
    return Verdict()


def _age(beat: object, now: datetime) -> float | None:
    try:
        return (now - datetime.fromisoformat(str(beat))).total_seconds()
    except (ValueError, TypeError):
        return None


@dataclass
class Watchman:
    """When to ring. Told what each look found and the seconds that passed; says what to ring, and
    is told what rang.
    """

    name: str
    ring_after: float = RING_AFTER
    wrong_since: float | None = None
    rang: int = 0
    ring_again_at: float = field(default=0.0)
    well_since: float | None = None  # while nobody has heard that it is

    def sees(self, found: Verdict, at: float) -> str | None:
        """The sentence to ring now, if there is one."""
        if found.wrong is None:
            return self._well(at)
        self.well_since = None
        if self.wrong_since is None:
            self.wrong_since = at
        if at < self.wrong_since + self.ring_after or (self.rang and at < self.ring_again_at):
            return None
        minutes = int((at - self.wrong_since) // 60)
        return f"{self.name} is not well for {minutes} min: {found.detail}."

    def told(self, at: float) -> None:
        """What `sees` said last rang somewhere."""
        if self.well_since is not None:
            self._forget()
            return
        self.ring_again_at = at + min(FIRST_PAUSE * 2**self.rang, LONGEST_PAUSE)
        self.rang += 1

    def _well(self, at: float) -> str | None:
        if self.wrong_since is None or not self.rang:
            self._forget()
            return None
        if self.well_since is None:
            self.well_since = at
        if at > self.well_since + LONGEST_PAUSE:  # whoever was to hear it is not there any more
            self._forget()
            return None
        minutes = int((self.well_since - self.wrong_since) // 60)
        return f"{self.name} is well again, after {minutes} min."

    def _forget(self) -> None:
        self.wrong_since, self.well_since, self.rang, self.ring_again_at = None, None, 0, 0.0


def look(url: str, now: Callable[[], datetime], *, whole: float = WHOLE) -> Verdict:
    """Ask once. Follows no redirect: a Hilo does not send its watchman elsewhere."""
    try:
        status, body = within(whole, lambda line: _asked(url, line))
        return judge(status, body, now())
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", None)
        what = reason if isinstance(reason, Exception) else error
        return Verdict("silent", f"it does not answer ({type(what).__name__})")
    except Exception as error:  # noqa: BLE001  # whatever answers there must not end the watch
        return Verdict("lying", f"what answers makes no sense ({type(error).__name__})")


def _asked(url: str, line: Line) -> tuple[int, bytes]:
    """The answer, of whatever number. Of one that breaks off in an error, the number."""
    headers = {"Cache-Control": "no-cache", "User-Agent": "hilo-watch"}
    request = urllib.request.Request(f"{url}/healthz", headers=headers)
    try:
        with _opener(line).open(request, timeout=PATIENCE) as answer:
            return answer.status, answer.read(MOST)
    except urllib.error.HTTPError as error:
        try:
            with error:
                return error.code, error.read(MOST)
        except Exception:  # noqa: BLE001  # a dying proxy says no more than its number
            return error.code, b""


class Line:
    """The connection of one errand, which somebody else can cut, whatever is waited for on it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cut = False
        self._held: socket.socket | None = None

    def connect(self, *where: Any, **words: Any) -> socket.socket:  # noqa: ANN401  # as the library's
        """As `socket.create_connection`, which hands over what is on its way to be encrypted."""
        made = socket.create_connection(*where, **words)
        with self._lock:
            if self._cut:
                made.close()
                raise TimeoutError("it takes too long")
            self._let_go()
            self._held = made.dup()  # of the same line, whoever wraps or closes the other
        return made

    def cut(self) -> None:
        """End it: what waits for a word on it has waited long enough."""
        with self._lock:
            self._cut = True
            if self._held is not None:
                with suppress(OSError):
                    self._held.shutdown(socket.SHUT_RDWR)
            self._let_go()

    def _let_go(self) -> None:
        if self._held is not None:
            self._held.close()
            self._held = None


def within(seconds: float, work: Callable[[Line], Found]) -> Found:
    """What the work found, or what it raised; TimeoutError where it takes longer, however it
    passes its time. Its line is cut then, so that it ends too.
    """
    found: list[Found] = []
    raised: list[Exception] = []
    line = Line()

    def do() -> None:
        try:
            found.append(work(line))
        except Exception as error:  # noqa: BLE001  # raised again below
            raised.append(error)

    thread = threading.Thread(target=do, daemon=True)
    thread.start()
    thread.join(seconds)
    over = thread.is_alive()
    line.cut()
    if over:  # what it finds on a line that was cut is worth nothing
        raise TimeoutError("it takes too long")
    if raised:
        raise raised[0]
    return found[0]


class _Stays(urllib.request.HTTPRedirectHandler):
    """A redirect is an answer like any other, and not a Hilo's."""

    def redirect_request(self, *_: Any) -> None:  # noqa: ANN401  # the library's own signature
        return None


class _Plain(urllib.request.HTTPHandler):
    """Speaks HTTP on a line that can be cut."""

    def __init__(self, line: Line) -> None:
        super().__init__()
        self._line = line

    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        def connection(host: str, **words: Any) -> http.client.HTTPConnection:  # noqa: ANN401
            return _on(self._line, http.client.HTTPConnection(host, **words))

        return self.do_open(connection, req)


class _Secure(urllib.request.HTTPSHandler):
    """The same, encrypted; nobody's word is taken for who they are."""

    def __init__(self, line: Line) -> None:
        super().__init__()
        self._line = line

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        def connection(host: str, **words: Any) -> http.client.HTTPConnection:  # noqa: ANN401
            trust = ssl.create_default_context()
            return _on(self._line, http.client.HTTPSConnection(host, context=trust, **words))

        return self.do_open(connection, req)


def _on(line: Line, made: http.client.HTTPConnection) -> http.client.HTTPConnection:
    made._create_connection = line.connect  # type: ignore[attr-defined]  # noqa: SLF001  # its seam
    return made


def _opener(line: Line) -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(_Stays, _Plain(line), _Secure(line))


class _Post(smtplib.SMTP):
    """Hands in mail on a line that can be cut."""

    def __init__(self, line: Line, host: str, port: int) -> None:
        self._line = line
        super().__init__(host, port, timeout=PATIENCE)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return self._line.connect((host, port), timeout)


def ring(address: str, text: str, *, whole: float = WHOLE) -> bool:
    """One channel, one sentence. False where it did not ring; says why, but for the address."""
    parts = urlsplit(address)
    try:
        within(whole, lambda line: _rung(parts, text, line))
    except Exception as error:  # noqa: BLE001  # whatever it is, the other addresses ring
        _say(f"{parts.scheme} did not ring: {type(error).__name__}", sys.stderr)
        return False
    return True


def unheard(addresses: Sequence[str], text: str, *, whole: float = WHOLE) -> list[str]:
    """Ring every address, side by side; those that did not ring."""
    rang: set[str] = set()

    def go(address: str) -> None:
        if ring(address, text, whole=whole):
            rang.add(address)

    threads = [threading.Thread(target=go, args=(one,), daemon=True) for one in addresses]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [one for one in addresses if one not in rang]


class Bells:
    """Where to ring. Whoever did not hear the last sentence is rung with it again, after 1, 2, 4, 8
    … looks and for six hours; one who hears keeps nobody else from hearing.
    """

    def __init__(self, addresses: Sequence[str]) -> None:
        self._addresses = tuple(addresses)
        self._text = ""
        self._since = 0.0
        self._looks = 0
        self._left: list[str] = []

    def ring(self, text: str, at: float) -> bool:
        """A new sentence; whether somebody heard it. With no address, the terminal has."""
        self._text, self._since, self._looks = text, at, 0
        self._left = unheard(self._addresses, text)
        return len(self._left) < len(self._addresses) or not self._addresses

    def again(self, at: float) -> None:
        """Where there is nothing new to say."""
        self._looks += 1
        if at > self._since + LONGEST_PAUSE:
            self._left = []
        # More and more rarely: what answers too late may well have rung.
        if self._left and not self._looks & (self._looks - 1):
            self._left = unheard(self._left, self._text)


def _rung(parts: SplitResult, text: str, line: Line) -> None:
    if parts.scheme in {"mailto", "mailtos"}:
        _mail(parts, text, line)
    elif parts.scheme in {"ntfy", "ntfys"}:
        secure = "https" if parts.scheme == "ntfys" else "http"
        _post(parts._replace(scheme=secure), text.encode(), {"Title": "Hilo"}, line)
    else:
        body = json.dumps({"text": text}).encode()
        _post(parts, body, {"Content-Type": "application/json"}, line)


def _post(parts: SplitResult, body: bytes, headers: dict[str, str], line: Line) -> None:
    """A name and passphrase go into a header: in an address they would be taken for a port."""
    _, _, host = parts.netloc.rpartition("@")
    if parts.username is not None:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        headers = {**headers, "Authorization": f"Basic {b64encode(pair.encode()).decode()}"}
    url = parts._replace(netloc=host).geturl()
    request = urllib.request.Request(url, data=body, headers=headers, method="POST")
    try:
        with _opener(line).open(request, timeout=PATIENCE) as answer:
            answer.read(MOST)
    except urllib.error.HTTPError as error:
        error.close()  # it holds the line
        raise


def _mail(parts: SplitResult, text: str, line: Line) -> None:
    """`mailtos://name:passphrase@server:port?from=…&to=…`; without the s it is not encrypted."""
    asked = parse_qs(parts.query)
    message = EmailMessage()
    message["From"], message["To"] = asked["from"][0], asked["to"][0]
    message["Subject"] = "Hilo"
    message.set_content(text)
    secure = parts.scheme == "mailtos"
    host = parts.hostname or ""
    with _Post(line, host, parts.port or (587 if secure else 25)) as server:
        if secure:
            server.starttls(context=ssl.create_default_context())
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        server.send_message(message)


def read_rings(given: Iterable[str], environ: dict[str, str], file: str | None) -> list[str]:
    """Where to ring: from the words, the environment and a file, a line each."""
    found = [*given, *environ.get(RING_VARIABLE, "").split()]
    if file is not None:
        found += Path(file).read_text(encoding="utf-8").split()
    for address in found:
        try:
            parts = urlsplit(address)
            reads = parts.scheme in SCHEMES and parts.hostname and parts.port != 0
        except ValueError:  # its words hold the address, and with it a passphrase
            raise ValueError(WRONG_RING) from None
        if not reads:
            raise ValueError(WRONG_RING)
        mail = parse_qs(parts.query) if parts.scheme.startswith("mailto") else {}
        if parts.scheme.startswith("mailto") and not {"from", "to"} <= set(mail):
            raise ValueError("a mail ring needs ?from=…&to=…")
    return found


def _host(url: str) -> str:
    try:
        parts = urlsplit(url)
        plain = parts.port != 0 and "@" not in parts.netloc
    except ValueError:  # its words hold the address
        raise ValueError(WRONG_ADDRESS) from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or not plain:
        raise ValueError(WRONG_ADDRESS)
    return parts.hostname


def _seconds(word: str) -> float:
    found = float(word)
    if not 0 < found <= A_DAY:
        raise argparse.ArgumentTypeError("that is no time to wait between two looks")
    return found


def main(words: Sequence[str] | None = None) -> int:
    """Watch until stopped; with --once say how it is and end: 0 well, 1 not, 2 wrong words."""
    if sys.version_info < OLDEST:
        print("This needs Python 3.9 or newer: start it with another python3.", file=sys.stderr)
        return 2
    parser = argparse.ArgumentParser(
        prog="watch", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("url", help="where that Hilo is, such as https://hilo.example.org")
    parser.add_argument(
        "--ring", action="append", default=[], help=f"an address; also {RING_VARIABLE}"
    )
    parser.add_argument("--rings", help="a file of addresses, for they are secrets")
    parser.add_argument("--every", type=_seconds, default=EVERY, help="seconds between two looks")
    parser.add_argument("--after", type=float, default=RING_AFTER, help="seconds until it rings")
    parser.add_argument("--once", action="store_true", help="look once and end")
    parser.add_argument("--test", action="store_true", help="ring every address now and end")
    asked = parser.parse_args(None if words is None else list(words))
    try:
        rings = read_rings(asked.ring, dict(os.environ), asked.rings)
        host = _host(asked.url)
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    url = asked.url.rstrip("/")
    if asked.test:
        left = unheard(rings, f"This is a test. {host} is watched from here.")
        print(f"{len(rings) - len(left)} of {len(rings)} rang")
        return 1 if left or not rings else 0
    if asked.once:
        found = look(url, _now)
        print(found.detail or "well")
        return 1 if found.wrong else 0
    _watch(url, Watchman(host, asked.after), rings, asked.every)
    return 0


def _watch(url: str, watchman: Watchman, rings: Sequence[str], every: float) -> None:
    if not rings:
        _say("nothing to ring: this only speaks to the terminal", sys.stderr)
    bells = Bells(rings)
    while True:
        try:
            try:
                _look_and_ring(url, watchman, bells)
            except Exception as error:  # noqa: BLE001  # the next look may do better; no look would not
                _say(f"the watch stumbled: {type(error).__name__}", sys.stderr)
            time.sleep(every)
        except KeyboardInterrupt:
            return


def _look_and_ring(url: str, watchman: Watchman, bells: Bells) -> None:
    said = watchman.sees(look(url, _now), time.monotonic())
    if said is None:
        bells.again(time.monotonic())
        return
    _say(said, sys.stdout)
    if bells.ring(said, time.monotonic()):
        watchman.told(time.monotonic())


def _say(text: str, where: TextIO) -> None:
    """To the terminal, if there still is one: nobody there must not keep it from ringing."""
    with suppress(OSError, ValueError):
        print(text, file=where, flush=True)


def _now() -> datetime:
    return datetime.now(timezone.utc)  # noqa: UP017  # the shorter name is of 3.11


if __name__ == "__main__":
    sys.exit(main())
