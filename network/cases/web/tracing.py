"""A brief got out: the text is pasted here, and the page says whose copy it is, if it can."""

from flask import render_template
from werkzeug.wrappers import Response

from network.cases.forms import Form, sent
from network.cases.services.tracing import LONGEST, MOST_A_DAY, Trace, compare, note
from network.cases.web.blueprint import bp
from network.kernel.actor import Role
from network.kernel.errors import BadInput, SlowDown
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
    """Nothing that was pasted is kept; that somebody asked is, and who was named."""
    form, who = sent("text", "reference"), current_who()
    try:
        found = door().look(compare, who, text=form.text("text"), reference=form.one("reference"))
        found = door().ask(note, who, trace=found)
    except (BadInput, SlowDown) as refusal:
        return _page(form.failed(refusal), None)
    return _page(form, found)


def _page(form: Form, found: Trace | None) -> Page:
    page = render_template(
        "cases/leaked.html", form=form, found=found, most=LONGEST, most_a_day=MOST_A_DAY
    )
    return (page, form.problem.status) if form.problem else page
