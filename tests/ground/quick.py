"""What a run of thousands of tests need not pay for each of them."""

import gc

import pytest

ROOM = (20_000, 20, 50)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whole houses and browsers first: what takes long is not begun when all others are done."""
    items.sort(key=lambda one: one.get_closest_marker("browser") is None)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Whatever was imported and collected stays to the end: nobody counts it again, and rings
    among what a test leaves are looked for less often.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*ROOM)
