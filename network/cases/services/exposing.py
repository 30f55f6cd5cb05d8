"""What somebody can open, could open, and did: said from the tables and the log, never guessed."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from network import audit
from network.cases.policy import CasePermission, require
from network.cases.services.opening import OPENED
from network.cases.store import exposures
from network.db import Tx
from network.kernel.actor import Actor
from network.kernel.ids import CaseId, PersonId
from network.kernel.words import N_
from network.people import services as people
from network.people.domain import Member

OPENED_FILE = "case.opened-file"
SEEN, TAKEN = "person.report-seen", "person.report-taken"
A_DAY = timedelta(days=1)
LOOKED_AT = N_(
    "%(who)s has looked at which cases %(member)s can open, and when they did. If you do not know"
    " of it, ask them."
)
TOOK_ALONG = N_(
    "%(who)s has taken along a table of which cases %(member)s can open, and when they did. If you"
    " do not know of it, ask them."
)


@dataclass(frozen=True, slots=True)
class Exposed:
    """One case: what could be opened of it, from when until when, and each time it was."""

    case_id: CaseId
    reference: str  # empty where it was erased since
    since: date | None  # None where it was erased: only the openings are known still
    until: date | None  # None while they still can
    epochs: int
    entries: int
    files: int
    openings: tuple[datetime, ...]
    files_opened: tuple[datetime, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """What one member surrenders: everything they could open, and what they did open."""

    member: Member
    made_at: datetime
    cases: tuple[Exposed, ...]
    offered: int  # briefs that were sealed to them, accepted or not
    is_signed_in: bool  # a lost device of theirs opens what they can

    @property
    def held(self) -> tuple[Exposed, ...]:
        """What they can open today."""
        return tuple(each for each in self.cases if each.since is not None and each.until is None)

    @property
    def entries(self) -> int:
        """All entries they could open."""
        return sum(each.entries for each in self.cases)

    @property
    def opened(self) -> int:
        """How many of these cases they ever opened."""
        return sum(1 for each in self.cases if each.openings or each.files_opened)


@dataclass(frozen=True, slots=True)
class Taken:
    """A report that leaves the house: who took it, and which line of the log says so."""

    report: Report
    by: str
    line: int


def look_at(tx: Tx, actor: Actor, *, person_id: PersonId) -> Report:
    """The report, for a page. It leaves a receipt, and the others of coordination hear, once a day.

    Alone with it, somebody who is forced to could learn who holds what.
    """
    found = report(tx, actor, person_id=person_id)
    if not audit.times(tx, actor.person, SEEN, since=tx.now - A_DAY, about=person_id):
        _tell(tx, actor, found.member, LOOKED_AT)
    audit.receipt(tx, actor, SEEN, subject=person_id)
    return found


def take_along(tx: Tx, actor: Actor, *, person_id: PersonId) -> Taken:
    """The report, for a file. Each is another line of the log, and another letter to the others: a
    file that gets out names it.
    """
    found = report(tx, actor, person_id=person_id)
    _tell(tx, actor, found.member, TOOK_ALONG)
    line = audit.receipt(tx, actor, TAKEN, subject=person_id)
    return Taken(found, people.member(tx, actor.person).alias, line)


def _tell(tx: Tx, actor: Actor, member: Member, msgid: str) -> None:
    """The others of coordination, but for whom it is about."""
    if member.id == actor.person_id:
        return
    me = people.member(tx, actor.person)
    others = people.coordinators(tx, but={me.id, member.id})
    people.write_to(tx, others, msgid, params={"who": me.alias, "member": member.alias})


def report(tx: Tx, actor: Actor, *, person_id: PersonId) -> Report:
    """The exposure report on one member, or on oneself. Names cases by reference, no words."""
    require(actor, CasePermission.SEE_EXPOSURE)
    member = people.member(tx, person_id)
    reached = exposures.of(tx, person_id)
    rooms = audit.done_by(tx, person_id, OPENED)
    files = audit.done_by(tx, person_id, OPENED_FILE)
    names = exposures.references(tx, (each.case_id for each in reached))
    known = {each.case_id for each in reached}
    erased = sorted(((*rooms, *files) if rooms or files else ()), key=str)
    lines = [
        Exposed(
            each.case_id,
            names.get(each.case_id, ""),
            each.since_on,
            each.lost_on,
            each.epochs,
            each.entries,
            each.files,
            rooms.get(each.case_id, ()),
            files.get(each.case_id, ()),
        )
        for each in reached
    ]
    lines += [
        Exposed(each, "", None, None, 0, 0, 0, rooms.get(each, ()), files.get(each, ()))
        for each in dict.fromkeys(erased)
        if each not in known
    ]
    offered = audit.done_to(tx, person_id, "case.offered")
    return Report(member, tx.now, tuple(lines), offered, person_id in people.signed_in(tx))
