"""The app as it stands where people are, and those who try everything its pages offer."""

import re
from collections.abc import Iterator
from contextlib import _GeneratorContextManager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

from flask import Flask
from flask.sessions import SessionMixin
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from config.settings import load
from network.app import create_app
from network.door import Door
from tests.cases.browsing import Browser, signed_in
from tests.cast import Cast
from tests.ground.apps import SECRET

NAME = "hilo.example.org"
ORIGIN = f"https://{NAME}"
EVIL = "evil.example.net"
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
SLOW = {"people.enter", "people.recover", "people.join"}  # they stretch a passphrase for each try


class Secure(FlaskClient):
    """A browser that comes by https and by the network's own name."""

    def open(self, *args: Any, **more: Any) -> TestResponse:  # noqa: ANN401  # as werkzeug's own
        return super().open(*args, **{"base_url": ORIGIN, **more})

    def session_transaction(
        self,
        *args: Any,  # noqa: ANN401  # as werkzeug's own
        **more: Any,  # noqa: ANN401
    ) -> _GeneratorContextManager[SessionMixin]:
        return super().session_transaction(*args, **{"base_url": ORIGIN, **more})


def in_production(door: Door) -> Flask:
    """As it is started where people are."""
    environ = {"HILO_MODE": "production", "HILO_SECRET": SECRET, "HILO_PUBLIC_URL": ORIGIN}
    app = create_app(load(environ), door)
    app.test_client_class = Secure
    return app


def everybody(app: Flask, cast: Cast) -> Iterator[tuple[str, Browser]]:
    """A stranger, and those who see most: who holds the case, and who coordinates it."""
    yield "nobody", Browser(app.test_client())
    for one in (cast.bilal, cast.elena):
        yield one.name, signed_in(app, one)


@dataclass(slots=True)
class Sent:
    """A form of a page: where it goes and what can be filled in."""

    action: str
    method: str
    fields: list[tuple[str, str, str]] = field(default_factory=list)  # kind, name, value


class Page(HTMLParser):
    """The forms, links and executable parts of a page."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Sent] = []
        self.links: list[str] = []
        self.fetched: list[str] = []  # without being asked, or with what somebody typed
        self.inline: list[str] = []  # what a browser would run or paint without asking our policy
        self._open: str | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.inline += [
            f"{tag} {name}" for name in found if name.startswith("on") or name == "style"
        ]
        self.inline += [value for value in found.values() if value.startswith("javascript:")]
        if tag in {"script", "style"} and "src" not in found:
            self._open = tag
        self.links += [found[name] for name in ("href", "src") if found.get(name)]
        self.fetched += [found[name] for name in ("src", "srcset", "action") if found.get(name)]
        self.fetched += [found["href"]] if tag == "link" and "href" in found else []
        if tag == "form":
            self.forms.append(Sent(found.get("action", ""), found.get("method", "get").lower()))
        elif tag in {"input", "textarea", "select", "button"} and self.forms and "name" in found:
            kind = found.get("type", tag)
            self.forms[-1].fields.append((kind, found["name"], found.get("value", "")))
        elif tag == "option" and self.forms and self.forms[-1].fields and found.get("value"):
            kind, name, value = self.forms[-1].fields[-1]
            if kind == "select" and not value:
                self.forms[-1].fields[-1] = (kind, name, found["value"])

    def handle_endtag(self, tag: str) -> None:
        if tag == self._open:
            self._open = None

    def handle_data(self, data: str) -> None:
        if self._open and data.strip():
            self.inline.append(f"{self._open}: {data.strip()[:60]}")


def walk(client: FlaskClient, starts: list[str], *, most: int = 400) -> Iterator[TestResponse]:
    """Every page of ours that can be reached by links from these, once each."""
    waiting, seen = list(starts), set[str]()
    while waiting and len(seen) < most:
        path = waiting.pop(0)
        if path in seen:
            continue
        seen.add(path)
        response = client.get(path)
        yield response
        if response.mimetype == "text/html":
            waiting += filter(None, (_ours(path, link) for link in Page(response.text).links))
        elif response.location and (link := _ours(path, response.location)):
            waiting.append(link)
        response.close()


def _ours(page: str, link: str) -> str:
    """An address of ours to go on with: not the shelf of the handbook, which others walk."""
    parts = urlsplit(urljoin(ORIGIN + page, link))
    if parts.netloc != NAME or parts.path.startswith(("/manual/", "/static/")):
        return ""
    return parts.path + (f"?{parts.query}" if parts.query else "")


def token_of(client: FlaskClient) -> str:
    """The token a page of theirs holds, or of the way in."""
    for path in ("/account", "/enter"):
        if found := TOKEN.search(client.get(path).text):
            return found.group(1)
    raise AssertionError("no page with a form")
