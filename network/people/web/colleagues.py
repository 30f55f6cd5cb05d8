"""Who is who, for coordination: inviting, letting in, stopping."""

from collections.abc import Callable
from uuid import UUID

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from network.kernel.actor import Role
from network.kernel.errors import BadInput, Refused
from network.kernel.hidden import Plaintext
from network.kernel.ids import PersonId
from network.people import services
from network.people.web.blueprint import Page, bp, typed
from network.people.words import Problem, problem_of
from network.web.guards import current_actor, current_who, for_roles
from network.web.here import door, settings


@bp.get("/people")
@for_roles(Role.COORDINATOR)
def index() -> Page:
    """Everybody, what each waits for, and what may be done about it."""
    return _people_page()


@bp.post("/people/invite")
@for_roles(Role.COORDINATOR)
def invite() -> Page:
    """A single-use link, shown once on the page that answers."""
    try:
        token = door().ask(
            services.invite, current_who(), role=_role(typed("role")), alias=typed("alias")
        )
    except Refused as refusal:
        problem = problem_of(refusal)
        return _people_page(problem=problem), problem.status
    return _people_page(link=services.join_link(settings().address, token))


@bp.post("/people/<uuid:person_id>/approve")
@for_roles(Role.COORDINATOR)
def approve(person_id: UUID) -> Page:
    """One of two yeses."""
    return _decided(services.approve, person_id)


@bp.post("/people/<uuid:person_id>/refuse")
@for_roles(Role.COORDINATOR)
def refuse(person_id: UUID) -> Page:
    """Send an applicant away."""
    return _decided(services.refuse, person_id)


@bp.post("/people/<uuid:person_id>/suspend")
@for_roles(Role.COORDINATOR)
def suspend(person_id: UUID) -> Page:
    """Stop a member at once."""
    return _decided(services.suspend, person_id)


@bp.post("/people/<uuid:person_id>/restore")
@for_roles(Role.COORDINATOR)
def restore(person_id: UUID) -> Page:
    """Let a member act again."""
    return _decided(services.restore, person_id)


@bp.post("/people/duty")
@for_roles(Role.COORDINATOR)
def take_duty() -> Response:
    """New requests come to the reader."""
    door().ask(services.set_duty, current_who())
    return redirect(url_for("people.index"), code=303)


@bp.post("/people/duty/leave")
@for_roles(Role.COORDINATOR)
def leave_duty() -> Response:
    """New requests go to others."""
    door().ask(services.leave_duty, current_who())
    return redirect(url_for("people.index"), code=303)


def _role(typed: str) -> Role:
    try:
        return Role(typed)
    except ValueError:
        raise BadInput("role", "role_shape") from None


def _people_page(*, link: Plaintext | None = None, problem: Problem | None = None) -> str:
    return render_template(
        "people/index.html",
        page=door().look(services.people, current_who()),
        me=current_actor().person_id,
        link=link,
        problem=problem,
    )


def _decided(service: Callable[..., object], person_id: UUID) -> Page:
    door().ask(service, current_who(), person_id=PersonId(person_id))
    return redirect(url_for("people.index"), code=303)
