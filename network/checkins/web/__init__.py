"""The pages of the check-ins room: the desk, one alarm, how people are asked, and trips."""

from network.checkins.web import alarms, asking, desk, trips
from network.checkins.web.blueprint import bp

__all__ = ["alarms", "asking", "bp", "desk", "trips"]
