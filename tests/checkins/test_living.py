"""Whatever people, engines and clocks do, nobody falls through and nobody is wronged: short."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from config.country import Pack
from tests.checkins.living import Living

EXAMPLES = max(int(os.environ.get("HILO_ROUNDS", "100")) // 25, 1)


def lives(template: Path, pack: Pack, days: int) -> type[Living]:
    """The machine, upon a migrated and empty database."""
    return type("Life", (Living,), {"template": template, "pack": pack, "days": days})


@pytest.mark.parametrize("steps", [12])
def test_whatever_happens_what_must_hold_holds(
    sqlite_template: Path, pack: Pack, steps: int
) -> None:
    run_state_machine_as_test(
        lives(sqlite_template, pack, 2),
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=steps,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
