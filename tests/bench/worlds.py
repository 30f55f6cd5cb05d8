"""A small and a large world for the pages: the same desk, and very different cellars."""

from dataclasses import dataclass
from datetime import timedelta
from itertools import count

from sqlalchemy import insert

from network.cases import services as cases
from network.cases.domain import Case, Entry, EntryKind
from network.cases.store import entries, keys
from network.cases.tables import EntryRow
from network.db import writing
from network.door import Door
from network.kernel.actor import InChat
from network.kernel.hidden import Plaintext
from network.kernel.ids import CaseId, EntryId, new_id

PAGE = 50
WORDS = "Hoy no han llamado. El teléfono sigue apagado y nadie en la casa ha dormido."
_chats = count(8_000_000_000)


@dataclass(frozen=True, slots=True)
class World:
    """A coordinator's open cases, and one of them with a long history."""

    room: CaseId
    entries: int


def fill(door: Door, *, open_cases: int, in_room: int, in_each: int) -> World:
    """`open_cases` requests of `in_each` entries, and one more with `in_room`."""
    made = [_case(door) for _ in range(open_cases + 1)]
    room, others = made[0], made[1:]
    _more(door, room, in_room - 1)
    for case in others:
        _more(door, case, in_each - 1)
    return World(room.id, in_room + len(others) * in_each)


def _case(door: Door) -> Case:
    family = InChat(next(_chats))
    return door.ask(cases.intake, family, situation="taken", text=Plaintext(WORDS)).case


def _more(door: Door, case: Case, many: int) -> None:
    """The last page is sealed word by word; what lies below is as large, and nobody opens it."""
    if many <= 0:
        return
    below = max(0, many - PAGE - 1)
    with writing(door.database, door.now(), door.secret, door.pack) as tx:
        first = entries.page(tx, case.id, before=None, limit=1)[0]
        for start in range(0, below, 1_000):
            tx.session.execute(
                insert(EntryRow).inline(),
                [
                    {"id": new_id(), "case_id": case.id, "epoch": case.epoch, "body": first.body}
                    for _ in range(min(1_000, below - start))
                ],
            )
        public = keys.public_key(tx, case.id, case.epoch)
        for number in range(many - below):
            at = tx.now - timedelta(minutes=many - number)
            entry = Entry(0, EntryId(new_id()), EntryKind.FROM_FAMILY, at, None, Plaintext(WORDS))
            entries.add(tx, case, public, entry)
