"""A member writes down whom to call, and whom never: it rides with every alarm about them."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from network import audit
from network.cases import services as cases
from network.checkins import services
from network.checkins.domain.callplans import CallPlan
from network.checkins.domain.memberplans import Written
from network.checkins.domain.trips import NobodyToOpen
from network.checkins.domain.watches import Cause, Outcome, Whom
from network.checkins.store import memberplans
from network.checkins.tables import MemberPlanGrantRow, MemberPlanRow
from network.db import Tx, writing
from network.door import Door
from network.encryption.envelope import new_key_pair
from network.kernel.actor import Actor, Role
from network.kernel.errors import BadInput, NoKey, NotAllowed, NotVisible, WrongMoment
from network.kernel.hidden import Plaintext
from network.kernel.ids import AlarmId, PersonId, new_id
from network.people import services as people
from tests.cases.browsing import Browser, signed_in
from tests.cast import Cast, Somebody, somebody
from tests.checkins.conftest import CLOCK, Life, alarms, rows
from tests.checkins.test_trips import MINUTES, travels
from tests.ground.crossing import crossed_by, several

HOURS, DAYS = timedelta(hours=1), timedelta(days=1)
PLAN = CallPlan(
    "canary: the uncle", {Whom.DUTY: "canary: the sister", Whom.COORDINATORS: "canary: a lawyer"}
)
FORCED = CallPlan("", {Whom.DUTY: "canary: whoever holds him"})
Sign = Callable[[Somebody], Browser]


@pytest.fixture
def at(app: Flask) -> Sign:
    return lambda who: signed_in(app, who)


def write(door: Door, who: Somebody, plan: CallPlan = PLAN) -> None:
    door.ask(services.write_my_plan, who.at_desk, plan=plan)


def mine(door: Door, who: Somebody) -> CallPlan | None:
    found = door.look(services.my_plan, who.at_desk).written
    return None if found is None else found.plan


def calls_for_help(door: Door, cast: Cast) -> AlarmId:
    """Bilal is on a trip, and needs help."""
    trip = travels(door, cast)
    door.ask(services.need_help, cast.bilal.in_chat, trip_id=trip)
    return alarms(door, cast)[0].id


def ends(door: Door, who: Somebody, watch_id: AlarmId) -> None:
    door.ask(services.own, who.at_desk, watch_id=watch_id)
    words = Plaintext("canary: he is home")
    door.ask(services.resolve, who.at_desk, watch_id=watch_id, outcome=Outcome.HELPED, words=words)


def opened(door: Door, who: Somebody, watch_id: AlarmId) -> CallPlan | None:
    found = door.ask(services.plan_of_alarm, who.at_desk, watch_id=watch_id)
    assert found is not None
    return None if found.now is None else found.now.plan


def readers(door: Door) -> set[PersonId]:
    return {row["member_id"] for row in rows(door, MemberPlanGrantRow)}


def openings(door: Door, of: Somebody) -> int:
    def count(tx: Tx, _actor: Actor) -> int:
        return len(audit.times_about(tx, of.id, "plan.opened"))

    return door.look(count, CLOCK)


def swept(door: Door) -> int:
    return door.ask(services.sweep_plans, CLOCK)


@pytest.mark.usefixtures("life")
def test_its_owner_writes_it_changes_it_and_takes_it_away(door: Door, cast: Cast) -> None:
    assert mine(door, cast.bilal) is None
    write(door, cast.bilal)
    assert mine(door, cast.bilal) == PLAN
    shorter = CallPlan("", {Whom.DUTY: "canary: the sister"})
    write(door, cast.bilal, shorter)
    assert mine(door, cast.bilal) == shorter
    write(door, cast.bilal, CallPlan())
    assert mine(door, cast.bilal) is None
    write(door, cast.chiara)
    assert mine(door, cast.chiara) == PLAN
    assert mine(door, cast.bilal) is None
    for row in rows(door, MemberPlanRow):
        assert b"canary" not in row["body"] + row["until"]


@pytest.mark.usefixtures("life")
def test_short_words_and_none_on_one_rung_are_of_one_size(door: Door, cast: Cast) -> None:
    write(door, cast.bilal, CallPlan("x"))
    write(door, cast.chiara, CallPlan("my uncle", {Whom.DUTY: "my sister, 55 1234 5678"}))
    write(door, cast.alice, CallPlan("y"))
    write(door, cast.alice, CallPlan())
    sizes = {(len(row["body"]), len(row["until"])) for row in rows(door, MemberPlanRow)}
    assert len(sizes) == 1


@pytest.mark.usefixtures("life")
def test_nobody_reads_it_at_leisure_not_even_coordination(door: Door, cast: Cast) -> None:
    write(door, cast.bilal)
    assert readers(door) == {cast.alice.id, cast.elena.id, cast.bilal.id}
    for who in (cast.alice, cast.elena, cast.bilal, cast.chiara):
        with pytest.raises(NotVisible):
            door.ask(services.plan_of_alarm, who.at_desk, watch_id=AlarmId(new_id()))
    assert mine(door, cast.alice) is None
    for nobody in (cast.dino.at_desk, cast.family, cast.strangers):
        with pytest.raises(NotAllowed):
            door.ask(services.write_my_plan, nobody, plan=PLAN)
        with pytest.raises(NotAllowed):
            door.look(services.my_plan, nobody)
    with pytest.raises(NoKey):
        door.look(services.my_plan, cast.bilal.in_chat)
    with pytest.raises(NotAllowed):
        door.ask(services.sweep_plans, cast.alice.at_desk)


def test_help_on_a_trip_brings_it_to_coordination_and_to_nobody_else(
    door: Door, cast: Cast, life: Life
) -> None:
    write(door, cast.bilal)
    ringing = calls_for_help(door, cast)
    assert opened(door, cast.alice, ringing) == PLAN
    assert opened(door, cast.elena, ringing) == PLAN
    with pytest.raises(NoKey):
        door.ask(services.plan_of_alarm, cast.alice.in_chat, watch_id=ringing)
    for who in (cast.chiara.at_desk, cast.dino.at_desk, cast.bilal.at_desk, cast.family):
        with pytest.raises((NotVisible, NotAllowed)):
            door.ask(services.plan_of_alarm, who, watch_id=ringing)
    life.knock()
    assert "canary" not in str([one.params for one in life.postman.sent])
    ends(door, cast.alice, ringing)
    with pytest.raises(NotVisible):
        door.ask(services.plan_of_alarm, cast.elena.at_desk, watch_id=ringing)


@pytest.mark.parametrize("gone", [False, True])
def test_so_does_silence_and_a_chat_that_cannot_be_reached(
    door: Door, cast: Cast, life: Life, *, gone: bool
) -> None:
    door.ask(people.set_duty, cast.alice.at_desk)
    write(door, cast.chiara)
    if gone:
        life.postman.gone.add(cast.chiara.chat)
    door.ask(services.set_rhythm, cast.chiara.at_desk, every=4 * HOURS)
    while not alarms(door, cast):
        life.passes(30 * MINUTES, 10 * MINUTES)
    (ringing,) = alarms(door, cast)
    assert ringing.cause is (Cause.UNREACHABLE if gone else Cause.SILENCE)
    assert opened(door, cast.alice, ringing.id) == PLAN


@pytest.mark.usefixtures("life")
def test_an_alarm_about_somebody_who_wrote_nothing_leaves_no_receipt(
    door: Door, cast: Cast
) -> None:
    ringing = calls_for_help(door, cast)
    assert door.ask(services.plan_of_alarm, cast.alice.at_desk, watch_id=ringing) is None
    assert openings(door, cast.bilal) == 0


@pytest.mark.usefixtures("life")
def test_whoever_coordinates_has_one_too_and_their_colleagues_read_it(
    door: Door, cast: Cast
) -> None:
    write(door, cast.elena)
    trip = door.ask(
        services.begin_trip,
        cast.elena.in_chat,
        destination=Plaintext("canary: north"),
        back_at=door.now() + 2 * HOURS,
    )
    door.ask(services.need_help, cast.elena.in_chat, trip_id=trip.id)
    (ringing,) = alarms(door, cast)
    assert opened(door, cast.alice, ringing.id) == PLAN
    with pytest.raises(NotVisible):
        door.ask(services.plan_of_alarm, cast.elena.at_desk, watch_id=ringing.id)


@pytest.mark.usefixtures("life")
def test_where_nobody_else_coordinates_nothing_is_kept(door: Door, cast: Cast) -> None:
    door.ask(people.suspend, cast.alice.at_desk, person_id=cast.elena.id)
    with pytest.raises(NobodyToOpen):
        write(door, cast.alice)
    assert rows(door, MemberPlanRow) == []
    door.ask(services.write_my_plan, cast.alice.at_desk, plan=CallPlan())


def test_what_is_changed_under_force_hides_nothing_from_those_who_answer(
    door: Door, cast: Cast, life: Life
) -> None:
    write(door, cast.bilal)
    ringing = calls_for_help(door, cast)
    write(door, cast.bilal, FORCED)
    write(door, cast.bilal, CallPlan("canary: nobody at all"))
    assert mine(door, cast.bilal) == CallPlan("canary: nobody at all")
    found = door.ask(services.plan_of_alarm, cast.alice.at_desk, watch_id=ringing)
    assert found is not None
    assert found.now is not None
    assert found.before is not None
    assert (found.now.plan.never, found.before.plan) == ("canary: nobody at all", PLAN)
    write(door, cast.bilal, CallPlan())
    assert mine(door, cast.bilal) is None
    found = door.ask(services.plan_of_alarm, cast.alice.at_desk, watch_id=ringing)
    assert found is not None
    assert found.now is None
    assert found.before is not None
    assert found.before.plan == PLAN
    door.ask(services.arrive, cast.bilal.in_chat)
    life.clock.advance(9 * DAYS)
    assert swept(door) == 0
    ends(door, cast.alice, ringing)
    life.passes(HOURS, 10 * MINUTES)
    assert swept(door) == 1
    assert rows(door, MemberPlanRow) == []
    assert rows(door, MemberPlanGrantRow) == []


def test_what_was_changed_in_the_days_before_the_alarm_is_kept_too_and_then_forgotten(
    door: Door, cast: Cast, life: Life
) -> None:
    write(door, cast.bilal)
    write(door, cast.bilal, FORCED)
    life.clock.advance(6 * DAYS)
    assert swept(door) == 0
    ringing = calls_for_help(door, cast)
    found = door.ask(services.plan_of_alarm, cast.alice.at_desk, watch_id=ringing)
    assert found is not None
    assert found.before is not None
    assert found.before.plan == PLAN
    door.ask(services.arrive, cast.bilal.in_chat)
    ends(door, cast.alice, ringing)
    life.passes(HOURS, 10 * MINUTES)
    life.clock.advance(2 * DAYS)
    assert swept(door) == 1
    assert mine(door, cast.bilal) == FORCED


@pytest.mark.usefixtures("life")
def test_writing_tells_the_database_the_same_while_an_alarm_rings(door: Door, cast: Cast) -> None:
    write(door, cast.bilal)
    write(door, cast.chiara)
    calls_for_help(door, cast)
    write(door, cast.bilal, FORCED)
    write(door, cast.chiara, FORCED)
    kept = [
        (row["person_id"] == cast.bilal.id, row["over"], len(row["body"]), len(row["until"]))
        for row in rows(door, MemberPlanRow)
    ]
    assert {one[1:] for one in kept if one[0]} == {one[1:] for one in kept if not one[0]}


def test_each_opening_leaves_a_receipt_that_its_owner_sees_later_and_never_while_it_rings(
    door: Door, cast: Cast, life: Life
) -> None:
    """Or whoever sits at their open browser would learn from it that help was called."""

    def seen() -> int:
        return len(door.look(services.my_plan, cast.bilal.at_desk).openings)

    write(door, cast.bilal)
    first = calls_for_help(door, cast)
    opened(door, cast.alice, first)
    opened(door, cast.elena, first)
    assert openings(door, cast.bilal) == 2
    assert seen() == 0
    door.ask(services.arrive, cast.bilal.in_chat)
    life.clock.advance(30 * DAYS)
    assert seen() == 0
    ends(door, cast.alice, first)
    life.passes(HOURS, 10 * MINUTES)
    assert seen() == 2
    second = calls_for_help(door, cast)
    opened(door, cast.alice, second)
    door.ask(services.arrive, cast.bilal.in_chat)
    assert openings(door, cast.bilal) == 3
    assert seen() == 2
    ends(door, cast.alice, second)
    life.passes(6 * DAYS, DAYS)
    assert seen() == 2
    life.passes(2 * DAYS, DAYS)
    assert seen() == 3


@pytest.mark.usefixtures("life")
def test_who_comes_to_coordination_later_is_given_the_key_at_the_desk_or_by_its_owner(
    door: Door, cast: Cast
) -> None:
    write(door, cast.bilal)
    ringing = calls_for_help(door, cast)
    late = somebody(door, "fatima", Role.COORDINATOR)
    found = door.ask(services.plan_of_alarm, late.at_desk, watch_id=ringing)
    assert found is not None
    assert (found.now, found.is_shut) == (None, True)
    assert openings(door, cast.bilal) == 0
    assert door.look(services.desk, late.at_desk).plans_lack_keys is False
    assert door.ask(services.pass_on_plans, late.at_desk) == 0
    with pytest.raises(NoKey):
        door.ask(services.pass_on_plans, cast.alice.in_chat)
    with pytest.raises(NotAllowed):
        door.ask(services.pass_on_plans, cast.dino.at_desk)
    assert door.look(services.desk, cast.alice.at_desk).plans_lack_keys is True
    assert door.ask(services.pass_on_plans, cast.alice.at_desk) == 1
    assert door.look(services.desk, cast.alice.at_desk).plans_lack_keys is False
    assert opened(door, late, ringing) == PLAN
    later = somebody(door, "grace", Role.COORDINATOR)
    assert door.look(services.my_plan, cast.bilal.at_desk).some_lack_keys is True
    assert door.ask(services.pass_on_plans, cast.bilal.at_desk) == 1
    assert door.look(services.my_plan, cast.bilal.at_desk).some_lack_keys is False
    assert opened(door, later, ringing) == PLAN
    assert door.ask(services.pass_on_plans, cast.chiara.at_desk) == 0


def test_whoever_stops_coordinating_loses_the_key_and_opens_nothing_that_is_written_later(
    door: Door, cast: Cast, life: Life
) -> None:
    write(door, cast.bilal)
    write(door, cast.elena)
    door.ask(people.suspend, cast.alice.at_desk, person_id=cast.elena.id)
    swept(door)
    held = [
        (row["member_id"], row["plan_id"])
        for row in rows(door, MemberPlanGrantRow)
        if row["member_id"] == cast.elena.id
    ]
    own = [row["id"] for row in rows(door, MemberPlanRow) if row["person_id"] == cast.elena.id]
    assert held == [(cast.elena.id, own[0])]  # what she wrote herself stays hers
    before = {row["public_key"] for row in rows(door, MemberPlanRow)}
    write(door, cast.bilal, FORCED)
    (now,) = (
        row
        for row in rows(door, MemberPlanRow)
        if row["person_id"] == cast.bilal.id and not row["over"]
    )
    assert now["public_key"] not in before
    assert {row["member_id"] for row in rows(door, MemberPlanGrantRow)} == {
        cast.alice.id,
        cast.bilal.id,
        cast.elena.id,
    }
    door.ask(people.restore, cast.alice.at_desk, person_id=cast.elena.id)
    life.clock.advance(11 * MINUTES)  # she signs in anew
    assert door.ask(services.pass_on_plans, cast.alice.at_desk) > 0
    ringing = calls_for_help(door, cast)
    assert opened(door, cast.elena, ringing) == FORCED


def test_a_plan_of_whoever_was_put_out_goes_once_no_alarm_is_open_about_them(
    door: Door, cast: Cast, life: Life
) -> None:
    write(door, cast.bilal)
    write(door, cast.chiara)
    ringing = calls_for_help(door, cast)
    for who in (cast.bilal, cast.chiara):
        reason = Plaintext("canary: a reason")
        asked = door.ask(cases.propose_removal, cast.alice.at_desk, person_id=who.id, reason=reason)
        door.ask(cases.remove, cast.elena.at_desk, proposal_id=asked)
    assert swept(door) == 1
    assert {row["person_id"] for row in rows(door, MemberPlanRow)} == {cast.bilal.id}
    assert opened(door, cast.alice, ringing) == PLAN
    ends(door, cast.alice, ringing)
    life.passes(HOURS, 10 * MINUTES)
    assert swept(door) == 1
    assert rows(door, MemberPlanRow) == []


@pytest.mark.usefixtures("life")
def test_who_is_stopped_on_the_way_is_still_answered_by_what_they_wrote(
    door: Door, cast: Cast
) -> None:
    write(door, cast.bilal)
    trip = travels(door, cast)
    door.ask(people.suspend, cast.alice.at_desk, person_id=cast.bilal.id)
    swept(door)
    door.ask(services.need_help, cast.bilal.in_chat, trip_id=trip)
    (ringing,) = alarms(door, cast)
    assert opened(door, cast.alice, ringing.id) == PLAN


@pytest.mark.usefixtures("life")
def test_a_torn_plan_or_one_moved_to_somebody_else_says_nothing_and_stops_nothing(
    at: Sign, door: Door, cast: Cast
) -> None:
    write(door, cast.bilal)
    write(door, cast.chiara)
    ringing = calls_for_help(door, cast)
    held = {row["person_id"]: row["body"] for row in rows(door, MemberPlanRow)}
    for body in (held[cast.chiara.id], b"torn"):
        with writing(door.database, door.now(), door.secret, door.pack) as tx:
            tx.session.execute(
                update(MemberPlanRow)
                .where(MemberPlanRow.person_id == cast.bilal.id)
                .values(body=body)
            )
        found = door.ask(services.plan_of_alarm, cast.alice.at_desk, watch_id=ringing)
        assert found is not None
        assert (found.now, found.is_shut) == (None, True)
        page = at(cast.alice).reads(f"/alarms/{ringing}?lang=en")
        assert "that you cannot open" in page
        assert "canary: the" not in page
    assert mine(door, cast.bilal) is None
    write(door, cast.bilal)
    assert opened(door, cast.alice, ringing) == PLAN


@pytest.mark.usefixtures("life")
def test_of_two_written_at_one_moment_one_is_kept(door: Door, cast: Cast) -> None:
    write(door, cast.bilal)

    def twice(tx: Tx, actor: Actor) -> None:
        with pytest.raises(WrongMoment):
            memberplans.add(tx, actor.person, Written(FORCED, tx.now), new_key_pair(), {})

    door.ask(twice, cast.bilal.at_desk)
    assert mine(door, cast.bilal) == PLAN
    with pytest.raises(BadInput):
        CallPlan(rungs={Whom.DUTY: "x" * 1_001})


def test_its_page_keeps_what_was_typed_and_takes_no_more_than_it_asks_for(
    at: Sign, cast: Cast
) -> None:
    bilal, path = at(cast.bilal), "/my/plan"
    assert path in bilal.reads("/my/checkins")
    assert "Nothing is shown here yet" in bilal.reads(f"{path}?lang=en")
    long = bilal.sends(path, page=path, never="x" * 2_000, duty="canary: the sister")
    assert long.status_code == 400
    assert 'aria-describedby="never-problem"' in long.text
    assert "the sister" in long.text
    fields = {"never": PLAN.never, "accompanier": "canary: none"}
    assert bilal.sends(path, page=path, **fields).status_code == 303
    page = bilal.reads(path)
    assert "the uncle" in page
    assert "canary: none" not in page


def test_it_stands_on_the_page_of_the_alarm_and_on_no_other(
    at: Sign, door: Door, cast: Cast, life: Life
) -> None:
    write(door, cast.bilal)
    life.clock.advance(MINUTES)
    ringing = calls_for_help(door, cast)
    for who in (cast.alice, cast.elena):
        page = at(who).reads(f"/alarms/{ringing}?lang=en")
        never, told, now = (page.index(one) for one in ("the uncle", "the sister", "now</span>"))
        assert "Never call" in page
        assert "after the alarm began" not in page
        assert never < now < told
    assert openings(door, cast.bilal) == 2
    assert "the uncle" not in at(cast.alice).reads("/desk")
    assert at(cast.chiara).looks(f"/alarms/{ringing}").status_code == 404


@pytest.mark.usefixtures("life")
def test_the_page_says_what_was_written_only_when_the_alarm_rang(
    at: Sign, door: Door, cast: Cast
) -> None:
    ringing = calls_for_help(door, cast)
    write(door, cast.bilal, FORCED)
    page = at(cast.alice).reads(f"/alarms/{ringing}?lang=en")
    assert page.index("after the alarm began") < page.index("whoever holds him")


def test_the_page_says_that_it_was_changed_or_taken_away_perhaps_not_by_them(
    at: Sign, door: Door, cast: Cast
) -> None:
    write(door, cast.bilal)
    bilal, path, alarm = at(cast.bilal), "/my/plan", f"/alarms/{calls_for_help(door, cast)}?lang=en"
    bilal.sends(path, page=path, duty=FORCED.rungs[Whom.DUTY])
    page = at(cast.alice).reads(alarm)
    words = ("whoever holds him", "Before, it said", "the uncle")
    assert sorted(map(page.index, words)) == [page.index(each) for each in words]
    bilal.sends(path, page=path)
    page = at(cast.alice).reads(alarm)
    assert "It was taken away in these days" in page
    assert "the uncle" in page
    mine_now = bilal.reads(f"{path}?lang=en")
    assert "the uncle" not in mine_now
    assert "Nothing is shown here yet" in mine_now


@pytest.mark.usefixtures("life")
def test_a_visit_to_the_desk_or_to_ones_plan_passes_the_keys_on(
    at: Sign, door: Door, cast: Cast
) -> None:
    write(door, cast.bilal)
    late = somebody(door, "fatima", Role.COORDINATOR)
    at(cast.alice).reads("/desk")
    assert late.id in readers(door)
    later = somebody(door, "grace", Role.COORDINATOR)
    at(cast.bilal).reads("/my/plan")
    assert later.id in readers(door)


def identified(tx: Tx, who: Somebody) -> Actor:
    return people.identify(tx, who.at_desk)


@several
@pytest.mark.usefixtures("life")
@pytest.mark.parametrize("before", [0, 1, 2])
def test_of_two_windows_that_cross_one_is_kept_and_the_other_told(
    door: Door, cast: Cast, before: int
) -> None:
    for _ in range(before):
        write(door, cast.bilal)
    told = []
    cast.bilal.at_desk  # noqa: B018  # its session is opened in a transaction of its own

    def writes_too() -> None:
        try:
            write(door, cast.bilal, FORCED)
        except WrongMoment as refusal:
            told.append(refusal.key)

    with crossed_by(door, writes_too) as tx:
        services.write_my_plan(tx, identified(tx, cast.bilal), plan=CallPlan("canary: mine"))
    assert told == ["wrong_moment"]
    assert mine(door, cast.bilal) == CallPlan("canary: mine")


@several
@pytest.mark.usefixtures("life")
def test_keys_are_passed_on_while_their_owner_changes_the_words(door: Door, cast: Cast) -> None:
    for _ in range(2):
        write(door, cast.bilal)
    late = somebody(door, "fatima", Role.COORDINATOR)
    passed = []

    def passes_on() -> None:
        passed.append(door.ask(services.pass_on_plans, cast.alice.at_desk))

    for who in (cast.alice, cast.bilal):
        who.at_desk  # noqa: B018  # as above
    with crossed_by(door, passes_on) as tx:
        services.write_my_plan(tx, identified(tx, cast.bilal), plan=FORCED)
    assert passed == [1]  # what was in force before; the new words were sealed to her, too
    assert door.ask(services.pass_on_plans, cast.alice.at_desk) == 0
    assert [row["member_id"] for row in rows(door, MemberPlanGrantRow)].count(late.id) == 2
