"""Whether what people write reaches us, where Telegram's «all is well» does not say so."""

import logging
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from telegram import WebhookInfo

from bot.gateway import Gateway
from bot.telegram_bot import Bot
from config.settings import Settings
from network.inbox import services
from network.kernel.actor import Engine

log = logging.getLogger(__name__)

WEBHOOK_PATH: Final = "/telegram"
ALLOWED: Final = ["message", "edited_message", "callback_query", "my_chat_member"]
# Telegram tries again within two minutes, or after an hour where a proxy's Retry-After asks for it.
OVERCOME_AFTER: Final = timedelta(minutes=70)
ME: Final = Engine("ingress")


class Webhook:
    """Telegram comes to our address; what it could not deliver there, we do not hear."""

    def __init__(self, bot: Bot, gateway: Gateway, settings: Settings) -> None:
        self._bot = bot
        self._gateway = gateway
        self._address = f"{settings.address}{WEBHOOK_PATH}"
        self._secret = settings.telegram_webhook_secret
        self._failed_at: datetime | None = None  # by Telegram's clock
        self._seen_at: datetime | None = None  # that failure, by ours

    async def hears(self) -> bool:
        """See to it that Telegram knows our address. False while it holds what it could not
        deliver there and nothing came since.
        """
        found = await self._bot.get_webhook_info()
        if found.url != self._address:
            assert self._secret is not None
            await self._bot.set_webhook(
                self._address,
                secret_token=self._secret.get_secret_value(),
                allowed_updates=ALLOWED,
            )
            found = await self._bot.get_webhook_info()
        return not await self._fails(found)

    async def _fails(self, found: WebhookInfo) -> bool:
        failed_at, now = found.last_error_date, self._gateway.door.now()
        if not found.pending_update_count or failed_at is None:
            return False
        if failed_at != self._failed_at or self._seen_at is None or self._seen_at > now:
            # Two clocks are never compared: what comes after we saw the failure came after it.
            self._failed_at, self._seen_at = failed_at, now
        if now - failed_at > OVERCOME_AFTER:
            return False
        return not await self._gateway.look(services.anything_since, ME, since=self._seen_at)


class Rivals:
    """Others who ask Telegram for our updates: what it hands to them, we do not hear.

    One refusal may be a webhook that we end, or our own old process; two in a minute are not.
    """

    WITHIN: Final = timedelta(minutes=1)

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._met: deque[datetime] = deque(maxlen=2)

    def met(self) -> None:
        """Telegram refused us because of another."""
        self._met.append(self._now())

    def there(self) -> bool:
        """Whether two refusals are younger than a minute."""
        now = self._now()
        young = [at for at in self._met if abs(now - at) < self.WITHIN]
        return len(young) > 1
