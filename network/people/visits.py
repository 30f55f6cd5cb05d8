"""Signed-in browsers: Flask-Login over our split session, and the quick way out."""

from contextlib import suppress
from uuid import UUID

from flask import Blueprint, Flask, redirect, request, session
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from werkzeug.wrappers import Response

from network.db import TROUBLE
from network.kernel.actor import Actor, InSession
from network.kernel.errors import Refused
from network.kernel.hidden import SecretBytes
from network.kernel.ids import SessionId
from network.people import entrance, services
from network.web.guards import current_who, is_public, public
from network.web.headers import NEUTRAL_PAGE
from network.web.here import door

bp = Blueprint("visits", __name__)
_HALF = "half"
_SEEN = "seen"
_AWAY = "hilo.away"  # the database did not say who this is
SEEN_EVERY = 60  # seconds between two writes of «this session is alive»


class Visitor(UserMixin):  # type: ignore[misc]  # flask_login ships no types
    """A signed-in member, as Flask-Login wants one."""

    def __init__(self, who: InSession, actor: Actor) -> None:
        self.id = who.session_id.hex
        self.who = who
        self.actor = actor


def watch_visits(app: Flask) -> None:
    """Let Flask-Login find the member behind a cookie, anew on every request."""
    logins = LoginManager(app)
    logins.session_protection = None  # bound to nothing a phone on a train would change
    logins.user_loader(_visitor)

    @app.after_request
    def note_presence(response: Response) -> Response:
        _note_presence()
        return response


def enter(who: InSession) -> None:
    """Begin a fresh browser session that holds this half; what it held before is dropped."""
    session.clear()
    actor = door().look(services.whoami, who)
    session[_HALF] = who.secret.reveal().hex()
    login_user(Visitor(who, actor))


def leave() -> None:
    """End this browser's session on both sides."""
    who = current_who()
    if isinstance(who, InSession):
        with suppress(*TROUBLE):  # this browser forgets its half whether or not we can be told
            entrance.sign_out(door(), who)
    logout_user()
    session.clear()


@bp.post("/exit")
@public
def quick_exit() -> Response:
    """Leave for a neutral page; the session is over, on the server too."""
    leave()
    answer = redirect(NEUTRAL_PAGE, code=303)
    answer.headers["Clear-Site-Data"] = '"cache", "cookies", "storage"'
    return answer


def _visitor(session_id: str) -> Visitor | None:
    if request.environ.get(_AWAY):
        return None
    try:
        who = InSession(SessionId(UUID(session_id)), SecretBytes(bytes.fromhex(session[_HALF])))
        return Visitor(who, door().look(services.whoami, who))
    except (KeyError, ValueError, Refused):
        return None
    except TROUBLE:
        # What is public stays readable; the page that says we are away is drawn for nobody.
        request.environ[_AWAY] = True
        if is_public():
            return None
        raise


def _note_presence() -> None:
    """Keep the session alive, writing at most once a minute."""
    if _HALF not in session or not current_user.is_authenticated:
        return
    now = int(door().now().timestamp())
    if now - session.get(_SEEN, 0) >= SEEN_EVERY:
        session[_SEEN] = now
        with suppress(Refused, *TROUBLE):  # it ended with this very answer, or can be noted later
            door().ask(services.seen, current_who())
