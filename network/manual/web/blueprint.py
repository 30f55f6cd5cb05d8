"""The blueprint of the room's pages, and the words all of them use."""

from flask import Blueprint
from flask_login import current_user

from handbook.library import load_library
from handbook.wording import DEFAULT
from network.kernel.ids import PersonId
from network.manual import services
from network.manual.web import words
from network.web.guards import current_who
from network.web.here import door
from network.web.words import chosen_language

bp = Blueprint("manual", __name__, template_folder="../templates")


@bp.context_processor
def around() -> dict[str, object]:
    """Outcomes, specialties and reasons in the reader's words."""
    return {"names": words}


@bp.app_context_processor
def learnt() -> dict[str, object]:
    """What pages of other rooms ask: which chapters the reader, or everybody, has completed."""
    return {
        "my_training": _mine,
        "everybodys_training": _everybodys,
        "chapter_title": chapter_title,
        "manual_chores": _chores,
    }


def chapter_title(slug: str) -> str:
    """A chapter's title in the reader's language."""
    library = load_library(door().pack.code)
    language = chosen_language()
    found = library.chapters.get((slug, language)) or library.chapters.get((slug, DEFAULT))
    return found.title if found is not None else slug


def _chores() -> services.Chores:
    return door().look(services.chores, current_who())


def _mine() -> tuple[services.Course, ...]:
    if not current_user.is_authenticated:
        return ()
    return door().look(services.my_courses, current_who())


def _everybodys() -> dict[PersonId, frozenset[str]]:
    return door().look(services.trained, current_who())
