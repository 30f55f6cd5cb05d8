"""Somebody keeps the handbook while there is signal, and reads it where there is none."""

import gzip
import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import jinja2
import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import Babel
from playwright.sync_api import Error, Page, expect
from werkzeug.serving import BaseWSGIServer, make_server

from handbook.library import HERE, load_library
from handbook.offline import addresses
from handbook.web import ASKS, bp
from network.web.headers import ALWAYS
from tests.handbook.asked import ENOUGH, answered, questions, tell

pytestmark = pytest.mark.browser
STATIC = HERE.parent / "network" / "web" / "static"
MEGABYTE = 1024 * 1024
TRACES = """async () => ({
  shelves: await caches.keys(),
  workers: (await navigator.serviceWorker.getRegistrations()).length,
  databases: (await indexedDB.databases()).length,
  stored: localStorage.length + sessionStorage.length,
  cookies: document.cookie,
})"""
NOTHING = {"shelves": [], "workers": 0, "databases": 0, "stored": 0, "cookies": ""}
FIND = """async (questions) => {
  const { finder } = await import("/manual/find.js");
  const find = finder(await (await fetch("/manual/index.json")).json());
  const asked = performance.now();
  const found = questions.map((question) => find(question, 3).map((section) => section.url));
  return { found, each: (performance.now() - asked) / questions.length };
}"""


@dataclass(slots=True)
class Manual:
    """The handbook's pages on a loopback port, in the house's own headers, until it is gone."""

    server: BaseWSGIServer
    serving: threading.Thread
    gone: bool = field(default=False)

    @property
    def url(self) -> str:
        return f"http://localhost:{self.server.server_port}/manual/"

    def goes_away(self) -> None:
        if not self.gone:
            self.gone = True
            self.server.shutdown()
            self.serving.join()
            self.server.server_close()


@pytest.fixture
def manual() -> Iterator[Manual]:
    pages = Path(__file__).parent / "pages"
    app = Flask("tests.handbook", template_folder=str(pages), static_folder=str(STATIC))
    app.jinja_env.undefined = jinja2.StrictUndefined
    app.register_blueprint(bp)
    app.add_url_rule(
        "/manual/<slug>/<section>/helped",
        ASKS,
        lambda slug, section: f"<h1>{slug} {section}</h1>",
        methods=["POST"],
    )
    app.after_request(lambda response: response.headers.extend(ALWAYS) or response)
    Babel(app)
    server = make_server("localhost", 0, app, threaded=True)
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    stands = Manual(server, serving)
    yield stands
    stands.goes_away()


def keeps(page: Page, manual: Manual) -> None:
    page.goto(manual.url)
    page.locator("#keep button").first.click()
    expect(page.locator("#keep button").last).to_be_visible(timeout=60_000)


def test_the_whole_handbook_is_read_with_the_server_gone(page: Page, manual: Manual) -> None:
    keeps(page, manual)
    manual.goes_away()
    for address in addresses(load_library()):
        if address.endswith((".json", ".webmanifest", ".json?lang=en", ".webmanifest?lang=en")):
            continue
        answer = page.goto(manual.url.removesuffix("/manual/") + address)
        assert answer is not None
        assert answer.from_service_worker, address
        assert "<h1>" in answer.text(), address
    for language in ("", "&lang=en"):
        page.goto(f"{manual.url}search?q=hotel{language}")
        expect(page.locator("#found a[href*='llamada-virtual']").first).to_be_visible()


def test_a_press_that_reaches_nobody_leaves_the_reader_where_they_were(
    page: Page, manual: Manual
) -> None:
    keeps(page, manual)
    page.goto(f"{manual.url}llamada-virtual?lang=en")
    manual.goes_away()
    page.locator("#minuto .helped button").first.click()
    page.wait_for_url("**/llamada-virtual?lang=en#minuto")
    expect(page.locator("#minuto h2")).to_be_visible()


