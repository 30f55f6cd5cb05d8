"""What a value of a country's pack may be: durations, times, days, texts, counts; and `BadPack`."""

import re
from datetime import date, time, timedelta
from typing import Annotated

from pydantic import BeforeValidator, ConfigDict, Field

UNITS = {"min": "minutes", "h": "hours", "d": "days"}


class BadPack(RuntimeError):
    """A country pack that cannot be used; one sentence names the file, the key and the reason."""


def _duration(value: object) -> object:
    if isinstance(value, timedelta):
        return value
    if isinstance(value, str) and (parts := re.fullmatch(r"([0-9]{1,4}) (min|h|d)", value)):
        return timedelta(**{UNITS[parts[2]]: int(parts[1])})
    raise ValueError('must be a duration such as "15 min", "6 h" or "30 d"')


def _clock_time(value: object) -> object:
    if isinstance(value, time):
        return value
    raise ValueError("must be a time of day such as 08:00:00")


def _day(value: object) -> object:
    if type(value) is date:
        return value
    raise ValueError("must be a date such as 2026-11-21")


Text = Annotated[str, Field(min_length=1, strict=True)]
Count = Annotated[int, Field(ge=1, strict=True)]
Duration = Annotated[timedelta, BeforeValidator(_duration)]
Wait = Annotated[timedelta, BeforeValidator(_duration), Field(gt=timedelta(0))]
ClockTime = Annotated[time, BeforeValidator(_clock_time)]
Day = Annotated[date, BeforeValidator(_day)]
Strict = ConfigDict(extra="forbid")
