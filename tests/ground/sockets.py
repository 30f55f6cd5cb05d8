"""The network is closed: a test reaches servers on this machine and nothing beyond it."""

import ipaddress
import socket
import sys
from collections.abc import Callable


class ReachedOutside(RuntimeError):
    """Something tried to leave this machine during the tests."""


def _loopback(host: object) -> bool:
    name = host.decode() if isinstance(host, bytes) else str(host)
    if name in {"localhost", "localhost.localdomain"}:
        return True
    try:
        return ipaddress.ip_address(name.partition("%")[0]).is_loopback
    except ValueError:
        return False


def _address(arguments: tuple[object, ...]) -> object:
    opened, address = arguments[0], arguments[1]
    inside = isinstance(opened, socket.socket) and opened.family not in {
        socket.AF_INET,
        socket.AF_INET6,
    }
    return None if inside or not isinstance(address, tuple) else address[0]


def _name(arguments: tuple[object, ...]) -> object:
    return arguments[0]


READS: dict[str, Callable[[tuple[object, ...]], object]] = {
    "socket.connect": _address,
    "socket.bind": _address,
    "socket.sendto": _address,
    "socket.sendmsg": _address,
    "socket.getaddrinfo": _name,
    "socket.gethostbyname": _name,
}


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    if (read := READS.get(event)) and (host := read(arguments)) and not _loopback(host):
        raise ReachedOutside(f"{event} to {host!r}")


def pytest_configure() -> None:
    sys.addaudithook(_refuse)
