"""The handbook as pages: no sign-in, no cookie, no script needed, nothing from anywhere else."""

import gzip
import json
from collections.abc import Callable, Hashable
from functools import wraps
from http import HTTPStatus
from pathlib import Path
from typing import ParamSpec

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    jsonify,
    render_template,
    request,
    send_file,
    url_for,
)
from flask_babel import force_locale

from handbook.boards import Board
from handbook.chapter import Chapter
from handbook.library import HERE, STANDARD, Library, NotWritten, load_library
from handbook.markup import HOME, address
from handbook.offline import addresses, version
from handbook.paper import KINDS, booklets, leaflet, printed
from handbook.pocket import carried
from handbook.search import LONGEST_QUERY, search
from handbook.standing import NOTHING_KNOWN, Served, Standing, as_it_stands
from handbook.wording import DEFAULT, LANGUAGES, WORDING
from network.web.guards import public

bp = Blueprint("handbook", __name__, url_prefix=HOME, template_folder="templates")
FILES = HERE / "templates" / "handbook"
FRAME = ("hilo.css", "hilo.js", "icon.svg", "vendor/pico.min.css", "vendor/minisearch.js")
JAVASCRIPT = "text/javascript; charset=utf-8"
NAME = "Manual"
MOST_HITS = 12
MINUTES_5 = 300
ASKS = "helped.say"
KNOWN = "handbook.standing"  # the app's extension that says what the network knows

COUNTRY = "handbook.country"  # whose pack may change chapters
PAPER = "handbook.paper"  # the folder that `make press` filled, as a Path
LEAVES = "handbook.leaves"
P = ParamSpec("P")


def today() -> Standing:
    """What the network that serves these pages knows of them now; it says so in app.py."""
    tell: Callable[[], Standing] = current_app.extensions.get(KNOWN, lambda: NOTHING_KNOWN)
    return tell()


def library_here() -> Library:
    """The handbook as this network serves it."""
    return load_library(current_app.extensions.get(COUNTRY, STANDARD))


def served() -> Served:
    """The handbook as it stands now."""
    return as_it_stands(library_here(), today())


def asked_language() -> str:
    """Spanish, unless `?lang=` names another language the handbook has."""
    asked = request.args.get("lang", DEFAULT)
    return asked if asked in LANGUAGES else DEFAULT


class Leaf:
    """A page as strangers see it, rendered and squeezed once for as long as nothing changes."""

    __slots__ = ("body", "kind", "squeezed", "tag")

    def __init__(self, response: Response) -> None:
        self.body = response.get_data()
        self.kind = response.content_type
        self.squeezed = gzip.compress(self.body, compresslevel=9, mtime=0)
        response.add_etag()
        self.tag = response.get_etag()[0] or ""

    def answer(self) -> Response:
        """The page, or word that the reader's own copy is as good."""
        asked = request.if_none_match
        taken = asked.contains_weak(f"{self.tag}-gzip")
        if taken or asked.contains_weak(self.tag):
            response = Response(status=HTTPStatus.NOT_MODIFIED)
            response.set_etag(f"{self.tag}-gzip" if taken else self.tag)
        elif "gzip" in request.headers.get("Accept-Encoding", ""):
            response = Response(self.squeezed, content_type=self.kind)
            response.headers["Content-Encoding"] = "gzip"
            response.set_etag(f"{self.tag}-gzip")
        else:
            response = Response(self.body, content_type=self.kind)
            response.set_etag(self.tag)
        response.vary.update(("Cookie", "Accept-Encoding"))
        response.headers["Cache-Control"] = f"public, max-age={MINUTES_5}"
        return response


def rendered_once(view: Callable[P, Response]) -> Callable[P, Response]:
    """Render what every stranger sees the same once an edition; who has a cookie, each time."""

    @wraps(view)
    def leaf(*args: P.args, **kwargs: P.kwargs) -> Response:
        asked = request.args.get("lang", "")  # the frame's links keep it, so it is another page
        if request.cookies or asked not in {"", *LANGUAGES}:  # a cookie may name somebody
            return view(*args, **kwargs)
        leaves: dict[Hashable, Leaf] = current_app.extensions.setdefault(LEAVES, {})
        standing = (today(), _last_printed())
        key = (request.endpoint, tuple(sorted(kwargs.items())), asked)
        kept_leaf = leaves.get((standing, *key))
        if kept_leaf is None:
            fresh = view(*args, **kwargs)
            if fresh.status_code != HTTPStatus.OK:  # their own copy is as good: no page to keep
                return fresh
            for old in [one for one in leaves if isinstance(one, tuple) and one[1:] == key]:
                leaves.pop(old, None)
            kept_leaf = leaves[(standing, *key)] = Leaf(fresh)
        return kept_leaf.answer()

    return leaf


