"""A member is put out: turning the key of every case they held, in the clock's own batches."""

import resource
import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import make_url

from config.country import load_pack
from network.cases import services
from network.cases.services import holding
from network.db import open_database
from network.door import Door
from network.encryption.envelope import Opener, new_key_pair, seal_to
from network.encryption.sealed import Place
from network.encryption.server import ServerSecret
from network.kernel.actor import Engine, Role
from network.kernel.hidden import Plaintext
from network.kernel.ids import new_id
from network.people.services import identify
from tests.bench.report import TIMES, measured, told
from tests.bench.worlds import fill
from tests.cast import cast_of, somebody
from tests.ground.clock import StillClock
from tests.ground.databases import migrate

pytestmark = pytest.mark.bench

CASES = int(1_000 * TIMES)
ENTRIES = 100
CLOCK = Engine("bench")
WORDS = Plaintext("x" * 200)


def test_a_thousand_cases_turn_their_keys(durable_url: str) -> None:
    migrate(durable_url)
    clock = StillClock(datetime(2030, 1, 1, 12, tzinfo=UTC))
    secret = ServerSecret.from_text(ServerSecret.new_text())
    roomy = load_pack("mx")
    access = replace(roomy.access, most=replace(roomy.access.most, coordinating=CASES + 1))
    pack = replace(roomy, access=access)
    door = Door(open_database(durable_url), clock, secret, pack, identify)
    cast = cast_of(door)
    gone = somebody(door, "grace", Role.COORDINATOR)
    fill(door, open_cases=CASES - 1, in_room=ENTRIES, in_each=ENTRIES)
    waiting = door.ask(
        services.propose_removal, cast.alice.at_desk, person_id=gone.id, reason=WORDS
    )
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.monotonic()
    door.ask(services.remove, cast.elena.at_desk, proposal_id=waiting)
    at_once = time.monotonic() - began
    batches, turned = [], 0
    while turned < CASES:
        began = time.monotonic()
        turned += door.ask(services.let_go_of_removed, CLOCK)
        batches.append(time.monotonic() - began)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    door.database.dispose()
    told(
        "removal",
        f"{at_once * 1000:.0f} ms until they could open nothing by any way in; the longest batch of"
        f" {holding.TURNED_AT_ONCE} took {max(batches) * 1000:.0f} ms; memory grew by"
        f" {grown / 1024:.1f} MiB",
    )
    measured(
        f"re-key, {make_url(durable_url).get_backend_name()}",
        ours=sum(batches),
        reference=_bare(),
        unit=f"s for {CASES:,} cases of {ENTRIES} entries",
        against="the same pairs made, and two grants of each sealed and one opened, in a bare loop",
        goal="told, not judged",
    )


def _bare() -> float:
    """What the mathematics alone costs: entries are not sealed again, their key is."""
    reader = new_key_pair()
    began = time.monotonic()
    for _ in range(CASES):
        pair, place = new_key_pair(), Place("grants", "sealed_key", new_id())
        key = Plaintext(pair.private.reveal().hex())
        sealed = [seal_to(reader.public, key, place) for _ in range(2)]
        Opener(reader.private).open_text(sealed[0], place)
    return time.monotonic() - began
