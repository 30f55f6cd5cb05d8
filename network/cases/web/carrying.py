"""Files on their way in and out: stripped, sealed in pieces, opened in pieces, never on a disk."""

from collections.abc import Iterator
from http import HTTPStatus
from itertools import chain

from flask import request
from werkzeug.datastructures import ContentRange, FileStorage
from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.wrappers import Response

from network.cases import files
from network.cases.domain import MAX_FILE, FileLink, TooLarge
from network.cases.stripping.apart import strip_apart
from network.door import Door
from network.encryption.files import new_file_key
from network.kernel.actor import Who
from network.kernel.ids import CaseId

# Said by the bytes themselves, never by a name: all else is handed out, not shown.
SHOWN_AS = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"OggS", "audio/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"\xff\xf3", "audio/mpeg"),
    (b"\xff\xf2", "audio/mpeg"),
)
UNKNOWN = "application/octet-stream"


def brought(door: Door, who: Who, given: FileStorage | None) -> FileLink | None:
    """A file from a form, cleaned and sealed, waiting for the entry that names it; None without."""
    if given is None or not given.filename:
        return None
    raw = given.stream.read(MAX_FILE + 1)
    if len(raw) > MAX_FILE:
        raise TooLarge
    stripped = strip_apart(raw)
    key, file_id = new_file_key(), door.ask(files.make_room, who)
    for number, batch in files.batches(files.sealed((stripped.content,), key, file_id)):
        door.ask(files.put, who, file_id=file_id, first_number=number, pieces=batch)
    return FileLink(file_id, key, stripped.kind.value, stripped.name, len(stripped.content))


def handed_out(door: Door, who: Who, case_id: CaseId, file: FileLink) -> Response:
    """The opened file as a stream. A wrong piece breaks the connection, or it would look whole."""
    parts = files.opened(_pieces(door, who, case_id, file), file.key, file.id)
    first = next(parts, b"")
    kind = _kind(first)
    saved = kind == UNKNOWN or "save" in request.args
    response = _part(chain((first,), parts), file.size)
    response.mimetype = kind
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Accept-Ranges"] = "bytes"
    response.headers.set(
        "Content-Disposition", "attachment" if saved else "inline", filename=file.name
    )
    return response


def _part(parts: Iterator[bytes], size: int) -> Response:
    """All of it, or the range a player asks for: some play nothing where they cannot ask.

    With its length said, a stream that breaks off cannot look whole.
    """
    if request.range is None or request.range.units != "bytes":
        whole = Response(parts)
        whole.content_length = size
        return whole
    asked = request.range.range_for_length(size)
    if asked is None:
        raise RequestedRangeNotSatisfiable(size)
    start, stop = asked
    response = Response(_between(parts, start, stop), HTTPStatus.PARTIAL_CONTENT)
    response.content_range = ContentRange("bytes", start, stop, size)
    response.content_length = stop - start
    return response


def _between(parts: Iterator[bytes], start: int, stop: int) -> Iterator[bytes]:
    at = 0
    for part in parts:
        cut = part[max(0, start - at) : max(0, stop - at)]
        at += len(part)
        if cut:
            yield cut
        if at >= stop:
            return


def _pieces(door: Door, who: Who, case_id: CaseId, file: FileLink) -> Iterator[bytes]:
    number = 0
    while batch := door.look(
        files.read, who, case_id=case_id, file_id=file.id, first_number=number
    ):
        yield from batch
        number += len(batch)


def _kind(first: bytes) -> str:
    if first.startswith(b"RIFF") and first[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for mark, kind in SHOWN_AS if first.startswith(mark)), UNKNOWN)
