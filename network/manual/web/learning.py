"""Learning: the chapters that have questions, and answering them."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from handbook.wording import DEFAULT, LANGUAGES
from network.manual import services
from network.manual.web.blueprint import bp
from network.web.guards import current_who, for_members
from network.web.here import door
from network.web.words import _, chosen_language

Page = str | Response | tuple[str, int]


@bp.get("/training")
@for_members
def courses() -> Page:
    """Which chapters have questions, and which the reader has done."""
    return render_template(
        "manual/courses.html", courses=door().look(services.my_courses, current_who())
    )


@bp.get("/training/<chapter>")
@for_members
def course(chapter: str) -> Page:
    """The questions of one chapter."""
    return _course(chapter)


@bp.post("/training/<chapter>")
@for_members
def answer(chapter: str) -> Page:
    """All at once; those that were not right are explained, and nothing of them is kept."""
    chosen = {
        int(name.removeprefix("q")): value
        for name, value in request.form.items()
        if name.startswith("q") and name[1:].isascii() and name[1:].isdigit() and len(name) < 4  # noqa: PLR2004
    }
    wrong = door().ask(services.answer, current_who(), chapter=chapter, chosen=chosen)
    if wrong:
        return _course(chapter, chosen, wrong)
    flash(_("All of them are right. It is noted that you have done this chapter."))
    return redirect(url_for("manual.courses"), code=303)


def _course(chapter: str, chosen: dict[int, str] | None = None, wrong: tuple[int, ...] = ()) -> str:
    language = chosen_language()
    return render_template(
        "manual/course.html",
        course=door().look(services.course, current_who(), chapter=chapter),
        spoken=language if language in LANGUAGES else DEFAULT,
        chosen=chosen or {},
        wrong=wrong,
    )
