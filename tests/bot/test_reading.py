"""The handbook in the chat: cards, a chapter on paper or read aloud, and nothing kept of it."""

import logging
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot import reading
from bot.dialogue import Talk
from bot.replies import Here
from bot.sandbox.people import Person
from config.settings import Settings
from handbook.library import load_library
from network.db import Row, Tx
from network.door import Door
from network.inbox.domain import ArrivalStatus, Turn
from network.inbox.tables import ArrivalRow, TalkRow
from network.kernel.actor import Actor, Engine, InChat
from network.kernel.errors import NotVisible
from network.kernel.hidden import Plaintext
from network.outbox.domain import LetterStatus
from network.outbox.tables import LetterRow
from tests.bot.conftest import RunningBot, until

CHAT = 700_700
# What carries any message, whatever it says; their bodies are erased once it has been carried.
CARRIERS = {"inbox", "outbox", "outbox_pace", "heartbeats", "pulses"}


def here(paper: Path, pack: Path) -> Here:
    return Here(CHAT, "es", Talk(), paper=paper, pack=pack)


def plays(door: Door, scene: object, at: Here, **asked: object) -> Turn:
    def play(tx: Tx, actor: Actor) -> Turn:
        turn = scene(tx, actor, at, **asked)  # type: ignore[operator]
        assert isinstance(turn, Turn)
        return turn

    return door.ask(play, InChat(CHAT, "es"))


def verbs(turn: Turn) -> list[str]:
    return [button.data.partition(":")[0] for row in turn.letters[0].buttons for button in row]


def test_every_situation_of_the_handbook_is_a_button_and_leads_to_its_chapter(door: Door) -> None:
    library = load_library()
    assert set(dict(reading.SITUATIONS)) == set(library.paths)
    for situation in ("migrant", "press_defender"):
        turn = plays(door, reading.enter, here(Path("no"), Path("no")), situation=situation)
        slug = library.path(situation).slug
        assert slug is not None
        assert turn.letters[0].params["text"] == library.cards(slug, "es")[0].text


def test_no_card_is_longer_than_300_letters(door: Door) -> None:
    for situation, _label in reading.SITUATIONS:
        if situation == "want_to_help":
            continue
        turn = plays(door, reading.enter, here(Path("no"), Path("no")), situation=situation)
        assert len(turn.letters[0].params["text"]) <= 300


def test_no_paper_and_no_voice_no_buttons(door: Door, tmp_path: Path) -> None:
    turn = plays(door, reading.enter, here(tmp_path, tmp_path), situation="calling_now")
    assert verbs(turn) == ["card", "person"]
    for scene in (reading.on_paper, reading.aloud):
        with pytest.raises(NotVisible):
            plays(door, scene, here(tmp_path, tmp_path), situation="calling_now")


def test_a_recording_in_the_pack_is_offered_and_sent(door: Door, tmp_path: Path) -> None:
    voices = tmp_path / "handbook" / "audio"
    voices.mkdir(parents=True)
    (voices / "llamada-virtual.es.ogg").write_bytes(b"OggS")
    at = here(tmp_path / "none", tmp_path)
    assert verbs(plays(door, reading.enter, at, situation="calling_now")) == [
        "card",
        "aloud",
        "person",
    ]
    assert verbs(plays(door, reading.enter, at, situation="taken")) == ["card", "person"]
    sent = plays(door, reading.aloud, at, situation="calling_now").letters[0]
    assert sent.leaf == str(voices / "llamada-virtual.es.ogg")


@pytest.mark.parametrize("situation", ["want_to_help", "nada"])
def test_a_button_nobody_was_shown_leads_nowhere(
    door: Door, tmp_path: Path, situation: str
) -> None:
    if situation == "nada":
        with pytest.raises(NotVisible):
            plays(door, reading.turn_card, here(tmp_path, tmp_path), situation=situation, number=0)
    with pytest.raises(NotVisible):
        plays(door, reading.turn_card, here(tmp_path, tmp_path), situation="taken", number=999)


def test_a_talk_stored_before_is_read_as_before() -> None:
    stored = Plaintext('{"step":"where","situation":"taken","language":"es","opened":true}')
    assert Talk.read(stored) == Talk.read(Talk.read(stored).write())
    assert Talk.read(stored).situation == "taken"


def test_a_chapter_comes_as_it_was_printed(
    bot: RunningBot, rosa: Person, settings: Settings, tmp_path: Path
) -> None:
    bot.start()
    rosa.starts()
    rosa.wait_for("Hello")
    rosa.presses("go:calling_now")
    shown = rosa.wait_for(lambda one: "Next" in one.labels)
    assert "Send it as PDF" not in shown.labels
    assert settings.paper == tmp_path / "paper"
    settings.paper.mkdir()
    (settings.paper / "handbook-en-02.pdf").write_bytes(b"%PDF-1.7 " + bytes(900))
    rosa.presses("Next")
    rosa.wait_for(lambda one: "Send it as PDF" in one.labels)
    before = rosa.last_id
    rosa.presses("Send it as PDF")
    sent = rosa.wait_for(lambda one: one.file is not None, after=before)
    assert sent.file == (settings.paper / "handbook-en-02.pdf").read_bytes()
    assert sent.raw["document"]["file_name"] == "handbook-en-02.pdf"


def test_nothing_is_kept_of_who_reads_what(
    bot: RunningBot, rosa: Person, door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    bot.start()
    rosa.starts()
    rosa.wait_for("Hello")
    until(lambda: door.look(_settled, Engine("test")))
    before = door.look(_rows, Engine("test"))
    rosa.presses("go:migrant")
    rosa.wait_for(lambda one: "Next" in one.labels)
    for _ in range(2):
        last = rosa.last_id
        rosa.presses("Next")
        rosa.wait_for(lambda one: "Next" in one.labels, after=last)
    until(lambda: door.look(_settled, Engine("test")))
    after = door.look(_rows, Engine("test"))
    assert {name for name in after if after[name] != before[name]} <= CARRIERS
    assert door.look(_left, Engine("test")) == (0, 0)
    told = caplog.text + "".join(record.getMessage() for record in caplog.records)
    for word in ("migrant", "migrante", "card:", "go:"):
        assert word not in told, word


def _rows(tx: Tx, _actor: Actor) -> dict[str, int]:
    return {
        table.name: tx.session.scalar(select(func.count()).select_from(table)) or 0
        for table in Row.metadata.sorted_tables
    }


def _settled(tx: Tx, _actor: Actor) -> bool:
    letters = select(func.count()).where(LetterRow.status == LetterStatus.WAITING)
    arrivals = select(func.count()).where(ArrivalRow.status == ArrivalStatus.WAITING)
    return not tx.session.scalar(letters) and not tx.session.scalar(arrivals)


def _left(tx: Tx, _actor: Actor) -> tuple[int, int]:
    """Bodies that are still there, and talks: none of either."""
    bodies = [
        *tx.session.scalars(select(LetterRow.payload)),
        *tx.session.scalars(select(ArrivalRow.body)),
    ]
    talks = tx.session.scalar(select(func.count()).select_from(TalkRow)) or 0
    return sum(bool(body) for body in bodies), talks
