"""A country's pack: what differs from one country to the next, as data checked when read."""

import tomllib
from dataclasses import dataclass, fields
from datetime import timedelta
from enum import StrEnum
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, ClassVar, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from config.areas import Areas, BadAreas, read_areas
from config.directory import Directory, Line, check_lines, check_states
from config.kinds import BadPack, ClockTime, Count, Duration, Strict, Text, Wait
from config.language import languages

COUNTRIES = Path(__file__).parent / "countries"
VICTIMS = "year,month,state_code,state,modality,sex,age_range,victims"
POPULATION = "year,state_code,state,population_mid_year"
REASONS = {
    "unexpected_keyword_argument": "is not a key that a pack has",
    "missing": "is missing",
}
MOST_SHARES = 16  # SLIP-39 splits no further


class Tell(StrEnum):
    """Whom a rung wakes."""

    ACCOMPANIER = "accompanier"
    DUTY = "duty"
    COORDINATORS = "coordinators"


@dataclass(frozen=True, slots=True)
class Rung:
    """Who is told, this long after the grace has run out."""

    __pydantic_config__: ClassVar[ConfigDict] = Strict
    after: Duration
    tell: Tell


Ladder = tuple[Rung, ...]


@dataclass(frozen=True, slots=True)
class Phone:
    """How a telephone number looks: region as `phonenumbers` names it."""

    __pydantic_config__: ClassVar[ConfigDict] = Strict
    region: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
    country_code: Count
    digits: Count


@dataclass(frozen=True, slots=True)
class Waking:
    """The hours in which a question may be asked, in the person's own time zone."""

    __pydantic_config__: ClassVar[ConfigDict] = Strict
    begins: ClockTime
    ends: ClockTime

    def __post_init__(self) -> None:
        if self.begins >= self.ends:
            raise ValueError("begins must be before ends")


@dataclass(frozen=True, slots=True)
class CheckIns:
    """A check-in's habits. Reminder and grace count from the question's delivery."""

    __pydantic_config__: ClassVar[ConfigDict] = Strict
    every: Wait
    reminder: Wait
    grace: Wait
    ladder: Ladder

    def __post_init__(self) -> None:
        if self.reminder >= self.grace:
            raise ValueError("reminder must come before grace runs out")
        _check_ladder(self.ladder)


@dataclass(frozen=True, slots=True)
class Alarms:
    """Who hears a danger word, counted from the moment it arrives; how long an alarm is somebody's
    without a word from them. What Telegram has not delivered after `fallback` goes by the readers'
    other channels too.
    """

    __pydantic_config__: ClassVar[ConfigDict] = Strict
    ownership: Wait
    ladder: Ladder
    fallback: Wait = timedelta(minutes=2)

    def __post_init__(self) -> None:
        _check_ladder(self.ladder)


@dataclass(frozen=True, slots=True)
class Silence:
    """So many people of one zone silent within the window are one finding: perhaps a blackout.

    From then on their rungs wait for each other, for less than `share`, to stand in one letter; and
    so do those of people who fall silent within `share` of each other, the first of them excepted.
    """

    __pydantic_config__: ClassVar[ConfigDict] = Strict
    window: Wait
    people: Annotated[int, Field(ge=2, strict=True)]
    share: Wait


@dataclass(frozen=True, slots=True)
class Fatigue:
    """So many alarms that nobody needed in the window, and the desk proposes a gentler rhythm."""

    __pydantic_config__: ClassVar[ConfigDict] = Strict
    window: Wait
    alarms: Count


@dataclass(frozen=True, slots=True)
class Offers:
    """How many are asked at once, and how long an offer stands."""

    __pydantic_config__: ClassVar[ConfigDict] = Strict
    most_invited: Count
    expires_high: Wait
    expires_normal: Wait


@dataclass(frozen=True, slots=True)
class Most:
    """How many cases one account may be able to open at once, by what its owner does."""

    __pydantic_config__: ClassVar[ConfigDict] = Strict
    accompanying: Annotated[int, Field(ge=1)]
    coordinating: Annotated[int, Field(ge=1)]


@dataclass(frozen=True, slots=True)
class Access:
    """How long a grant lasts, how long before its end a letter says so, how long the clock keeps
    what may not end yet, how long a closed case is kept, and how much one account may open.
    """

    __pydantic_config__: ClassVar[ConfigDict] = Strict
    grant: Wait
    warning: Wait
    kept_on: Wait
    kept_after_closing: Wait
    most: Most


