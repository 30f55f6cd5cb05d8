"""Where Telegram comes to us, when the settings say so: proven, stored once, then acknowledged."""

import json
from hmac import compare_digest
from http import HTTPStatus

from flask import Blueprint, abort, request

from network.inbox import services
from network.inbox.updates import read_update
from network.kernel.actor import Engine
from network.kernel.errors import BadInput
from network.web.guards import public
from network.web.here import door, settings
from network.web.uploads import takes_json

bp = Blueprint("webhook", __name__)
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105  # the header's name
LARGEST = 1024 * 1024  # bytes; Telegram's updates are a few kilobytes
ME = Engine("ingress")


@bp.post("/telegram")
@takes_json
@public
def receive() -> tuple[str, int]:
    """403 for whoever is not Telegram, 400 for what is no update; 200 only when it is stored."""
    if not _is_telegram():
        abort(HTTPStatus.FORBIDDEN)
    if (request.content_length or 0) > LARGEST:
        abort(HTTPStatus.BAD_REQUEST)
    try:
        arrived = read_update(json.loads(request.get_data(cache=False)))
    except (ValueError, RecursionError, BadInput):
        abort(HTTPStatus.BAD_REQUEST)
    door().ask(services.receive, ME, updates=[arrived])
    return "", HTTPStatus.OK


def _is_telegram() -> bool:
    secret = settings().telegram_webhook_secret
    if secret is None:
        return False
    shown = request.headers.get(SECRET_HEADER, "")
    return compare_digest(shown.encode(), secret.get_secret_value().encode())
