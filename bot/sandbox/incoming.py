"""From an HTTP request to the parameters of a method: query, form, JSON or multipart."""

import json
from typing import Any
from urllib.parse import unquote_plus

from aiohttp import BodyPartReader, web

from bot.sandbox.parameters import Parameters, Upload
from bot.sandbox.refusals import TelegramRefuses, bad_request

UPLOAD_LIMIT = 50 * 1024 * 1024


async def parameters_of(request: web.BaseRequest, query: str) -> Parameters:
    """Everything the call carries; the body wins over the query."""
    values: dict[str, Any] = _form(query) if query else {}
    if not request.can_read_body:
        return Parameters(values)
    kind = request.headers.get("Content-Type", "")
    if kind.startswith("multipart/"):
        return await _multipart(request, values)
    body = await request.read()
    if kind.startswith("application/json"):
        values.update(_json(body))
    elif body:
        values.update(_form(body.decode("utf-8", "replace")))
    return Parameters(values)


def _form(encoded: str) -> dict[str, str]:
    """The pairs of a form. The standard parser costs more than the whole rest of a call."""
    values = {}
    for pair in encoded.split("&"):
        name, _, value = pair.partition("=")
        plain = "%" not in value and "+" not in value
        values[unquote_plus(name)] = value if plain else unquote_plus(value)
    return values


def _json(body: bytes) -> dict[str, Any]:
    try:
        given = json.loads(body or b"{}")
    except ValueError:
        raise bad_request("can't parse request body") from None
    if not isinstance(given, dict):
        raise bad_request("can't parse request body")
    return given


async def _multipart(request: web.BaseRequest, values: dict[str, Any]) -> Parameters:
    uploads: dict[str, Upload] = {}
    size = 0
    try:
        reader = await request.multipart()
        while (part := await reader.next()) is not None:
            if not isinstance(part, BodyPartReader) or part.name is None:
                continue
            content = bytes(await part.read(decode=True))
            size += len(content)
            if size > UPLOAD_LIMIT:
                raise TelegramRefuses(413, "Request Entity Too Large")
            if part.filename is None:
                values[part.name] = content.decode("utf-8", "replace")
            else:
                mime = part.headers.get("Content-Type", "application/octet-stream")
                uploads[part.name] = Upload(part.filename, content, mime)
    except (ValueError, RuntimeError, AssertionError):
        raise bad_request("can't parse multipart body") from None
    return Parameters(values, uploads)
