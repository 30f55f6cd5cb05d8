"""The pages of the cases room: what is open to me, the room, asking, access, and the end."""

from network.cases.web import (
    access,
    asking,
    copying,
    course,
    exposing,
    glass,
    proving,
    room,
    succession,
    tracing,
)
from network.cases.web.blueprint import bp

__all__ = [
    "access",
    "asking",
    "bp",
    "copying",
    "course",
    "exposing",
    "glass",
    "proving",
    "room",
    "succession",
    "tracing",
]
