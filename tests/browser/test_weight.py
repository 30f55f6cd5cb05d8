"""Pages for a slow telephone: light, and naming nobody but us."""

import gzip

import pytest
from werkzeug.test import Client

from network.web.headers import POLICY
from tests.browser.conftest import Town
from tests.cases.browsing import signed_in

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
MOST = 60 * 1024
MOST_OF_THE_MANUAL = 30 * 1024
STYLES = ("/static/vendor/pico.min.css", "/static/hilo.css", "/static/hilo.js")


def squeezed(client: Client, path: str) -> int:
    """How many bytes travel for this address."""
    with client.get(path) as response:
        return len(gzip.compress(response.data, 9))


def test_every_page_with_its_styles_is_light_and_names_no_other_origin(town: Town) -> None:
    anybody: Client = town.app.test_client()
    styles = sum(squeezed(anybody, each) for each in STYLES)
    of_the_manual = squeezed(anybody, "/manual/manual.css")
    for page in town.pages:
        client = signed_in(town.app, page.who).client if page.who else anybody
        weight = squeezed(client, page.path) + styles
        if page.path.startswith("/manual/"):
            assert weight + of_the_manual <= MOST_OF_THE_MANUAL, (page.path, weight)
        assert weight <= MOST, (page.path, weight)
        assert client.head(page.path).headers["Content-Security-Policy"] == POLICY
