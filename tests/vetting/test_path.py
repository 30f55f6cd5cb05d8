"""How people come in, step by step, and what nobody can shorten."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import UUID

import pytest

from network import migrations
from network.db import Tx
from network.door import Door
from network.kernel.actor import Actor, Nobody, Role
from network.kernel.errors import BadInput, NotAllowed, NotVisible, Refused, SlowDown, WrongMoment
from network.kernel.hidden import Plaintext
from network.kernel.ids import PersonId, new_id
from network.people import services as people
from network.people.domain import Clearance, Level
from network.people.domain import Standing as Stands
from network.vetting import services
from network.vetting.domain.path import (
    Course,
    NotYet,
    Reason,
    Stand,
    Step,
)
from network.vetting.services.applying import MOST_A_DAY
from network.vetting.store import seats
from tests.cast import Cast, Somebody, somebody
from tests.ground.clock import StillClock
from tests.vetting.clearing import TEST, clear
from tests.vetting.walking import (
    GALA,
    LETTERS,
    SAID,
    WORDS,
    applied,
    at_approval,
    joined,
    learnt,
    member,
    of_chat,
    stand,
    take,
    to_training,
)


def test_the_whole_way_from_a_chat_to_the_yearly_review(
    door: Door, cast: Cast, clock: StillClock
) -> None:
    application, gala = at_approval(door, cast)
    assert stand(door, application) == Stand(Step.APPROVAL)
    assert member(door, gala).clearance.level is Level.ON_PATH

    take(door, cast.alice, application, services.approve)
    assert stand(door, application) == Stand(Step.APPROVAL)
    take(door, cast.elena, application, services.approve)
    inside = member(door, gala)
    assert inside.standing is Stands.ACTIVE
    assert (inside.clearance.level, inside.clearance.zones) == (Level.PROBATION, ("20067",))

    with pytest.raises(NotYet):
        take(door, cast.alice, application, services.confirm)
    clock.advance(door.pack.vetting.probation)
    take(door, cast.alice, application, services.confirm)
    assert member(door, gala).clearance.level is Level.PROBATION  # one is not two
    take(door, cast.elena, application, services.confirm)
    assert member(door, gala).clearance.level is Level.FULL

    due = member(door, gala).clearance.review_on
    clock.advance(timedelta(days=300))
    take(door, cast.elena, application, services.review)
    after = member(door, gala).clearance.review_on
    assert due is not None
    assert after == door.now().date() + door.pack.vetting.review > due


def test_an_answer_is_kept_before_the_next_is_asked(door: Door, cast: Cast) -> None:
    door.ask(services.answer, GALA, asked="called", text=Plaintext("Gala"))

    seen = door.ask(services.whole, cast.alice.at_desk, application_id=of_chat(door, GALA))

    assert [line.text.reveal() for line in seen.lines if line.text] == ["Gala"]
    assert seen.called == "Gala"


def test_the_page_gives_a_code_and_the_code_says_where_they_stand(door: Door, cast: Cast) -> None:
    code = door.ask(services.apply, Nobody(), said=WORDS)

    typed = Plaintext(code.reveal().lower().replace("-", " "))
    found = door.look(services.where_code_stands, Nobody(), code=typed)
    assert found.stand == Stand(Step.IDENTITY)
    (card,) = door.look(services.overview, cast.elena.at_desk).mine
    assert card.called == "canary Gala"
    with pytest.raises(NotVisible):
        door.look(services.where_code_stands, Nobody(), code=Plaintext("0000-0000-0000"))

    door.ask(services.take_back, Nobody(), code=typed)
    assert door.look(services.overview, cast.elena.at_desk).mine == ()


def test_a_flood_by_the_page_ends_for_the_day_and_leaves_the_bot_open(
    door: Door, cast: Cast, clock: StillClock
) -> None:
    for _ in range(MOST_A_DAY):
        door.ask(services.apply, Nobody(), said=WORDS)
    with pytest.raises(SlowDown):
        door.ask(services.apply, Nobody(), said=WORDS)

    door.ask(services.answer, GALA, asked="called", text=Plaintext("Gala"))
    letters = door.look(lambda tx, _: tx.session.execute(LETTERS).scalar_one(), TEST)
    assert letters <= len(cast.everybody)  # a flood of applications is no flood of letters
    clock.advance(timedelta(days=1))
    door.ask(services.apply, Nobody(), said=WORDS)


def test_only_the_two_can_open_it_and_others_see_how_many_there_are(door: Door, cast: Cast) -> None:
    third = somebody(door, "farid", Role.COORDINATOR)
    application = applied(door)
    pair = [each for each in (cast.alice, cast.elena, third) if sees(door, each, application)]
    assert len(pair) == 2
    (outside,) = {cast.alice.id, cast.elena.id, third.id} - {each.id for each in pair}

    for who in (cast.bilal, cast.dino):
        with pytest.raises((NotVisible, NotAllowed)):
            door.look(services.whole, who.at_desk, application_id=application)
    (other,) = (each for each in (cast.alice, cast.elena, third) if each.id == outside)
    with pytest.raises(NotVisible):
        take(door, other, application, services.see)
    seen = door.look(services.overview, other.at_desk)
    assert (seen.mine, seen.counts) == ((), {Stand(Step.IDENTITY): 1})


def sees(door: Door, who: Somebody, application: UUID) -> bool:
    mine = door.look(services.overview, who.at_desk).mine
    return application in {each.application.id for each in mine}


def test_a_removed_member_of_the_pair_reads_nothing_and_the_next_reads_everything(
    door: Door, cast: Cast
) -> None:
    third = somebody(door, "farid", Role.COORDINATOR)
    application = applied(door)
    coordinators = (cast.alice, cast.elena, third)
    leaver, stays = [each for each in coordinators if sees(door, each, application)]
    (new,) = (each for each in coordinators if not sees(door, each, application))
    door.ask(people.suspend, stays.id, person_id=leaver.id)

    assert door.ask(services.keep_pairs, TEST) == 1
    assert door.ask(services.keep_pairs, TEST) == 0

    assert rows_of(door, leaver) == 0
    door.ask(services.answer, GALA, asked="called", text=Plaintext("canary afterwards"))
    assert None in texts(door, new, application)  # the earlier words wait for who has their key
    take(door, stays, application, services.see)
    assert None not in texts(door, new, application)
    assert "canary Oaxaca" in texts(door, new, application)


def texts(door: Door, who: Somebody, application: UUID) -> list[str | None]:
    seen = door.look(services.whole, who.at_desk, application_id=application)
    return [line.text and line.text.reveal() for line in seen.lines]


def rows_of(door: Door, who: Somebody) -> int:
    return door.look(lambda tx, _: seats.loads(tx, [who.id]).get(who.id, 0), TEST)


def test_whoever_spoke_for_them_leaves_the_pair_and_does_not_decide(door: Door, cast: Cast) -> None:
    application = applied(door)
    to_training(door, cast.alice, application, members=[cast.elena.id])
    gala = joined(door, cast, application)
    learnt(door, gala)

    with pytest.raises(NotVisible):
        take(door, cast.elena, application, services.approve)
    take(door, cast.alice, application, services.approve)
    third = somebody(door, "farid", Role.COORDINATOR)
    door.ask(services.keep_pairs, TEST)
    assert sees(door, third, application)
    assert not sees(door, cast.elena, application)
    assert member(door, gala).standing is Stands.APPLIED


def test_an_applicant_is_nobodys_referee(door: Door, cast: Cast) -> None:
    application = applied(door)
    take(door, cast.alice, application, services.see)
    said = (SAID, SAID)
    for nobody in (cast.dino.id, PersonId(new_id())):
        with pytest.raises(BadInput):
            door.ask(
                services.refer,
                cast.alice.at_desk,
                application_id=application,
                said=said,
                members=[nobody],
            )
    clear(door, cast.chiara, Clearance(Level.PROBATION))
    with pytest.raises(BadInput):
        door.ask(
            services.refer,
            cast.alice.at_desk,
            application_id=application,
            said=said,
            members=[cast.chiara.id],
        )


def test_one_coordinator_twice_is_still_one(door: Door, cast: Cast) -> None:
    application, gala = at_approval(door, cast)
    take(door, cast.alice, application, services.approve)
    with pytest.raises(Refused):
        take(door, cast.alice, application, services.approve)
    assert member(door, gala).standing is Stands.APPLIED


def test_two_yeses_at_the_same_moment_let_them_in_once_at_most(door: Door, cast: Cast) -> None:
    application, gala = at_approval(door, cast)
    desks = [cast.alice.at_desk, cast.elena.at_desk]
    start = Barrier(2)

    def say_yes(desk: object) -> str:
        start.wait()
        try:
            door.ask(services.approve, desk, application_id=application, said=SAID)  # type: ignore[arg-type]
        except Refused as refusal:
            return refusal.key
        return "done"

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(say_yes, desks))

    level = member(door, gala).clearance.level
    assert (answers, level) == (["done", "done"], Level.PROBATION)


def test_the_short_form_is_no_way_round_the_path(door: Door, cast: Cast) -> None:
    _, gala = at_approval(door, cast)
    for one in (cast.alice, cast.elena):
        with pytest.raises(WrongMoment):
            door.ask(people.approve, one.id, person_id=gala)


def test_paused_is_given_nothing_and_resumed_is_what_it_was(
    door: Door, cast: Cast, clock: StillClock
) -> None:
    application, gala = at_approval(door, cast)
    take(door, cast.alice, application, services.approve)
    take(door, cast.elena, application, services.approve)
    began = member(door, gala).clearance

    clock.advance(timedelta(days=5))
    take(door, cast.alice, application, services.pause)
    assert member(door, gala).clearance.level is Level.ON_PATH
    with pytest.raises(WrongMoment):
        take(door, cast.alice, application, services.confirm)
    take(door, cast.elena, application, services.resume)
    assert member(door, gala).clearance == began


def test_refused_inside_comes_back_only_by_two(door: Door, cast: Cast) -> None:
    application, gala = at_approval(door, cast)
    take(door, cast.alice, application, services.approve)
    take(door, cast.elena, application, services.approve)

    door.ask(
        services.refuse,
        cast.alice.at_desk,
        application_id=application,
        said=SAID,
        reason=Reason.NOT_NOW,
    )
    assert member(door, gala).clearance.level is Level.ON_PATH
    take(door, cast.alice, application, services.reopen)
    assert stand(door, application) == Stand(Step.APPROVAL)
    assert member(door, gala).clearance.level is Level.ON_PATH
    take(door, cast.alice, application, services.approve)
    take(door, cast.elena, application, services.approve)
    assert member(door, gala).clearance.level is Level.PROBATION


def test_the_applicant_is_told_why_and_everything_goes_in_time(
    door: Door, cast: Cast, clock: StillClock
) -> None:
    application = applied(door)
    door.ask(
        services.refuse,
        cast.alice.at_desk,
        application_id=application,
        said=SAID,
        reason=Reason.FULL,
    )
    found = door.look(services.where_i_stand, GALA)
    assert found is not None
    assert (found.stand.course, found.reason) == (Course.REFUSED, Reason.FULL)

    clock.advance(door.pack.vetting.kept)
    assert door.ask(services.erase_due, TEST) == 1
    assert door.look(services.where_i_stand, GALA) is None


def test_learning_goes_on_while_it_is_paused(door: Door, cast: Cast) -> None:
    application = applied(door)
    to_training(door, cast.alice, application)
    gala = joined(door, cast, application)
    take(door, cast.alice, application, services.pause)

    door.ask(services.chapters_done, gala, person=gala, chapters=frozenset({"acompanar"}))
    assert stand(door, application) == Stand(Step.TRAINING, Course.PAUSED)
    learnt(door, gala)
    assert stand(door, application) == Stand(Step.APPROVAL, Course.PAUSED)


def test_a_colleague_who_came_in_on_somebodys_word_is_looked_at_by_another(
    door: Door, cast: Cast
) -> None:
    clear(door, cast.bilal, Clearance(Level.VOUCHED))
    assert [one.id for one in door.look(services.overview, cast.alice.at_desk).reviews] == [
        cast.bilal.id
    ]
    with pytest.raises(NotAllowed):
        door.ask(services.review_member, cast.alice.at_desk, person_id=cast.alice.id)

    door.ask(services.review_member, cast.alice.at_desk, person_id=cast.bilal.id)

    assert member(door, cast.bilal.id).clearance.review_on is not None
    assert door.look(services.overview, cast.alice.at_desk).reviews == ()


def test_a_stranger_with_the_whole_database_finds_no_word_of_it(door: Door, cast: Cast) -> None:
    application, _ = at_approval(door, cast, members=[cast.bilal.id])
    take(door, cast.alice, application, services.approve)

    def everything(tx: Tx, _actor: Actor) -> bytes:
        found = b""
        for table in migrations.tables():
            rows = tx.session.connection().exec_driver_sql(f"select * from {table}")  # noqa: S608  # our own names
            for row in rows:
                found += b"".join(
                    bytes(one) if isinstance(one, bytes | memoryview) else str(one).encode()
                    for one in row
                )
        return found

    dump = door.look(everything, TEST)
    for word in (b"canary", b"20067", str(GALA.chat).encode(), b"Gala", b"gala", b"helped"):
        assert word not in dump, word
