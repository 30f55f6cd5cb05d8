"""Erasing a chat's messages from Telegram, as far as Telegram lets a bot."""

from collections.abc import Sequence
from typing import Final

from telegram.error import BadRequest, TelegramError

from bot.telegram_bot import Bot

AT_ONCE: Final = 100


async def wipe(bot: Bot, chat: int, message_ids: Sequence[int]) -> tuple[int, int]:
    """How many are gone, and how many Telegram keeps. One that is not there any more is neither."""
    gone = left = 0
    for start in range(0, len(message_ids), AT_ONCE):
        batch = message_ids[start : start + AT_ONCE]
        try:
            await bot.delete_messages(chat, batch)
        except BadRequest:
            went, stayed = await _one_by_one(bot, chat, batch)
            gone, left = gone + went, left + stayed
        except TelegramError:  # tried again later it would keep everything else from being heard
            return gone, left + len(message_ids) - start
        else:
            gone += len(batch)
    return gone, left


async def _one_by_one(bot: Bot, chat: int, message_ids: Sequence[int]) -> tuple[int, int]:
    gone = left = 0
    for number in message_ids:
        try:
            await bot.delete_message(chat, number)
        except BadRequest as error:
            left += "not found" not in str(error).lower()
        except TelegramError:
            left += 1
        else:
            gone += 1
    return gone, left
