"""Six hours away with rhythms running and answers queued: nobody is called late for our absence.

Time is moved by hand through the one door; what families send goes through the inbox and the bot's
own worker. `HILO_RHYTHMS=1000 make chaos ARGS='-s tests/chaos/test_outage.py'` for the long form.
"""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import make_url

from bot.sandbox.sandbox import Sandbox
from network.checkins import services as checkins
from network.checkins.services.asking import HOW_ARE_YOU
from network.door import Door
from network.heartbeats import ENGINES
from network.inbox import services as inbox
from network.inbox.domain import Incoming
from network.kernel.actor import Engine, InChat
from network.kernel.hidden import Plaintext
from network.kernel.ids import CaseId
from network.outbox.domain import Letter
from network.people import services as people
from tests.bench.report import told
from tests.cast import Cast
from tests.chaos.town import until
from tests.checkins.conftest import Life, Postman
from tests.ground.clock import StillClock
from tests.ground.house import BotThread, settings_for

RHYTHMS = int(os.environ.get("HILO_RHYTHMS", "1000"))
FEW = 20
FIRST = 6_000_000
MINUTE = timedelta(minutes=1)
AWAY = timedelta(hours=6)
HALF_PAST_ONE = datetime(2030, 1, 1, 19, 30, tzinfo=UTC)  # in Mexico City
ASKED_AGAIN = 15 * MINUTE  # how long the country listens after it asked again
LEFT_OF_THE_RUNG = 9 * MINUTE  # at least: of the half hour until all coordination is woken
MEANWHILE = "Seguimos bien, gracias"


@dataclass(slots=True)
class Village:
    """Families by what they do: answer at once, answer while we are away, or never again."""

    door: Door
    cast: Cast
    life: Life
    sandbox: Sandbox
    folder: Path
    cases: dict[int, CaseId] = field(default_factory=dict)
    queued: list[Incoming] = field(default_factory=list)
    number: int = 1

    def settle(self, many: int) -> None:
        for chat in range(FIRST, FIRST + many):
            words = Plaintext("canary")
            opened = self.door.ask(checkins.intake, InChat(chat), situation="missing", text=words)
            self.cases[chat] = opened.case.id

    def ask(self, chats: Sequence[int]) -> None:
        """Every six hours of the waking day: at two in the afternoon, and at eight."""
        for chat in chats:
            self.door.ask(checkins.set_rhythm, self.cast.alice.at_desk, case_id=self.cases[chat])

    def send(self, chats: Sequence[int]) -> None:
        """Telegram has it: a press under the last question, or words."""
        for chat in chats:
            self.number += 1
            told_by = self._pressed(chat) if chat % 2 else self._said(chat)
            body = json.dumps({"update_id": self.number} | told_by)
            self.queued.append(Incoming(self.number, chat, Plaintext(body)))

    def fetch(self) -> None:
        """The ingress keeps what Telegram has."""
        self.door.ask(inbox.receive, Engine("ingress"), updates=self.queued)
        self.queued = []

    def read(self) -> None:
        """The bot's own worker handles everything that was fetched."""
        settings = settings_for(
            self.door.database.engine.url.render_as_string(hide_password=False),
            self.sandbox,
            self.folder,
        )
        worker = BotThread(settings, self.door, ("worker",))
        worker.start()
        try:
            until(self._all_read, 120.0, "something they sent is never read")
        finally:
            worker.stop()

    def ringing(self) -> dict[CaseId, int]:
        """The families somebody is called about, and how many rungs have been told."""
        found = self.door.look(checkins.alarms, self.cast.alice.at_desk)
        return {one.case_id: one.rung for one in found if one.case_id is not None}

    def asked(self, chat: int) -> int:
        """How many new questions this family was sent."""
        return self.life.postman.to(chat).count(HOW_ARE_YOU)

    def of(self, chats: Sequence[int]) -> set[CaseId]:
        return {self.cases[chat] for chat in chats}

    def _all_read(self) -> bool:
        with self.door.database.reading() as session:
            rows = session.connection().exec_driver_sql(
                "select count(*) from inbox where status = 'waiting'"
            )
            return int(rows.scalar_one()) == 0

    def _said(self, chat: int) -> dict[str, object]:
        return {"message": self._message(chat) | {"text": MEANWHILE}}

    def _pressed(self, chat: int) -> dict[str, object]:
        return {
            "callback_query": {
                "id": str(self.number),
                "from": _person(chat) | {"is_bot": False},
                "message": self._message(chat),
                "chat_instance": "1",
                "data": _well(self.life.postman.sent, chat),
            }
        }

    def _message(self, chat: int) -> dict[str, object]:
        return {
            "message_id": self.number,
            "date": int(self.door.now().timestamp()),
            "from": _person(chat) | {"is_bot": False},
            "chat": _person(chat) | {"type": "private"},
        }


def _person(chat: int) -> dict[str, object]:
    return {"id": chat, "first_name": "Persona", "language_code": "es"}


