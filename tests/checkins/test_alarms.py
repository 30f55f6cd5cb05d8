"""A danger word calls for help and shows nothing; one person has each alarm until it is ended."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from network.cases import services as cases
from network.checkins import services
from network.checkins.domain.watches import Cause, Happened, NotYours, Outcome, Taken
from network.checkins.services.telling import ALARM, RESOLVED, SOMEBODY_HAS_IT
from network.checkins.tables import WatchRow
from network.db import Database
from network.door import Door
from network.kernel.actor import Who
from network.kernel.errors import BadInput, NotAllowed, NotVisible, Refused
from network.kernel.hidden import Plaintext
from network.kernel.ids import AlarmId, CaseId
from network.outbox.tables import LetterRow
from tests.cast import Cast
from tests.checkins.conftest import (
    CLOCK,
    WORD,
    Life,
    alarms,
    asked,
    rows,
    statements,
    watch_of,
    writes,
)

MINUTES = timedelta(minutes=1)
ENDED = Plaintext("canary: they are safe at home")
DOING = Plaintext("canary: a neighbour is on her way to the door")


def end(door: Door, who: Who, watch_id: AlarmId) -> None:
    door.ask(services.resolve, who, watch_id=watch_id, outcome=Outcome.HELPED, words=ENDED)


@pytest.fixture
def danger(door: Door, cast: Cast, life: Life, case_id: CaseId) -> AlarmId:
    """The family has written its danger word; the first letters are out."""
    writes(door, cast, f"all fine here, {WORD} juice for everybody")
    watch_id = watch_of(life.postman.walk())
    assert door.look(services.alarm, cast.bilal.at_desk, watch_id=watch_id).case_id == case_id
    return watch_id


@pytest.mark.usefixtures("danger")
def test_a_danger_word_tells_the_accompanier_and_whoever_is_on_duty_at_once(
    cast: Cast, life: Life
) -> None:
    assert ALARM in life.postman.to(cast.bilal.chat)
    assert ALARM in life.postman.to(cast.alice.chat)
    assert ALARM not in life.postman.to(cast.elena.chat)
    assert life.postman.to(cast.family.chat) == []
    life.passes(11 * MINUTES)
    assert ALARM in life.postman.to(cast.elena.chat)


@pytest.mark.usefixtures("case_id")
def test_calm_words_ring_nowhere(door: Door, cast: Cast, life: Life) -> None:
    writes(door, cast, "canary: pineapples, and a canary in its cage")
    life.passes(timedelta(hours=2), 5 * MINUTES)
    assert ALARM not in {one.say for one in life.postman.sent}
    assert rows(door, WatchRow) == []


@pytest.mark.usefixtures("danger")
def test_an_alarm_nobody_takes_goes_on_ringing(door: Door, cast: Cast, life: Life) -> None:
    life.passes(timedelta(hours=3), 5 * MINUTES)
    assert life.postman.to(cast.elena.chat).count(ALARM) >= 5
    (ringing,) = alarms(door, cast)
    assert ringing.owner is None
    assert ringing.next_look_at > life.clock.instant


def test_whoever_takes_it_silences_it_for_half_an_hour_and_says_what_is_being_done(
    door: Door, cast: Cast, life: Life, danger: AlarmId, case_id: CaseId
) -> None:
    door.ask(services.own, cast.bilal.in_chat, watch_id=danger)
    life.passes(25 * MINUTES)
    assert life.postman.to(cast.alice.chat).count(SOMEBODY_HAS_IT) == 1
    door.ask(services.renew, cast.bilal.in_chat, watch_id=danger, doing=DOING)
    life.passes(25 * MINUTES)
    assert ALARM not in life.postman.to(cast.elena.chat)
    (ringing,) = alarms(door, cast)
    assert ringing.owner is not None
    assert ringing.owner.id == cast.bilal.id
    life.passes(10 * MINUTES)
    assert ALARM in life.postman.to(cast.elena.chat)
    assert alarms(door, cast)[0].owner is None
    room = door.ask(cases.room, cast.bilal.at_desk, case_id=case_id)
    assert any(DOING.reveal() in entry.text.reveal() for entry in room.entries)


@pytest.mark.usefixtures("life")
def test_pressing_again_does_not_keep_an_alarm_and_words_of_others_do_not_either(
    door: Door, cast: Cast, life: Life, danger: AlarmId
) -> None:
    until = door.ask(services.own, cast.bilal.in_chat, watch_id=danger).owned_until
    life.passes(20 * MINUTES)
    assert door.ask(services.own, cast.bilal.in_chat, watch_id=danger).owned_until == until
    with pytest.raises(Taken):
        door.ask(services.renew, cast.alice.at_desk, watch_id=danger, doing=DOING)
    for words in ("", "  ", "x" * 5_000):
        with pytest.raises(BadInput):
            door.ask(services.renew, cast.bilal.at_desk, watch_id=danger, doing=Plaintext(words))
    life.passes(11 * MINUTES)
    with pytest.raises(NotYours):
        door.ask(services.renew, cast.bilal.at_desk, watch_id=danger, doing=DOING)


def test_an_alarm_has_one_owner(door: Door, cast: Cast, life: Life, danger: AlarmId) -> None:
    door.ask(services.own, cast.bilal.in_chat, watch_id=danger)
    with pytest.raises(Taken):
        door.ask(services.own, cast.alice.in_chat, watch_id=danger)
    life.passes(31 * MINUTES)
    assert door.ask(services.own, cast.alice.in_chat, watch_id=danger).mine


def test_only_its_owner_ends_it_and_then_nobody_hears_of_it_again(
    door: Door, cast: Cast, life: Life, danger: AlarmId, case_id: CaseId
) -> None:
    door.ask(services.own, cast.bilal.in_chat, watch_id=danger)
    with pytest.raises(NotYours):
        end(door, cast.alice.at_desk, danger)
    end(door, cast.bilal.at_desk, danger)
    assert alarms(door, cast) == ()
    room = door.ask(cases.room, cast.bilal.at_desk, case_id=case_id)
    assert any(ENDED.reveal() in entry.text.reveal() for entry in room.entries)
    life.postman.walk()
    assert RESOLVED in life.postman.to(cast.alice.chat)
    before = len(life.postman.sent)
    life.passes(timedelta(days=90), timedelta(hours=6))
    assert len(life.postman.sent) == before
    assert rows(door, WatchRow) == []
    with pytest.raises(NotVisible):
        door.ask(services.own, cast.alice.in_chat, watch_id=danger)


@pytest.mark.usefixtures("danger")
def test_a_word_of_the_family_does_not_end_an_alarm_of_danger(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    asked(door, cast, life, case_id)
    writes(door, cast, "everything is well, nothing to see")
    assert [one.cause for one in alarms(door, cast)] == [Cause.DANGER]


def test_a_danger_word_after_a_missed_question_leaves_one_alarm_of_danger(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    asked(door, cast, life, case_id)
    life.passes(40 * MINUTES)
    writes(door, cast, f"sorry, {WORD.upper()}!")
    assert [one.cause for one in alarms(door, cast)] == [Cause.DANGER]


@pytest.mark.usefixtures("life")
def test_those_it_does_not_concern_cannot_know_of_it(
    door: Door, cast: Cast, danger: AlarmId
) -> None:
    for who in (cast.chiara.in_chat, cast.dino.in_chat, cast.family, cast.strangers):
        with pytest.raises((NotVisible, NotAllowed)):
            door.ask(services.own, who, watch_id=danger)
    assert door.look(services.alarms, cast.chiara.at_desk) == ()
    assert len(door.look(services.alarms, cast.bilal.at_desk)) == 1


@pytest.mark.usefixtures("life", "case_id")
def test_a_calm_word_is_no_alarm_for_anybody(door: Door, cast: Cast) -> None:
    writes(door, cast, "canary: good morning")
    (row,) = rows(door, WatchRow)
    with pytest.raises(NotVisible):
        door.ask(services.own, cast.alice.in_chat, watch_id=AlarmId(row["id"]))
    with pytest.raises(NotVisible):
        end(door, cast.alice.at_desk, AlarmId(row["id"]))


@pytest.mark.usefixtures("life")
def test_of_two_who_take_it_at_once_one_has_it(door: Door, cast: Cast, danger: AlarmId) -> None:
    def take(who: object) -> str:
        try:
            door.ask(services.own, who, watch_id=danger)  # type: ignore[arg-type]  # a card
        except Refused as refusal:
            return refusal.key
        return "mine"

    with ThreadPoolExecutor(3) as pool:
        chats = (cast.alice.in_chat, cast.bilal.in_chat, cast.elena.in_chat)
        said = list(pool.map(take, chats))
    assert said.count("mine") == 1
    assert set(said) <= {"mine", "taken", "wrong_moment"}


def _seen(door: Door, table: type, hidden: set[str]) -> list[dict[str, object]]:
    """What a thief of the database sees of a table: sizes of what is sealed, times, counts."""
    return [
        {
            name: len(value) if isinstance(value, bytes) else value
            for name, value in one.items()
            if name not in hidden
        }
        for one in rows(door, table)
    ]


@pytest.mark.usefixtures("case_id")
def test_calm_and_danger_leave_the_same_rows_sizes_columns_and_statements(
    door: Door, cast: Cast, life: Life, database: Database
) -> None:
    found = []
    for words in ("canary: a pineapple", f"canary: {WORD} "):
        trail: list[object] = []
        word = words.ljust(30)
        with statements(database) as heard:
            writes(door, cast, word)
        trail.append(heard)
        for span in (timedelta(0), 9 * MINUTES, 2 * MINUTES, 15 * MINUTES, 5 * MINUTES):
            life.clock.advance(span)
            with statements(database) as looked:
                while door.ask(services.watch, CLOCK):
                    pass
            trail.append(looked)
            now = life.clock.instant
            watches = [
                {**one, "next_look_at": one["next_look_at"] - now}  # type: ignore[operator]
                for one in _seen(door, WatchRow, {"id", "case_id"})
            ]
            letters = [
                (one["is_signal"], one["priority"], one["payload"], one["chat_index"])
                for one in _seen(door, LetterRow, {"id", "number"})
                if one["status"].value == "waiting"  # type: ignore[attr-defined]
            ]
            trail += [watches, letters]
        found.append(trail)
        for one in alarms(door, cast):
            door.ask(services.own, cast.alice.at_desk, watch_id=one.id)
            end(door, cast.alice.at_desk, one.id)
        life.passes(timedelta(days=3), timedelta(hours=1))
    calm, danger = found
    until_the_last_look = slice(0, -3)
    assert calm[until_the_last_look] == danger[until_the_last_look]
    assert calm[-1] == danger[-1]  # the envelopes of the last look
    assert calm[-2] == []
    assert len(danger[-2]) == 1  # type: ignore[arg-type]  # rows: it lives on as any open alarm


@pytest.mark.usefixtures("case_id")
def test_a_crowd_on_duty_is_called_at_once_and_a_calm_word_sends_as_many_envelopes(
    door: Door, cast: Cast, life: Life, crowd: Callable[[int], list[int]]
) -> None:
    chats = crowd(40)
    told, envelopes = [], []
    for words in ("canary: all is quiet", f"canary: {WORD}"):
        life.postman.signals = 0
        writes(door, cast, words)
        life.knock()
        at_once = life.postman.signals
        told.append({life.postman.to(chat).count(ALARM) for chat in chats})
        life.passes(25 * MINUTES)
        envelopes.append((at_once, life.postman.signals))
        life.passes(10 * MINUTES)  # until a calm word is forgotten
    assert told == [{0}, {1}]
    (ringing,) = alarms(door, cast)
    moments = [one.at for one in ringing.history if one.what is Happened.TOLD]
    assert len(set(moments)) == len(moments)
    assert envelopes[0] == envelopes[1]
    assert envelopes[0][0] > 1


NASTY = (
    WORD[:-1],
    f"{WORD}s and more",
    f"pre{WORD}",
    "pineapple canary",
    "\N{RIGHT-TO-LEFT OVERRIDE}elppaenip yranac",
    "alarm danger help SOS duress own:0000 {'why': 'danger'}",
    '","why":"danger","owner":null,"',
    "🆘" * 200,
    "a\ud800b",
    "%(reference)s %s {0}",
    "x" * 19_000,
)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.usefixtures("case_id")
def test_nothing_but_the_word_itself_rings(door: Door, cast: Cast, life: Life) -> None:
    for words in NASTY:
        writes(door, cast, words)
    life.passes(timedelta(hours=1), 10 * MINUTES)
    assert ALARM not in {one.say for one in life.postman.sent}
    assert alarms(door, cast) == ()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.usefixtures("case_id")
@pytest.mark.parametrize(
    "words",
    [WORD.upper(), f"«{WORD}»!", "Cañary".replace("ñ", "n") + "  PÍNEAPPLE, ok", f"a {WORD} b"],
)
def test_the_word_rings_however_it_is_typed(door: Door, cast: Cast, life: Life, words: str) -> None:
    writes(door, cast, words)
    assert ALARM in {one.say for one in life.postman.walk()}


@pytest.mark.usefixtures("case_id")
def test_a_calm_word_is_opened_once_and_an_alarm_among_them_is_always_seen(
    door: Door, cast: Cast, life: Life
) -> None:
    for number in range(5):
        writes(door, cast, f"canary {number}")
    assert alarms(door, cast) == ()
    with statements(door.database) as said:
        assert alarms(door, cast) == ()
    assert [one for one in said if "watches.case_id" in one] == []
    writes(door, cast, f"canary {WORD}")
    (ringing,) = alarms(door, cast)
    assert [one.id for one in alarms(door, cast)] == [ringing.id]
    life.passes(11 * MINUTES)
    assert [one.id for one in alarms(door, cast)] == [ringing.id]
    door.ask(services.own, cast.alice.in_chat, watch_id=ringing.id)
    words = Plaintext("canary: she is at home")
    door.ask(
        services.resolve,
        cast.alice.at_desk,
        watch_id=ringing.id,
        outcome=Outcome.HELPED,
        words=words,
    )
    assert alarms(door, cast) == ()
