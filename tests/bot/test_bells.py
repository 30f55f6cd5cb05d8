"""Engines of one machine wake each other, and none of them depends on it."""

import asyncio
from pathlib import Path

import pytest

from bot.bells import Bells, Wire

SOON = 5.0  # far more than a ring takes; only a lost one waits so long


def asleep_until_rung(bells: Bells) -> asyncio.Task[None]:
    return asyncio.create_task(bells.promised.heard(SOON))


@pytest.mark.asyncio
async def test_a_promise_in_one_process_wakes_the_postman_of_another(tmp_path: Path) -> None:
    worker, postman = Bells(), Bells()
    with Wire(tmp_path / "bells", worker), Wire(tmp_path / "bells", postman):
        sleeper = asleep_until_rung(postman)
        await asyncio.sleep(0)
        worker.promised.ring_everywhere()
        began = asyncio.get_running_loop().time()
        await sleeper
        assert asyncio.get_running_loop().time() - began < SOON
        assert not postman.arrived._event.is_set()


@pytest.mark.asyncio
async def test_a_ring_of_our_own_wakes_nobody_elsewhere(tmp_path: Path) -> None:
    one, other = Bells(), Bells()
    with Wire(tmp_path / "bells", one), Wire(tmp_path / "bells", other):
        one.arrived.ring()
        await asyncio.sleep(0.05)
        assert not other.arrived._event.is_set()


@pytest.mark.asyncio
async def test_what_a_killed_process_left_is_cleared_away(tmp_path: Path) -> None:
    folder = tmp_path / "bells"
    alive = Bells()
    with Wire(folder, alive):
        left = folder / "0123456789abcdef"
        left.touch()
        alive.promised.ring_everywhere()
        await asyncio.sleep(0)
        assert not left.exists()
        assert len([*folder.iterdir()]) == 1
    assert [*folder.iterdir()] == []


@pytest.mark.asyncio
async def test_a_folder_with_a_long_name_has_bells_too(tmp_path: Path) -> None:
    folder = tmp_path / ("lejos" * 30) / "bells"
    one, other = Bells(), Bells()
    with Wire(folder, one), Wire(folder, other):
        one.arrived.ring_everywhere()
        await other.arrived.heard(SOON)


@pytest.mark.asyncio
async def test_without_a_folder_everybody_looks_by_themselves(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "bells").write_text("not a folder")
    bells = Bells()
    with Wire(tmp_path / "bells", bells):
        bells.promised.ring_everywhere()
        await bells.promised.heard(SOON)
    assert "no bells" in caplog.text
