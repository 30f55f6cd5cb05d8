"""A case's chapters, and a section of one sent to the family."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from handbook.wording import WORDING
from network.cases.web import words as case_words
from network.kernel.ids import CaseId
from network.manual import services
from network.manual.web.blueprint import bp
from network.web.guards import current_who, for_active
from network.web.here import door
from network.web.words import _, ngettext


@bp.get("/cases/<uuid:case_id>/manual")
@for_active
def of_case(case_id: UUID) -> str:
    """The chapter for where it stands, open; the others one press away."""
    found = door().look(
        services.of_case,
        current_who(),
        case_id=CaseId(case_id),
        chapter=request.args.get("chapter"),
    )
    return render_template(
        "manual/of_case.html",
        shelf=found,
        case=found.case,
        words=case_words,
        wording=WORDING[found.language],
    )


@bp.post("/cases/<uuid:case_id>/manual/send")
@for_active
def send(case_id: UUID) -> Response:
    """A section to the family, as messages in order."""
    count = door().ask(
        services.send,
        current_who(),
        case_id=CaseId(case_id),
        chapter=request.form.get("chapter", ""),
        section=request.form.get("section", ""),
    )
    if count:
        goes = ngettext(
            "It goes out in %(num)s message.", "It goes out in %(num)s messages, in order.", count
        )
    else:
        goes = _("That part was sent to them today already. It was not sent again.")
    flash(goes)
    return redirect(url_for("cases.room", case_id=case_id) + "#write", code=303)