def test_one_press_takes_it_off_the_phone_without_a_trace(page: Page, manual: Manual) -> None:
    page.goto(manual.url)
    assert page.evaluate(TRACES) == NOTHING
    keeps(page, manual)
    kept = page.evaluate(TRACES)
    assert kept == {**NOTHING, "shelves": kept["shelves"], "workers": 1}
    assert re.fullmatch(r"manual-[0-9a-f]{16}", *kept["shelves"])
    page.reload()
    with page.expect_response("**/forgotten"):
        page.locator("#keep button").last.click()
    expect(page.locator("#keep button").first).to_be_visible()
    assert page.evaluate(TRACES) == NOTHING
    page.goto("about:blank")
    manual.goes_away()
    with pytest.raises(Error):
        page.goto(manual.url)


def test_it_can_be_taken_off_with_the_server_gone(page: Page, manual: Manual) -> None:
    keeps(page, manual)
    manual.goes_away()
    page.goto(manual.url)
    page.locator("#keep button").last.click()
    expect(page.locator("#keep button").first).to_be_visible()
    assert page.evaluate(TRACES) == NOTHING


def test_when_it_cannot_be_kept_whole_nothing_is_left(page: Page, manual: Manual) -> None:
    page.goto(manual.url)
    expect(page.locator("#keep")).to_be_visible()
    manual.goes_away()
    page.locator("#keep button").first.click()
    expect(page.locator("#keep button").first).to_be_enabled()
    assert page.evaluate(TRACES) == NOTHING


def test_nothing_is_kept_unless_asked(page: Page, manual: Manual) -> None:
    page.goto(f"{manual.url}llamada-virtual")
    page.goto(manual.url)
    assert page.evaluate(TRACES) == NOTHING


def test_a_phone_answers_nine_in_ten_among_the_first_three(page: Page, manual: Manual) -> None:
    page.goto(manual.url)
    asked = list(questions())
    told = page.evaluate(FIND, asked)
    found = dict(zip(asked, told["found"], strict=True))
    tell(f"{told['each']:.1f} ms a question")
    share = answered(lambda q: [url.removeprefix("/manual/") for url in found[q]], by="phone")
    assert share >= ENOUGH


def test_sections_appear_while_somebody_types(page: Page, manual: Manual) -> None:
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url))
    page.goto(manual.url)
    page.locator("#q").press_sequentially("me violar")
    expect(page.locator("#found a").first).to_have_attribute("href", re.compile("violencia-sexual"))
    assert not [url for url in sent if "violar" in url]
    page.locator("#q").fill("xyzxyz")
    expect(page.locator("#found a")).to_have_count(0)
    expect(page.locator("#found")).not_to_be_empty()


def test_the_worker_is_asked_for_anew_and_names_every_page(reader: FlaskClient) -> None:
    answer = reader.get("/manual/worker.js")
    assert answer.mimetype == "text/javascript"
    assert answer.headers["Cache-Control"] == "public, no-cache"
    assert "Set-Cookie" not in answer.headers
    listed = re.search(r"^const ADDRESSES = (.*);$", answer.text, re.MULTILINE)
    assert listed
    whole = json.loads(listed[1])
    assert {*addresses(load_library())} < {*whole}
    ours = [address for address in whole if address.startswith("/manual/")]
    bodies = [reader.get(address).data for address in ours]
    bodies += [
        (STATIC / address.removeprefix("/static/")).read_bytes()
        for address in whole
        if address not in ours
    ]
    squeezed = sum(len(gzip.compress(body, 9)) for body in bodies)
    tell(f"{len(whole)} addresses, {sum(map(len, bodies))} bytes, {squeezed} squeezed")
    assert squeezed < MEGABYTE
    assert sum(map(len, bodies)) < 3 * MEGABYTE


def test_its_name_on_a_home_screen_says_nothing(reader: FlaskClient) -> None:
    for language in ("es", "en"):
        told = reader.get(f"/manual/manual.webmanifest?lang={language}").json
        assert told is not None
        assert told["name"] == told["short_name"] == "Manual"
        assert told["scope"] == "/manual/"
