"""Rings e-mail, ntfy, Matrix and SMS gateways, in a process of its own.

Apprise speaks to all of them, costs some 40 MB and follows addresses that people typed. So it lives
for one errand, in a process with an empty environment, none of our secrets but the addresses it is
to ring, and a guard at the socket: whatever a name resolves to and wherever a server redirects, no
connection is made to this machine or to a private network, no program is started, no file written.
"""

import ipaddress
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[1]
PATIENCE: Final = 50  # seconds for everything; less than a letter's lease
AT_ONCE: Final = 8
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


class Forbidden(OSError):
    """A plugin reached for what it may not have."""


@dataclass(frozen=True, slots=True)
class Call:
    """One channel to ring, and the sentence. The address is a secret."""

    address: str = field(repr=False)
    title: str
    body: str = field(repr=False)


def ring_apart(calls: Sequence[Call], *, private: Sequence[Network]) -> list[bool]:
    """Which of these rang. `private` are the networks of this house they may reach all the same.

    Never raises: a channel that breaks us did not ring.
    """
    if not calls:
        return []
    near = [str(one) for one in private]
    asked = json.dumps({"private": near, "calls": [asdict(one) for one in calls]})
    try:
        done = subprocess.run(  # noqa: S603  # our own module
            [sys.executable, "-m", __name__],
            input=asked.encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
            env={name: os.environ[name] for name in KEPT if name in os.environ},
            timeout=PATIENCE,
            check=False,
        )
        rang = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return [False] * len(calls)
    return [each is True for each in rang]


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


def main() -> int:
    """The child: calls in, and which of them rang out."""
    sys.dont_write_bytecode = True
    asked = json.load(sys.stdin)
    calls = [Call(**one) for one in asked["calls"]]
    for one in calls:  # before the guard: Apprise reads its own files
        with suppress(Exception):
            kind_of(one.address)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        sys.addaudithook(_guard([ipaddress.ip_network(one) for one in asked["private"]]))
        rang = list(pool.map(_ring, calls))
    json.dump(rang, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
