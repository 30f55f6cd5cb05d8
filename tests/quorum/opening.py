"""Those who open a case together whose every key is lost, step by step."""

from uuid import UUID

from network.cases import services as cases
from network.cases.services import glass
from network.door import Door
from network.kernel.actor import Engine
from network.kernel.ids import CaseId
from tests.cast import Cast, Somebody
from tests.quorum.conftest import Coordination

CLOCK = Engine("clock")


def reference_of(door: Door, cast: Cast) -> str:
    found = door.look(cases.case_of, cast.family)
    assert found is not None
    return found[0].card.reference


def asks(c: Coordination, cast: Cast, case: CaseId, opener: Somebody) -> UUID:
    return asks_about(c, reference_of(c.door, cast), case, opener)


def asks_about(c: Coordination, reference: str, case: CaseId, opener: Somebody) -> UUID:
    return c.door.ask(
        glass.ask_opening,
        c.gael.at_desk,
        reference=reference,
        case_id=case,
        opener=opener.id,
        reason="everybody who could read it is gone",
    )


def opens(c: Coordination, who: Somebody, ceremony: UUID) -> CaseId:
    code = c.code(who)
    return c.door.ask(glass.open_together, who.at_desk, ceremony_id=ceremony, proof=code)
