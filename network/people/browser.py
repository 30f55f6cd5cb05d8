"""What a browser that came in before keeps: a sealed word by which its tries are counted apart."""

from datetime import timedelta

from flask import current_app, request
from werkzeug.wrappers import Response

from network.people import entrance
from network.web.here import door

LASTS = timedelta(days=180)


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


def _name() -> str:
    return f"{current_app.config['SESSION_COOKIE_NAME']}-browser"
