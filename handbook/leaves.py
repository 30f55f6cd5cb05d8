"""Pages that are the same for every stranger, answered before the house is asked.

Rendered by the app once an edition with all its headers, squeezed once, and then handed out as they
are. Whoever sends a cookie may be somebody, and is always taken inside.
"""

import gzip
from collections.abc import Callable, Hashable, Iterable
from hashlib import sha1
from http import HTTPStatus
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import parse_qs
from zlib import compress

from flask import Flask
from markupsafe import escape
from werkzeug.exceptions import HTTPException
from werkzeug.http import parse_etags, quote_etag
from werkzeug.wrappers import Response

from handbook.markup import HOME
from handbook.search import LONGEST_QUERY
from handbook.wording import DEFAULT, LANGUAGES

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

LEAVES = "handbook.leaves"  # the app's extension that holds them
SEARCH = f"{HOME}/search"
FRAME_OF = "handbook.frame"  # set for the view by us: nobody outside can
ASKED_FOR, FOUND = "\x02asked\x03", "\x02found\x03"  # where those stand in a frame
SPOKEN = frozenset({"", *LANGUAGES})
ASKED = frozenset({"", *(f"lang={language}" for language in LANGUAGES)})
NOT_FOR_ALL = ("HTTP_ACCEPT_ENCODING", "HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_RANGE")
SQUEEZED = ("Content-Encoding", "gzip")
QUICKLY, GZIP = 3, 31  # how hard zlib tries, and its number for gzip's own wrapping
MOST_FIELDS = 8
Edition = Callable[[Flask], Hashable]
Find = Callable[[Flask, str, str], str]
View = TypeVar("View", bound=Callable[..., object])
_KEPT = "_same_for_every_stranger"


def rendered_once(view: View) -> View:
    """Keep what this view answers strangers, for as long as nothing it is made of changes."""
    setattr(view, _KEPT, True)
    return view


