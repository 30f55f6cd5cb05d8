"""The blueprint of the room's pages, and the words all of them use."""

from flask import Blueprint

from network.cases.web import words
from network.checkins.web import names

bp = Blueprint("checkins", __name__, template_folder="../templates")


@bp.context_processor
def around() -> dict[str, object]:
    """Statuses and causes in the reader's words; those of the cases room for its own pieces."""
    return {"words": words, "names": names}
