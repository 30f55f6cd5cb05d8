"""Which names we answer to where people are, and from which address somebody asks."""

import ipaddress
from urllib.parse import urlsplit

from flask import Flask, abort, request

from config.settings import Settings

HERE = frozenset({"localhost", "127.0.0.1", "::1"})  # a machine asking itself whether it is well


def answer_to_our_name(app: Flask, settings: Settings) -> None:
    """400 to every other name. A demo has no name of its own and answers to all."""
    if not settings.production:
        return
    names = HERE | {urlsplit(settings.address).hostname, settings.bind_host}

    @app.before_request
    def check_name() -> None:
        if _name_of(request.host) not in names:
            abort(400)


def _name_of(host: str) -> str | None:
    """The host without its port, or None where it is not one."""
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None


def visitor() -> str:
    """Whose turn a press counts against. Behind a proxy of ours everybody comes from its address:
    there, what that proxy wrote last counts. Kept in memory alone, and for a minute.
    """
    told = request.remote_addr or ""
    if not _is_near(told):
        return told
    last = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    try:
        return str(ipaddress.ip_address(last))
    except ValueError:
        return told


def _is_near(address: str) -> bool:
    """Whether it is this machine, or one beside it."""
    try:
        return ipaddress.ip_address(address).is_private
    except ValueError:
        return True  # a socket of this machine has none
