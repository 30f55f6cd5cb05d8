"""A family that leaves: it asks, and the time in which it could take it back goes by."""

from dataclasses import replace
from datetime import UTC, datetime, time

from network.cases import services as cases
from network.checkins import services as checkins
from network.door import Door
from network.kernel.actor import Engine, InChat


def leaves(door: Door, family: InChat) -> None:
    """Only the clock that erases is ahead: for everybody else it is the same moment as before."""
    day = door.ask(cases.ask_erasure, family)
    later = datetime.combine(day, time(7), UTC)
    replace(door, now=lambda: later).ask(checkins.erase_due, Engine("clock"))