def _well(sent: Sequence[Letter], chat: int) -> str:
    buttons = (
        button.data
        for letter in reversed(sent)
        if letter.to == chat
        for row in letter.buttons
        for button in row
    )
    return next(data for data in buttons if data.startswith("well:"))


@dataclass(frozen=True, slots=True)
class Groups:
    """Who was late before, who answers at once, who answers while we are away, who never does."""

    late: list[int]
    prompt: list[int]
    queued: list[int]
    silent: list[int]

    @classmethod
    def of(cls, chats: list[int]) -> "Groups":
        tenth = len(chats) // 10
        third = (len(chats) - tenth) // 3
        cuts = (0, tenth, tenth + third, tenth + 2 * third, tenth + 3 * third)
        return cls(*(chats[begin:end] for begin, end in pairwise(cuts)))


def six_hours_away(village: Village, many: int) -> dict[str, float]:
    """The whole story; what there is to tell of it."""
    life = village.life
    groups = _until_we_go_away(village, many)
    before = village.ringing()
    assert set(before) == village.of(groups.late)
    village.send(groups.queued)
    life.clock.advance(AWAY)
    back = life.clock.instant
    life.knock()  # the clock is the first to be back
    assert set(village.ringing()) == set(before), "judged before anybody could be heard"
    village.fetch()
    life.beat()
    life.passes(3 * MINUTE)
    assert set(village.ringing()) == set(before), "judged before it was read what they had sent"
    village.read()
    village.send(groups.prompt)  # asked once for all that fell into our absence, they answer
    village.fetch()
    village.read()
    first, higher = _watched(village, before)
    return _judged(village, groups, first, higher, back)


def _until_we_go_away(village: Village, many: int) -> Groups:
    """One in ten is late already; the rest was asked twenty minutes ago, and some answered."""
    door, life = village.door, village.life
    life.clock.instant = HALF_PAST_ONE - timedelta(hours=1)
    life.alive = ENGINES
    life.beat()
    door.ask(people.set_duty, village.cast.alice.at_desk)
    village.settle(many)
    groups = Groups.of(list(village.cases))
    life.passes(timedelta(hours=1))
    life.postman.sent.clear()
    village.ask([*groups.prompt, *groups.queued, *groups.silent])
    for chat in groups.late:
        door.ask(checkins.ask_once, village.cast.alice.at_desk, case_id=village.cases[chat])
    life.passes(32 * MINUTE)
    assert set(village.ringing()) == village.of(groups.late)
    village.send(groups.prompt)
    village.fetch()
    village.read()
    life.passes(18 * MINUTE)
    return groups


def _judged(
    village: Village,
    groups: Groups,
    first: dict[CaseId, datetime],
    higher: dict[CaseId, datetime],
    back: datetime,
) -> dict[str, float]:
    wrongly = set(first) & village.of([*groups.prompt, *groups.queued])
    missed = village.of(groups.silent) - set(first)
    early = [case for case, at in first.items() if at < back + ASKED_AGAIN]
    hasty = [case for case, at in higher.items() if at < back + LEFT_OF_THE_RUNG]
    assert (len(wrongly), len(missed), len(early), len(hasty)) == (0, 0, 0, 0)
    assert set(higher) == village.of(groups.late), "a ladder stopped"
    assert {village.asked(chat) for chat in groups.prompt} == {2}, "asked again more than once"
    assert {village.asked(chat) for chat in groups.queued} == {1}
    return {
        "rhythms": 3 * len(groups.silent),
        "answers queued": len(groups.queued),
        "false alarms": len(wrongly),
        "true alarms": len(first),
        "earliest_min": (min(first.values()) - back) / MINUTE,
        "latest_min": (max(first.values()) - back) / MINUTE,
        "ladders_go_on_min": (min(higher.values()) - back) / MINUTE,
    }


def _watched(
    village: Village, before: dict[CaseId, int]
) -> tuple[dict[CaseId, datetime], dict[CaseId, datetime]]:
    """An hour, minute by minute: when each family first rings, and each ladder climbs on."""
    first: dict[CaseId, datetime] = {}
    higher: dict[CaseId, datetime] = {}
    for _ in range(60):
        village.life.passes(MINUTE)
        now = village.life.clock.instant
        for case, rung in village.ringing().items():
            if case not in before:
                first.setdefault(case, now)
            elif rung > before[case]:
                higher.setdefault(case, now)
    return first, higher


@pytest.fixture
def village(door: Door, cast: Cast, clock: StillClock, tmp_path: Path) -> Village:
    return Village(door, cast, Life(door, clock, Postman(door)), Sandbox(), tmp_path)


def test_after_six_hours_away_nobody_is_called_late_for_it(village: Village) -> None:
    with village.sandbox:
        facts = six_hours_away(village, FEW)
    assert facts["true alarms"] == facts["rhythms"] / 3


@pytest.mark.chaos
def test_after_six_hours_away_a_thousand_are_not_called_late_for_it(village: Village) -> None:
    with village.sandbox:
        facts = six_hours_away(village, RHYTHMS * 10 // 9)
    kind = make_url(str(village.door.database.engine.url)).get_backend_name()
    told(f"six hours away, {kind}", f"{facts}")
