"""The pages of the check-ins room: the desk, one alarm, how people are asked, and trips."""

from network.checkins.web import alarms, asking, callplans, desk, drills, memberplans, trips
from network.checkins.web.blueprint import bp

__all__ = ["alarms", "asking", "bp", "callplans", "desk", "drills", "memberplans", "trips"]
