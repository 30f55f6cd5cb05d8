"""The desk and the case room over a hundred stored entries, and over a hundred thousand."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, make_url

from network.app import create_app
from network.door import Door
from network.house import open_house
from network.kernel.actor import InSession, Role
from network.people import services as people
from tests.bench.hilo import settings_of
from tests.bench.report import TIMES, measured, middle
from tests.bench.worlds import PAGE, World, fill
from tests.cast import somebody
from tests.ground.databases import migrate
from tests.ground.postgresql import Cluster

pytestmark = pytest.mark.bench

LOOKS = int(40 * TIMES)
OPEN = PAGE  # cases on the desk, in both worlds
SMALL = {"in_room": PAGE, "in_each": 1}
LARGE = {"in_room": 50_000, "in_each": 1_000}


class Page:
    """One signed-in browser on one world, and what its looks cost."""

    def __init__(self, door: Door, client: FlaskClient, path: str, shows: bytes) -> None:
        self._door, self._client, self._path, self._shows = door, client, path, shows
        self.milliseconds: list[float] = []
        self.statements = 0
        self.bytes = 0

    def look(self) -> None:
        with _counted(self._door) as statements:
            began = time.perf_counter()
            answer = self._client.get(self._path)
            self.milliseconds.append((time.perf_counter() - began) * 1000)
        assert answer.status_code == 200
        assert self._shows in answer.data
        self.statements, self.bytes = len(statements), len(answer.data)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_pages_do_not_slow_down_with_what_is_stored(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    found: dict[str, dict[str, Page]] = {}
    stored: dict[str, int] = {}
    doors = []
    for name, size in (("small", SMALL), ("large", LARGE)):
        door, world, client = _world(_url(kind, name, tmp_path, request), tmp_path / name, size)
        doors.append(door)
        stored[name] = world.entries
        found[name] = {
            "desk": Page(door, client, "/desk", str(world.room).encode()),
            "room": Page(door, client, f"/cases/{world.room}", b"El tel\xc3\xa9fono sigue apagado"),
        }
    for page in ("desk", "room"):
        for number in range(LOOKS + 2):
            for name in ("small", "large"):
                found[name][page].look()
                if number < 2:  # the first looks compile templates and statements
                    found[name][page].milliseconds.clear()
        few, many = found["small"][page], found["large"][page]
        measured(
            f"{page}, {kind}",
            ours=middle(many.milliseconds),
            reference=middle(few.milliseconds),
            unit="ms",
            against=f"{stored['small']:,} entries instead of {stored['large']:,}",
            goal="goal ≤ 1.5",
            statements=many.statements,
            statements_small=few.statements,
            bytes=many.bytes,
        )
        print(f"{page}, {kind}: {many.statements} statements, {many.bytes / 1024:.0f} KiB")
        assert many.statements == few.statements
    for door in doors:
        door.database.dispose()


def _url(kind: str, name: str, folder: Path, request: pytest.FixtureRequest) -> str:
    if kind == "sqlite":
        return f"sqlite:///{folder / name}.db"
    cluster: Cluster = request.getfixturevalue("durable_cluster")
    return cluster.create()


def _world(url: str, var: Path, size: dict[str, int]) -> tuple[Door, World, FlaskClient]:
    migrate(url)
    settings = settings_of(url, var)
    door = open_house(settings)
    alice = somebody(door, "alice", Role.COORDINATOR)
    door.ask(people.set_duty, alice.at_desk)
    world = fill(door, open_cases=OPEN, **size)
    if make_url(url).get_backend_name() == "postgresql":
        _analyze(door)
    client = create_app(settings, door).test_client()
    _sign_in(client, alice.at_desk)
    return door, world, client


def _analyze(door: Door) -> None:
    """As autovacuum would within the minute."""
    with door.database.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as bare:
        bare.exec_driver_sql("vacuum analyze")


def _sign_in(client: FlaskClient, who: InSession) -> None:
    """The cookie a finished sign-in leaves."""
    with client.session_transaction() as cookie:
        cookie["half"] = who.secret.reveal().hex()
        cookie["_user_id"] = who.session_id.hex
        cookie["_fresh"] = True


@contextmanager
def _counted(door: Door) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(*given: Any) -> None:  # noqa: ANN401  # SQLAlchemy's own arguments
        if not given[2].startswith("BEGIN"):
            statements.append(given[2])

    event.listen(door.database.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(door.database.engine, "before_cursor_execute", note)
