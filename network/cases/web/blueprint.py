"""The blueprint of the room's pages, and what each of them knows."""

from flask import Blueprint

from network.cases.web import words

bp = Blueprint("cases", __name__, url_prefix="/cases", template_folder="../templates")


@bp.context_processor
def around() -> dict[str, object]:
    """The room's own words, for every one of its templates."""
    return {"words": words}
