"""A file somebody sends: fetched, stripped, sealed piece by piece. Nothing in clear is written."""

from collections.abc import Callable
from typing import Final

from telegram import Message
from telegram.error import BadRequest

from bot.http import LeanRequest, TooLong
from bot.replies import Here
from bot.visit import Visit
from network.cases import files
from network.cases.domain import MAX_FILE, FileLink, KindRefused, TooLarge
from network.cases.stripping import Stripped
from network.cases.stripping.apart import strip_apart
from network.db import Tx
from network.encryption.files import new_file_key
from network.kernel.actor import Actor
from network.kernel.ids import FileId

Prepare = Callable[[Tx, Actor, Here], None]
KINDS: Final = ("voice", "audio", "document", "video", "video_note")


async def sent_file(visit: Visit, message: Message, prepare: Prepare) -> FileLink:
    """The file, stored and not yet named by any entry; Refused says why not."""
    async with visit.gateway.files:
        stripped = await _stripped(visit, message)
        return await _stored(visit, stripped, prepare)


async def _stripped(visit: Visit, message: Message) -> Stripped:
    card = next((found for kind in KINDS if (found := getattr(message, kind))), None)
    if message.photo:
        card = message.photo[-1]
    if card is None:
        raise KindRefused
    if (card.file_size or 0) > MAX_FILE:
        raise TooLarge
    try:
        there = await visit.bot.get_file(card.file_id)
        assert isinstance(visit.bot.request, LeanRequest)
        raw = await visit.bot.request.fetch(there.file_path or "", most=MAX_FILE)
    except TooLong:
        raise TooLarge from None
    except BadRequest as error:
        raise (TooLarge if "too big" in str(error).lower() else KindRefused) from None
    return await visit.gateway.aside(lambda: strip_apart(raw))


async def _stored(visit: Visit, stripped: Stripped, prepare: Prepare) -> FileLink:
    def begin(tx: Tx, actor: Actor) -> FileId:
        prepare(tx, actor, visit.here)
        return files.make_room(tx, actor)

    key = new_file_key()
    file_id = await visit.gateway.ask(begin, visit.who)
    pieces = files.sealed(files.measured([stripped.content]), key, file_id)
    for number, batch in files.batches(pieces):
        await visit.gateway.ask(
            files.put, visit.who, file_id=file_id, first_number=number, pieces=batch
        )
    size = len(stripped.content)
    return FileLink(file_id, key, stripped.kind.value, stripped.name, size)
