"""The handbook as pages: no sign-in, no cookie, no script needed, nothing from anywhere else."""

import json
from collections.abc import Callable, Hashable
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from typing import cast

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    current_app,
    jsonify,
    render_template,
    request,
    send_file,
    url_for,
)
from flask.blueprints import BlueprintSetupState
from flask_babel import force_locale

from handbook.boards import Board
from handbook.chapter import Chapter
from handbook.leaves import ASKED_FOR, FRAME_OF, Shelf, rendered_once
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
HTML = "text/html; charset=utf-8"
JAVASCRIPT = "text/javascript; charset=utf-8"
NAME = "Manual"
MOST_HITS = 12
MINUTES_5 = 300
ASKS = "helped.say"
KNOWN = "handbook.standing"  # the app's extension that says what the network knows
COUNTRY = "handbook.country"  # whose pack may change chapters
PAPER = "handbook.paper"  # the folder that `make press` filled, as a Path


def today(app: Flask) -> Standing:
    """What the network that serves these pages knows of them now; it says so in app.py."""
    tell: Callable[[], Standing] = app.extensions.get(KNOWN, lambda: NOTHING_KNOWN)
    return tell()


def library_here(app: Flask) -> Library:
    """The handbook as this network serves it."""
    return load_library(app.extensions.get(COUNTRY, STANDARD))


def served(app: Flask) -> Served:
    """The handbook as it stands now."""
    return as_it_stands(library_here(app), today(app))


def asked_language() -> str:
    """Spanish, unless `?lang=` names another language the handbook has."""
    asked = request.args.get("lang", DEFAULT)
    return asked if asked in LANGUAGES else DEFAULT


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
    return kept(Response(body, content_type=HTML))


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


def edition(app: Flask) -> Hashable:
    """What every page is made of besides the chapters: when it changes, they are made again."""
    with suppress(OSError):  # nothing was printed, or what was is being printed anew
        return today(app), _folder(app).stat().st_mtime_ns
    return today(app), 0


@bp.record_once
def _stand_in_front(state: BlueprintSetupState) -> None:
    app = cast("Flask", state.app)
    app.wsgi_app = Shelf(app, edition, shown)  # type: ignore[assignment,method-assign]  # Flask says to


def _folder(app: Flask) -> Path:
    """Where printed files lie; in an app without settings, nowhere."""
    folder = app.extensions.get(PAPER, Path("/nonexistent"))
    assert isinstance(folder, Path)
    return folder


@bp.get("/")
@public
@rendered_once
def index() -> Response:
    """Where to begin, by what is happening, and every chapter."""
    library = served(current_app).library
    return page(
        "index.html",
        paths=[path for path in library.paths.values() if path.target],
        chapters=library.in_order(asked_language()),
        boards=_boards(library),
        booklets=booklets(_folder(current_app), asked_language()),
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
    library = served(current_app).library
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
        leaflet=leaflet(_folder(current_app), language, found.number),
    )


@bp.get("/<slug>/dibujos")
@public
@rendered_once
def board(slug: str) -> Response:
    """A chapter to look at: a picture and a line for each thing to do."""
    library = served(current_app).library
    try:
        found = library.board(slug, asked_language())
    except NotWritten:
        abort(HTTPStatus.NOT_FOUND)
    chapter = library.chapter(slug, asked_language())
    labelled = found.is_under_review(chapter)
    return page("board.html", board=found, chapter=chapter, labelled=labelled)


@bp.get("/glosario")
@public
@rendered_once
def glossary() -> Response:
    """The words of the chapters, in plain ones."""
    library = served(current_app).library
    terms = library.words(asked_language())
    cited = dict.fromkeys(fact for term in terms for fact in term.facts)
    return page("glossary.html", terms=terms, facts=[library.facts[fact] for fact in cited])


@bp.get("/papel/<name>")
@public
def paper(name: str) -> Response:
    """A file that was printed here, by a name that says nothing."""
    found = printed(_folder(current_app), name)
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
    library = served(current_app).library
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
    frame = request.environ.get(FRAME_OF)
    if frame is not None:
        return _varied(page("search.html", query=ASKED_FOR, hits=frame))
    query = request.args.get("q", "")[:LONGEST_QUERY]
    hits = search(query, asked_language(), MOST_HITS, library=served(current_app).searched)
    if request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json":
        found = [{"chapter": h.chapter, "section": h.section, "url": h.url} for h in hits]
        return _varied(kept(jsonify(found)))
    return _varied(page("search.html", query=query, hits=hits))


def _varied(response: Response) -> Response:
    response.vary.add("Accept")
    return response


def shown(app: Flask, query: str, language: str) -> str:
    """What answers a question, as the page shows it; empty where nothing does."""
    hits = search(query, language, MOST_HITS, library=served(app).searched)
    if not hits:
        return ""
    return app.jinja_env.get_template("handbook/hits.html").render(hits=hits)


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
    body = carried(served(current_app).searched, asked_language())
    return kept(Response(body, content_type="application/json; charset=utf-8"))


@bp.get("/worker.js")
@public
def worker() -> Response:
    """What keeps the handbook on a phone, with the list of its pages; asked for anew each time."""
    known = today(current_app)
    kept_pages = [
        *addresses(as_it_stands(library_here(current_app), known).library),
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
