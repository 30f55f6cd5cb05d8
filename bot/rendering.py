"""A letter as Telegram is to show it, in its reader's language."""

from typing import Final

from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    LinkPreviewOptions,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
)

from bot.gateway import Gateway
from bot.telegram_bot import Bot
from config.language import say
from network.outbox.domain import Letter

LONGEST: Final = 4096
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


class Carrier:
    """Carries one letter to its chat. Raises Telegram's refusal when it cannot."""

    def __init__(self, bot: Bot, gateway: Gateway) -> None:
        self._bot = bot
        self._gateway = gateway

    async def carry(self, letter: Letter) -> int | None:
        """Telegram's number for what was sent."""
        if letter.location is not None:
            await self._place(letter)
        return await self._text(letter)

    async def _text(self, letter: Letter) -> int | None:
        *first, last = pages_of(words_of(letter))
        for page in first:
            await self._bot.send_message(
                letter.to,
                page,
                link_preview_options=NO_PREVIEW,
                protect_content=letter.words is not None,
            )
        sent = await self._bot.send_message(
            letter.to,
            last,
            reply_markup=markup_of(letter),
            link_preview_options=NO_PREVIEW,
            protect_content=letter.words is not None,
        )
        return sent.message_id

    async def _place(self, letter: Letter) -> None:
        assert letter.location is not None
        latitude, longitude = letter.location
        await self._bot.send_location(letter.to, latitude, longitude, protect_content=True)
