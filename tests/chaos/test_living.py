"""Whatever people, engines and clocks do, for years: nobody falls through and nobody is wronged."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from config.country import Pack
from tests.bench.report import told
from tests.checkins.living import Living

pytestmark = pytest.mark.chaos

LIVES = int(os.environ.get("HILO_LIVES", "120"))
STEPS = 60
DAYS = 40  # the longest stretch of one step


def test_through_simulated_years_what_must_hold_holds(sqlite_template: Path, pack: Pack) -> None:
    life = type("Years", (Living,), {"template": sqlite_template, "pack": pack, "days": DAYS})
    run_state_machine_as_test(
        life,
        settings=settings(
            max_examples=LIVES,
            stateful_step_count=STEPS,
            deadline=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
    told(
        "living",
        f"{LIVES} lives, {Living.years():.1f} simulated years, {Living.knocks} knocks: all held",
        lives=LIVES,
        years=round(Living.years(), 2),
        knocks=Living.knocks,
    )
