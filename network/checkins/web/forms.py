"""What the form of a rhythm says, read into the words of the service."""

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import request

from network.checkins.domain.rhythms import EVERY_DAY, Plan
from network.kernel.errors import BadInput

MINUTES = (15, 30)
HOURS = (1, 2, 3, 4, 6, 8, 12, 24, 48, 72)
NIGHTS = (2, 3, 4, 6, 8, 12)
FIELDS = ("every", "begins", "ends", "times", "night", "last", "zone")
DAYS = tuple(range(7))
SECONDS = re.compile(r"[0-9]{1,10}\Z")  # a moment that a page holds, so that a second press is one


def typed() -> dict[str, Any]:
    """The form as it was sent, to be shown again where something in it is wrong."""
    found: dict[str, Any] = {name: request.form.get(name, "").strip() for name in FIELDS}
    found["days"] = request.form.getlist("days")
    return found


def empty() -> dict[str, Any]:
    """A form nobody has touched."""
    return dict.fromkeys((*FIELDS, "at", "until"), "") | {"days": []}


def habits(said: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of `set_rhythm`, or BadInput with the field that is wrong."""
    times = tuple(sorted({_time("times", each) for each in said["times"].split()}))
    return {
        "every": None if times else _every(said["every"]),
        "begins": _time("begins", said["begins"]),
        "ends": _time("ends", said["ends"]),
        "times": times,
        "days": _days(said["days"]),
        "night": _hours("night", said["night"], NIGHTS) if said["night"] else None,
        "last": _date(said["last"]) if said["last"] else None,
        "zone": said["zone"] or None,
    }


def moment(field: str, text: str, zone: str) -> datetime:
    """A moment as a browser writes it, by the clock of whoever is asked."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(field, "not_a_time") from None
    if found.tzinfo is not None:
        raise BadInput(field, "not_a_time")
    return found.replace(tzinfo=ZoneInfo(zone))


def often_of(plan: Plan) -> str:
    """The choice of the list that stands for this plan."""
    if plan.every is None:
        return ""
    minutes = int(plan.every.total_seconds() // 60)
    return f"{minutes}m" if minutes in MINUTES else str(minutes // 60)


def _every(text: str) -> timedelta:
    if text.endswith("m"):
        found = _number("every", text[:-1])
        if found not in MINUTES:
            raise BadInput("every", "out_of_range")
        return timedelta(minutes=found)
    return _hours("every", text, HOURS)


def _hours(field: str, text: str, choices: tuple[int, ...]) -> timedelta:
    found = _number(field, text)
    if found not in choices:
        raise BadInput(field, "out_of_range")
    return timedelta(hours=found)


def _number(field: str, text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > len("1000"):
        raise BadInput(field, "out_of_range")
    return int(text)


def _days(chosen: list[str]) -> frozenset[int]:
    """No day ticked is every day: nobody is left without a question by an empty form."""
    found = frozenset(_number("days", each) for each in chosen)
    if not found <= EVERY_DAY:
        raise BadInput("days", "out_of_range")
    return found or EVERY_DAY


def _time(field: str, text: str) -> time:
    try:
        found = time.fromisoformat(text)
    except ValueError:
        raise BadInput(field, "not_a_time") from None
    if found.tzinfo is not None:
        raise BadInput(field, "not_a_time")
    return found


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadInput("last", "not_a_day") from None
