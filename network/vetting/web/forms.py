"""What is typed in the forms of the path, as the services want it."""

from uuid import UUID

from flask import request

from network.kernel.errors import BadInput
from network.kernel.ids import PersonId
from network.vetting.domain.path import (
    Move,
    Reason,
)


def codes() -> list[str]:
    """Codes of places, as they are typed in one field."""
    return request.form.get("zones", "").replace(",", " ").split()


def read_move(typed: str) -> Move:
    """A move that the pair may make."""
    try:
        move = Move(typed)
    except ValueError:
        raise BadInput("form", "choose") from None
    if move is Move.TRAIN:
        raise BadInput("form", "choose")  # the manual says so, nobody else
    return move


def read_reason(typed: str) -> Reason:
    """Why somebody is refused."""
    try:
        return Reason(typed)
    except ValueError:
        raise BadInput("reason", "choose") from None


def read_members(typed: list[str]) -> list[PersonId]:
    """The referees who are members."""
    try:
        return [PersonId(UUID(each)) for each in typed if each]
    except ValueError:
        raise BadInput("members", "choose") from None
