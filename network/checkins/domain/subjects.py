"""Who is asked, and whom an alarm is about: the family of a case, or a member. Pure."""

from dataclasses import dataclass
from uuid import UUID

from network.kernel.ids import CaseId, PersonId


@dataclass(frozen=True, slots=True)
class Subject:
    """The family of `case`, or the member `person`; one of them, never both."""

    case: CaseId | None = None
    person: PersonId | None = None

    def __post_init__(self) -> None:
        if (self.case is None) == (self.person is None):
            raise ValueError("a subject is a family or a member")

    def __hash__(self) -> int:
        return hash(self.case or self.person)  # one of the two: asked very often by the clock

    @property
    def id(self) -> UUID:
        """The id of whichever it is."""
        found = self.case or self.person
        assert found is not None
        return found
