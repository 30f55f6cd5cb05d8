"""Two people at the same moment, on both databases. HILO_ROUNDS=1000 for the long form."""

import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from threading import Barrier, Event

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from config.country import Most, Pack
from network.cases import services
from network.cases.domain import CaseStatus, OfferStatus, Urgency
from network.cases.store import families
from network.cases.tables import CaseRow, GrantRow, OfferRow
from network.db import Tx
from network.door import Door
from network.kernel.actor import Actor, InChat
from network.kernel.errors import Refused
from network.kernel.hidden import Plaintext
from network.kernel.ids import CaseId, OfferId
from tests.cases.conftest import offered_to, words_in
from tests.cast import Cast

ROUNDS = int(os.environ.get("HILO_ROUNDS", "30"))


@pytest.fixture
def pack(pack: Pack) -> Pack:
    """Races are run for many families by the same few people."""
    return replace(pack, access=replace(pack.access, most=Most(2 * ROUNDS, 2 * ROUNDS)))


def together(*deeds: Callable[[], object]) -> list[str]:
    """Do all of it at once; what each got: `done` or the key of a refusal."""
    start = Barrier(len(deeds))

    def one(deed: Callable[[], object]) -> str:
        start.wait()
        try:
            deed()
        except Refused as refusal:
            return refusal.key
        return "done"

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(one, deeds))


def an_offered_case(door: Door, cast: Cast, number: int) -> tuple[CaseId, dict[str, OfferId]]:
    chat = InChat(8_000_000 + number)
    words = Plaintext("canary")
    case_id = door.ask(services.intake, chat, situation="missing", text=words).case.id
    door.ask(
        services.triage,
        cast.alice.at_desk,
        case_id=case_id,
        urgency=Urgency.NOW,
        zone="09",
        need="company",
    )
    return case_id, offered_to(door, cast, case_id, cast.bilal, cast.chiara)


def test_of_two_who_accept_at_once_one_wins_every_time(
    door: Door, cast: Cast, sessions: sessionmaker[Session]
) -> None:
    for number in range(ROUNDS):
        case_id, offers = an_offered_case(door, cast, number)
        answers = together(
            partial(door.ask, services.accept, cast.bilal.in_chat, offer_id=offers["bilal"]),
            partial(door.ask, services.accept, cast.chiara.in_chat, offer_id=offers["chiara"]),
        )
        assert sorted(answers) == ["done", "offer_over"]
        winner = (cast.bilal, cast.chiara)[answers.index("done")]
        with sessions() as session:
            assert (
                session.scalar(select(CaseRow.activist_id).where(CaseRow.id == case_id))
                == winner.id
            )
    with sessions() as session:
        grants = session.scalar(select(func.count()).select_from(GrantRow))
        became = session.execute(
            select(OfferRow.status, func.count()).group_by(OfferRow.status)
        ).all()
        assert set(session.scalars(select(OfferRow.pending_key))) == {b""}
    assert grants == 3 * ROUNDS
    assert {tuple(row) for row in became} == {
        (OfferStatus.ACCEPTED, ROUNDS),
        (OfferStatus.WITHDRAWN, ROUNDS),
    }


def test_two_new_keys_at_once_do_not_cross(door: Door, cast: Cast) -> None:
    alice, elena = cast.alice.at_desk, cast.elena.at_desk
    for number in range(10):
        case_id, _ = an_offered_case(door, cast, number)
        together(
            partial(door.ask, services.rekey, alice, case_id=case_id),
            partial(door.ask, services.rekey, elena, case_id=case_id),
            partial(
                door.ask,
                services.hear,
                InChat(8_000_000 + number),
                text=Plaintext("meanwhile"),
            ),
        )
        for who in (cast.alice, cast.elena):
            assert words_in(door, who, case_id) == ["canary", "meanwhile"]


def test_new_keys_wait_for_the_word_that_is_being_sealed(door: Door, cast: Cast) -> None:
    case_id, _ = an_offered_case(door, cast, 0)
    family, turned = InChat(8_000_000), Event()

    def turn() -> None:
        door.ask(services.rekey, cast.alice.at_desk, case_id=case_id)
        turned.set()

    def seal(tx: Tx, actor: Actor) -> int:
        found = families.of_family(tx, actor)
        assert found is not None
        turning.append(pool.submit(turn))
        assert not turned.wait(0.5), "the keys turned under a word"
        return found.case.epoch

    turning: list[Future[None]] = []
    with ThreadPoolExecutor(1) as pool:
        epoch = door.ask(seal, family)
        turning[0].result(60)
    found = door.look(services.case_of, family)
    assert found is not None
    assert found[0].epoch == epoch + 1


def test_a_yes_and_a_new_key_at_once_leave_a_reader_who_can_read(
    door: Door, cast: Cast, sessions: sessionmaker[Session]
) -> None:
    alice = cast.alice.at_desk
    for number in range(10):
        case_id, offers = an_offered_case(door, cast, number)
        answers = together(
            partial(door.ask, services.rekey, alice, case_id=case_id),
            partial(
                door.ask,
                services.accept,
                cast.bilal.in_chat,
                offer_id=offers["bilal"],
            ),
        )
        assert "done" in answers
        if answers[1] == "done":
            assert words_in(door, cast.bilal, case_id) == ["canary"]
        with sessions() as session:
            assert session.scalar(select(CaseRow.status).where(CaseRow.id == case_id)) in (
                CaseStatus.ACCOMPANIED,
                CaseStatus.OFFERED,
            )


@pytest.mark.parametrize("_round", range(10))
def test_the_last_two_cannot_both_drop(
    door: Door, cast: Cast, received: CaseId, _round: int, sessions: sessionmaker[Session]
) -> None:
    alice, elena = cast.alice.at_desk, cast.elena.at_desk
    answers = together(
        partial(door.ask, services.drop, alice, case_id=received),
        partial(door.ask, services.drop, elena, case_id=received),
    )
    assert sorted(answers) == ["done", "last_reader"]
    with sessions() as session:
        epoch = session.scalar(select(CaseRow.epoch))
        assert len(session.scalars(select(GrantRow).where(GrantRow.epoch == epoch)).all()) == 1


def test_a_first_word_sent_twice_at_once_opens_one_case(
    door: Door, cast: Cast, sessions: sessionmaker[Session]
) -> None:
    def ask() -> None:
        try:
            door.ask(services.intake, cast.family, situation="missing", text=Plaintext("canary"))
        except Refused:
            raise
        except Exception:  # noqa: BLE001  # the database's refusal; the inbox tries again
            door.ask(services.intake, cast.family, situation="missing", text=Plaintext("canary"))

    assert together(ask, ask) == ["done", "done"]
    with sessions() as session:
        (case_id,) = session.scalars(select(CaseRow.id)).all()
    assert words_in(door, cast.alice, CaseId(case_id)) == ["canary", "canary"]
