"""Cases as far along as a story needs them."""

import pytest

from network.cases import services
from network.cases.domain import Urgency
from network.door import Door
from network.kernel.hidden import Plaintext
from network.kernel.ids import CaseId, OfferId
from tests.cast import Cast, Somebody


@pytest.fixture
def received(door: Door, cast: Cast) -> CaseId:
    """A family has written once; Alice and Elena can open it."""
    words = Plaintext("canary: he went out and did not come back")
    return door.ask(services.intake, cast.family, situation="missing", text=words).case.id


@pytest.fixture
def triaged(door: Door, cast: Cast, received: CaseId) -> CaseId:
    """Alice has said how soon, where and what for."""
    door.ask(
        services.triage,
        cast.alice.at_desk,
        case_id=received,
        urgency=Urgency.TODAY,
        zone="09",
        need="somebody beside them on the phone",
    )
    return received


@pytest.fixture
def offers(door: Door, cast: Cast, triaged: CaseId) -> dict[str, OfferId]:
    """Alice has asked Bilal and Chiara."""
    return offered_to(door, cast, triaged, cast.bilal, cast.chiara)


@pytest.fixture
def accompanied(door: Door, cast: Cast, triaged: CaseId, offers: dict[str, OfferId]) -> CaseId:
    """Bilal has said yes in his chat."""
    door.ask(services.accept, cast.bilal.in_chat, offer_id=offers["bilal"])
    return triaged


def offered_to(door: Door, cast: Cast, case_id: CaseId, *invited: Somebody) -> dict[str, OfferId]:
    made = door.ask(
        services.offer,
        cast.alice.at_desk,
        case_id=case_id,
        to=tuple(each.id for each in invited),
        brief=Plaintext("brief canary"),
    )
    return dict(zip((each.name for each in invited), made, strict=True))


def words_in(door: Door, who: Somebody, case_id: CaseId) -> list[str]:
    """What somebody reads in the room."""
    seen = door.ask(services.room, who.at_desk, case_id=case_id)
    return [entry.text.reveal() for entry in seen.entries]