@dataclass(frozen=True, slots=True)
class Vetting:
    """How long somebody new is accompanied, how often everybody is looked at again, what is learnt
    first, and how long an application that led nowhere is kept.
    """

    __pydantic_config__: ClassVar[ConfigDict] = Strict
    probation: Wait
    review: Wait
    kept: Wait
    chapters: Annotated[tuple[Text, ...], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class Quorum:
    """Breaking the glass takes `needed` of `holders`, a `delay` in which any coordinator can stop
    it, and `patience` for those who come late. What it opens is shut again after `open_for`.
    """

    __pydantic_config__: ClassVar[ConfigDict] = Strict
    needed: Annotated[int, Field(ge=2, strict=True)]
    holders: Annotated[int, Field(le=MOST_SHARES, strict=True)]
    delay: Wait = timedelta(hours=24)
    patience: Wait = timedelta(days=7)
    open_for: Wait = timedelta(hours=24)

    def __post_init__(self) -> None:
        if self.needed > self.holders:
            raise ValueError("needed may not be more than holders")


@dataclass(frozen=True, slots=True)
class FirstAnswer:
    """The time to a person that a family may honestly be told."""

    __pydantic_config__: ClassVar[ConfigDict] = Strict
    on_duty: Wait
    nobody_on_duty: Wait


@dataclass(frozen=True, slots=True)
class Shelf:
    """How the handbook is served: whether advice that could do harm waits for its review."""

    __pydantic_config__: ClassVar[ConfigDict] = Strict
    refuse_unreviewed: Annotated[bool, Field(strict=True)]


@dataclass(frozen=True, slots=True)
class Official:
    """Published figures, as files: registered victims and population by state."""

    victims: Path
    population: Path


@dataclass(frozen=True, slots=True)
class Rules:
    """What pack.toml holds."""

    __pydantic_config__: ClassVar[ConfigDict] = Strict
    code: Text
    name: Text
    languages: Annotated[tuple[Text, ...], Field(min_length=1)]
    time_zone: Text
    phone: Phone
    waking: Waking
    check_ins: CheckIns
    alarms: Alarms
    silence: Silence
    fatigue: Fatigue
    offers: Offers
    access: Access
    vetting: Vetting
    quorum: Quorum
    first_answer: FirstAnswer
    handbook: Shelf

    def __post_init__(self) -> None:
        if unknown := [each for each in self.languages if each not in languages()]:
            raise ValueError(f"there is no catalog for the language {unknown[0]!r}")
        try:
            ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f"there is no time zone {self.time_zone!r}") from None


@dataclass(frozen=True, slots=True)
class Pack(Rules):
    """A whole country pack: its rules, its telephone lines, its places and the official figures."""

    directory: tuple[Line, ...]
    areas: Areas
    official: Official

    @property
    def ladder(self) -> Ladder:
        """Who is told, and when, once a check-in is late."""
        return self.check_ins.ladder


RULES = TypeAdapter(Rules)  # built with the module: a load is then quick
DIRECTORY = TypeAdapter(Directory)


def countries(folder: Path = COUNTRIES) -> tuple[str, ...]:
    """The countries there are packs for."""
    return tuple(sorted(each.parent.name for each in folder.glob("*/pack.toml")))


@cache
def load_pack(code: str, folder: Path = COUNTRIES) -> Pack:
    """A country's pack, read once and checked whole, or `BadPack`."""
    if code not in countries(folder):
        raise BadPack(f"There is no country pack {code!r}.")
    home = folder / code
    rules = _read(home / "pack.toml", RULES)
    if rules.code != code:
        raise BadPack(f"{code}/pack.toml: code: must be {code!r}, as its folder is named.")
    directory = _read(home / "directory.toml", DIRECTORY).line
    check_lines(directory, rules.languages, f"{code}/directory.toml")
    try:
        areas = read_areas(home / "areas.csv")
    except (BadAreas, OSError, UnicodeDecodeError) as error:
        raise BadPack(f"{code}/areas.csv cannot be used: {error}") from error
    check_states(directory, areas, f"{code}/directory.toml")
    shared: dict[str, Any] = {each.name: getattr(rules, each.name) for each in fields(rules)}
    return Pack(**shared, directory=directory, areas=areas, official=_official(home))


def _official(home: Path) -> Official:
    official = Official(
        victims=home / "official" / "kidnapping_victims.csv",
        population=home / "official" / "state_population.csv",
    )
    for path, header in ((official.victims, VICTIMS), (official.population, POPULATION)):
        try:
            with path.open(encoding="utf-8") as file:
                first = file.readline().strip()
        except (OSError, UnicodeDecodeError) as error:
            raise BadPack(f"{home.name}/official/{path.name} cannot be read.") from error
        if first != header:
            raise BadPack(f"{home.name}/official/{path.name}: the first line must be {header}.")
    return official


T = TypeVar("T")


def _read(path: Path, shape: TypeAdapter[T]) -> T:
    name = f"{path.parent.name}/{path.name}"
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadPack(f"{name} cannot be read: {error}") from error
    try:
        return shape.validate_python(found)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        why = REASONS.get(first["type"]) or first["msg"].removeprefix("Value error, ")
        raise BadPack(f"{name}: {f'{where}: ' if where else ''}{why}.") from None


def _check_ladder(ladder: Ladder) -> None:
    if not ladder:
        raise ValueError("a ladder needs at least one rung")
    if any(later.after < earlier.after for earlier, later in pairwise(ladder)):
        raise ValueError("the rungs of a ladder must stand in the order of their times")
    if ladder[-1].tell is not Tell.COORDINATORS:
        raise ValueError("the last rung of a ladder must tell all coordinators")
