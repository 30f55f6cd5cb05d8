"""What arrives in a form stays in memory: a photo somebody sends never touches a disk in clear.

What is sent as anything else than the view reads is refused before it is read.
"""

from collections.abc import Callable
from http import HTTPStatus
from io import BytesIO
from typing import IO, TypeVar

from flask import Flask, Request, abort, request
from flask_login import current_user

View = TypeVar("View", bound=Callable[..., object])
_FILES, _KINDS = "_files", "_kinds"
FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})
PLAIN_BYTES = 512 * 1024  # a form without files, with room to spare


class InMemory(Request):
    """A request whose files are never spooled: werkzeug's own way is a temporary file in clear."""

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        return BytesIO()


def carries_files(view: View) -> View:
    """Let signed-in members send this view a body as large as the app takes."""
    setattr(view, _FILES, True)
    return view


def takes_json(view: View) -> View:
    """This view is sent JSON by a machine, and no form."""
    setattr(view, _KINDS, frozenset({"application/json"}))
    return view


def keep_in_memory(app: Flask) -> None:
    """Hold uploads in memory, and let nobody but members fill it. Before anything reads a form."""
    app.request_class = InMemory

    @app.before_request
    def measure() -> None:
        view = app.view_functions.get(request.endpoint or "")
        if not (getattr(view, _FILES, False) and current_user.is_authenticated):
            request.max_content_length = PLAIN_BYTES
        has_body = request.content_length or "Transfer-Encoding" in request.headers
        if request.endpoint and has_body and request.mimetype not in getattr(view, _KINDS, FORMS):
            abort(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
