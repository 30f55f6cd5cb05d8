"""Pages for coordination: a member lost what shows their codes, and two let them come back."""

from uuid import UUID

from flask import Blueprint, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from network.kernel.actor import Role
from network.kernel.errors import BadInput, Refused, WrongMoment
from network.kernel.hidden import Plaintext
from network.kernel.ids import PersonId
from network.people import services as people
from network.people.words import Problem
from network.proposals.domain import AlreadyProposed, Matter, NobodyElse
from network.proposals.web import Executor, proposed
from network.vetting import services
from network.web.guards import current_who, for_roles
from network.web.here import door, settings

bp = Blueprint("returns", __name__, template_folder="templates")
Page = str | Response | tuple[str, int]

HINDERED: dict[type[Refused], object] = {
    AlreadyProposed: _l("Somebody proposed it already. It waits under «Decisions»."),
    NobodyElse: _l("There is nobody else who could say the second yes."),
    WrongMoment: _l("Something changed meanwhile. Look again and repeat."),
}


def let_back() -> dict[Matter, Executor]:
    """What this room does with a confirmed proposal."""
    return {
        Matter.RETURN: Executor(
            services.confirm_return, lambda person: url_for("returns.show", person_id=person)
        )
    }


@bp.get("/people/<uuid:person_id>/lost")
@for_roles(Role.COORDINATOR)
def show(person_id: UUID) -> Page:
    """Where it stands: to be proposed, or agreed so that a link can be made."""
    return _page(PersonId(person_id))


@bp.post("/people/<uuid:person_id>/lost")
@for_roles(Role.COORDINATOR)
def propose(person_id: UUID) -> Page:
    """One of two pairs of eyes."""
    person = PersonId(person_id)
    reason = Plaintext(request.form.get("reason", ""))
    try:
        made = door().ask(services.propose_return, current_who(), person_id=person, reason=reason)
    except BadInput:
        return _page(person, Problem("reason", str(_l("Write why, in a few sentences."))))
    except tuple(HINDERED) as refusal:
        return _page(person, Problem("form", str(HINDERED[type(refusal)]), 409))
    return proposed(made)


@bp.post("/people/<uuid:person_id>/lost/link")
@for_roles(Role.COORDINATOR)
def make_link(person_id: UUID) -> Page:
    """The single-use link, shown once on the page that answers."""
    person = PersonId(person_id)
    try:
        token = door().ask(people.new_return_link, current_who(), person_id=person)
    except WrongMoment as refusal:
        return _page(person, Problem("form", str(HINDERED[type(refusal)]), 409))
    return _page(person, link=people.return_link(settings().address, token))


def _page(person: PersonId, problem: Problem | None = None, link: Plaintext | None = None) -> Page:
    member, allowed = door().look(people.may_return, current_who(), person_id=person)
    page = render_template(
        "vetting/lost.html",
        member=member,
        allowed=allowed,
        link=link,
        problem=problem,
    )
    return (page, problem.status) if problem else page
