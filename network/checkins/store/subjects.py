"""How a subject stands in a row: the case or the person, and null for the other."""

from uuid import UUID

from sqlalchemy import ColumnElement

from network.checkins.domain.subjects import Subject
from network.checkins.tables import OutcomeRow, PromptRow, RhythmRow, WatchRow
from network.kernel.ids import CaseId, PersonId

About = type[RhythmRow] | type[PromptRow] | type[WatchRow] | type[OutcomeRow]


def columns(subject: Subject) -> dict[str, UUID | None]:
    """The two columns of a row about this subject."""
    return {"case_id": subject.case, "person_id": subject.person}


def subject_of(case_id: UUID | None, person_id: UUID | None) -> Subject:
    """The subject of a row."""
    return Subject(
        None if case_id is None else CaseId(case_id),
        None if person_id is None else PersonId(person_id),
    )


def is_about(table: About, subject: Subject) -> ColumnElement[bool]:
    """The rows about this subject."""
    if subject.case is not None:
        return table.case_id == subject.case
    return table.person_id == subject.person
