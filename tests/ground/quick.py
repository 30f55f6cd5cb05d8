"""What a run of thousands of tests need not pay for each of them."""

import gc

import pytest

ROOM = (20_000, 20, 50)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Whatever was imported and collected stays to the end: nobody counts it again, and rings
    among what a test leaves are looked for less often.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*ROOM)
