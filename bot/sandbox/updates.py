"""A bot's queue of updates: kept until confirmed, at most a day, sometimes handed over twice."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import Any

from bot.sandbox.faults import Faults

Json = dict[str, Any]

DAY = 24 * 3600
REMEMBERED = 1_000
UNASKED = frozenset({"chat_member", "message_reaction", "message_reaction_count"})


@dataclass(slots=True, eq=False)
class Update:
    """One update; `queue` is its chat: Telegram keeps the order inside it."""

    update_id: int
    queue: int
    at: int
    body: Any


class Updates:
    """Waiting updates, oldest first."""

    def __init__(self, first_id: int, faults: Faults) -> None:
        self.faults = faults
        self.next_id = first_id
        self.waiting: deque[Update] = deque()
        self.again: deque[Update] = deque()
        self.confirmed: deque[Update] = deque(maxlen=REMEMBERED)
        self.allowed: frozenset[str] | None = None
        self.on_arrival: Callable[[Update], None] | None = None

    def wants(self, kind: str) -> bool:
        """Whether the bot asked for this kind; by default all but the three noisy ones."""
        return kind not in UNASKED if self.allowed is None else kind in self.allowed

    def ask_for(self, kinds: list[str]) -> None:
        """Keeps what the bot wants from now on; an empty list is the default again."""
        self.allowed = frozenset(kinds) or None

    def put(self, kind: str, content: Json, *, queue: int, at: int) -> int | None:
        """Adds an update; None when the bot does not want its kind."""
        if not self.wants(kind):
            return None
        update_id = self.next_id
        self.next_id += 1
        self._arrive(Update(update_id, queue, at, {"update_id": update_id, kind: content}))
        return update_id

    def put_raw(self, body: Any, *, queue: int, at: int) -> int:  # noqa: ANN401 - malformed on purpose
        """Adds anything, as it is; only a missing `update_id` is filled in."""
        given = body.get("update_id") if isinstance(body, dict) else None
        update_id = given if type(given) is int else self.next_id
        if isinstance(body, dict) and given is None:
            body = {"update_id": update_id} | body
        update = Update(update_id, queue, at, body)
        if update_id < self.next_id:
            self.again.append(update)
            self._announce(update)
        else:
            self.next_id = update_id + 1
            self._arrive(update)
        return update_id

    def read(self, offset: int, limit: int, now: int) -> list[Any]:
        """What getUpdates answers; everything before the offset is confirmed and forgotten."""
        self._expire(now)
        if offset < 0:
            self.confirm(self.next_id + offset)
        elif offset:
            self.confirm(offset)
        first = [self.again.popleft() for _ in range(min(limit, len(self.again)))]
        rest = islice(self.waiting, limit - len(first))
        return [update.body for update in (*first, *rest)]

    def confirm(self, before: int) -> None:
        """The bot has everything with a smaller id."""
        while self.waiting and self.waiting[0].update_id < before:
            self._done(self.waiting.popleft())

    def confirm_one(self, update: Update) -> None:
        """The webhook answered well for this update."""
        try:
            self.waiting.remove(update)
        except ValueError:
            return
        self._done(update)

    def repeat(self, last: int) -> list[Update]:
        """Hands over again the last few confirmed updates, same ids."""
        again = list(self.confirmed)[-last:] if last > 0 else []
        self.again.extend(again)
        for update in again:
            self._announce(update)
        return again

    def drop(self) -> None:
        """Forgets everything that waits."""
        self.waiting.clear()
        self.again.clear()

    @property
    def anything(self) -> bool:
        """Whether getUpdates would answer at once."""
        return bool(self.waiting or self.again)

    def _arrive(self, update: Update) -> None:
        self.waiting.append(update)
        self._announce(update)

    def _announce(self, update: Update) -> None:
        if self.on_arrival:
            self.on_arrival(update)

    def _done(self, update: Update) -> None:
        self.confirmed.append(update)
        if self.faults.redelivery:
            self.again.append(update)
            self._announce(update)

    def _expire(self, now: int) -> None:
        while self.waiting and self.waiting[0].at < now - DAY:
            self.waiting.popleft()
