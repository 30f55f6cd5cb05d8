"""A letter as Telegram is to show it, in its reader's language."""

import asyncio
import io
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import IO, Final, cast

from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputFile,
    KeyboardButton,
    LinkPreviewOptions,
    Message,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
)

from bot.gateway import Gateway
from bot.telegram_bot import Bot
from config.language import say
from network.cases import files
from network.kernel.actor import Engine
from network.kernel.ids import FileId
from network.kernel.words import N_
from network.outbox.domain import NOBODY, Attachment, AttachmentKind, Letter

VOICE: Final = ".ogg"
LEAF_GONE: Final = N_("That file is not here any more. You can go on reading.")
LONGEST: Final = 4096
LONGEST_CAPTION: Final = 1024
POSTMAN: Final = Engine("postman")
NO_PREVIEW: Final = LinkPreviewOptions(is_disabled=True)
Markup = InlineKeyboardMarkup | ReplyKeyboardMarkup | ReplyKeyboardRemove


def words_of(letter: Letter) -> str:
    """What the letter says: our sentence in the reader's language, then somebody's own words."""
    parts = []
    if letter.say:
        parts.append(say(letter.language, letter.say, **letter.params))
    if letter.words is not None:
        parts.append(letter.words.reveal())
    return "\n\n".join(parts)


def pages_of(text: str) -> list[str]:
    """The text in as few messages as Telegram's limit of 4,096 UTF-16 units allows."""
    pages, units, begun = [], 0, 0
    for at, letter in enumerate(text):
        units += 2 if ord(letter) > 0xFFFF else 1  # noqa: PLR2004  # beyond it UTF-16 needs two
        if units > LONGEST:
            cut = text.rfind("\n", begun + 1, at)
            cut = cut if cut > at - 1000 else at
            pages.append(text[begun:cut])
            begun, units = cut, len(text[cut : at + 1])
    return [*pages, text[begun:]]


def markup_of(letter: Letter) -> Markup | None:
    """Its buttons, or the keyboard it brings or takes away."""
    if letter.buttons:
        return InlineKeyboardMarkup(
            [
                [
                    InlineKeyboardButton(_said(letter, one.label), callback_data=one.data)
                    for one in row
                ]
                for row in letter.buttons
            ]
        )
    if letter.keyboard is None:
        return None
    if not letter.keyboard:
        return ReplyKeyboardRemove()
    rows = [[KeyboardButton(_said(letter, label)) for label in row] for row in letter.keyboard]
    return ReplyKeyboardMarkup(rows, resize_keyboard=True, is_persistent=False)


def _said(letter: Letter, label: str) -> str:
    return say(letter.language, label, **letter.params)


class OpenedFile(io.RawIOBase):
    """A sealed file as something to read from, a few pieces in memory at a time.

    The HTTP client reads it in a thread. A piece that does not open breaks the upload off, so
    Telegram never has half a file.
    """

    def __init__(self, gateway: Gateway, file: Attachment) -> None:
        self._gateway = gateway
        self._file_id = FileId(file.file_id)
        self._opened = files.opened(self._pieces(), file.key, self._file_id)
        self._left = b""

    def readable(self) -> bool:
        """It is for reading."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes, or all of them; empty at the end."""
        while size < 0 or len(self._left) < size:
            piece = next(self._opened, None)
            if piece is None:
                break
            self._left += piece
        end = len(self._left) if size < 0 else size
        found, self._left = self._left[:end], self._left[end:]
        return found

    def _pieces(self) -> Iterator[bytes]:
        number = 0
        while batch := self._gateway.door.look(
            files.read_to_deliver, POSTMAN, file_id=self._file_id, first_number=number
        ):
            yield from batch
            number += len(batch)


class Carrier:
    """Carries one letter to its chat. Raises Telegram's refusal when it cannot."""

    def __init__(self, bot: Bot, gateway: Gateway) -> None:
        self._bot = bot
        self._gateway = gateway

    async def carry(self, letter: Letter) -> int | None:
        """Telegram's number for what was sent."""
        if letter.to == NOBODY:  # a request of our own: does Telegram know us?
            await self._bot.get_me()
            return None
        if letter.location is not None:
            await self._place(letter)
        if letter.attachment is not None:
            return await self._file(letter, letter.attachment)
        if letter.leaf:
            return await self._leaf(letter, Path(letter.leaf))
        return await self._text(letter)

    async def _text(self, letter: Letter) -> int | None:
        *first, last = pages_of(words_of(letter))
        for page in first:
            await self._page(letter, page, None)
        return await self._page(letter, last, markup_of(letter))

    async def _page(self, letter: Letter, page: str, markup: Markup | None) -> int | None:
        """What send_message does, without the Message it makes, which nobody looks at."""
        sent = await self._bot._post(  # noqa: SLF001  # the rate limiter stands behind it too
            "sendMessage",
            {
                "chat_id": letter.to,
                "text": page,
                "reply_markup": markup,
                "link_preview_options": NO_PREVIEW,
                "protect_content": letter.words is not None,
            },
        )
        return sent.get("message_id") if isinstance(sent, dict) else None

    async def _file(self, letter: Letter, file: Attachment) -> int | None:
        """Streamed from the sealed pieces; words too long for a caption go before it."""
        caption = words_of(letter)
        if len(caption) > LONGEST_CAPTION:
            await self._text(replace(letter, attachment=None, buttons=(), keyboard=None))
            caption = ""
        source = cast(IO[bytes], OpenedFile(self._gateway, file))
        content = InputFile(source, filename=file.name, read_file_handle=False)
        sending: dict[AttachmentKind, Callable[..., Awaitable[Message]]] = {
            AttachmentKind.PHOTO: self._bot.send_photo,
            AttachmentKind.VOICE: self._bot.send_voice,
            AttachmentKind.DOCUMENT: self._bot.send_document,
        }
        sent = await sending[file.kind](
            letter.to,
            content,
            caption=caption or None,
            reply_markup=markup_of(letter),
            protect_content=True,
        )
        return sent.message_id

    async def _leaf(self, letter: Letter, path: Path) -> int | None:
        """A public file of the handbook, under a name that says nothing."""
        try:
            content = await asyncio.to_thread(path.read_bytes)
        except OSError:
            return await self._text(replace(letter, leaf="", say=LEAF_GONE, params={}))
        voice = path.suffix == VOICE
        send = self._bot.send_voice if voice else self._bot.send_document
        file = InputFile(content, filename=f"manual{VOICE}" if voice else path.name)
        sent = await send(letter.to, file, reply_markup=markup_of(letter))
        return sent.message_id

    async def _place(self, letter: Letter) -> None:
        assert letter.location is not None
        latitude, longitude = letter.location
        await self._bot.send_location(letter.to, latitude, longitude, protect_content=True)