def page(template: str, **words: object) -> Response:
    """The template in the language asked for; the same for everybody, so anybody may keep it."""
    language = asked_language()
    with force_locale(language):
        body = render_template(
            f"handbook/{template}",
            language=language,
            languages=LANGUAGES,
            wording=WORDING[language],
            lang_query={} if language == DEFAULT else {"lang": language},
            **words,
        )
    return kept(Response(body, content_type="text/html; charset=utf-8"))


def kept(response: Response) -> Response:
    """Let browsers and proxies keep a stranger's copy five minutes, and ask again with its tag."""
    response.vary.add("Cookie")
    if request.cookies:
        response.headers["Cache-Control"] = "no-store"
        return response
    response.headers["Cache-Control"] = f"public, max-age={MINUTES_5}"
    response.add_etag()
    tag, _weak = response.get_etag()
    if tag and request.if_none_match.contains_weak(f"{tag}-gzip"):  # as the frame squeezed it
        response.set_etag(f"{tag}-gzip")
    response.make_conditional(request)
    return response


def _last_printed() -> int:
    folder = _folder()
    return folder.stat().st_mtime_ns if folder.is_dir() else 0


def _folder() -> Path:
    """Where printed files lie; in an app without settings, nowhere."""
    folder = current_app.extensions.get(PAPER, Path())
    assert isinstance(folder, Path)
    return folder


@bp.get("/")
@public
@rendered_once
def index() -> Response:
    """Where to begin, by what is happening, and every chapter."""
    library = served().library
    return page(
        "index.html",
        paths=[path for path in library.paths.values() if path.target],
        chapters=library.in_order(asked_language()),
        boards=_boards(library),
        booklets=booklets(_folder(), asked_language()),
    )


def _boards(library: Library) -> list[tuple[Chapter, Board]]:
    language = asked_language()
    return [
        (chapter, library.boards[chapter.slug, language])
        for chapter in library.in_order(language)
        if (chapter.slug, language) in library.boards
    ]


@bp.get("/<slug>")
@public
@rendered_once
def chapter(slug: str) -> Response:
    """One chapter, whole."""
    library = served().library
    language = asked_language()
    try:
        found = library.chapter(slug, language)
    except NotWritten:
        abort(HTTPStatus.NOT_FOUND)
    return page(
        "chapter.html",
        chapter=found,
        asks=ASKS in current_app.view_functions,  # only a network keeps totals
        trees=[library.tree(tree, language) for tree in found.trees],
        worksheets=[library.worksheets[sheet] for sheet in found.worksheets],
        facts=[library.facts[fact] for fact in found.facts],
        board=library.boards.get((slug, language)),
        leaflet=leaflet(_folder(), language, found.number),
    )


@bp.get("/<slug>/dibujos")
@public
@rendered_once
def board(slug: str) -> Response:
    """A chapter to look at: a picture and a line for each thing to do."""
    library = served().library
    try:
        found = library.board(slug, asked_language())
    except NotWritten:
        abort(HTTPStatus.NOT_FOUND)
    chapter = library.chapter(slug, asked_language())
    labelled = any(chapter.section(panel.section).under_review for panel in found.panels)
    return page("board.html", board=found, chapter=chapter, labelled=labelled)


@bp.get("/glosario")
@public
@rendered_once
def glossary() -> Response:
    """The words of the chapters, in plain ones."""
    library = served().library
    terms = library.words(asked_language())
    cited = dict.fromkeys(fact for term in terms for fact in term.facts)
    return page("glossary.html", terms=terms, facts=[library.facts[fact] for fact in cited])


