"""What every page of this room is made with: its blueprint, and how a form is read."""

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from network.kernel.actor import InSession
from network.kernel.hidden import Plaintext
from network.people.words import Problem
from network.web.guards import current_who

Page = str | Response | tuple[str, int]
bp = Blueprint("people", __name__, template_folder="../templates")


def typed(name: str) -> str:
    """What stands in a field; empty where it was not sent."""
    return request.form.get(name, "")


def secret(name: str) -> Plaintext:
    """The same, for what nobody may see."""
    return Plaintext(request.form.get(name, ""))


def this_session() -> InSession:
    """The browser's own half of a session."""
    who = current_who()
    assert isinstance(who, InSession)  # a member's page is reached by a browser alone
    return who


def again(template: str, problem: Problem, **shown: object) -> tuple[str, int]:
    """The same form once more, with what to mend."""
    return render_template(template, problem=problem, **shown), problem.status
