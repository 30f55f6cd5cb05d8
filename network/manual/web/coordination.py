"""For coordination: lines to dial, reviews to say and confirm, what readers said."""

from datetime import date
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from flask import current_app, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from handbook.web import KNOWN
from network.kernel.actor import Role
from network.kernel.errors import BadInput
from network.manual import services
from network.manual.domain import LONGEST_REMARK, Outcome, Specialty
from network.manual.web.blueprint import bp
from network.manual.web.known import Known
from network.manual.web.words import sentence
from network.web.guards import current_who, for_roles
from network.web.here import door
from network.web.words import _

Page = str | Response | tuple[str, int]
Choice = TypeVar("Choice", bound=StrEnum)


@bp.get("/desk/lines")
@for_roles(Role.COORDINATOR)
def lines() -> Page:
    """Every line, the oldest test first."""
    return _lines()


@bp.post("/desk/lines/<line>/dial")
@for_roles(Role.COORDINATOR)
def dial(line: str) -> Page:
    """What was heard."""
    try:
        door().ask(
            services.dial,
            current_who(),
            line_id=line,
            outcome=_choice("outcome", Outcome),
            remark=request.form.get("remark", ""),
        )
    except BadInput as refusal:
        return _lines((line, *sentence(refusal))), 400
    _changed()
    flash(_("Noted. Pages and bot say so from now on."))
    return redirect(url_for("manual.lines"), code=303)


@bp.get("/desk/reviews")
@for_roles(Role.COORDINATOR)
def reviews() -> Page:
    """What waits for a second yes, what stands, and what still carries the label."""
    return render_template("manual/reviews.html", page=door().look(services.reviews, current_who()))


@bp.get("/desk/review/<chapter>/<spoken>")
@for_roles(Role.COORDINATOR)
def review(chapter: str, spoken: str) -> Page:
    """The parts of one chapter that a review may name."""
    return _review(chapter, spoken)


@bp.post("/desk/review/<chapter>/<spoken>")
@for_roles(Role.COORDINATOR)
def say_review(chapter: str, spoken: str) -> Page:
    """One coordinator says that it was reviewed."""
    try:
        door().ask(
            services.say_review,
            current_who(),
            chapter=chapter,
            language=spoken,
            sections=request.form.getlist("sections"),
            specialty=_choice("specialty", Specialty),
            day=_day("day"),
        )
    except BadInput as refusal:
        return _review(chapter, spoken, sentence(refusal)), 400
    flash(_("Noted. It counts when somebody else from coordination confirms it."))
    return redirect(url_for("manual.reviews"), code=303)


@bp.post("/desk/reviews/<uuid:review_id>/confirm")
@for_roles(Role.COORDINATOR)
def confirm_review(review_id: UUID) -> Page:
    """A second coordinator confirms."""
    door().ask(services.confirm_review, current_who(), review_id=review_id)
    _changed()
    flash(_("Confirmed. Those parts no longer carry the label."))
    return redirect(url_for("manual.reviews"), code=303)


@bp.post("/desk/reviews/<uuid:review_id>/withdraw")
@for_roles(Role.COORDINATOR)
def withdraw_review(review_id: UUID) -> Page:
    """Any coordinator takes it back."""
    door().ask(services.withdraw_review, current_who(), review_id=review_id)
    _changed()
    flash(_("Taken back. The label is there again."))
    return redirect(url_for("manual.reviews"), code=303)


@bp.get("/desk/helped")
@for_roles(Role.COORDINATOR)
def totals() -> Page:
    """What readers said of each section."""
    return render_template("manual/helped.html", totals=door().look(services.totals, current_who()))


def _lines(problem: tuple[str, str, str] = ("", "", "")) -> str:
    cards, states = door().look(services.lines, current_who())
    return render_template(
        "manual/lines.html",
        cards=cards,
        states=states,
        outcomes=tuple(Outcome),
        most=LONGEST_REMARK,
        problem=problem,
        typed=request.form,
    )


def _review(chapter: str, spoken: str, problem: tuple[str, str] = ("", "")) -> str:
    card = door().look(services.review_of, current_who(), chapter=chapter, language=spoken)
    return render_template(
        "manual/review.html",
        card=card,
        specialties=tuple(Specialty),
        problem=problem,
        typed=request.form,
        chosen=request.form.getlist("sections"),
    )


def _choice(name: str, kind: type[Choice]) -> Choice:
    try:
        return kind(request.form.get(name, ""))
    except ValueError:
        raise BadInput(name, "choose") from None


def _day(name: str) -> date:
    try:
        return date.fromisoformat(request.form.get(name, ""))
    except ValueError:
        raise BadInput(name, "not_a_day") from None


def _changed() -> None:
    known = current_app.extensions[KNOWN]
    assert isinstance(known, Known)
    known.forget()
