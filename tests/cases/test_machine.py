"""Whatever people do to a case, in whatever order, what must always hold holds."""

import os
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar
from uuid import UUID

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from config.country import Pack
from network.cases import services
from network.cases.domain import CaseStatus, OfferStatus, Outcome, Urgency
from network.cases.tables import CaseRow, EpochRow, GrantRow, OfferRow
from network.db import open_database
from network.door import Door
from network.encryption.server import ServerSecret
from network.kernel.actor import Engine, Role, Who
from network.kernel.errors import NotVisible, Refused
from network.kernel.hidden import Plaintext
from network.kernel.ids import CaseId, OfferId
from network.people.services import identify
from tests.cast import Somebody, cast_of, somebody
from tests.ground.clock import StillClock

WHO = ("alice", "elena", "bilal", "chiara", "goran")
COORDINATORS = st.sampled_from(("alice", "elena"))
ACTIVISTS = st.sampled_from(("bilal", "chiara", "goran"))
ANYBODY = st.sampled_from(WHO)
CLOCK = Engine("clock")
T = TypeVar("T")
EXAMPLES = int(os.environ.get("HILO_ROUNDS", "100")) // 16


class ACaseAmongPeople(RuleBasedStateMachine):
    """One family, two coordinators, three activists, and everything they can do."""

    template: Path
    pack: Pack

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory(dir=self.template.parent)
        path = Path(self.folder.name) / "network.db"
        shutil.copyfile(self.template, path)
        self.clock = StillClock()
        secret = ServerSecret.from_text(ServerSecret.new_text())
        self.door = Door(
            open_database(f"sqlite:///{path}"), self.clock, secret, self.pack, identify
        )
        self.cast = cast_of(self.door)
        self.people: dict[str, Somebody] = {each.name: each for each in self.cast.everybody}
        self.people["goran"] = somebody(self.door, "goran", Role.ACTIVIST)
        self.said: list[str] = []
        self.case_id: CaseId | None = None
        self.hears()

    def teardown(self) -> None:
        self.door.database.dispose()
        self.folder.cleanup()

    def _try(self, service: Callable[..., T], who: Who, **more: object) -> T | None:
        try:
            return self.door.ask(service, who, **more)
        except Refused:
            return None

    def _offers(self, name: str) -> list[OfferId]:
        with self.door.database.reading() as session:
            member = self.people[name].id
            rows = session.scalars(select(OfferRow.id).where(OfferRow.member_id == member))
            return [OfferId(each) for each in rows]

    @rule()
    def hears(self) -> None:
        words = f"word {len(self.said)}"
        heard = self.door.ask(
            services.intake, self.cast.family, situation="missing", text=Plaintext(words)
        )
        if heard.case.id != self.case_id:
            self.case_id, self.said = heard.case.id, []
        self.said.append(words)

    @rule(who=ANYBODY, urgency=st.sampled_from(Urgency))
    def triages(self, who: str, urgency: Urgency) -> None:
        self._try(
            services.triage,
            self.people[who].at_desk,
            case_id=self.case_id,
            urgency=urgency,
            zone="09",
            need="company",
        )

    @rule(who=COORDINATORS, to=st.sets(ACTIVISTS, min_size=1, max_size=3))
    def offers(self, who: str, to: set[str]) -> None:
        self._try(
            services.offer,
            self.people[who].at_desk,
            case_id=self.case_id,
            to=tuple(self.people[each].id for each in sorted(to)),
            brief=Plaintext("brief"),
        )

    @rule(who=ACTIVISTS, at_desk=st.booleans())
    def accepts(self, who: str, *, at_desk: bool) -> None:
        person = self.people[who]
        for offer_id in self._offers(who)[-2:]:
            self._try(
                services.accept,
                person.at_desk if at_desk else person.in_chat,
                offer_id=offer_id,
            )

    @rule(who=ACTIVISTS)
    def declines(self, who: str) -> None:
        for offer_id in self._offers(who)[-2:]:
            self._try(services.decline, self.people[who].in_chat, offer_id=offer_id)

    @rule(who=COORDINATORS)
    def withdraws_the_offer(self, who: str) -> None:
        self._try(services.withdraw_offer, self.people[who].at_desk, case_id=self.case_id)

    @rule(hours=st.integers(1, 8))
    def hours_pass(self, hours: int) -> None:
        self.clock.advance(timedelta(hours=hours))
        self.door.ask(services.expire_offers, CLOCK)

    @rule(who=ANYBODY, at_desk=st.booleans())
    def withdraws(self, who: str, *, at_desk: bool) -> None:
        person = self.people[who]
        self._try(
            services.withdraw,
            person.at_desk if at_desk else person.in_chat,
            case_id=self.case_id,
        )

    @rule(who=ANYBODY, to=ANYBODY, verb=st.sampled_from(("share", "hand_over")))
    def gives(self, who: str, to: str, verb: str) -> None:
        person, other = self.people[who].at_desk, self.people[to].id
        if verb == "share":
            self._try(services.share, person, case_id=self.case_id, with_=other)
        else:
            self._try(services.hand_over, person, case_id=self.case_id, to=other)

    @rule(who=ANYBODY)
    def drops(self, who: str) -> None:
        self._try(services.drop, self.people[who].at_desk, case_id=self.case_id)

    @rule(who=COORDINATORS, without=st.none() | ANYBODY)
    def turns_the_key(self, who: str, without: str | None) -> None:
        left_out = self.people[without].id if without else None
        self._try(
            services.rekey,
            self.people[who].at_desk,
            case_id=self.case_id,
            without=left_out,
        )

    @rule(who=ANYBODY)
    def family_removes(self, who: str) -> None:
        self._try(services.remove_holder, self.cast.family, person_id=self.people[who].id)

    @rule(who=ANYBODY)
    def looks_in(self, who: str) -> None:
        self._try(services.room, self.people[who].at_desk, case_id=self.case_id)

    @rule(who=ANYBODY, verb=st.sampled_from((services.rest, services.resume)))
    def rests_or_goes_on(self, who: str, verb: Callable[..., None]) -> None:
        self._try(verb, self.people[who].at_desk, case_id=self.case_id)

    @precondition(lambda self: len(self.said) > 3)
    @rule(who=COORDINATORS)
    def closes(self, who: str) -> None:
        self._try(
            services.close,
            self.people[who].at_desk,
            case_id=self.case_id,
            outcome=Outcome.REUNITED,
        )

    @invariant()
    def an_open_case_has_a_reader(self) -> None:
        with self.door.database.reading() as session:
            for case in session.scalars(select(CaseRow)):
                readers = session.scalars(
                    select(GrantRow.member_id).where(
                        GrantRow.case_id == case.id, GrantRow.epoch == case.epoch
                    )
                ).all()
                assert readers
                if case.status in (CaseStatus.ACCOMPANIED, CaseStatus.RESTING):
                    assert case.activist_id in readers
                else:
                    assert case.activist_id is None or case.status is CaseStatus.CLOSED

    @invariant()
    def no_key_outlives_its_offer(self) -> None:
        with self.door.database.reading() as session:
            status = {each.id: each for each in session.scalars(select(CaseRow))}
            open_cases = set()
            for offer in session.scalars(select(OfferRow)):
                waiting = offer.status is OfferStatus.OPEN
                assert bool(offer.pending_key) is waiting
                assert bool(offer.brief) is waiting
                if waiting:
                    open_cases.add(offer.case_id)
                    assert offer.epoch == status[offer.case_id].epoch
            offered = {key for key, each in status.items() if each.status is CaseStatus.OFFERED}
            assert offered == open_cases

    @invariant()
    def whoever_has_no_grant_opens_nothing_and_the_others_all(self) -> None:
        if self.case_id is None:
            return
        with self.door.database.reading() as session:
            epoch = session.scalar(select(CaseRow.epoch).where(CaseRow.id == self.case_id))
            holders = set(
                session.scalars(
                    select(GrantRow.member_id).where(
                        GrantRow.case_id == self.case_id, GrantRow.epoch == epoch
                    )
                )
            )
            unlinked = session.scalars(
                select(EpochRow.number).where(EpochRow.link.is_(None), EpochRow.number > 1)
            ).all()
        for person in self.people.values():
            self._reads_what_they_should(person, holders, whole=not unlinked)

    def _reads_what_they_should(self, person: Somebody, holders: set[UUID], *, whole: bool) -> None:
        assert self.case_id is not None
        try:
            # Looked at and rolled back: an invariant mends no links.
            seen = self.door.look(services.room, person.at_desk, case_id=self.case_id, limit=100)
        except NotVisible:
            assert person.id not in holders
            return
        assert person.id in holders
        read = [each.text.reveal() for each in seen.entries]
        assert len(read) + seen.unreadable == len(self.said)
        assert read == [each for each in self.said if each in read]
        if whole:
            assert read == self.said

    @invariant()
    def dino_sees_nothing(self) -> None:
        dino = self.cast.dino.at_desk
        assert self.door.look(services.desk, dino).counts == {}
        assert self.door.look(services.my_offers, dino) == ()


def test_whatever_people_do(sqlite_template: Path, pack: Pack) -> None:
    ACaseAmongPeople.template, ACaseAmongPeople.pack = sqlite_template, pack
    run_state_machine_as_test(
        ACaseAmongPeople,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
