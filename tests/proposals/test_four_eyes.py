"""Two coordinators, never the same one twice, never the one it is about, and only once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import text

from network import audit
from network.db import Tx
from network.door import Door
from network.kernel.actor import Actor, Engine, InSession, Role
from network.kernel.errors import BadInput, NoKey, NotAllowed, NotVisible, Refused, WrongMoment
from network.kernel.hidden import Plaintext
from network.kernel.ids import ProposalId
from network.people import services as people
from network.proposals import services
from network.proposals.domain import (
    LASTS,
    AlreadyProposed,
    Matter,
    NeedsAnother,
    NobodyElse,
    Proposal,
    ProposalStatus,
    ProposerGone,
    reference_of,
)
from tests.cast import Cast, Somebody, somebody
from tests.ground.clock import StillClock

WHY = Plaintext("canario: habla con quien no debe")


@pytest.fixture
def grace(door: Door) -> Somebody:
    """A third coordinator."""
    return somebody(door, "grace", Role.COORDINATOR)


def _propose(door: Door, by: Somebody, about: Somebody, **more: str) -> ProposalId:
    return door.ask(
        services.propose,
        by.at_desk,
        matter=Matter.REMOVAL,
        subject=about.id,
        reason=WHY,
        payload=more,
    )


def _confirm(tx: Tx, actor: Actor, *, proposal_id: ProposalId) -> Proposal:
    """What a room's own verb does first."""
    return services.confirm(tx, actor, proposal_id=proposal_id, matter=Matter.REMOVAL)


def test_one_proposes_and_another_confirms(door: Door, cast: Cast) -> None:
    waiting = _propose(door, cast.alice, cast.bilal, more="words")
    (seen,) = door.look(services.open_proposals, cast.elena.at_desk)
    assert (seen.id, seen.matter, seen.subject) == (waiting, Matter.REMOVAL, cast.bilal.id)
    assert seen.told.reason == WHY
    confirmed = door.ask(_confirm, cast.elena.at_desk, proposal_id=waiting)
    assert confirmed.payload == {"more": "words"}
    assert door.look(services.open_proposals, cast.elena.at_desk) == ()
    (ended,) = door.look(services.ended_proposals, cast.alice.at_desk)
    assert (ended.status, ended.second) == (ProposalStatus.CONFIRMED, cast.elena.id)


def test_it_is_confirmed_once_and_carried_out_once(door: Door, cast: Cast) -> None:
    waiting = _propose(door, cast.alice, cast.bilal)
    door.ask(_confirm, cast.elena.at_desk, proposal_id=waiting)
    with pytest.raises(WrongMoment):
        door.ask(_confirm, cast.elena.at_desk, proposal_id=waiting)


def test_of_two_who_confirm_at_once_one_does(door: Door, cast: Cast, grace: Somebody) -> None:
    waiting = _propose(door, cast.alice, cast.bilal)

    def confirm(who: InSession) -> str:
        try:
            door.ask(_confirm, who, proposal_id=waiting)
        except WrongMoment:
            return "too late"
        return "carried out"

    seconds = (cast.elena.at_desk, grace.at_desk)
    with ThreadPoolExecutor(2) as both:
        became = sorted(both.map(confirm, seconds))
    assert became == ["carried out", "too late"]


def test_whoever_proposed_cannot_be_the_second(door: Door, cast: Cast) -> None:
    waiting = _propose(door, cast.alice, cast.bilal)
    with pytest.raises(NeedsAnother):
        door.ask(_confirm, cast.alice.at_desk, proposal_id=waiting)


def test_nobody_decides_about_themselves(door: Door, cast: Cast, grace: Somebody) -> None:
    with pytest.raises(NotAllowed):
        _propose(door, cast.alice, cast.alice)
    about_elena = _propose(door, cast.alice, cast.elena)
    with pytest.raises(NotVisible):
        door.ask(_confirm, cast.elena.at_desk, proposal_id=about_elena)
    assert door.look(services.open_proposals, cast.elena.at_desk) == ()
    assert door.look(services.count_waiting, cast.elena.at_desk) == 0
    assert door.look(services.count_waiting, grace.at_desk) == 1


def test_where_nobody_else_could_confirm_nothing_waits(door: Door, cast: Cast) -> None:
    with pytest.raises(NobodyElse):
        _propose(door, cast.alice, cast.elena)


@pytest.mark.parametrize("who", ["bilal", "dino"])
def test_only_active_coordinators_take_part(door: Door, cast: Cast, who: str) -> None:
    waiting = _propose(door, cast.alice, cast.chiara)
    one: Somebody = getattr(cast, who)
    with pytest.raises(NotAllowed):
        _propose(door, one, cast.chiara)
    with pytest.raises(NotAllowed):
        door.ask(_confirm, one.at_desk, proposal_id=waiting)
    with pytest.raises(NotAllowed):
        door.look(services.open_proposals, one.at_desk)


def test_a_proposer_who_was_stopped_does_not_count(door: Door, cast: Cast, grace: Somebody) -> None:
    waiting = _propose(door, grace, cast.bilal)
    door.ask(people.suspend, cast.alice.at_desk, person_id=grace.id)
    with pytest.raises(ProposerGone):
        door.ask(_confirm, cast.elena.at_desk, proposal_id=waiting)


def test_the_bot_decides_nothing(door: Door, cast: Cast) -> None:
    waiting = _propose(door, cast.alice, cast.bilal)
    with pytest.raises(NoKey):
        door.ask(_confirm, cast.elena.in_chat, proposal_id=waiting)


