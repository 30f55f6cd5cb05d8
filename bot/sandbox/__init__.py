"""A Bot API server on loopback and a page that looks like a phone: demo, drills and tests."""

from bot.sandbox.faults import Fault, Faults, Kind
from bot.sandbox.people import NotShown, Person, Shown
from bot.sandbox.sandbox import DEMO_TOKEN, NotInProduction, Sandbox

__all__ = [
    "DEMO_TOKEN",
    "Fault",
    "Faults",
    "Kind",
    "NotInProduction",
    "NotShown",
    "Person",
    "Sandbox",
    "Shown",
]
