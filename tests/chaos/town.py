"""A house whose processes can be killed, and the families, staff and answers it is to keep."""

import socket
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from sqlalchemy import select, text

from bot.ingress import CANNOT_RECEIVE
from config.language import say
from config.settings import Settings, load
from network.app import create_app
from network.cases import services as cases
from network.cases.domain import Urgency
from network.checkins import services as checkins
from network.checkins.services.telling import ALARM
from network.door import Door
from network.house import open_house
from network.kernel.actor import InChat, Role
from network.kernel.hidden import Plaintext
from network.kernel.ids import CaseId
from network.outbox.tables import LetterRow
from network.people import services as people
from tests.bench.hilo import environ_of
from tests.bench.telegram import Telegram
from tests.cast import Somebody, somebody
from tests.chaos.nursery import WEB, Nursery
from tests.chaos.room import Answering
from tests.ground.databases import migrate

FIRST = 7_000_000_000
LANGUAGE = "es"
PAGE = 100
WORD = "jacaranda azul"
AT_THE_PAGES = 4  # families somebody accompanies


@dataclass(slots=True)
class Staff:
    """Two coordinators, Alice on duty, and one who accompanies."""

    alice: Somebody
    elena: Somebody
    bilal: Somebody

    @property
    def chats(self) -> list[int]:
        return [self.alice.chat, self.elena.chat, self.bilal.chat]


