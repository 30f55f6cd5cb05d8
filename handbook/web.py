"""The handbook as pages: no sign-in, no cookie, no script, nothing from anywhere else."""

from http import HTTPStatus

from flask import Blueprint, Response, abort, jsonify, render_template, request
from flask_babel import force_locale

from handbook.library import HERE, NotWritten, load_library
from handbook.markup import HOME
from handbook.search import LONGEST_QUERY, search
from handbook.wording import DEFAULT, LANGUAGES, WORDING
from network.web.guards import public

bp = Blueprint("handbook", __name__, url_prefix=HOME, template_folder="templates")
STYLE = HERE / "templates" / "handbook" / "manual.css"
MOST_HITS = 12
MINUTES_5 = 300


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
    library = load_library()
    return page(
        "index.html",
        paths=[path for path in library.paths.values() if path.target],
        chapters=library.in_order(asked_language()),
    )


@bp.get("/<slug>")
@public
def chapter(slug: str) -> Response:
    """One chapter, whole."""
    library = load_library()
    language = asked_language()
    try:
        found = library.chapter(slug, language)
    except NotWritten:
        abort(HTTPStatus.NOT_FOUND)
    return page(
        "chapter.html",
        chapter=found,
        trees=[library.tree(tree, language) for tree in found.trees],
        worksheets=[library.worksheets[sheet] for sheet in found.worksheets],
        facts=[library.facts[fact] for fact in found.facts],
    )


@bp.get("/arbol/<slug>", defaults={"step": ""})
@bp.get("/arbol/<slug>/<step>")
@public
def tree(slug: str, step: str) -> Response:
    """One question of a tree; without a step, the first."""
    library = load_library()
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
    hits = search(query, asked_language(), MOST_HITS)
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
    return kept(Response(STYLE.read_bytes(), content_type="text/css; charset=utf-8"))
