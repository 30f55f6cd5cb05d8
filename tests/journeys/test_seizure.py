"""Everything is taken: disk, memory's settings, and the server secret. What opens, and what not."""

import logging
import os
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.__main__ import ENGINES
from bot.sandbox.people import Person
from bot.sandbox.sandbox import Sandbox
from network.app import create_app
from network.cases import services as cases
from network.cases.domain import Urgency
from network.checkins import services as checkins
from network.checkins.domain.callplans import CallPlan
from network.checkins.domain.watches import Whom
from network.encryption.envelope import Opener
from network.encryption.keyring import open_grant, unlock_one
from network.encryption.sealed import EncryptionError, Place, Sealed
from network.encryption.server import ServerSecret
from network.house import open_house
from network.kernel.actor import Engine, InSession
from network.kernel.errors import NotVisible
from network.kernel.hidden import Plaintext, SecretBytes
from network.kernel.ids import CaseId, PersonId, SessionId
from network.people import entrance
from network.people import services as people
from network.people.demo import seed_people
from network.surrender import services as surrender
from network.surrender.domain import IN_CLEAR, WITH_SECRET, Surrendered
from tests.ground.house import (
    SECRET,
    Account,
    BotThread,
    House,
    MovedClock,
    _account,
    settings_for,
)
from tests.journeys.dump import Dump, opened_by, shown, taken
from tests.journeys.seizure import everything_at_rest
from tests.journeys.talking import PATIENCE, asks_for_help, button, waits
from tests.journeys.waiting import until

CANARY = "canarioamarillo"
# The danger word: the machine has to know it, and SECURITY.md says so. No reference is made of it.
WORD = "cempasuchil"
CLOCK = Engine("clock")


@pytest.fixture
def quiet(database_url: str, tmp_path: Path, temporary_folder: None) -> Iterator[House]:  # noqa: ARG001
    """A house whose engines run only while a story says so. Its database is all there is of it."""
    clock = MovedClock()
    handler, root = logging.FileHandler(tmp_path / "log"), logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    with Sandbox() as sandbox:
        settings = settings_for(database_url, sandbox, tmp_path)
        door = replace(open_house(settings), now=clock)
        accounts = [_account(facts) for facts in seed_people(door)]
        yield House(
            url="",
            sandbox=sandbox,
            door=door,
            settings=settings,
            clock=clock,
            accounts={one.name: one for one in accounts},
            folder=tmp_path,
            log=tmp_path / "log",
        )
        door.database.dispose()
    root.removeHandler(handler)
    root.setLevel(before)
    handler.close()


@contextmanager
def running(house: House, *engines: str) -> Iterator[None]:
    """These engines, in this house, for a while."""
    bot = BotThread(house.settings, replace(open_house(house.settings), now=house.clock), engines)
    bot.start()
    try:
        yield
    finally:
        bot.stop()


def counted(house: House) -> Surrendered:
    return house.door.look(surrender.report, CLOCK)


def comes_in(house: House, name: str) -> InSession:
    """Passphrase and six digits, as they are typed."""
    house.lives(timedelta(seconds=31))
    who: Account = house.accounts[name]
    return entrance.sign_in(
        house.door,
        handle=who.handle,
        passphrase=Plaintext(who.passphrase),
        code=who.code(house.door.now()),
    )


