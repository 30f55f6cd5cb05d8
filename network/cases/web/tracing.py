"""A brief got out: the text is pasted here, and the page says whose copy it is, if it can."""

from flask import render_template
from werkzeug.wrappers import Response

from network.cases.forms import Form, sent
from network.cases.services.tracing import LONGEST, Trace, trace
from network.cases.web.blueprint import bp
from network.kernel.actor import Role
from network.kernel.errors import BadInput
from network.web.guards import current_who, for_roles
from network.web.here import door

Page = str | Response | tuple[str, int]


@bp.get("/leaked")
@for_roles(Role.COORDINATOR)
def leaked() -> Page:
    """Where to paste it, and what this can and cannot say."""
    return _page(Form(), None)


@bp.post("/leaked")
@for_roles(Role.COORDINATOR)
def find_copy() -> Page:
    """Nothing that was pasted is kept; that somebody asked is."""
    form = sent("text", "reference")
    try:
        found = door().ask(
            trace, current_who(), text=form.text("text"), reference=form.one("reference")
        )
    except BadInput as refusal:
        return _page(form.failed(refusal), None)
    return _page(form, found)


def _page(form: Form, found: Trace | None) -> Page:
    page = render_template("cases/leaked.html", form=form, found=found, most=LONGEST)
    return (page, form.problem.status) if form.problem else page
