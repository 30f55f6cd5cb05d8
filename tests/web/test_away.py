"""The database is away: what is public can be read, the way out works, the rest says so calmly."""

from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from config.settings import load
from network.app import create_app
from network.db import open_database
from network.door import Door
from network.kernel.ids import new_id
from tests.cases.browsing import TOKEN, Browser, signed_in
from tests.cast import Cast
from tests.ground.apps import SECRET

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def member(
    request: pytest.FixtureRequest, door: Door, cast: Cast, tmp_path: Path
) -> tuple[Flask, Browser]:
    """Somebody who signed in while it was there."""
    nowhere = {
        "sqlite": f"sqlite:///{tmp_path / 'gone' / 'hilo.db'}",
        "postgresql": f"postgresql+psycopg://nobody@/hilo?host={tmp_path / 'gone'}",
    }
    gone = replace(door, database=open_database(nowhere[request.param]))
    app = create_app(load({"HILO_SECRET": SECRET, "HILO_LANGUAGE": "en"}), gone)
    return app, signed_in(app, cast.alice)


def test_what_is_public_can_be_read(member: tuple[Flask, Browser]) -> None:
    _, browser = member
    for path in ("/", "/enter", "/manual/"):
        assert browser.looks(path).status_code == 200, path


def test_a_page_of_a_case_says_so_calmly_and_is_not_the_way_in(
    member: tuple[Flask, Browser],
) -> None:
    _, browser = member
    for path in ("/cases/", "/account", "/desk"):
        answer = browser.looks(path)
        assert answer.status_code == 503, path
        assert "The network does not answer right now." in answer.text


def test_what_was_written_is_given_back_and_nothing_is_promised(
    member: tuple[Flask, Browser],
) -> None:
    _, browser = member
    found = TOKEN.search(browser.client.get("/enter").text)
    assert found
    data = {"csrf_token": found.group(1), "text": "canary: an hour of words"}
    answer = browser.client.post(f"/cases/{new_id()}/write", data=data)
    assert answer.status_code == 503
    assert "canary: an hour of words" in answer.text
    assert "lost" not in answer.text


def test_the_quick_way_out_leads_out(member: tuple[Flask, Browser]) -> None:
    app, browser = member
    answer = browser.client.post("/exit")
    assert answer.status_code == 303
    assert "hilo" not in answer.headers["Location"]
    with browser.client.session_transaction() as left:
        assert dict(left) == {}
    assert app.config["WTF_CSRF_ENABLED"]
