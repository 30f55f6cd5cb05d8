"""For whoever has no account: the form of those who want to help, and where they stand."""

from flask import render_template, request

from network.kernel.actor import Nobody
from network.kernel.errors import BadInput, NotVisible, SlowDown
from network.kernel.hidden import Plaintext
from network.people.words import Problem
from network.vetting import services
from network.vetting.domain.path import (
    ASKED,
)
from network.vetting.web.blueprint import Page, outside
from network.vetting.web.words import QUESTIONS, WRONG, words_of_path
from network.web.guards import public
from network.web.here import door
from network.web.words import _

TRAP = "website"  # a field nobody sees: who fills it in is no person


@outside.get("/help-out")
@public
def form() -> Page:
    """Whoever wants to help writes here; nobody has to sign in."""
    return _form({}, None)


@outside.post("/help-out")
@public
def apply() -> Page:
    """Sealed to two coordinators; a code is shown once."""
    typed = {name: request.form.get(name, "") for name in ASKED}
    if request.form.get(TRAP):
        return render_template("vetting/written.html", code=None)
    try:
        code = door().ask(
            services.apply,
            Nobody(),
            said={name: Plaintext(text) for name, text in typed.items()},
        )
    except BadInput as refusal:
        return _form(typed, Problem(refusal.field, str(WRONG[refusal.reason])))
    except SlowDown:
        sentence = _("Many people wrote today. Write to us in the bot, or tomorrow here.")
        return _form(typed, Problem("form", sentence, 429))
    return render_template("vetting/written.html", code=code)


@outside.get("/help-out/where")
@public
def where() -> Page:
    """Where whoever has a code may ask."""
    return render_template("vetting/where.html", problem=None, standing=None, words=words_of_path())


@outside.post("/help-out/where")
@public
def ask_where() -> Page:
    """Where they stand, or the end of it."""
    code = Plaintext(request.form.get("code", ""))
    try:
        if "take_back" in request.form:
            door().ask(services.take_back, Nobody(), code=code)
            return render_template("vetting/gone.html")
        standing = door().look(services.where_code_stands, Nobody(), code=code)
    except NotVisible:
        problem = Problem("code", _("We do not have that code. Look at it letter by letter."), 404)
        page = render_template(
            "vetting/where.html", problem=problem, standing=None, words=words_of_path()
        )
        return page, problem.status
    return render_template(
        "vetting/where.html", problem=None, standing=standing, words=words_of_path(), code=code
    )


def _form(typed: dict[str, str], problem: Problem | None) -> Page:
    page = render_template(
        "vetting/form.html",
        typed=typed,
        problem=problem,
        asked=[(name, QUESTIONS[name]) for name in ASKED],
        trap=TRAP,
    )
    return (page, problem.status) if problem else page
