"""The one client that speaks to Telegram, or to whatever server the settings name."""

import logging
import os

from telegram.error import InvalidToken, NetworkError, RetryAfter, TelegramError
from telegram.ext import AIORateLimiter, ExtBot

from bot.bells import Bells
from bot.http import LeanRequest
from config.settings import Settings

# Durations as timedeltas, as the library's next version has them; without this it warns each time.
os.environ.setdefault("PTB_TIMEDELTA", "true")

log = logging.getLogger(__name__)
Bot = ExtBot[None]

LONGEST_WAIT = 30.0


def make_bot(settings: Settings) -> Bot:
    """A client for the token in the settings; connects to nothing yet."""
    assert settings.telegram_token is not None
    limiter = (
        AIORateLimiter(settings.telegram_rate, max_retries=0) if settings.telegram_rate else None
    )
    return ExtBot(
        settings.telegram_token.get_secret_value(),
        base_url=f"{settings.telegram_api}/bot",
        base_file_url=f"{settings.telegram_api}/file/bot",
        request=LeanRequest(),
        get_updates_request=LeanRequest(connections=4),
        rate_limiter=limiter,  # type: ignore[arg-type]  # its arguments are of no interest to us
    )


async def connect(bot: Bot, bells: Bells) -> bool:
    """Ask Telegram who we are until it answers; False when we are to stop before that."""
    wait = 0.5
    while not bells.stop.is_set():
        try:
            await bot.initialize()
        except RetryAfter as busy:
            wait = seconds(busy)
        except InvalidToken:
            log.error("telegram does not know this token")  # noqa: TRY400  # its trace has no more
            wait = LONGEST_WAIT
        except (NetworkError, TelegramError) as error:
            log.warning("telegram does not answer: %s", type(error).__name__)
            wait = min(wait * 2, LONGEST_WAIT)
        else:
            return True
        await bells.pause(wait)
    return False


def seconds(busy: RetryAfter) -> float:
    """How long Telegram asks us to wait."""
    after = busy.retry_after
    return float(after) if isinstance(after, int) else after.total_seconds()
