"""What the check-ins room asks of cases: who is around many of them, and who looks after one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from network.cases.domain import Case, Contact, Entry, EntryKind
from network.cases.policy import CasePermission, require
from network.cases.store import cases, entries, keys
from network.cases.store.circles import Around, around, unaddressed
from network.db import Tx
from network.kernel.actor import Actor
from network.kernel.hidden import Plaintext
from network.kernel.ids import CaseId, EntryId, PersonId, new_id
from network.people import services as people
from network.people.domain import Member


@dataclass(frozen=True, slots=True)
class Circle:
    """A case, its family's chat, who accompanies it, and its ladder as JSON ("" without one)."""

    case: Case
    contact: Contact | None
    accompanier: Member | None
    ladder: str


def circles(tx: Tx, case_ids: Iterable[CaseId]) -> dict[CaseId, Circle]:
    """Who is around these cases, in two statements however many they are."""
    return _around(tx, around(tx, case_ids))


def circles_unaddressed(tx: Tx, case_ids: Iterable[CaseId]) -> dict[CaseId, Circle]:
    """The same where nobody writes to the families: no circle has a contact."""
    return _around(tx, unaddressed(tx, case_ids))


def _around(tx: Tx, found: Mapping[CaseId, Around]) -> dict[CaseId, Circle]:
    members = people.members_named(
        tx, {each.case.activist for each in found.values() if each.case.activist is not None}
    )
    return {
        case_id: Circle(each.case, each.contact, _active(members, each.case), each.ladder)
        for case_id, each in found.items()
    }


def companion(tx: Tx, actor: Actor, *, case_id: CaseId) -> Case:
    """The case, for whoever accompanies it or coordinates it with a grant."""
    case = cases.get(tx, actor, case_id)
    require(actor, CasePermission.WRITE, case)
    return case


def record(tx: Tx, *, case_id: CaseId, author: PersonId | None, text: Plaintext) -> EntryId | None:
    """Seal what happened into the case; no key is needed for that. None where the case is gone."""
    found = around(tx, (case_id,)).get(case_id)
    if found is None:
        return None
    public = keys.public_key(tx, case_id, found.case.epoch)
    entry = Entry(0, EntryId(new_id()), EntryKind.EVENT, tx.now, author, text)
    return entries.add(tx, found.case, public, entry)


def _active(members: dict[PersonId, Member], case: Case) -> Member | None:
    found = members.get(case.activist) if case.activist is not None else None
    return found if found is not None and found.active else None
