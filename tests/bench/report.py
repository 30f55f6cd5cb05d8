"""What a bench says: a line to read and a line for machines, and nothing that fails by noise."""

import json
import os
import platform
from statistics import median

TIMES = float(os.environ.get("BENCH_TIMES", "1"))  # 4 measures four times as long
PEOPLE = int(os.environ.get("BENCH_PEOPLE", "200"))  # who write at once; fewer on a busy machine


def measured(
    name: str, *, ours: float, reference: float, unit: str, against: str, goal: str, **more: object
) -> float:
    """Ours beside its reference; returns the ratio."""
    ratio = ours / reference if reference else float("inf")
    print(
        f"\n{name}: ours {ours:,.1f} {unit}, reference {reference:,.1f} {unit} ({against}),"
        f" ratio {ratio:.2f} ({goal})"
    )
    _line(name, ours=ours, reference=reference, unit=unit, ratio=round(ratio, 3), goal=goal, **more)
    return ratio


def told(name: str, sentence: str, **more: object) -> None:
    """A figure that has no reference."""
    print(f"\n{name}: {sentence}")
    _line(name, **more)


def middle(values: list[float]) -> float:
    """The median: one disturbed round moves nothing."""
    return round(median(values), 2)


def _line(name: str, **more: object) -> None:
    facts = {"bench": name, **more, "load": os.getloadavg()[0], "cores": os.cpu_count()}
    print(json.dumps(facts | {"python": platform.python_version()}, ensure_ascii=False))
