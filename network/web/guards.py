"""Every route says who it is for, or the app does not start."""

from collections.abc import Callable
from typing import TypeVar

from flask import Flask, abort, current_app, request
from flask_login import current_user

from network.kernel.actor import Actor, Nobody, Role, Who

View = TypeVar("View", bound=Callable[..., object])
_ROLES = "_roles"
NOBODY: frozenset[Role] = frozenset()


class UndeclaredRoute(RuntimeError):
    """A view without @for_roles or @public."""


def for_roles(*roles: Role) -> Callable[[View], View]:
    """Open a view to active members of these roles; others are told it does not exist."""

    def mark(view: View) -> View:
        setattr(view, _ROLES, frozenset(roles))
        return view

    return mark


def for_active(view: View) -> View:
    """Open a view to every active member, whatever they do here."""
    return for_roles(Role.ACTIVIST, Role.COORDINATOR)(view)


def for_members(view: View) -> View:
    """Open a view to everybody who can sign in, also while they wait to be vetted."""
    setattr(view, _ROLES, frozenset({Role.ACTIVIST, Role.COORDINATOR, Role.STRANGER}))
    return view


def public(view: View) -> View:
    """Open a view to everybody."""
    setattr(view, _ROLES, None)
    return view


def is_public() -> bool:
    """Whether what is asked for is open to everybody."""
    declared = current_app.extensions["network.declared"]
    return request.endpoint is None or declared.get(request.endpoint, NOBODY) is None


def current_who() -> Who:
    """What the door is shown: this browser's half of a session, or nobody."""
    return current_user.who if current_user.is_authenticated else Nobody()


def current_actor() -> Actor:
    """The signed-in member; for views that are not public."""
    actor = current_user.actor
    assert isinstance(actor, Actor)
    return actor


def protect(app: Flask) -> None:
    """Refuse to start with an undeclared route; check the role before every view."""
    declared: dict[str, frozenset[Role] | None] = {"static": None}
    for endpoint, view in app.view_functions.items():
        if endpoint not in declared and not hasattr(view, _ROLES):
            raise UndeclaredRoute(endpoint)
        declared.setdefault(endpoint, getattr(view, _ROLES, None))
    app.extensions["network.declared"] = declared

    @app.before_request
    def check() -> None:
        if request.endpoint is None:
            return  # no such page; Flask says 404
        roles = declared.get(request.endpoint, NOBODY)
        if roles is None:
            return
        if not current_user.is_authenticated:
            abort(401)
        if _standing_role(current_actor()) not in roles:
            abort(404)


def _standing_role(actor: Actor) -> Role:
    """A member who is not active yet counts as a stranger who can sign in."""
    return actor.role if actor.active else Role.STRANGER