def test_a_room_carries_out_its_own_matter_only(door: Door, cast: Cast) -> None:
    waiting = _propose(door, cast.alice, cast.bilal)
    with pytest.raises(NotVisible):
        door.ask(
            services.confirm, cast.elena.at_desk, proposal_id=waiting, matter=Matter.BREAK_GLASS
        )


def test_what_nobody_confirms_in_time_does_not_happen(
    door: Door, cast: Cast, clock: StillClock
) -> None:
    waiting = _propose(door, cast.alice, cast.bilal)
    clock.advance(LASTS + timedelta(seconds=1))
    with pytest.raises(WrongMoment):
        door.ask(_confirm, cast.elena.at_desk, proposal_id=waiting)
    assert door.ask(services.tidy, Engine("clock")) == 1
    (ended,) = door.look(services.ended_proposals, cast.elena.at_desk)
    assert ended.status is ProposalStatus.EXPIRED
    _propose(door, cast.elena, cast.bilal)
    clock.advance(timedelta(days=91))
    door.ask(services.tidy, Engine("clock"))
    assert len(door.look(services.ended_proposals, cast.elena.at_desk)) == 1


def test_the_same_waits_once_and_again_when_it_is_over(
    door: Door, cast: Cast, clock: StillClock
) -> None:
    waiting = _propose(door, cast.alice, cast.bilal)
    with pytest.raises(AlreadyProposed):
        _propose(door, cast.elena, cast.bilal)
    _propose(door, cast.elena, cast.chiara)
    door.ask(services.withdraw, cast.alice.at_desk, proposal_id=waiting)
    _propose(door, cast.elena, cast.bilal)
    clock.advance(LASTS)
    _propose(door, cast.alice, cast.bilal)  # before the clock came by to end the old one


def test_only_its_proposer_takes_it_back(door: Door, cast: Cast) -> None:
    waiting = _propose(door, cast.alice, cast.bilal)
    with pytest.raises(NotAllowed):
        door.ask(services.withdraw, cast.elena.at_desk, proposal_id=waiting)
    door.ask(services.withdraw, cast.alice.at_desk, proposal_id=waiting)
    with pytest.raises(WrongMoment):
        door.ask(_confirm, cast.elena.at_desk, proposal_id=waiting)


def test_one_no_stops_nothing_while_another_may_say_yes(
    door: Door, cast: Cast, grace: Somebody
) -> None:
    waiting = _propose(door, cast.alice, cast.bilal)
    said = door.ask(services.decline, cast.elena.at_desk, proposal_id=waiting)
    assert said is ProposalStatus.OPEN
    (seen,) = door.look(services.open_proposals, grace.at_desk)
    assert seen.said_no == (cast.elena.id,)
    assert door.look(services.count_waiting, cast.elena.at_desk) == 0
    last = door.ask(services.decline, grace.at_desk, proposal_id=waiting)
    assert last is ProposalStatus.DECLINED
    with pytest.raises(WrongMoment):
        door.ask(_confirm, cast.elena.at_desk, proposal_id=waiting)


@pytest.mark.parametrize("why", ["", "  \n", "x" * 1001])
def test_a_reason_is_asked_for(door: Door, cast: Cast, why: str) -> None:
    with pytest.raises(BadInput):
        door.ask(
            services.propose,
            cast.alice.at_desk,
            matter=Matter.REMOVAL,
            subject=cast.bilal.id,
            reason=Plaintext(why),
        )


def test_a_thief_of_the_database_reads_neither_reason_nor_subject(door: Door, cast: Cast) -> None:
    _propose(door, cast.alice, cast.bilal, canary="canario")
    with door.database.reading() as session:
        for table in ("proposals", "proposal_copies"):
            for row in session.execute(text(f"select * from {table}")):  # noqa: S608  # our own two
                for value in row:
                    raw = value if isinstance(value, bytes) else str(value).encode()
                    assert b"canario" not in raw
                    assert cast.bilal.id.bytes not in raw
                    assert cast.bilal.id.hex.encode() not in raw.replace(b"-", b"")


def test_the_others_hear_that_one_waits_and_not_what(door: Door, cast: Cast) -> None:
    waiting = _propose(door, cast.alice, cast.bilal)
    with door.database.reading() as session:
        letters = session.execute(text("select count(*) from outbox")).scalar_one()
    assert letters == 1
    assert "canario" not in services.WAITS
    assert reference_of(waiting) in waiting.hex.upper()


def test_each_step_leaves_its_receipt(door: Door, cast: Cast, grace: Somebody) -> None:
    waiting = _propose(door, cast.alice, cast.bilal)
    door.ask(services.decline, cast.elena.at_desk, proposal_id=waiting)
    door.ask(_confirm, grace.at_desk, proposal_id=waiting)
    with door.database.reading() as session:
        verbs = session.scalars(text("select verb from receipts order by number")).all()
    assert list(verbs) == ["proposal.proposed", "proposal.declined", "proposal.confirmed"]
    assert door.look(_whole, Engine("test"))


def _whole(tx: Tx, _actor: Actor) -> bool:
    return audit.verify(tx) is None


def test_whoever_is_removed_leaves_no_copy_and_no_proposal(
    door: Door, cast: Cast, grace: Somebody
) -> None:
    waiting = _propose(door, grace, cast.bilal)
    _propose(door, cast.alice, cast.chiara)
    door.ask(services.let_go_of, Engine("clock"), person_id=grace.id)
    with pytest.raises(Refused):
        door.ask(_confirm, cast.elena.at_desk, proposal_id=waiting)
    assert door.look(services.open_proposals, grace.at_desk) == ()