class Leaf:
    """One page, plain and squeezed, with the headers the app gave it."""

    __slots__ = ("_body", "_headers", "_squeezed", "_tag", "edition")

    def __init__(self, response: Response, edition: Hashable) -> None:
        self.edition = edition
        self._body = response.get_data()
        self._squeezed = gzip.compress(self._body, compresslevel=9, mtime=0)
        self._tag = response.get_etag()[0] or ""
        self._headers = _common(response)

    def answer(self, environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        """The page, or word that the reader's own copy is as good."""
        if _as_good(environ, start, self._tag, self._headers):
            return ()
        if _squeezes(environ):
            return _whole(start, self._squeezed, f"{self._tag}-gzip", [*self._headers, SQUEEZED])
        return _whole(start, self._body, self._tag, [*self._headers])


class Frame:
    """The page around what was found, the same for every question; it remembers none."""

    __slots__ = ("_headers", "_html", "edition")

    def __init__(self, response: Response, edition: Hashable) -> None:
        self.edition = edition
        self._html = response.get_data(as_text=True)
        self._headers = _common(response)

    def answer(
        self, environ: "WSGIEnvironment", start: "StartResponse", query: str, shown: str
    ) -> Iterable[bytes]:
        """The whole page; the reader's words go in last, so that nothing is put inside them."""
        body = self._html.replace(FOUND, shown).replace(ASKED_FOR, escape(query)).encode()
        tag = sha1(body, usedforsecurity=False).hexdigest()
        if _as_good(environ, start, tag, self._headers):
            return ()
        if _squeezes(environ):
            squeezed = compress(body, QUICKLY, GZIP)
            return _whole(start, squeezed, f"{tag}-gzip", [*self._headers, SQUEEZED])
        return _whole(start, body, tag, [*self._headers])


def _common(response: Response) -> list[tuple[str, str]]:
    response.vary.add("Accept-Encoding")
    of_this_body = {"content-length", "etag"}
    return [one for one in response.headers if one[0].lower() not in of_this_body]


def _squeezes(environ: "WSGIEnvironment") -> bool:
    return "gzip" in environ.get("HTTP_ACCEPT_ENCODING", "")


def _as_good(
    environ: "WSGIEnvironment", start: "StartResponse", tag: str, headers: list[tuple[str, str]]
) -> bool:
    asked = environ.get("HTTP_IF_NONE_MATCH")
    known = parse_etags(asked) if asked else None
    for one in (f"{tag}-gzip", tag) if known else ():
        if known is not None and known.contains_weak(one):
            kept = [each for each in headers if each[0].lower() != "content-type"]
            start("304 NOT MODIFIED", [*kept, ("ETag", quote_etag(one))])
            return True
    return False


def _whole(
    start: "StartResponse", body: bytes, tag: str, headers: list[tuple[str, str]]
) -> Iterable[bytes]:
    start("200 OK", [*headers, ("ETag", quote_etag(tag)), ("Content-Length", str(len(body)))])
    return (body,)


class Shelf:
    """The app, with the pages that were asked for before standing in front of it."""

    def __init__(self, app: Flask, edition: Edition, find: Find) -> None:
        self._app = app
        self._inside: WSGIApplication = app.wsgi_app
        self._edition = edition
        self._find = find
        self._leaves: dict[tuple[str, str], Leaf] = app.extensions.setdefault(LEAVES, {})
        self._frames: dict[tuple[str, bool], Frame] = {}

    def __call__(self, environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        """The kept page, or whatever the app says."""
        path = environ["PATH_INFO"]
        if (
            not path.startswith(f"{HOME}/")
            or environ["REQUEST_METHOD"] != "GET"
            or "HTTP_COOKIE" in environ
            or environ.get("SCRIPT_NAME")
        ):
            return self._inside(environ, start)
        if path == SEARCH:
            return self._found(environ, start)
        return self._kept(environ, start)

    def _kept(self, environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        key = environ["PATH_INFO"], environ.get("QUERY_STRING", "")
        if key[1] not in ASKED:
            return self._inside(environ, start)
        edition = self._edition(self._app)
        leaf = self._leaves.get(key)
        if leaf is None or leaf.edition != edition:
            if not self._is_kept(environ):
                return self._inside(environ, start)
            fresh = self._fresh(environ)
            if fresh.status_code != HTTPStatus.OK or "Set-Cookie" in fresh.headers:
                return fresh(environ, start)
            leaf = self._leaves[key] = Leaf(fresh, edition)
        return leaf.answer(environ, start)

    def _found(self, environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        query, language = _asked(environ)
        if not query or language not in SPOKEN or "json" in environ.get("HTTP_ACCEPT", ""):
            return self._inside(environ, start)
        query = query[:LONGEST_QUERY]
        shown = self._find(self._app, query, language or DEFAULT)
        edition = self._edition(self._app)
        frame = self._frames.get((language, bool(shown)))
        if frame is None or frame.edition != edition:
            fresh = self._fresh(environ | {FRAME_OF: FOUND if shown else ""})
            if fresh.status_code != HTTPStatus.OK:
                return fresh(environ, start)
            frame = self._frames[language, bool(shown)] = Frame(fresh, edition)
        return frame.answer(environ, start, query, shown)

    def _fresh(self, environ: "WSGIEnvironment") -> Response:
        """What the app says to a reader who has nothing and can unpack nothing."""
        plain = {name: value for name, value in environ.items() if name not in NOT_FOR_ALL}
        return Response.from_app(self._inside, plain, buffered=True)

    def _is_kept(self, environ: "WSGIEnvironment") -> bool:
        try:
            endpoint, _words = self._app.url_map.bind_to_environ(environ).match()
        except HTTPException:  # no such page, or one that stands elsewhere
            return False
        return hasattr(self._app.view_functions[endpoint], _KEPT)


def _asked(environ: "WSGIEnvironment") -> tuple[str, str]:
    """What is looked for, and in which language; nothing, where the address holds too much."""
    try:
        asked = parse_qs(environ.get("QUERY_STRING", ""), max_num_fields=MOST_FIELDS)
    except ValueError:
        return "", ""
    return asked.get("q", [""])[0], asked.get("lang", [""])[0]