@dataclass(slots=True)
class Loot:
    """All that is taken, and the ways a thief has of trying it."""

    dump: Dump
    secret: ServerSecret

    @property
    def tries(self) -> list[SecretBytes]:
        """Whatever could be a key: what the secret gives, and every thirty-two bytes there are."""
        given = [self.secret.pepper, *(SecretBytes(bytes.fromhex(k)) for k in self.cookies)]
        return [*given, *map(SecretBytes, sorted(self.dump.secrets))]

    @property
    def cookies(self) -> tuple[str, ...]:
        return self.secret.cookie_keys

    def opens(self, key: SecretBytes) -> int:
        """How many entries, grants and members' plans one key opens; tried at the place of each."""
        opener, found = Opener(key), 0
        for row in self.dump.rows["entries"]:
            place = Place("entries", "body", row["id"], row["case_id"], row["epoch"])
            with suppress(EncryptionError):
                opener.open_text(Sealed(row["body"]), place)
                found += 1
        for row in self.dump.rows["grants"]:
            with suppress(EncryptionError):
                open_grant(
                    key,
                    Sealed(row["sealed_key"]),
                    case=row["case_id"],
                    epoch=row["epoch"],
                    member=row["member_id"],
                )
                found += 1
        for row in self.dump.rows["member_plan_grants"]:
            place = Place("member_plan_grants", "key", row["plan_id"], member=row["member_id"])
            with suppress(EncryptionError):
                opener.open_secret(Sealed(row["key"]), place)
                found += 1
        return found

    def enters(self, house: House, key: SecretBytes) -> bool:
        """Whether this is some browser's half, or what a passphrase becomes."""
        for row in self.dump.rows["sessions"]:
            card = InSession(SessionId(row["id"]), key)
            with suppress(NotVisible):
                house.door.look(people.whoami, card)
                return True
        return any(
            unlock_one(
                row["id"],
                key,
                [Sealed(row["key_by_passphrase"]), Sealed(row["key_by_recovery"])],
                self.secret.peppers,
            )
            for row in self.dump.rows["people"]
            if row["key_by_passphrase"]
        )


def loot(house: House) -> Loot:
    return Loot(taken(house.door), ServerSecret.from_text(SECRET))


def holding_canaries(found: Loot) -> set[str]:
    return {column for column, text in opened_by(found.secret, found.dump) if CANARY in text}


def test_all_of_it_and_the_secret_open_nothing_that_was_written(quiet: House) -> None:
    rosa, lupe = quiet.sandbox.person("Rosa"), quiet.sandbox.person("Lupe")

    # Nobody is there to handle what she writes: the stated exception, counted.
    with running(quiet, "ingress"):
        lupe.starts()
        lupe.says(f"se llevaron a mi hermano {CANARY}")
        until(lambda: counted(quiet).unhandled == 2)
    assert holding_canaries(loot(quiet)) == {"inbox.body"}
    nothing_lies_open(quiet)

    with running(quiet, *ENGINES):
        case = a_family_is_accompanied(quiet, rosa)
        settles(quiet)

    # An answer that nobody takes to the family is counted too.
    bilal = comes_in(quiet, "Bilal")
    _writes(quiet, bilal, case)
    assert counted(quiet).undelivered >= 1
    assert holding_canaries(loot(quiet)) == {"outbox.payload"}
    with running(quiet, "ingress", "worker", "postman"):  # the clock would put in its own probe
        rosa.wait_for(lambda one: "voy para allá" in one.text, PATIENCE)
        settles(quiet)
    assert (counted(quiet).unhandled, counted(quiet).undelivered) == (0, 0)

    found = loot(quiet)
    nothing_lies_open(quiet)
    what_opens_with_the_secret_is_said(found, counted(quiet))
    what_shows_is_what_is_listed(found)
    no_account_is_entered(quiet, found)
    its_own_reader_opens_it(quiet, found, bilal, case)


def a_family_is_accompanied(house: House, rosa: Person) -> CaseId:
    """From the first words to somebody beside them, with a voice note among it."""
    asks_for_help(rosa, CANARY, WORD)
    alice = comes_in(house, "Alice")
    (waiting,) = house.door.look(cases.desk, alice).requests
    case: CaseId = waiting.case.id
    house.door.ask(
        cases.triage, alice, case_id=case, urgency=Urgency.NOW, zone="05", need="compañía"
    )
    house.door.ask(
        cases.offer,
        alice,
        case_id=case,
        to=(_bilal(house, alice),),
        brief=Plaintext(f"una familia espera {CANARY}"),
    )
    phone = house.phone("Bilal")
    phone.presses(button(waits(phone, "accept:"), "accept:"))
    phone.wait_for(lambda one: "/cases/" in one.text, PATIENCE)
    heard = rosa.last_id
    rosa.says(f"sigue sin llamar {CANARY}")
    heard = rosa.wait_for(lambda one: one.from_bot, PATIENCE, after=heard).message_id
    rosa.sends_voice()
    rosa.wait_for(lambda one: one.from_bot, PATIENCE, after=heard)
    return case


