"""Serves the phone page and its own style sheet and script; nothing from elsewhere."""

from pathlib import Path

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.sandbox.page.words import LANGUAGES, words

HERE = Path(__file__).parent
KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
STATIC = {
    f"/page/{path.name}": (path.read_bytes(), KINDS[path.suffix])
    for path in sorted((HERE / "static").iterdir())
    if path.suffix in KINDS
}
SAFE = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "img-src 'self' blob:; media-src 'self' blob:; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}

_templates = Environment(
    loader=FileSystemLoader(HERE / "templates"), undefined=StrictUndefined, autoescape=True
)


def answer(request: web.BaseRequest) -> web.Response:
    """The page, one of its files, or 404."""
    static = STATIC.get(request.path)
    if static is not None:
        body, kind = static
        return web.Response(body=body, content_type=kind, charset="utf-8", headers=SAFE)
    if request.path != "/":
        return web.Response(status=404, text="404", headers=SAFE)
    asked = request.query.get("lang", "es")
    language = asked if asked in LANGUAGES else "es"
    page = _templates.get_template("phones.html").render(language=language, words=words(language))
    return web.Response(text=page, content_type="text/html", headers=SAFE)
