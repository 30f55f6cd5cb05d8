"""The third migration rebuilds tables that point at each other; what was in them stays."""

from datetime import timedelta

from network import migrations
from network.checkins import services
from network.checkins.tables import PromptRow, RhythmRow, WatchRow
from network.db import Database
from network.door import Door
from network.kernel.ids import CaseId
from tests.cast import Cast
from tests.checkins.conftest import Life, asked, rows, writes


def test_rhythms_questions_and_looks_survive_the_way_there_and_back(
    door: Door, cast: Cast, life: Life, case_id: CaseId, database: Database
) -> None:
    door.ask(services.set_rhythm, cast.bilal.at_desk, case_id=case_id)
    asked(door, cast, life, case_id)
    writes(door, cast, "canary: we are here")
    door.ask(services.set_rhythm, cast.bilal.at_desk, every=timedelta(hours=4))
    before = [{row["id"] for row in rows(door, table)} for table in (PromptRow, WatchRow)]
    assert all(before)
    assert len(rows(door, RhythmRow)) == 3
    migrations.downgrade(database.engine, "0002")
    migrations.upgrade(database.engine)
    assert [{row["id"] for row in rows(door, table)} for table in (PromptRow, WatchRow)] == before
    kept = rows(door, RhythmRow)
    assert {row["case_id"] for row in kept} == {case_id}
    assert len(kept) == 2  # the member's own goes with the column that held it
    # By name: a migration may end sessions.
    assert len(door.look(services.overview, cast.bilal.id, case_id=case_id).rhythms) >= 1
