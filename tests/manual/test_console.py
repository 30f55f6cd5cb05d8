"""The command line names what is wrong with a handbook, and what the press may leave off."""

import json
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask

from handbook.console import press_handbook
from handbook.wording import WORDING
from network.door import Door
from network.manual import services
from network.manual.domain import Specialty
from tests.cast import Cast
from tests.ground.clock import StillClock

LABEL = WORDING["es"].under_review


@pytest.fixture
def reviewed(door: Door, cast: Cast) -> None:
    """Two coordinators say that one section was read yesterday."""
    review = door.ask(
        services.say_review,
        cast.alice.at_desk,
        chapter="acompanar",
        language="es",
        sections=("nunca",),
        specialty=Specialty.LAW,
        day=door.now().date() - timedelta(days=1),
    )
    door.ask(services.confirm_review, cast.elena.at_desk, review_id=review)


@pytest.mark.usefixtures("reviewed")
def test_a_review_that_is_over_is_named(app: Flask, clock: StillClock) -> None:
    told = app.test_cli_runner().invoke(args=["hilo", "handbook", "check"])
    assert (told.exit_code, told.output) == (0, "The handbook is in order.\n")
    clock.advance(timedelta(days=200))
    told = app.test_cli_runner().invoke(args=["hilo", "handbook", "check"])
    assert told.exit_code == 1
    assert "14-acompanar.es.md:" in told.output
    assert "#nunca: was reviewed more than six months ago (es)" in told.output


@pytest.mark.usefixtures("reviewed")
def test_paper_leaves_the_label_off_what_was_reviewed(app: Flask, tmp_path: Path) -> None:
    told = app.test_cli_runner().invoke(args=["hilo", "handbook", "reviews"])
    assert [key[:3] for key in json.loads(told.output)] == [["acompanar", "nunca", "es"]]
    listed = tmp_path / "reviews.json"
    listed.write_text(told.output, "utf-8")

    def labels(*more: str) -> int:
        out = tmp_path / str(len(more))
        arguments = ["--language", "es", "--chapter", "acompanar", "--out", str(out), *more]
        assert CliRunner().invoke(press_handbook, [*arguments, "--only-epub"]).exit_code == 0
        assert [made.name for made in out.iterdir()] == ["manual-es.epub"]
        with zipfile.ZipFile(out / "manual-es.epub") as book:
            return book.read("EPUB/acompanar.xhtml").decode().count(LABEL)

    assert labels("--reviews", str(listed)) == labels() - 1
