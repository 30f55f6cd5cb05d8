"""Pages over a door, a family that is accompanied, and what the handbook shows now."""

from collections.abc import Callable

import pytest
from flask import Flask

from network.cases import services as cases
from network.cases.domain import Urgency
from network.door import Door
from network.kernel.hidden import Plaintext
from network.kernel.ids import CaseId
from tests.cases.browsing import Browser, signed_in
from tests.cast import Cast, Somebody

Sign = Callable[[Somebody], Browser]


@pytest.fixture
def at(app: Flask) -> Sign:
    return lambda who: signed_in(app, who)


@pytest.fixture
def stranger(app: Flask) -> Browser:
    return Browser(app.test_client())


@pytest.fixture
def accompanied(door: Door, cast: Cast) -> CaseId:
    """The family said that somebody was taken; Bilal accompanies them."""
    words = Plaintext("canary: they took him")
    case = door.ask(cases.intake, cast.family, situation="taken", text=words).case.id
    alice = cast.alice.at_desk
    door.ask(cases.triage, alice, case_id=case, urgency=Urgency.NOW, zone="09", need="company")
    (offer,) = door.ask(
        cases.offer, alice, case_id=case, to=(cast.bilal.id,), brief=Plaintext("brief")
    )
    door.ask(cases.accept, cast.bilal.in_chat, offer_id=offer)
    return case
