"""The handbook as pages: no sign-in, no cookie, no script needed, nothing from anywhere else."""

import json
from collections.abc import Callable
from http import HTTPStatus

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    jsonify,
    render_template,
    request,
    url_for,
)
from flask_babel import force_locale

from handbook.library import HERE, NotWritten, load_library
from handbook.markup import HOME, address
from handbook.offline import addresses, version
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


def today() -> Standing:
    """What the network that serves these pages knows of them now; it says so in app.py."""
    tell: Callable[[], Standing] = current_app.extensions.get(KNOWN, lambda: NOTHING_KNOWN)
    return tell()


def served() -> Served:
    """The handbook as it stands now."""
    return as_it_stands(load_library(), today())


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
    return kept(Response(body, content_type="text/html; charset=utf-8"))


def kept(response: Response) -> Response:
    """Let browsers and proxies keep a stranger's copy five minutes, and ask again with its tag."""
    response.vary.add("Cookie")
    if request.cookies:  # the frame around the page may name somebody
        response.headers["Cache-Control"] = "no-store"
        return response
    response.headers["Cache-Control"] = f"public, max-age={MINUTES_5}"
    response.add_etag()
    tag, _weak = response.get_etag()
    if tag and request.if_none_match.contains_weak(f"{tag}-gzip"):  # as the frame squeezed it
        response.set_etag(f"{tag}-gzip")
    response.make_conditional(request)
    return response


@bp.get("/")
@public
def index() -> Response:
    """Where to begin, by what is happening, and every chapter."""
    library = served().library
    return page(
        "index.html",
        paths=[path for path in library.paths.values() if path.target],
        chapters=library.in_order(asked_language()),
    )


@bp.get("/<slug>")
@public
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
    )


@bp.get("/arbol/<slug>", defaults={"step": ""})
@bp.get("/arbol/<slug>/<step>")
@public
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
def style() -> Response:
    """The few rules the handbook adds to the house's sheet."""
    return _file("manual.css", "text/css; charset=utf-8")


@bp.get("/manual.js")
@public
def script() -> Response:
    """What the pages do better with JavaScript."""
    return _file("manual.js", JAVASCRIPT)


@bp.get("/find.js")
@public
def finder() -> Response:
    """The search a phone does by itself."""
    return _file("find.js", JAVASCRIPT)


@bp.get("/index.json")
@public
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
        *addresses(as_it_stands(load_library(), known).library),
        *(url_for(f"handbook.{file}") for file in ("style", "script", "finder")),
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
