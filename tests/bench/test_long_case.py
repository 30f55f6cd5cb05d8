"""Opening a case of ten thousand entries whose lock was changed every month for two years."""

from pathlib import Path
from uuid import UUID

import pytest

from network.app import create_app
from network.cases import services as cases
from network.house import open_house
from network.kernel.actor import Role
from network.kernel.hidden import Plaintext
from network.kernel.ids import CaseId
from network.people import services as people
from tests.bench.hilo import settings_of
from tests.bench.report import TIMES, measured, middle
from tests.bench.test_pages import Page, _analyze, _sign_in
from tests.bench.worlds import PAGE, fill
from tests.cast import Somebody, somebody
from tests.ground.databases import migrate

pytestmark = pytest.mark.bench

ENTRIES = max(PAGE, int(10_000 * TIMES))
MONTHS = 24
LOOKS = max(5, int(40 * min(1.0, TIMES)))
GOAL = 300


def test_the_first_page_of_a_long_case(durable_url: str, tmp_path: Path) -> None:
    migrate(durable_url)
    settings = settings_of(durable_url, tmp_path)
    door = open_house(settings)
    alice = somebody(door, "alice", Role.COORDINATOR)
    door.ask(people.set_duty, alice.at_desk)
    short = fill(door, open_cases=0, in_room=PAGE, in_each=1).room
    long = _changed(alice, fill(door, open_cases=0, in_room=ENTRIES, in_each=1).room)
    if not durable_url.startswith("sqlite"):
        _analyze(door)
    pages = {}
    first = 0.0
    for case in (long, short):
        client = create_app(settings, door).test_client()  # its templates are compiled by a look
        _sign_in(client, alice.at_desk)
        words = b"El tel\xc3\xa9fono sigue apagado"
        pages[case] = page = Page(door, client, f"/cases/{case}", words)
        page.look()
        first = first or page.milliseconds[0]
        page.milliseconds.clear()
    for _ in range(LOOKS):
        for page in pages.values():
            page.look()
    measured(
        f"a long case, {door.database.engine.dialect.name}",
        ours=middle(pages[long].milliseconds),
        reference=middle(pages[short].milliseconds),
        unit=f"ms for the newest page of {ENTRIES:,} entries in {MONTHS + 1} epochs",
        against=f"a case of {PAGE} entries in one",
        goal=f"goal < {GOAL} ms",
        cold=round(first, 1),
        statements=pages[long].statements,
    )
    print(f"the very first look of a process, templates compiled with it: {first:.0f} ms")
    door.database.dispose()


def _changed(alice: Somebody, case: UUID) -> CaseId:
    """The same case after its lock was changed month by month."""
    found = CaseId(case)
    for _ in range(MONTHS):
        alice.door.ask(cases.rekey, alice.at_desk, case_id=found)
        alice.door.ask(cases.note, alice.at_desk, case_id=found, text=Plaintext("otro mes"))
    return found
