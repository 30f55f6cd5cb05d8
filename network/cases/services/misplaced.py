"""Keys that vetting would not give today, in hands that have them: shown, to be handed on."""

from dataclasses import dataclass

from network.cases.policy import CasePermission, may
from network.cases.store import cases, gate, keys
from network.db import Tx
from network.kernel.actor import Actor
from network.kernel.ids import CaseId, PersonId
from network.people import services as people
from network.vetting import services as vetting
from network.vetting.domain.gate import Bar

SHOWN = 100


@dataclass(frozen=True, slots=True)
class Misplaced:
    """A running case somebody holds who would be given no key to it today, and why not."""

    case_id: CaseId
    reference: str
    member: PersonId
    alias: str
    why: Bar


def misplaced(tx: Tx, actor: Actor) -> tuple[Misplaced, ...]:
    """For coordination, by reference: nobody is cut off because something about them changed.

    A family may rely on them this minute. The store gives them nothing new, their grants are not
    renewed, and the next change of key leaves them out.
    """
    if not may(actor, CasePermission.SEE_EXPOSURE):
        return ()
    doubtful = set(vetting.doubtful(tx))
    if not doubtful:
        return ()
    held = cases.held_by_some(tx, doubtful, limit=SHOWN)
    readers = keys.readers_of_many(tx, [each.id for each in held])
    known = people.members_named(tx, {one for each in readers.values() for one in each})
    found = []
    for case in held:
        inside = readers[case.id]
        asked = sorted(inside & doubtful)
        for person, why in gate.barred(tx, case, asked, beside=inside).items():
            alias = known[person].alias
            found.append(Misplaced(case.id, case.card.reference, person, alias, why))
    return tuple(found)
