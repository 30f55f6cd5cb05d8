"""The pages of the manual room: lines to dial, reviews, totals, training, a case's chapters."""

from network.manual.web import coordination, helped, learning, room
from network.manual.web.blueprint import bp

__all__ = ["bp", "coordination", "helped", "learning", "room"]
