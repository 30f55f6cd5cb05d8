"""The pages of the check-ins room: the desk, one alarm, and how a family is asked."""

from network.checkins.web import alarms, asking, desk
from network.checkins.web.blueprint import bp

__all__ = ["alarms", "asking", "bp", "desk"]
