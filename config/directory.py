"""The telephone lines of a country's pack, and when somebody of ours last dialled each."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar

from pydantic import ConfigDict, Field

from config.areas import Areas
from config.kinds import BadPack, Day, Strict, Text


@dataclass(frozen=True, slots=True)
class Line:
    """A telephone line, and when somebody of ours last dialled it."""

    __pydantic_config__: ClassVar[ConfigDict] = Strict
    id: Annotated[str, Field(pattern=r"^[a-z0-9-]+$")]
    name: Text
    number: Annotated[str, Field(pattern=r"^[0-9][0-9 ]+$")]
    channel: Annotated[str, Field(pattern=r"^(call|whatsapp)$")]
    use: Mapping[str, Text]
    facts: tuple[Text, ...]
    sources: Annotated[tuple[Text, ...], Field(min_length=1)]
    seen: Text
    state: Annotated[str, Field(pattern=r"^[0-9]{2}$")] | None = None  # None is the whole country
    last_dialled: Day | None = None

    @property
    def untested(self) -> bool:
        """Whether nobody has dialled it yet; pages then say «sin probar»."""
        return self.last_dialled is None


@dataclass(frozen=True, slots=True)
class Directory:
    """What directory.toml holds."""

    __pydantic_config__: ClassVar[ConfigDict] = Strict
    line: tuple[Line, ...]


def check_states(lines: tuple[Line, ...], areas: Areas, name: str) -> None:
    """Each line is of a state that there is, or of the whole country."""
    known = {state.geo_code for state in areas.states}
    for line in lines:
        if line.state is not None and line.state not in known:
            raise BadPack(f"{name}: {line.id}.state: there is no such state.")


def check_lines(lines: tuple[Line, ...], spoken: tuple[str, ...], name: str) -> None:
    """Each line stands there once, and speaks every language of the country."""
    ids = [line.id for line in lines]
    for line in lines:
        if ids.count(line.id) > 1:
            raise BadPack(f"{name}: the id {line.id!r} stands there more than once.")
        if set(line.use) != set(spoken):
            raise BadPack(f"{name}: {line.id}.use must speak {', '.join(spoken)}, and no other.")