@bp.get("/papel/<name>")
@public
def paper(name: str) -> Response:
    """A file that was printed here, by a name that says nothing."""
    found = printed(_folder(), name)
    if found is None:
        abort(HTTPStatus.NOT_FOUND)
    response = send_file(
        found.path.resolve(),
        mimetype=KINDS[found.path.suffix],
        as_attachment=True,
        download_name=name,
        etag=found.tag,
        conditional=True,
        last_modified=0,
    )
    response.headers["Cache-Control"] = f"public, max-age={MINUTES_5}"
    return response


@bp.get("/arbol/<slug>", defaults={"step": ""})
@bp.get("/arbol/<slug>/<step>")
@public
@rendered_once
def tree(slug: str, step: str) -> Response:
    """One question of a tree; without a step, the first."""
    library = served().library
    try:
        found = library.tree(slug, asked_language())
    except NotWritten:
        abort(HTTPStatus.NOT_FOUND)
    here = found.steps.get(step or found.start)
    if here is None:
        abort(HTTPStatus.NOT_FOUND)
    facts = [library.facts[fact] for fact in here.facts]
    return page("step.html", tree=found, step=here, facts=facts)


@bp.get("/search")
@public
def find() -> Response:
    """What answers `q`: a page, or a JSON list for who asks for JSON."""
    query = request.args.get("q", "")[:LONGEST_QUERY]
    hits = search(query, asked_language(), MOST_HITS, library=served().searched)
    if request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json":
        found = [{"chapter": h.chapter, "section": h.section, "url": h.url} for h in hits]
        response = kept(jsonify(found))
    else:
        response = page("search.html", query=query, hits=hits)
    response.vary.add("Accept")
    return response


@bp.get("/manual.css")
@public
@rendered_once
def style() -> Response:
    """The few rules the handbook adds to the house's sheet."""
    return _file("manual.css", "text/css; charset=utf-8")


@bp.get("/board.css")
@public
@rendered_once
def board_style() -> Response:
    """What pictures need besides."""
    return _file("board.css", "text/css; charset=utf-8")


@bp.get("/manual.js")
@public
@rendered_once
def script() -> Response:
    """What the pages do better with JavaScript."""
    return _file("manual.js", JAVASCRIPT)


@bp.get("/find.js")
@public
@rendered_once
def finder() -> Response:
    """The search a phone does by itself."""
    return _file("find.js", JAVASCRIPT)


@bp.get("/index.json")
@public
@rendered_once
def carried_index() -> Response:
    """What that search looks in."""
    body = carried(served().searched, asked_language())
    return kept(Response(body, content_type="application/json; charset=utf-8"))


@bp.get("/worker.js")
@public
def worker() -> Response:
    """What keeps the handbook on a phone, with the list of its pages; asked for anew each time."""
    known = today()
    kept_pages = [
        *addresses(as_it_stands(library_here(), known).library),
        *(url_for(f"handbook.{file}") for file in ("style", "board_style", "script", "finder")),
        *(url_for("static", filename=file) for file in FRAME),
    ]
    told = {"VERSION": version(known.digest), "ADDRESSES": kept_pages}
    head = "".join(f"const {name} = {json.dumps(value)};\n" for name, value in told.items())
    body = (FILES / "worker.js").read_text("utf-8")
    response = Response(head + body, content_type=JAVASCRIPT)
    response.headers["Cache-Control"] = "public, no-cache"
    return response


@bp.get("/forgotten")
@public
def forgotten() -> Response:
    """Ask the browser to drop its copies of our pages; nothing changes here."""
    told = {"Clear-Site-Data": '"cache"', "Cache-Control": "no-store"}
    return Response(status=HTTPStatus.NO_CONTENT, headers=told)


@bp.get("/manual.webmanifest")
@public
@rendered_once
def manifest() -> Response:
    """How the handbook is called on a home screen: by a name that says nothing."""
    language = asked_language()
    icon = {"src": url_for("static", filename="icon.svg"), "type": "image/svg+xml", "sizes": "any"}
    home = {
        "start_url": address("", language=language),
        "scope": f"{HOME}/",
        "display": "minimal-ui",
    }
    body = json.dumps({"name": NAME, "short_name": NAME, "lang": language, "icons": [icon], **home})
    return kept(Response(body, content_type="application/manifest+json"))


def _file(name: str, content_type: str) -> Response:
    return kept(Response((FILES / name).read_bytes(), content_type=content_type))
