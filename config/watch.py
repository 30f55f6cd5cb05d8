"""Watches a Hilo from another machine and rings when it is not well. One file, no packages.

    python3 watch.py https://hilo.example.org --ring ntfys://ntfy.sh/a-long-name-nobody-guesses

It asks for /healthz every half minute. A Hilo is well when it answers in time, in its own words,
says so itself, and every moment in the answer is fresh by the clock here. Anything else is not:
silence, an error, a page of a hotel's network, an old answer that somebody kept. After two minutes
of that it rings, again after 5, 10, 20 … minutes and at least every six hours, and once when all is
well again. What rang nobody does not count as rung: it is tried again at the next look.
"""

import argparse
import json
import os
import re
import smtplib
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
from datetime import UTC, datetime
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
        stale = [each for each in map(str, said["stale"]) if PLAIN.fullmatch(each)][:MOST_NAMES]
    except (ValueError, KeyError, TypeError):
        if status >= 500:  # noqa: PLR2004  # HTTP's own number
            return Verdict("ill", f"it answers with error {status}")
        return Verdict("lying", "something else answers in its place")
    if status != 200 or claims is not True:  # noqa: PLR2004  # HTTP's own number
        return Verdict("ill", "it says so itself: " + (", ".join(stale) or f"error {status}"))
    ages = {name: _age(beat, now) for name, beat in beats.items()}
    if early := [name for name, age in ages.items() if age is not None and age < -STALE_AFTER]:
        return Verdict("lying", f"its moments lie in the future: {', '.join(early)}; check clocks")
    if old := [name for name, age in ages.items() if age is None or age > STALE_AFTER]:
        return Verdict("lying", f"it says all is well with old moments: {', '.join(old)}")
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
        status, body = within(whole, lambda: _asked(url))
        return judge(status, body, now())
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        return Verdict("silent", f"it does not answer ({type(reason).__name__})")
    except Exception as error:  # noqa: BLE001  # whatever answers there must not end the watch
        return Verdict("lying", f"what answers makes no sense ({type(error).__name__})")


def _asked(url: str) -> tuple[int, bytes]:
    """The answer, of whatever number. Of one that breaks off in an error, the number."""
    headers = {"Cache-Control": "no-cache", "User-Agent": "hilo-watch"}
    request = urllib.request.Request(f"{url}/healthz", headers=headers)
    try:
        with _opener().open(request, timeout=PATIENCE) as answer:
            return answer.status, answer.read(MOST)
    except urllib.error.HTTPError as error:
        try:
            with error:
                return error.code, error.read(MOST)
        except Exception:  # noqa: BLE001  # a dying proxy says no more than its number
            return error.code, b""


def within(seconds: float, work: Callable[[], Found]) -> Found:
    """What the work found, or what it raised; TimeoutError where it takes longer, however it
    passes its time. It is left to itself then.
    """
    found: list[Found] = []
    raised: list[Exception] = []

    def do() -> None:
        try:
            found.append(work())
        except Exception as error:  # noqa: BLE001  # raised again below
            raised.append(error)

    thread = threading.Thread(target=do, daemon=True)
    thread.start()
    thread.join(seconds)
    if found:
        return found[0]
    raise raised[0] if raised else TimeoutError("it takes too long")


class _Stays(urllib.request.HTTPRedirectHandler):
    """A redirect is an answer like any other, and not a Hilo's."""

    def redirect_request(self, *_: Any) -> None:  # noqa: ANN401  # the library's own signature
        return None


def _opener() -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(_Stays)


def ring(address: str, text: str, *, whole: float = WHOLE) -> bool:
    """One channel, one sentence. False where it did not ring; says why, but for the address."""
    parts = urlsplit(address)
    try:
        within(whole, lambda: _rung(parts, text))
    except Exception as error:  # noqa: BLE001  # whatever it is, the other addresses ring
        _say(f"{parts.scheme} did not ring: {type(error).__name__}", sys.stderr)
        return False
    return True


