"""What a browser is told about every page: no foreign origin, no inline script, no trace behind
login.
"""

import gzip
from functools import lru_cache
from http import HTTPStatus

from flask import Flask, request
from flask_login import current_user
from werkzeug.wrappers import Response

NEUTRAL_PAGE = "https://www.wikipedia.org/"
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "media-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "worker-src 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        f"form-action 'self' {NEUTRAL_PAGE}",
    )
)
ALWAYS = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), browsing-topics=()",
}
YEAR = 365 * 24 * 3600
SQUEEZED = ("text/", "application/json", "application/javascript", "image/svg+xml")
SMALL = 1024  # bytes; under this, compression costs more than it saves


def dress(app: Flask, *, https: bool) -> None:
    """Put the headers on every response, and squeeze what holds no secret."""

    @app.after_request
    def headers(response: Response) -> Response:
        for name, value in ALWAYS.items():
            response.headers.setdefault(name, value)
        if https:
            response.headers["Strict-Transport-Security"] = f"max-age={YEAR}; includeSubDomains"
        if request.endpoint == "static":
            response.headers["Cache-Control"] = "public, max-age=86400"
        else:
            response.headers.setdefault("Cache-Control", "no-store")
        if _may_squeeze(response):
            _squeeze(response)
        return response


def _may_squeeze(response: Response) -> bool:
    """Squeezing a page that mixes secrets with a visitor's words leaks them: only public ones."""
    if request.endpoint != "static" and (
        current_user.is_authenticated or not response.headers["Cache-Control"].startswith("public")
    ):
        return False
    return (
        response.status_code == HTTPStatus.OK
        and "gzip" in request.headers.get("Accept-Encoding", "")
        and "Content-Encoding" not in response.headers
        and (response.mimetype or "").startswith(SQUEEZED)
    )


def _squeeze(response: Response) -> None:
    response.direct_passthrough = False
    body = response.get_data()
    response.headers.add("Vary", "Accept-Encoding")
    if len(body) < SMALL:
        return
    # Of what was asked for by its words alone, nothing stays behind in memory.
    response.set_data(_gzip(body) if request.endpoint == "static" else gzip.compress(body, 6))
    response.headers["Content-Encoding"] = "gzip"
    if etag := response.get_etag()[0]:
        response.set_etag(f"{etag}-gzip")


@lru_cache(maxsize=256)
def _gzip(body: bytes) -> bytes:
    return gzip.compress(body, compresslevel=9, mtime=0)
