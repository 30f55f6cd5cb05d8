"""A family writes, and it is sealed before anything else happens."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, func, select, update
from sqlalchemy.orm import Session, sessionmaker

from network.cases import services
from network.cases.domain import CaseStatus, Contact, NobodyToReceive, cleaned, is_danger
from network.cases.services import Heard, Opened
from network.cases.tables import CaseRow, ContactRow, EntryRow, GrantRow
from network.cases.words import pair, words
from network.db import Database
from network.door import Door
from network.encryption.sealed import SealingFailed
from network.kernel.errors import BadInput, NotAllowed, NotVisible
from network.kernel.hidden import Plaintext
from network.people import services as people
from network.people.domain import Standing
from network.people.tables import PersonRow
from tests.cases.conftest import words_in
from tests.cast import Cast
from tests.ground.clock import StillClock


@contextmanager
def counting(database: Database) -> Iterator[list[str]]:
    """Every statement sent to the database inside."""
    seen: list[str] = []

    def note(*arguments: object) -> None:
        seen.append(str(arguments[2]))

    event.listen(database.engine, "before_cursor_execute", note)
    yield seen
    event.remove(database.engine, "before_cursor_execute", note)


def test_the_first_word_opens_a_case_and_tells_the_coordinators(door: Door, cast: Cast) -> None:
    opened = door.ask(services.intake, cast.family, situation="missing", text=Plaintext("canary"))

    assert isinstance(opened, Opened)
    assert opened.case.status is CaseStatus.RECEIVED
    assert {letter.to for letter in opened.news} == {cast.alice.chat, cast.elena.chat}
    for letter in opened.news:
        assert letter.params == {"reference": opened.case.card.reference}
    assert words_in(door, cast.alice, opened.case.id) == ["canary"]


def test_only_those_on_duty_receive(door: Door, cast: Cast) -> None:
    door.ask(people.set_duty, cast.elena.at_desk)
    opened = door.ask(services.intake, cast.family, situation="missing", text=Plaintext("canary"))

    assert {letter.to for letter in opened.news} == {cast.elena.chat}
    with pytest.raises(NotVisible):
        door.ask(services.room, cast.alice.at_desk, case_id=opened.case.id)


def test_a_chat_has_one_open_case(door: Door, cast: Cast) -> None:
    first = door.ask(services.intake, cast.family, situation="missing", text=Plaintext("one"))
    again = door.ask(services.intake, cast.family, situation="missing", text=Plaintext("two"))

    assert isinstance(again, Heard)
    assert again.case.id == first.case.id
    assert words_in(door, cast.alice, first.case.id) == ["one", "two"]


def test_a_family_finds_its_own_case_and_nobody_elses(door: Door, cast: Cast) -> None:
    opened = door.ask(services.intake, cast.family, situation="missing", text=Plaintext("one"))

    found = door.look(services.case_of, cast.family)
    assert found is not None
    assert found[0].id == opened.case.id
    assert door.look(services.case_of, cast.strangers) is None
    assert door.look(services.case_of, cast.alice.in_chat) is None
    with pytest.raises(NotVisible):
        door.ask(services.hear, cast.strangers, text=Plaintext("x"))


def test_with_nobody_to_open_it_nothing_is_stored(
    door: Door, cast: Cast, sessions: sessionmaker[Session]
) -> None:
    with sessions.begin() as session:
        session.execute(update(PersonRow).values(standing=Standing.SUSPENDED))

    with pytest.raises(NobodyToReceive):
        door.ask(services.intake, cast.family, situation="missing", text=Plaintext("canary"))
    assert _rows(sessions) == 0


def test_when_sealing_fails_nothing_is_stored(
    door: Door, cast: Cast, sessions: sessionmaker[Session]
) -> None:
    with sessions.begin() as session:
        session.execute(update(PersonRow).values(public_key=b"no key at all"))

    with pytest.raises(SealingFailed):
        door.ask(services.intake, cast.family, situation="missing", text=Plaintext("canary"))
    assert _rows(sessions) == 0


def test_when_an_entry_cannot_be_sealed_the_case_is_not_opened_either(
    door: Door, cast: Cast, sessions: sessionmaker[Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> bytes:
        raise SealingFailed

    monkeypatch.setattr("network.cases.store.entries.seal_to", broken)
    with pytest.raises(SealingFailed):
        door.ask(services.intake, cast.family, situation="missing", text=Plaintext("canary"))
    assert _rows(sessions) == 0


def _rows(sessions: sessionmaker[Session]) -> int:
    with sessions() as session:
        tables = (CaseRow, ContactRow, EntryRow, GrantRow)
        return sum(session.scalar(select(func.count()).select_from(each)) or 0 for each in tables)


def test_a_member_cannot_ask_as_a_family(door: Door, cast: Cast) -> None:
    for who in (cast.bilal.in_chat, cast.alice.at_desk, cast.dino.in_chat):
        with pytest.raises(NotAllowed):
            door.ask(services.intake, who, situation="missing", text=Plaintext("x"))


def test_how_many_statements_the_hot_path_takes(door: Door, cast: Cast, database: Database) -> None:
    with counting(database) as opening:
        door.ask(services.intake, cast.family, situation="missing", text=Plaintext("one"))
    with counting(database) as hearing:
        door.ask(services.hear, cast.family, text=Plaintext("two"))

    assert len(opening) <= 12, opening  # one of them is the gate's question
    assert len(hearing) <= 6, hearing


@pytest.mark.usefixtures("accompanied")
def test_news_go_to_whoever_accompanies(door: Door, cast: Cast) -> None:
    heard = door.ask(services.hear, cast.family, text=Plaintext("is somebody there?"))

    assert {letter.to for letter in heard.news} == {cast.bilal.chat}


@pytest.mark.usefixtures("accompanied")
def test_when_the_accompanier_is_suspended_the_coordinators_hear(
    door: Door, cast: Cast, sessions: sessionmaker[Session]
) -> None:
    with sessions.begin() as session:
        session.execute(
            update(PersonRow)
            .where(PersonRow.id == cast.bilal.id)
            .values(standing=Standing.SUSPENDED)
        )
    heard = door.ask(services.hear, cast.family, text=Plaintext("is somebody there?"))

    assert {letter.to for letter in heard.news} == {cast.alice.chat, cast.elena.chat}


@pytest.mark.usefixtures("received")
def test_a_place_and_the_moment_it_was_sent_arrive_in_the_room(
    door: Door, cast: Cast, clock: StillClock
) -> None:
    earlier = clock() - timedelta(hours=3)
    heard = door.ask(services.hear, cast.family, location=(19.4326077, -99.133208), at=earlier)

    seen = door.ask(services.room, cast.alice.at_desk, case_id=heard.case.id)
    assert seen.entries[-1].location == (19.43261, -99.13321)
    assert seen.entries[-1].at == earlier


@pytest.mark.parametrize("place", [(91.0, 0.0), (0.0, -181.0), (float("nan"), 0.0)])
@pytest.mark.usefixtures("received")
def test_a_place_that_is_nowhere_is_refused(
    door: Door, cast: Cast, place: tuple[float, float]
) -> None:
    with pytest.raises(BadInput):
        door.ask(services.hear, cast.family, location=place)


@pytest.mark.parametrize("text", ["", "   \n", "\0\0", "\u202e", "a" * 20_001])
def test_nothing_at_all_or_far_too_much_is_refused(door: Door, cast: Cast, text: str) -> None:
    with pytest.raises(BadInput):
        door.ask(services.intake, cast.family, situation="missing", text=Plaintext(text))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=st.text(max_size=300) | st.text("\0\u202e\ud800\r\n\tá😀'\"%s{}", max_size=40))
def test_whatever_somebody_types_is_kept_or_refused(door: Door, cast: Cast, text: str) -> None:
    try:
        kept = cleaned(Plaintext(text), "text").reveal()
    except BadInput:
        with pytest.raises(BadInput):
            door.ask(services.intake, cast.family, situation="missing", text=Plaintext(text))
        return
    heard = door.ask(services.intake, cast.family, situation="missing", text=Plaintext(text))
    seen = door.ask(services.room, cast.alice.at_desk, case_id=heard.case.id, limit=1)
    assert seen.entries[0].text.reveal() == kept
    assert kept.encode()  # nothing is left that could not be sent on


@pytest.mark.parametrize(
    ("chosen", "typed", "rings"),
    [
        ("girasol", "el GIRASOL está bonito", True),
        ("girasol", "girasoles", False),
        ("girasol", "gira sol", False),
        ("Tía Lupe", "saludos a la tia   lupe.", True),
        ("tía lupe", "\uff54ia lupe", True),  # full-width letters of another keyboard
        ("girasol", "un gira\u00adsol", True),  # a soft hyphen of the page it was copied from
        ("girasol", "un \u200fg\u200bi\u200cr\u200da\u2060sol\u200e", True),
        ("gira\u00adsol", "un girasol", True),
        ("gira\u00adsol", "un gira\u00adsol", True),
        ("gira\u00adsol", "un gira sol", True),  # as it rang before
        ("tia\u200blupe", "mi tia lupe", True),
        ("tia lupe", "mi tia\u200blupe", True),
        ("gira\u034fsol", "gira\ufe0fsol", True),
        ("girasol", "gira\u00adsoles", False),
        ("girasol", "", False),
        ("", "girasol", False),
        ("", "", False),
    ],
)
def test_a_danger_word_is_found_however_it_is_typed(chosen: str, typed: str, rings: bool) -> None:
    assert is_danger(Contact(1, danger_word=chosen), Plaintext(typed)) is rings


@pytest.mark.usefixtures("received")
def test_a_danger_word_is_kept_and_its_row_looks_as_before(
    door: Door, cast: Cast, sessions: sessionmaker[Session]
) -> None:
    with sessions() as session:
        before = len(session.scalars(select(ContactRow.sealed)).one())
    door.ask(services.set_danger_word, cast.family, word=Plaintext("  Girasol "))
    found = door.look(services.case_of, cast.family)

    assert found is not None
    assert found[1].danger_word == "Girasol"
    with sessions() as session:
        assert len(session.scalars(select(ContactRow.sealed)).one()) == before


@pytest.mark.parametrize(
    "word", ["", "no", "..", "a" * 61, "No, gracias", "placas XKZ-123", "ayer vimos un girasol"]
)
@pytest.mark.usefixtures("received")
def test_a_danger_word_that_would_ring_by_chance_is_refused(
    door: Door, cast: Cast, word: str
) -> None:
    with pytest.raises(BadInput):
        door.ask(services.set_danger_word, cast.family, word=Plaintext(word))


def test_the_words_are_many_and_plain() -> None:
    assert len(words()) > 1_000
    assert len(set(words())) == len(words())
    assert all(word.isascii() and word.islower() and 3 <= len(word) <= 12 for word in words())
    for _ in range(200):
        reference = pair()
        verification = pair(without=reference)
        assert len({*reference.split("-"), *verification.split("-")}) == 4


@pytest.mark.usefixtures("received")
def test_what_is_stored_says_nothing(door: Door, cast: Cast, database: Database) -> None:
    door.ask(services.set_danger_word, cast.family, word=Plaintext("girasolcanary"))
    with database.engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        if database.engine.dialect.name == "sqlite":
            dump = "\n".join(raw.iterdump())
            for word in ("canary", str(cast.family.chat), "missing"):
                assert word.encode().hex().upper() not in dump.upper()
                assert word not in dump
