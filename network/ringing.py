"""Rings e-mail, ntfy, Matrix and SMS gateways, in a process of its own.

Apprise speaks to all of them, costs some 40 MB and follows addresses that people typed. So it lives
for one errand, in a process with an empty environment, none of our secrets but the addresses it is
to ring, and a guard at the socket: whatever a name resolves to and wherever a server redirects, no
connection is made to this machine or to a private network, no program is started, no file written.

Each call has a thread and a deadline of its own, and is told as soon as it ends: one that drips or
hangs keeps no other from ringing, nor from being known to have rung.
"""

import ipaddress
import json
import os
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from importlib import import_module
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread, Timer
from time import monotonic
from typing import Any, Final, NoReturn

ROOT: Final = Path(__file__).resolve().parents[1]
PATIENCE: Final = 50  # seconds for everything
DEADLINE: Final = 15  # seconds for a call; a mail server may well let one wait for ten
AT_ONCE: Final = 64  # calls; one over its deadline leaves its place to the next
KEPT: Final = ("SSL_CERT_FILE", "SSL_CERT_DIR", "TZ")
MAPPED: Final = ipaddress.ip_network("64:ff9b::/96")  # IPv4 behind NAT64
# Where Apprise keeps each kind that may ring; an alarm would wait for all 150 that it has.
KINDS: Final = {
    **dict.fromkeys(("mailto", "mailtos"), "email"),
    **dict.fromkeys(("ntfy", "ntfys"), "ntfy"),
    **dict.fromkeys(("matrix", "matrixs"), "matrix"),
    **dict.fromkeys(("vonage", "nexmo"), "vonage"),
    **dict.fromkeys(("46elks", "elks"), "fortysixelks"),
    **dict.fromkeys(("signal", "signals"), "signal_api"),
    "atalk": "africas_talking",
    "msgbird": "messagebird",
    **{one: one for one in ("bulksms", "clickatell", "clicksend", "httpsms", "infobip", "plivo")},
    **{one: one for one in ("seven", "sinch", "threema", "twilio", "voipms")},
}
SCHEMAS: Final = frozenset(KINDS)
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Tell = Callable[[int, bool], None]


class Forbidden(OSError):
    """A plugin reached for what it may not have."""


@dataclass(frozen=True, slots=True)
class Call:
    """One channel to ring, and the sentence. The address is a secret."""

    address: str = field(repr=False)
    title: str
    body: str = field(repr=False)


def ring_apart(
    calls: Sequence[Call], *, private: Sequence[Network], tell: Tell = lambda _at, _ok: None
) -> list[bool]:
    """Which of these rang; `tell` hears of each as soon as it has ended. `private` are the networks
    of this house they may reach all the same.

    Never raises: a channel that breaks us did not ring, and what rang before that did.
    """
    rang = [False] * len(calls)
    if not calls:
        return rang
    near = [str(one) for one in private]
    asked = json.dumps({"private": near, "calls": [asdict(one) for one in calls]})
    with suppress(OSError, ValueError), _child() as child:
        end = Timer(PATIENCE, child.kill)
        end.start()
        try:
            assert child.stdin is not None
            assert child.stdout is not None
            child.stdin.write(asked.encode())
            child.stdin.close()
            for line in child.stdout:
                at, ok = _told(line)
                rang[at] = ok
                tell(at, ok)
        except (OSError, ValueError, IndexError):
            pass  # it died, or was ended: what it told before that holds
        finally:
            end.cancel()
            child.kill()
    return rang


def _child() -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603  # our own module
        [sys.executable, "-m", __name__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=ROOT,
        env={name: os.environ[name] for name in KEPT if name in os.environ},
    )


def _told(line: bytes) -> tuple[int, bool]:
    at, ok = line.split()
    return int(at), ok == b"1"


def schema_of(address: str) -> str:
    """What is in front of `://`, in small letters; empty where nothing is."""
    schema, mark, _ = address.partition("://")
    return schema.strip().casefold() if mark else ""


def reachable(host: str, private: Sequence[Network] = ()) -> bool:
    """Whether an IP address is one of the open internet, however it is written down, or one of
    the private networks that are named.
    """
    try:
        found: Address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour
        if found in MAPPED:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            found = inner
    if any(found.version == one.version and found in one for one in private):
        return True
    return found.is_global and not found.is_multicast