def ring_all(addresses: Sequence[str], text: str) -> bool:
    """Every address, side by side; whether one of them rang. With none, the terminal has heard."""
    rang: list[bool] = []
    threads = [
        threading.Thread(target=lambda one=one: rang.append(ring(one, text)), daemon=True)
        for one in addresses
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return any(rang) or not addresses


def _rung(parts: SplitResult, text: str) -> None:
    if parts.scheme in {"mailto", "mailtos"}:
        _mail(parts, text)
    elif parts.scheme in {"ntfy", "ntfys"}:
        secure = "https" if parts.scheme == "ntfys" else "http"
        _post(parts._replace(scheme=secure), text.encode(), {"Title": "Hilo"})
    else:
        body = json.dumps({"text": text}).encode()
        _post(parts, body, {"Content-Type": "application/json"})


def _post(parts: SplitResult, body: bytes, headers: dict[str, str]) -> None:
    """A name and passphrase go into a header: in an address they would be taken for a port."""
    _, _, host = parts.netloc.rpartition("@")
    if parts.username is not None:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        headers = {**headers, "Authorization": f"Basic {b64encode(pair.encode()).decode()}"}
    url = parts._replace(netloc=host).geturl()
    request = urllib.request.Request(url, data=body, headers=headers, method="POST")
    with _opener().open(request, timeout=PATIENCE) as answer:
        answer.read(MOST)


def _mail(parts: SplitResult, text: str) -> None:
    """`mailtos://name:passphrase@server:port?from=…&to=…`; without the s it is not encrypted."""
    asked = parse_qs(parts.query)
    message = EmailMessage()
    message["From"], message["To"] = asked["from"][0], asked["to"][0]
    message["Subject"] = "Hilo"
    message.set_content(text)
    secure = parts.scheme == "mailtos"
    host = parts.hostname or ""
    with smtplib.SMTP(host, parts.port or (587 if secure else 25), timeout=PATIENCE) as server:
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
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("the address of a Hilo begins with https://")
    return parts.hostname


def main(words: Sequence[str] | None = None) -> int:
    """Watch until stopped; with --once say how it is and end: 0 well, 1 not, 2 wrong words."""
    parser = argparse.ArgumentParser(
        prog="watch", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("url", help="where that Hilo is, such as https://hilo.example.org")
    parser.add_argument(
        "--ring", action="append", default=[], help=f"an address; also {RING_VARIABLE}"
    )
    parser.add_argument("--rings", help="a file of addresses, for they are secrets")
    parser.add_argument("--every", type=float, default=EVERY, help="seconds between two looks")
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
        said = f"This is a test. {host} is watched from here."
        rang = [ring(each, said) for each in rings]
        return 0 if all(rang) else 1
    if asked.once:
        found = look(url, _now)
        print(found.detail or "well")
        return 1 if found.wrong else 0
    _watch(url, Watchman(host, asked.after), rings, asked.every)
    return 0


def _watch(url: str, watchman: Watchman, rings: Sequence[str], every: float) -> None:
    if not rings:
        _say("nothing to ring: this only speaks to the terminal", sys.stderr)
    while True:
        try:
            try:
                said = watchman.sees(look(url, _now), time.monotonic())
                if said is not None:
                    _say(said, sys.stdout)
                    if ring_all(rings, said):
                        watchman.told(time.monotonic())
            except Exception as error:  # noqa: BLE001  # the next look may do better; no look would not
                _say(f"the watch stumbled: {type(error).__name__}", sys.stderr)
            time.sleep(every)
        except KeyboardInterrupt:
            return


def _say(text: str, where: TextIO) -> None:
    """To the terminal, if there still is one: nobody there must not keep it from ringing."""
    with suppress(OSError, ValueError):
        print(text, file=where, flush=True)


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    sys.exit(main())