def _writes(house: House, who: InSession, case: CaseId) -> None:
    """To the family, to colleagues, and whom to call when an alarm about themselves rings."""
    house.door.ask(cases.write, who, case_id=case, text=Plaintext(f"voy para allá {CANARY}"))
    house.door.ask(cases.note, who, case_id=case, text=Plaintext(f"llamó {CANARY}"))
    plan = CallPlan(f"mi tío {CANARY}", {Whom.DUTY: f"mi hermana {CANARY}"})
    house.door.ask(checkins.write_my_plan, who, plan=plan)


def _bilal(house: House, who: InSession) -> PersonId:
    page = house.door.look(people.people, who)
    return next(card.member.id for card in page.members if card.member.alias == "Bilal")


def settles(house: House) -> None:
    """Until nothing waits to be handled, and nothing to be delivered by now."""
    for _ in range(3):
        house.lives(timedelta(seconds=61))  # letters of a round go out at its end
    until(lambda: (counted(house).unhandled, counted(house).undelivered) == (0, 0))


def nothing_lies_open(house: House) -> None:
    """No word in a file, a temporary file, a log, the environment or a row."""
    around = "\n".join(f"{name}={value}" for name, value in os.environ.items())
    given = house.settings.model_dump_json()
    places = [*everything_at_rest(house), ("environment", f"{around}\n{given}".encode())]
    assert (house.folder / "log").stat().st_size  # what the engines said is searched too
    assert Path(tempfile.gettempdir()).is_relative_to(house.folder)  # so it is searched too
    for where, content in places:
        for needle in (CANARY, WORD, "regresó", "hermano"):
            assert needle.encode() not in content, f"{needle} in {where}"


def what_opens_with_the_secret_is_said(found: Loot, said: Surrendered) -> None:
    opened = list(opened_by(found.secret, found.dump))
    columns = [column for column, _ in opened]
    assert {column for column, _ in opened} <= set(WITH_SECRET)
    assert [column for column, text in opened if CANARY in text] == []
    assert {column for column, text in opened if WORD in text} == {"contacts.sealed"}
    assert "inbox.body" not in columns
    assert columns.count("outbox.payload") == said.refused  # to members who never began a chat
    assert {each.column: each.many for each in said.opening if each.many} == Counter(columns)


def what_shows_is_what_is_listed(found: Loot) -> None:
    """Read off the bytes of the database, and compared with the list in both directions."""
    found_in_clear = shown(found.dump)
    listed = {table: set(each.columns) for table, each in IN_CLEAR.items()}
    assert found_in_clear == listed


def no_account_is_entered(house: House, found: Loot) -> None:
    tries = found.tries
    assert len(tries) > 50
    for key in tries:
        assert found.opens(key) == 0
        assert not found.enters(house, key)
    app = create_app(house.settings, house.door)
    for row in found.dump.rows["sessions"]:
        client = app.test_client()
        with client.session_transaction() as forged:  # the thief can sign any cookie
            forged["_user_id"] = row["id"].hex
            forged["half"] = found.secret.pepper.reveal().hex()
        assert client.get("/account").status_code != 200


def its_own_reader_opens_it(house: House, found: Loot, bilal: InSession, case: CaseId) -> None:
    """The same tries with the one right key: they would have found it."""
    key = house.door.look(people.whoami, bilal).key()
    assert found.opens(key) >= 1
    assert found.enters(house, bilal.secret)
    words = [one.text.reveal() for one in house.door.ask(cases.room, bilal, case_id=case).entries]
    assert any(CANARY in each for each in words)
    plan = house.door.look(checkins.my_plan, bilal).written
    assert plan is not None
    assert CANARY in plan.plan.never
