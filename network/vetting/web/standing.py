"""Where a member stands, and, for coordination, where everybody does and who is due a review."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for

from network.kernel.actor import Role
from network.kernel.errors import BadInput
from network.kernel.ids import PersonId
from network.people.words import Problem
from network.vetting import services
from network.vetting.web.blueprint import Page, bp
from network.vetting.web.forms import codes
from network.vetting.web.words import WRONG, words_of_path
from network.web.guards import current_who, for_members, for_roles
from network.web.here import door
from network.web.words import _


@bp.get("/account/path")
@for_members
def mine() -> Page:
    """Where the reader stands on the way in."""
    standing = door().look(services.where_i_stand, current_who())
    return render_template(
        "vetting/mine.html",
        standing=standing,
        words=words_of_path(),
        probation=door().pack.vetting.probation.days,
    )


@bp.get("/people/path")
@for_roles(Role.COORDINATOR)
def index() -> Page:
    """Everybody on the way in whom the reader vets, and who is to be looked at again."""
    return _index(None)


@bp.post("/people/<uuid:person_id>/review")
@for_roles(Role.COORDINATOR)
def review_member(person_id: UUID) -> Page:
    """Somebody who came in without the path was looked at again."""
    try:
        door().ask(
            services.review_member,
            current_who(),
            person_id=PersonId(person_id),
            zones=codes() if "zones" in request.form else None,
        )
    except BadInput as refusal:
        page = _index(Problem("zones", str(WRONG[refusal.reason])))
        return page, 400
    flash(_("Done."))
    return redirect(url_for("vetting.index"), code=303)


def _index(problem: Problem | None) -> str:
    page = door().look(services.overview, current_who())
    return render_template("vetting/index.html", page=page, words=words_of_path(), problem=problem)
