"""The demo accounts the seed wrote down: who they are and their codes of this moment."""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pyotp

Json = dict[str, Any]

STEP = 30


@dataclass(frozen=True, slots=True, repr=False)
class Account:
    """One demo account; `user_id` is 0 when nobody's phone belongs to it."""

    person: str
    handle: str
    passphrase: str
    totp_secret: str
    role: str
    user_id: int

    def facts(self, now: datetime) -> Json:
        """What a newcomer needs to sign in, with the code of this moment."""
        code, seconds_left = self._code(now)
        return {
            "person": self.person,
            "handle": self.handle,
            "passphrase": self.passphrase,
            "role": self.role,
            "user_id": self.user_id,
            "code": code,
            "seconds_left": seconds_left,
        }

    def _code(self, now: datetime) -> tuple[str, float]:
        try:
            code = pyotp.TOTP(self.totp_secret).at(now)
        except ValueError:  # no secret, or one that cannot be right
            return "", 0.0
        return code, STEP - now.timestamp() % STEP


def _account(entry: Json) -> Account:
    return Account(
        person=str(entry.get("person") or entry.get("name") or entry.get("handle") or "?"),
        handle=str(entry.get("handle", "")),
        passphrase=str(entry.get("passphrase", "")),
        totp_secret=str(entry.get("totp_secret") or ""),
        role=str(entry.get("role", "activist")),
        user_id=int(entry.get("telegram_user_id") or 0),
    )


class Accounts:
    """The accounts file, read again whenever it changed. Only the demo has one."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.web = ""
        self.entries: tuple[Account, ...] = ()
        self._seen = 0

    def refresh(self) -> bool:
        """Reads the file if it is new; whether anything may have changed."""
        try:
            changed = self.path.stat().st_mtime_ns if self.path else 0
        except OSError:
            return False
        if self.path is None or changed == self._seen:
            return False
        try:
            content = json.loads(self.path.read_text(encoding="utf-8"))
            entries = tuple(_account(entry) for entry in content["accounts"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return False  # half-written: the next look finds it whole
        self._seen = changed
        self.web, self.entries = str(content.get("web", "")), entries
        return True
