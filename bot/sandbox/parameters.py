"""The parameters of one Bot API call, however the client encoded them."""

import json
from dataclasses import dataclass
from typing import Any

from bot.sandbox.refusals import bad_request

INTEGER_DIGITS = 20


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came inside the request."""

    name: str
    content: bytes
    mime: str

    def __repr__(self) -> str:
        return f"<upload {self.name}, {len(self.content)} bytes>"


class Parameters:
    """Values by name; everything may be text (forms) or typed (JSON)."""

    __slots__ = ("uploads", "values")

    def __init__(self, values: dict[str, Any], uploads: dict[str, Upload] | None = None) -> None:
        self.values = values
        self.uploads = uploads or {}

    def __contains__(self, name: str) -> bool:
        return name in self.values or name in self.uploads

    def text(self, name: str) -> str:
        """The value as text; empty when absent."""
        value = self.values.get(name)
        if value is None:
            return ""
        return value if type(value) is str else json.dumps(value)

    def integer(self, name: str, default: int = 0) -> int:
        """The value as a whole number; the default when it is none, as Telegram does."""
        value = self.values.get(name)
        if type(value) is int:
            return value
        try:
            return int(str(value)[:INTEGER_DIGITS])
        except ValueError:
            return default

    def number(self, name: str, default: float | None = None) -> float | None:
        """The value as a number; the default when it is none."""
        try:
            return float(str(self.values.get(name)))
        except ValueError:
            return default

    def flag(self, name: str) -> bool:
        """True for `true`, `yes` and 1."""
        value = self.values.get(name)
        return value is True or str(value).lower() in {"true", "yes", "1"}

    def structure(self, name: str, complaint: str) -> Any:  # noqa: ANN401 - any JSON value
        """A JSON value, sent as JSON or as text holding JSON; None when absent."""
        value = self.values.get(name)
        if value is None or value == "":
            return None
        if type(value) is not str:
            return value
        try:
            return json.loads(value)
        except ValueError:
            raise bad_request(complaint) from None
