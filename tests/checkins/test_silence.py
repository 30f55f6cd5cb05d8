"""Several people silent at once: one finding, shared letters, ladders of their own."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from network.cases import services as cases
from network.cases.domain import Urgency
from network.checkins import services
from network.checkins.domain.silence import Fell, findings, together
from network.checkins.services.sharing import MOST_NAMED, SEVERAL
from network.checkins.services.telling import ALARM
from network.door import Door
from network.kernel.actor import InChat
from network.kernel.hidden import Plaintext
from network.kernel.ids import AlarmId, CaseId
from network.outbox.domain import Letter
from network.outbox.services import give_back, take
from network.people import services as people
from tests.cast import Cast
from tests.checkins.conftest import POSTMAN, Life, alarms, writes
from tests.checkins.conftest import WORD as DANGER

MINUTES = timedelta(minutes=1)
START = datetime(2030, 1, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@st.composite
def fallen(draw: st.DrawFn) -> list[Fell[int]]:
    return [
        Fell(
            draw(st.integers(0, 12)),
            draw(st.sampled_from((None, "09", "14", "02"))),
            START + draw(st.integers(0, 400)) * MINUTES,
        )
        for _ in range(draw(st.integers(0, 25)))
    ]


@given(fallen(), st.integers(2, 6))
def test_a_finding_is_so_many_people_of_one_zone_within_the_window(
    silent: list[Fell[int]], people: int
) -> None:
    found = findings(silent, window=HOUR, people=people)
    first: dict[tuple[str, int], datetime] = {}
    for one in silent:
        if one.zone is not None:
            key = (one.zone, one.who)
            first[key] = min(first.get(key, one.at), one.at)
    for each in found:
        assert len(set(each.who)) == len(each.who) >= people
        moments = [first[each.zone, who] for who in each.who]
        assert max(moments) - min(moments) <= HOUR
        assert each.since == min(moments)
    for zone in {key[0] for key in first} - {each.zone for each in found}:
        moments = sorted(at for (where, _), at in first.items() if where == zone)
        for at in moments:
            assert sum(at <= other <= at + HOUR for other in moments) < people


@given(st.integers(0, 10**6), st.integers(1, 600))
def test_rungs_wait_for_each_other_for_less_than_the_share(late: int, share: int) -> None:
    due, every = START + timedelta(seconds=late), timedelta(seconds=share)
    moment = together(due, every)
    assert due <= moment < due + every
    assert together(moment, every) == moment


def families(door: Door, cast: Cast, life: Life, zones: list[str]) -> list[CaseId]:
    """A family for each zone, asked now; nobody accompanies them."""
    door.ask(people.set_duty, cast.alice.at_desk)
    found = []
    for number, zone in enumerate(zones):
        chat = InChat(6_000_000 + number)
        case = door.ask(
            services.intake, chat, situation="missing", text=Plaintext("canary")
        ).case.id
        door.ask(
            cases.triage,
            cast.alice.at_desk,
            case_id=case,
            urgency=Urgency.TODAY,
            zone=zone,
            need="company",
        )
        found.append(case)
    life.passes(35 * MINUTES, 5 * MINUTES)
    for case in found:
        door.ask(services.ask_once, cast.alice.at_desk, case_id=case)
    life.knock()
    life.postman.sent.clear()
    return found


def test_seven_people_of_one_zone_are_one_letter_with_seven_references_and_one_finding(
    door: Door, cast: Cast, life: Life
) -> None:
    families(door, cast, life, ["09"] * 7)
    life.passes(60 * MINUTES)
    references = {one.reference for one in alarms(door, cast)}
    assert len(references) == 7
    read = [one for one in life.postman.sent if one.to == cast.alice.chat]
    shared = [one for one in read if one.say == SEVERAL]
    assert ALARM not in {one.say for one in read}
    assert shared
    for letter in shared:
        assert references == set(letter.params["references"].split(", "))
        assert len(letter.buttons) == 7
    found = door.look(services.desk, cast.alice.at_desk).findings
    (finding,) = found
    assert finding.zone == door.pack.areas.get("09").name
    assert set(finding.references) == references
    assert finding.unowned == 7


def test_people_of_different_zones_are_no_finding(door: Door, cast: Cast, life: Life) -> None:
    families(door, cast, life, ["09", "09", "14", "02"])
    life.passes(40 * MINUTES)
    assert len(alarms(door, cast)) == 4
    assert door.look(services.desk, cast.alice.at_desk).findings == ()


def test_one_of_them_who_is_taken_or_answers_leaves_the_letters_of_the_others(
    door: Door, cast: Cast, life: Life
) -> None:
    families(door, cast, life, ["09"] * 4)
    life.passes(31 * MINUTES)
    taken, answered, *others = alarms(door, cast)
    door.ask(services.own, cast.alice.in_chat, watch_id=taken.id)
    number = next(
        n
        for n in range(4)
        if door.look(cases.case_of, InChat(6_000_000 + n))[0].id  # type: ignore[index]
        == answered.case_id
    )
    door.ask(services.hear, InChat(6_000_000 + number), text=Plaintext("canary: here"))
    life.postman.sent.clear()
    life.passes(33 * MINUTES)
    later = [one for one in life.postman.sent if one.say in {SEVERAL, ALARM}]
    named = " ".join(one.params.get("references", one.params.get("reference", "")) for one in later)
    assert all(one.reference in named for one in others)
    assert answered.reference not in named


def test_a_shared_letter_that_waits_calls_only_for_those_nobody_has(
    door: Door, cast: Cast, life: Life
) -> None:
    families(door, cast, life, ["09"] * 3)
    life.passes(29 * MINUTES)
    life.postman.asleep = True
    life.passes(2 * MINUTES)
    *taken, last = alarms(door, cast)
    for one in taken:
        door.ask(services.own, cast.alice.in_chat, watch_id=one.id)
    kept = [one for one in waiting(door) if one.say == SEVERAL]
    assert kept
    for letter in kept:
        assert [button.data for row in letter.buttons for button in row] == [f"own:{last.id.hex}"]
    door.ask(services.own, cast.alice.in_chat, watch_id=last.id)
    assert not {SEVERAL, ALARM} & {one.say for one in life.postman.walk()}


def test_a_letter_that_calls_for_more_than_it_names_stays_for_those(
    door: Door, cast: Cast, life: Life
) -> None:
    families(door, cast, life, ["09"] * (MOST_NAMED + 1))
    life.passes(29 * MINUTES)
    life.postman.asleep = True
    life.passes(2 * MINUTES)
    letter = next(one for one in waiting(door) if one.to == cast.alice.chat and one.say == SEVERAL)
    for row in letter.buttons:
        named = AlarmId(UUID(row[0].data.removeprefix("own:")))
        door.ask(services.own, cast.alice.in_chat, watch_id=named)
    left = [one for one in life.postman.walk() if one.id == letter.id]
    assert [one.buttons for one in left] == [()]


def waiting(door: Door) -> list[Letter]:
    """What a postman takes and gives back."""
    leased = door.ask(take, POSTMAN, limit=50)
    door.ask(give_back, POSTMAN, leased=leased)
    return [letter for one in leased for letter in one.letters]


def test_a_danger_word_never_shares_a_letter(door: Door, cast: Cast, life: Life) -> None:
    families(door, cast, life, ["09"] * 3)
    door.ask(services.intake, cast.family, situation="missing", text=Plaintext("canary"))
    door.ask(cases.set_danger_word, cast.family, word=Plaintext(DANGER))
    life.passes(30 * MINUTES, 30 * MINUTES)
    writes(door, cast, f"canary {DANGER}")
    life.passes(11 * MINUTES)
    found = door.look(cases.case_of, cast.family)
    assert found is not None
    mine = found[0].card.reference
    calls = [one for one in life.postman.sent if mine in str(one.params)]
    assert {one.say for one in calls if one.buttons} == {ALARM}


@pytest.mark.usefixtures("case_id")
def test_one_who_is_silent_alone_is_called_for_by_name(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    door.ask(services.ask_once, cast.bilal.at_desk, case_id=case_id)
    life.passes(33 * MINUTES)
    assert life.postman.to(cast.bilal.chat) == [ALARM]


def test_a_member_counts_where_they_said_they_are(door: Door, cast: Cast, life: Life) -> None:
    """Without their word they stand in no finding, and with it beside the families."""
    door.ask(people.change_zone, cast.bilal.at_desk, zone="09")
    families(door, cast, life, ["09"] * 3)
    back = door.now() + 5 * MINUTES
    for one in (cast.bilal, cast.chiara):
        door.ask(services.begin_trip, one.in_chat, destination=Plaintext("canary"), back_at=back)
    life.passes(60 * MINUTES)
    assert len(alarms(door, cast)) == 5
    (finding,) = door.look(services.desk, cast.alice.at_desk).findings
    assert len(finding.references) == 4
    assert cast.bilal.alias in finding.references
    assert cast.chiara.alias not in finding.references
