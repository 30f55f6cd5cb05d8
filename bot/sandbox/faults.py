"""Faults switched on by tests, drills and hand: what the real network does on a bad day."""

import enum
import secrets
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.refusals import TelegramRefuses, forbidden, too_many_requests

Json = dict[str, Any]

EVERY = "*"
REASONS = {500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable"}


class Kind(enum.StrEnum):
    """What goes wrong."""

    TOO_MANY = "too_many"
    BLOCKED = "blocked"
    ERROR = "error"
    SLOW = "slow"
    CUT_BEFORE = "cut_before"
    CUT_AFTER = "cut_after"


@dataclass(slots=True)
class Fault:
    """One fault: for one method or all, one chat or all, a number of times or until cleared."""

    kind: Kind
    method: str = EVERY
    chat_id: int | None = None
    times: int | None = None
    every: int = 1
    retry_after: int = 1
    status: int = 500
    seconds: float = 1.0
    fault_id: str = field(default_factory=lambda: secrets.token_hex(4))
    met: int = 0

    def strikes(self, method: str, chat_id: str) -> bool:
        """Whether this call meets the fault; counts it."""
        if self.method.lower() not in (EVERY, method):
            return False
        if self.chat_id is not None and str(self.chat_id) != chat_id:
            return False
        if self.times == 0:
            return False
        self.met += 1
        if self.met % self.every:
            return False
        if self.times is not None:
            self.times -= 1
        return True

    def refusal(self) -> TelegramRefuses | None:
        """The answer this fault gives instead of the real one, if it gives one."""
        if self.kind is Kind.TOO_MANY:
            return too_many_requests(self.retry_after)
        if self.kind is Kind.BLOCKED:
            return forbidden("bot was blocked by the user")
        if self.kind is Kind.ERROR:
            return TelegramRefuses(self.status, REASONS.get(self.status, "Error"))
        return None

    def facts(self) -> Json:
        """The fault for the control page."""
        return {
            "id": self.fault_id,
            "kind": self.kind.value,
            "method": self.method,
            "chat_id": self.chat_id,
            "times": self.times,
            "every": self.every,
            "retry_after": self.retry_after,
            "status": self.status,
            "seconds": self.seconds,
            "met": self.met,
        }


class Faults:
    """The faults that are on. `latency` (seconds) is added to every answer.

    With `redelivery` each confirmed update is handed over once more under the same id.

    Each switch returns the fault's id; `clear(id)` ends it. `method` is a Bot API method or `*`;
    `times` counts strikes down; `every=3` strikes each third call that matches.
    """

    def __init__(self) -> None:
        self.latency = 0.0
        self.redelivery = False
        self.on: list[Fault] = []

    def add(self, fault: Fault) -> str:
        """Switches a fault on."""
        self.on = [*self.on, fault]
        return fault.fault_id

    def too_many_requests(
        self, method: str = EVERY, *, retry_after: int = 1, times: int | None = None, every: int = 1
    ) -> str:
        """429 with the seconds to wait."""
        return self.add(
            Fault(Kind.TOO_MANY, method, retry_after=retry_after, times=times, every=every)
        )

    def blocked(self, chat_id: int, method: str = EVERY, *, times: int | None = None) -> str:
        """403 for one chat."""
        return self.add(Fault(Kind.BLOCKED, method, chat_id=chat_id, times=times))

    def server_error(
        self, method: str = EVERY, *, status: int = 500, times: int | None = None, every: int = 1
    ) -> str:
        """500 or 502; nothing was done."""
        return self.add(Fault(Kind.ERROR, method, status=status, times=times, every=every))

    def slow(self, method: str = EVERY, *, seconds: float, times: int | None = None) -> str:
        """The answer takes this long."""
        return self.add(Fault(Kind.SLOW, method, seconds=seconds, times=times))

    def cut_before(self, method: str = EVERY, *, times: int | None = None, every: int = 1) -> str:
        """The connection breaks and nothing was done."""
        return self.add(Fault(Kind.CUT_BEFORE, method, times=times, every=every))

    def cut_after(self, method: str = EVERY, *, times: int | None = None, every: int = 1) -> str:
        """It was done, but the connection breaks before the answer: the client cannot know."""
        return self.add(Fault(Kind.CUT_AFTER, method, times=times, every=every))

    def striking(self, method: str, chat_id: str) -> list[Fault]:
        """The faults this call meets."""
        return [fault for fault in self.on if fault.strikes(method, chat_id)]

    def clear(self, fault_id: str | None = None) -> None:
        """Ends one fault, or all of them; the latency stays."""
        self.on = [
            fault for fault in self.on if fault_id is not None and fault.fault_id != fault_id
        ]
