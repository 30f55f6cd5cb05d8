"""What we learn of a browser: whether it came in before, its kind, and roughly from where."""

import ipaddress
from datetime import timedelta

from flask import current_app, request
from werkzeug.wrappers import Response

from network.people import entrance
from network.people.domain import Caller, Device
from network.web.here import door

LASTS = timedelta(days=180)
TABLETS = ("ipad", "tablet")
PHONES = ("mobi", "iphone", "android")
COMPUTERS = ("windows", "macintosh", "linux", "cros", "x11")
NEAR = {4: 24, 6: 48}  # bits of an address that its neighbours share


def caller() -> Caller:
    """Who knocks: what tells this browser from strangers, and what its session will be called."""
    return Caller(familiar(), _neighbourhood(request.remote_addr or ""), kind_of(_agent()))


def kind_of(agent: str) -> Device:
    """The coarse kind a browser says it is. Its words themselves are not kept."""
    said = agent.casefold()
    for words, device in (
        (TABLETS, Device.TABLET),
        (PHONES, Device.PHONE),
        (COMPUTERS, Device.COMPUTER),
    ):
        if any(word in said for word in words):
            return device
    return Device.OTHER


def familiar() -> str:
    """What this browser was given when somebody last came in with it."""
    return request.cookies.get(_name(), "")


def become_familiar(response: Response, handle: str) -> None:
    """Let this browser be told from strangers when it comes in as `handle` again."""
    response.set_cookie(
        _name(),
        entrance.recognise(door(), handle),
        max_age=LASTS,
        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
        httponly=True,
        samesite="Strict",
    )


def _agent() -> str:
    return request.headers.get("User-Agent", "")[:400]


def _neighbourhood(address: str) -> str:
    """Tries are counted by where they come from, so that a stranger elsewhere slows nobody down."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return ""
    return str(ipaddress.ip_network((found, NEAR[found.version]), strict=False))


def _name() -> str:
    return f"{current_app.config['SESSION_COOKIE_NAME']}-browser"