@dataclass(slots=True)
class Town:
    """One installation: where it is kept, its processes by name, and the people in it."""

    telegram: Telegram
    nursery: Nursery
    url: str
    folder: Path
    parts: dict[str, tuple[str, ...]]
    more: dict[str, str] = field(default_factory=dict)
    token: str = ""
    port: int = 0
    door: Door = field(init=False)
    staff: Staff = field(init=False)
    families: dict[int, CaseId] = field(default_factory=dict)
    alive: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.token = self.telegram.new_token()
        self.port = _free_port()
        migrate(self.url)
        self.door = open_house(self.settings, self.nursery.clock)
        self.staff = Staff(
            somebody(self.door, "alice", Role.COORDINATOR),
            somebody(self.door, "elena", Role.COORDINATOR),
            somebody(self.door, "bilal", Role.ACTIVIST),
        )
        self.door.ask(people.set_duty, self.staff.alice.at_desk)
        self.telegram.ask("staff", token=self.token, chats=self.staff.chats)
        self.telegram.ask("listen")

    @property
    def environ(self) -> dict[str, str]:
        """What its processes are told."""
        return environ_of(
            self.url,
            self.folder,
            HILO_TELEGRAM_TOKEN=self.token,
            HILO_TELEGRAM_API=self.telegram.url,
            HILO_LANGUAGE=LANGUAGE,
            **self.more,
        )

    @property
    def settings(self) -> Settings:
        """The same, read."""
        return load(self.environ)

    def settle(self, many: int) -> None:
        """Families who have asked already, each with a word of danger; somebody has the first."""
        chats = list(range(FIRST, FIRST + many))
        self.telegram.ask("start_chats", token=self.token, chats=chats)
        for chat in chats:
            family = InChat(chat, LANGUAGE)
            words = Plaintext("La primera palabra")
            opened = self.door.ask(checkins.intake, family, situation="calling_now", text=words)
            self.door.ask(cases.set_danger_word, family, word=Plaintext(WORD))
            self.families[chat] = opened.case.id
        for case_id in list(self.families.values())[:AT_THE_PAGES]:
            self._accompany(case_id)

    def _accompany(self, case_id: CaseId) -> None:
        alice, bilal = self.staff.alice.at_desk, self.staff.bilal
        self.door.ask(
            cases.triage, alice, case_id=case_id, urgency=Urgency.NOW, zone="09", need="compañía"
        )
        (offer,) = self.door.ask(
            cases.offer, alice, case_id=case_id, to=(bilal.id,), brief=Plaintext("Alguien espera")
        )
        self.door.ask(cases.accept, bilal.in_chat, offer_id=offer)

    def answering(self, pause: float) -> Answering:
        """Bilal at the pages, on this house's own server."""
        app = create_app(self.settings, self.door)
        rooms = list(self.families.items())[:AT_THE_PAGES]
        return Answering(app, self.port, self.staff.bilal, rooms, pause)

    def begin(self, name: str) -> None:
        """One of its processes starts."""
        words = self.parts[name]
        words = (WEB, str(self.port)) if words == (WEB,) else words
        self.alive[name] = self.nursery.bear(words, self.environ)

    def kill(self, name: str) -> None:
        """And is killed; whoever supervises starts it again at once."""
        self.nursery.kill(self.alive.pop(name))
        self.begin(name)

    def stop(self) -> None:
        """Everything, by force."""
        for pid in self.alive.values():
            self.nursery.kill(pid)
        self.alive.clear()
        self.door.database.dispose()

    # What is left, and what was kept.

    def left(self) -> dict[str, int]:
        """What still waits: with Telegram, in the inbox, in the outbox, for the clock's look."""
        now = self.door.now()
        return {
            "telegram": int(self.telegram.ask("waiting", token=self.token)["waiting"]),
            # The house's own probes wait for a worker, where there is one.
            "inbox": self.count("inbox where status = 'waiting' and update_id > 0"),
            "outbox": self.count("outbox where status = 'waiting'"),
            "looks": self.count("watches where next_look_at <= :now", now=now),
        }

    def noted(self) -> int:
        """Postmen, alive or dead, whose notes name a letter."""
        found = 0
        for one in self.folder.glob("out/*"):
            with suppress(FileNotFoundError):  # somebody has just done with it
                found += any(one.read_bytes())
        return found

    def drain(self, within: float) -> float:
        """Seconds until nothing waits any more."""
        began = time.monotonic()
        while any((left := self.left()).values()):
            assert time.monotonic() < began + within, f"stuck: {left}"
            time.sleep(0.1)
        return time.monotonic() - began

    def count(self, what: str, **values: object) -> int:
        """Rows, as the database itself counts them."""
        with self.door.database.reading() as session:
            found = session.execute(text(f"select count(*) from {what}"), values)  # noqa: S608  # our own words
            return int(found.scalar_one())

    def room_of(self, chat: int) -> list[str]:
        """Everything that stands in the one case of a chat, the oldest first."""
        found = self.door.look(cases.case_of, InChat(chat, LANGUAGE))
        assert found is not None, "a family came and has no case"
        words: list[str] = []
        before: int | None = None
        while True:
            page = self.door.ask(
                cases.room,
                self.staff.alice.at_desk,
                case_id=found[0].id,
                before=before,
                limit=PAGE,
            )
            assert page.unreadable == 0
            words = [one.text.reveal() for one in page.entries] + words
            if page.more is None:
                return words
            before = page.more

    def tries_of(self, chat: int) -> list[int]:
        """How often each letter to this chat was taken up, in the order they went out."""
        index = self.door.secret.index("chat", str(chat))
        with self.door.database.reading() as session:
            return list(
                session.scalars(
                    select(LetterRow.attempts)
                    .where(LetterRow.chat_index == index)
                    .order_by(LetterRow.priority, LetterRow.number)
                )
            )

    def alarm_of(self, chat: int) -> str:
        """What a responder is told when this family writes its word."""
        found = self.door.look(cases.case_of, InChat(chat, LANGUAGE))
        assert found is not None
        return say(LANGUAGE, ALARM, reference=found[0].card.reference)


def runs(heard: Sequence[Sequence[str]]) -> list[tuple[str, int]]:
    """The letters a chat heard, and how many times in a row: no two neighbours are alike.

    What it is told while nothing can be kept is no letter.
    """
    letters = [one[0] for one in heard if one[0] != say(LANGUAGE, CANNOT_RECEIVE)]
    return [(words, len(list(same))) for words, same in groupby(letters)]


def until(true: Callable[[], bool], within: float, what: str) -> float:
    """Seconds until it is so; fails when it is not in time."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() < began + within, what
        time.sleep(0.05)
    return time.monotonic() - began


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
