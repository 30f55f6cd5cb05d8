"""What the Bot API answers when it refuses, in Telegram's own words."""

from typing import Any

MANY = 429


class TelegramRefuses(Exception):
    """An answer with `ok: false`; the HTTP status is the error code."""

    def __init__(
        self, code: int, description: str, parameters: dict[str, Any] | None = None
    ) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters

    def answer(self) -> dict[str, Any]:
        """The JSON body of the refusal."""
        body: dict[str, Any] = {
            "ok": False,
            "error_code": self.code,
            "description": self.description,
        }
        if self.parameters:
            body["parameters"] = self.parameters
        return body


def bad_request(why: str) -> TelegramRefuses:
    """400, as Telegram words it: `Bad Request: …`."""
    return TelegramRefuses(400, f"Bad Request: {why}")


def forbidden(why: str) -> TelegramRefuses:
    """403: the bot may not do this to this chat."""
    return TelegramRefuses(403, f"Forbidden: {why}")


def conflict(why: str) -> TelegramRefuses:
    """409: two ways of receiving updates at once."""
    return TelegramRefuses(409, f"Conflict: {why}")


def too_many_requests(retry_after: int) -> TelegramRefuses:
    """429, with the seconds to wait."""
    return TelegramRefuses(
        MANY, f"Too Many Requests: retry after {retry_after}", {"retry_after": retry_after}
    )
