"""What somebody wrote comes back to them when it did not go through."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from network.kernel.ids import CaseId
from tests.cases.browsing import TOKEN, Browser, signed_in
from tests.cast import Cast
from tests.ground.clock import StillClock
from tests.ground.databases import PAGES

pytestmark = PAGES
DRAFT = "canary <draft> of an hour"
SHOWN = "canary &lt;draft&gt; of an hour"


@pytest.fixture
def sends(app: Flask, cast: Cast, accompanied: CaseId) -> Callable[..., tuple[int, str]]:
    """Bilal opens the room, and sends his words some time after that."""
    browser: Browser = signed_in(app, cast.bilal)
    path = f"/cases/{accompanied}"
    found = TOKEN.search(browser.client.get(f"{path}?lang=en").text)
    assert found
    token = found.group(1)

    def send(before: Callable[[], object], *, good: bool = True) -> tuple[int, str]:
        before()
        data = {"csrf_token": token if good else "x", "text": DRAFT}
        answer = browser.client.post(f"{path}/write", data=data)
        return answer.status_code, answer.text

    return send


def test_whoever_wrote_for_too_long_reads_it_beside_the_way_in(
    sends: Callable[..., tuple[int, str]], clock: StillClock
) -> None:
    status, page = sends(lambda: clock.advance(timedelta(minutes=21)))
    assert status == 401
    assert SHOWN in page
    assert DRAFT not in page, "shown as words, whatever is in them"
    assert "/enter" in page


def test_a_page_that_was_open_for_too_long_gives_it_back(
    sends: Callable[..., tuple[int, str]],
) -> None:
    status, page = sends(lambda: None, good=False)
    assert status == 400
    assert SHOWN in page


def test_a_stranger_who_sends_nothing_is_led_to_the_way_in(app: Flask) -> None:
    client = app.test_client()
    found = TOKEN.search(client.get("/enter").text)
    assert found
    answer = client.post("/cases/", data={"csrf_token": found.group(1)})
    assert answer.status_code in {302, 404, 405}
    assert "textarea" not in answer.text