def _guard(private: Sequence[Network]) -> Callable[[str, tuple[Any, ...]], None]:
    """For the child, once Apprise is loaded: the open internet, and nothing near but what is
    named.
    """

    def guard(event: str, arguments: tuple[Any, ...]) -> None:
        if event in {"socket.connect", "socket.sendto", "socket.sendmsg"}:
            _refuse_near(arguments[0], arguments[1], private)
        _refuse_deeds(event, arguments)

    return guard


def _refuse_near(opened: socket.socket, address: object, private: Sequence[Network]) -> None:
    inet = opened.family in {socket.AF_INET, socket.AF_INET6} and isinstance(address, tuple)
    if not inet or not reachable(str(address[0]), private):  # type: ignore[index]  # a tuple
        raise Forbidden("not there")


def _refuse_deeds(event: str, arguments: tuple[Any, ...]) -> None:
    if event.startswith(("subprocess.", "os.exec", "os.posix_spawn", "os.system", "os.fork")):
        raise Forbidden("no program")
    writing = os.O_WRONLY | os.O_RDWR | os.O_CREAT
    if event == "open" and isinstance(arguments[2], int) and arguments[2] & writing:
        raise Forbidden("no file")


def kind_of(address: str) -> Any:  # noqa: ANN401  # Apprise's class, known in the child alone
    """What rings such an address; None where it may not ring."""
    from apprise import NotifyBase  # noqa: PLC0415  # 40 MB, here alone

    schema = schema_of(address)
    if schema not in SCHEMAS:
        return None
    found = vars(import_module(f"apprise.plugins.{KINDS[schema]}")).values()
    kinds: list[Any] = [each for each in found if _rings(each, NotifyBase)]
    return next((one for one in kinds if schema in one.schemas(one)), None)


def _rings(found: object, base: type) -> bool:
    return isinstance(found, type) and issubclass(found, base)


def _ring(call: Call) -> bool:
    from apprise import AppriseAsset  # noqa: PLC0415  # as above

    asset = AppriseAsset(http_redirects=False, plugin_paths=[], app_id="Hilo", app_desc="Hilo")
    try:
        kind = kind_of(call.address)
        told = kind and kind.parse_url(call.address.replace("/#", "/%23"))
        if not told or not kind.enabled:
            return False
        channel = kind(**told | {"asset": asset, "tag": set()})
        return channel.notify(title=call.title, body=call.body) is True
    except Exception:  # noqa: BLE001  # any plugin may break in any way
        return False


def _ring_all(calls: Sequence[Call], tell: Tell) -> None:
    """Ring side by side and tell of each as it ends; of one over its deadline, if it still does."""
    ended: SimpleQueue[tuple[int, bool]] = SimpleQueue()

    def ring(at: int) -> None:
        ended.put((at, _ring(calls[at])))

    waiting = deque(range(len(calls)))
    begun: dict[int, float] = {}
    while waiting or begun:
        while waiting and len(begun) < AT_ONCE:
            begun[at := waiting.popleft()] = monotonic()
            Thread(target=ring, args=(at,), daemon=True).start()
        try:
            at, ok = ended.get(timeout=max(min(begun.values()) + DEADLINE - monotonic(), 0))
        except Empty:
            begun.pop(min(begun, key=lambda each: begun[each]))
        else:
            begun.pop(at, None)
            tell(at, ok)


def main() -> NoReturn:
    """The child: calls in, and a line for each as it ends."""
    sys.dont_write_bytecode = True
    asked = json.load(sys.stdin)
    calls = [Call(**one) for one in asked["calls"]]
    for one in calls:  # before the guard: Apprise reads its own files
        with suppress(Exception):
            kind_of(one.address)
    sys.addaudithook(_guard([ipaddress.ip_network(one) for one in asked["private"]]))

    def tell(at: int, ok: bool) -> None:  # noqa: FBT001  # as the parent's
        sys.stdout.write(f"{at} {int(ok)}\n")
        sys.stdout.flush()

    _ring_all(calls, tell)
    os._exit(0)  # without waiting for those over their deadline


if __name__ == "__main__":
    main()
