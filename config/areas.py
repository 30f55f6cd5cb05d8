"""A country's states and municipalities: found by code or name, and the clock each lives by."""

import csv
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

HEADER = ("geo_code", "state_code", "state", "municipality_code", "municipality", "time_zone")


class BadAreas(ValueError):
    """The table of areas cannot be trusted; one sentence says which line and why."""


class NoSuchArea(LookupError):
    """No state or municipality has this code."""


@dataclass(frozen=True, slots=True)
class Municipality:
    """One municipality, with the five digits the statistics office gives it."""

    geo_code: str
    name: str
    state_code: str
    state: str
    time_zone: str


@dataclass(frozen=True, slots=True)
class State:
    """One state; its time zone is the one most of its municipalities live by."""

    geo_code: str
    name: str
    time_zone: str


Area = State | Municipality


@dataclass(frozen=True, slots=True)
class Areas:
    """Every state and municipality of a country, in the order of their codes."""

    states: tuple[State, ...]
    municipalities: tuple[Municipality, ...]
    _by_code: dict[str, Area] = field(repr=False, compare=False)
    _folded: tuple[tuple[str, Area], ...] = field(repr=False, compare=False)

    @classmethod
    def of(cls, municipalities: Iterable[Municipality]) -> "Areas":
        """Areas made of their municipalities."""
        all_of_them = tuple(sorted(municipalities, key=lambda each: each.geo_code))
        states = _states(all_of_them)
        areas: tuple[Area, ...] = (*states, *all_of_them)
        return cls(
            states=states,
            municipalities=all_of_them,
            _by_code={area.geo_code: area for area in areas},
            _folded=tuple((fold(area.name), area) for area in areas),
        )

    def get(self, geo_code: str) -> Area:
        """The state (two digits) or municipality (five) with this code, or `NoSuchArea`."""
        try:
            return self._by_code[geo_code]
        except KeyError:
            raise NoSuchArea(geo_code) from None

    def state(self, geo_code: str) -> State:
        """The state a code is of, or lies in."""
        found = self._by_code.get(geo_code[:2]) if geo_code in self._by_code else None
        if not isinstance(found, State):
            raise NoSuchArea(geo_code)
        return found

    def municipality(self, geo_code: str) -> Municipality:
        """The municipality with this code, or `NoSuchArea`."""
        if not isinstance(found := self.get(geo_code), Municipality):
            raise NoSuchArea(geo_code)
        return found

    def within(self, state_code: str) -> tuple[Municipality, ...]:
        """The municipalities of a state, or `NoSuchArea`."""
        self.state(state_code)
        return tuple(each for each in self.municipalities if each.state_code == state_code)

    def zone_of(self, geo_code: str) -> str:
        """The zoneinfo key of a place, or `NoSuchArea`. For a state, where most of it lies."""
        return self.get(geo_code).time_zone

    def search(self, words: str, *, limit: int = 10) -> tuple[Area, ...]:
        """Areas whose name holds the words, nearest first; accents and capitals do not matter.

        A comma narrows to the municipalities of a state: «Guerrero, Coahuila».
        """
        name, _, state = (fold(part) for part in words.partition(","))
        if not name or limit < 1:
            return ()
        found = (
            (_nearness(folded, name), len(folded), area.geo_code, area)
            for folded, area in self._folded
            if name in folded and _lies_in(area, state)
        )
        return tuple(area for *_, area in sorted(found, key=lambda hit: hit[:3])[:limit])


def fold(text: str) -> str:
    """Text as somebody in a hurry types it: no accents, no capitals, single spaces."""
    if text.isascii():
        return " ".join(text.lower().split())
    bare = (mark for mark in unicodedata.normalize("NFKD", text) if not unicodedata.combining(mark))
    return " ".join("".join(bare).casefold().split())


def read_areas(path: Path) -> Areas:
    """The areas in a table of municipalities, or `BadAreas`."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        if tuple(next(rows, ())) != HEADER:
            raise BadAreas(f"{path.name}: the first line must be {','.join(HEADER)}.")
        municipalities = [
            _municipality(path.name, number, row) for number, row in enumerate(rows, 2)
        ]
    if not municipalities:
        raise BadAreas(f"{path.name}: there is no municipality in it.")
    _refuse_repeats(path.name, municipalities)
    for zone in {each.time_zone for each in municipalities}:
        _refuse_unknown_zone(path.name, zone)
    return Areas.of(municipalities)


def _municipality(file: str, number: int, row: list[str]) -> Municipality:
    if len(row) != len(HEADER) or not all(cell and cell == cell.strip() for cell in row):
        raise BadAreas(f"{file}: line {number} must have {len(HEADER)} values, none empty.")
    geo_code, state_code, state, municipality_code, name, zone = row
    if geo_code != state_code + municipality_code or not re.fullmatch(r"[0-9]{5}", geo_code):
        raise BadAreas(f"{file}: line {number} must have a code of two and three digits.")
    return Municipality(geo_code, name, state_code, state, zone)


def _refuse_repeats(file: str, municipalities: list[Municipality]) -> None:
    code, times = Counter(each.geo_code for each in municipalities).most_common(1)[0]
    if times > 1:
        raise BadAreas(f"{file}: the code {code} stands there {times} times.")
    names = {(each.state_code, each.state) for each in municipalities}
    state_code, times = Counter(code for code, _ in names).most_common(1)[0]
    if times > 1:
        raise BadAreas(f"{file}: the state {state_code} has {times} names.")


def _refuse_unknown_zone(file: str, zone: str) -> None:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadAreas(f"{file}: there is no time zone {zone!r}.") from None


def _states(municipalities: tuple[Municipality, ...]) -> tuple[State, ...]:
    zones: dict[tuple[str, str], Counter[str]] = {}
    for each in municipalities:
        zones.setdefault((each.state_code, each.state), Counter())[each.time_zone] += 1
    return tuple(
        State(code, name, count.most_common(1)[0][0]) for (code, name), count in zones.items()
    )


def _lies_in(area: Area, state: str) -> bool:
    return not state or (isinstance(area, Municipality) and state in fold(area.state))


def _nearness(folded: str, name: str) -> int:
    if folded == name:
        return 0
    if folded.startswith(name):
        return 1
    return 2 if f" {name}" in folded else 3
