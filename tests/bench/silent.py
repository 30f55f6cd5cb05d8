"""A hundred thousand families who are asked by the clock, each accompanied by somebody."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import insert

from network.cases.domain import Card, Case, CaseStatus
from network.cases.store import cases as case_store
from network.cases.store import families
from network.cases.tables import CaseRow, ContactRow
from network.checkins.domain.prompts import PromptStatus
from network.checkins.domain.rhythms import Plan, RhythmStatus
from network.checkins.store import rhythms
from network.checkins.tables import PromptRow, RhythmRow
from network.db import Tx, writing
from network.door import Door
from network.encryption.sealed import Place
from network.kernel.actor import Role
from network.kernel.hidden import Plaintext
from network.kernel.ids import CaseId, RhythmId, new_id
from network.people.domain import Clearance, Level, Profile, Standing
from network.people.store import members
from network.people.tables import PersonRow

FIRST_FAMILY, FIRST_MEMBER = 300_000_000, 400_000_000
AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class Silent:
    """Who falls silent: their rhythms and cases, and the chats of those who accompany them."""

    chats: tuple[int, ...]
    asked: tuple[tuple[RhythmId, CaseId], ...]


def fill(door: Door, *, rhythms_: int, late: int, late_at: datetime) -> Silent:
    """`rhythms_` families with a question out; that of `late` of them is late at `late_at`."""
    found = live(door, rhythms_=rhythms_, late=late)
    ask(door, found, [late_at] * late)
    return found


def live(door: Door, *, rhythms_: int, late: int) -> Silent:
    """The same, while those who will fall silent have not been asked yet.

    Every one of them has a card, a chat and an accompanier of its own. The others only lie in the
    same tables and are not due: theirs is one card.
    """
    with writing(door.database, door.now(), door.secret, door.pack) as tx:
        helpers = _helpers(tx, late)
        silent = _families(tx, helpers)
        (still,) = _families(tx, helpers[:1])
        asked = _rhythms(tx, silent)
        others = _rhythms(tx, [still] * (rhythms_ - late))
        _questions(tx, others, [tx.now + timedelta(days=3)] * len(others))
    return Silent(tuple(FIRST_MEMBER + number for number in range(late)), tuple(asked))


def ask(door: Door, silent: Silent, late_at: Sequence[datetime]) -> None:
    """A question to each, asked twice, whose time runs out at its own moment."""
    with writing(door.database, door.now(), door.secret, door.pack) as tx:
        _questions(tx, silent.asked, late_at)


def _helpers(tx: Tx, many: int) -> list[Any]:
    ids = [new_id() for _ in range(many)]
    _insert(
        tx,
        PersonRow,
        (
            {
                "id": person,
                "role": Role.ACTIVIST,
                "standing": Standing.ACTIVE,
                "on_duty": False,
                "handle_index": tx.secret.index(members.HANDLES, f"helper{number}"),
                "chat_index": tx.secret.index(members.CHATS, str(FIRST_MEMBER + number)),
                "profile": members._seal(
                    tx,
                    person,
                    Profile(
                        f"h{number}",
                        f"H{number}",
                        "es",
                        FIRST_MEMBER + number,
                        Clearance(Level.FULL),
                    ),
                ),
                "public_key": b"k" * 1216,
                "joined_on": tx.now.date(),
            }
            for number, person in enumerate(ids)
        ),
    )
    return ids


def _families(tx: Tx, helpers: Sequence[Any]) -> list[CaseId]:
    ids = [CaseId(new_id()) for _ in helpers]
    at = tx.now - timedelta(days=1)
    _insert(
        tx,
        CaseRow,
        (
            {
                "id": case_id,
                "status": CaseStatus.ACCOMPANIED,
                "urgency": None,
                "opened_at": at,
                "card": case_store.seal_card(
                    tx,
                    Case(
                        case_id,
                        CaseStatus.ACCOMPANIED,
                        None,
                        at,
                        Card(f"rio-{number}", "a-b"),
                        1,
                        None,
                        None,
                    ),
                ),
                "ladder": "",
                "epoch": 1,
                "activist_id": helper,
            }
            for number, (case_id, helper) in enumerate(zip(ids, helpers, strict=True))
        ),
    )
    _insert(tx, ContactRow, (_contact(tx, number, case_id) for number, case_id in enumerate(ids)))
    return ids


def _contact(tx: Tx, number: int, case_id: CaseId) -> dict[str, Any]:
    row, chat = new_id(), FIRST_FAMILY + number
    text = json.dumps({"chat": chat, "language": "es", "danger_word": ""})
    place = Place("contacts", "sealed", row)
    return {
        "id": row,
        "case_id": case_id,
        "chat_index": tx.secret.index("bench", f"{case_id}"),
        "is_open": True,
        "sealed": tx.secret.seal(Plaintext(text), place, families.CONTACT_BYTES),
    }


def _rhythms(tx: Tx, families: Sequence[CaseId]) -> list[tuple[RhythmId, CaseId]]:
    plan = Plan(
        every=timedelta(hours=6),
        begins=time(8),
        ends=time(22),
        zone="America/Mexico_City",
        reminder=timedelta(minutes=15),
        grace=timedelta(minutes=30),
    )
    text, size = rhythms._written(plan), rhythms.PLAN_BYTES
    ids = [RhythmId(new_id()) for _ in families]
    often = tx.now + timedelta(days=4)
    _insert(
        tx,
        RhythmRow,
        (
            {
                "id": rhythm,
                "case_id": case_id,
                "status": RhythmStatus.ACTIVE,
                "plan": tx.secret.seal(text, rhythms._place(rhythm), size),
                "next_at": often,
            }
            for rhythm, case_id in zip(ids, families, strict=True)
        ),
    )
    return list(zip(ids, families, strict=True))


def _questions(
    tx: Tx, asked: Sequence[tuple[RhythmId, CaseId]], late_at: Sequence[datetime]
) -> None:
    _insert(
        tx,
        PromptRow,
        (
            {
                "id": new_id(),
                "rhythm_id": rhythm,
                "case_id": case_id,
                "letter_id": new_id(),
                "status": PromptStatus.REMINDED,
                "planned_at": moment - timedelta(minutes=31),
                "delivered_at": moment - timedelta(minutes=30),
                "asked_at": moment - timedelta(minutes=15),
                "asked": 2,
                "next_look_at": moment,
            }
            for (rhythm, case_id), moment in zip(asked, late_at, strict=True)
        ),
    )


def _insert(tx: Tx, table: Any, rows: Iterator[dict[str, Any]]) -> None:  # noqa: ANN401  # any row
    some: list[dict[str, Any]] = []
    for row in rows:
        some.append(row)
        if len(some) == AT_ONCE:
            tx.session.execute(insert(table).inline(), some)
            some = []
    if some:
        tx.session.execute(insert(table).inline(), some)
