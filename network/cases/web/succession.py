"""Leaving coordination: everything one holds goes to a successor, with progress shown."""

from flask import render_template, request
from werkzeug.wrappers import Response

from network.cases import services
from network.cases.forms import Form, sent
from network.cases.services import HandedOn
from network.cases.web.blueprint import bp
from network.kernel.actor import Role
from network.kernel.errors import Refused
from network.web.guards import current_who, for_roles
from network.web.here import door

Page = str | Response | tuple[str, int]
MOST_SHOWN = 1_000_000


@bp.get("/hand-on")
@for_roles(Role.COORDINATOR)
def estate() -> Page:
    """What I hold, and to whom it could go."""
    return _page(Form(), None)


@bp.post("/hand-on")
@for_roles(Role.COORDINATOR)
def hand_on() -> Page:
    """Some of it goes; the page says how much is left."""
    form = sent("to")
    try:
        handed = door().ask(services.hand_on, current_who(), to=form.person("to"))
    except Refused as refusal:
        return _page(form.failed(refusal, with_="to"), None)
    return _page(form, handed)


def _page(form: Form, handed: HandedOn | None) -> Page:
    found = door().look(services.estate, current_who())
    begun = request.form.get("begun", type=int) or found.running + (handed.done if handed else 0)
    page = render_template(
        "cases/succession.html",
        found=found,
        form=form,
        handed=handed,
        begun=max(found.running, min(begun, MOST_SHOWN)),
    )
    return (page, form.problem.status) if form.problem else page
