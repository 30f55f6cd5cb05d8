"""Server-sent events: every phone the page shows, again whenever it changes."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

from aiohttp import web

from bot.sandbox.people import Person
from bot.sandbox.world import Chat, World

Json = dict[str, Any]

GATHER_SECONDS = 0.03
HEARTBEAT_SECONDS = 2.0
ALL = 0


class Watcher:
    """One open page: the chats it has not seen yet and the notes for it."""

    def __init__(self) -> None:
        self.dirty: set[int] = {ALL}
        self.notes: list[tuple[str, Json]] = []
        self.awake = asyncio.Event()


class Events:
    """Tells open pages what changed; costs nothing while none is open."""

    def __init__(self, world: World, people: Callable[[], list[Person]]) -> None:
        self._world = world
        self._people = people
        self._watchers: set[Watcher] = set()
        self._ended = False

    def everything(self) -> None:
        """All phones are to be drawn again, for instance because one is new."""
        for watcher in self._watchers:
            watcher.dirty.add(ALL)
            watcher.awake.set()

    def stop(self) -> None:
        """Ends every stream."""
        self._ended = True
        self.everything()

    def _changed(self, chat: Chat, what: str, detail: Json) -> None:
        for watcher in self._watchers:
            watcher.dirty.add(chat.chat_id)
            if what in {"answered", "deleted", "pressed"}:
                watcher.notes.append((what, {"id": chat.chat_id} | detail))
            watcher.awake.set()

    async def stream(
        self, request: web.BaseRequest, draw: Callable[[Person], Json]
    ) -> web.StreamResponse:
        """Keeps one page informed until it leaves or the sandbox ends."""
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
        )
        await response.prepare(request)
        watcher = Watcher()
        self._watchers.add(watcher)
        if self._changed not in self._world.listeners:
            self._world.listeners.append(self._changed)
        known: list[int] = []
        try:
            while not self._ended:
                known = await self._tell(response, watcher, draw, known)
                await self._next(watcher)
        except (ConnectionError, OSError):
            pass
        finally:
            self._watchers.discard(watcher)
            if not self._watchers and self._changed in self._world.listeners:
                self._world.listeners.remove(self._changed)
        return response

    async def _next(self, watcher: Watcher) -> None:
        try:
            await asyncio.wait_for(watcher.awake.wait(), HEARTBEAT_SECONDS)
            await asyncio.sleep(GATHER_SECONDS)
        except TimeoutError:
            pass
        watcher.awake.clear()

    async def _tell(
        self,
        response: web.StreamResponse,
        watcher: Watcher,
        draw: Callable[[Person], Json],
        known: list[int],
    ) -> list[int]:
        people = self._people()
        present = [person.user_id for person in people]
        dirty, notes = watcher.dirty, watcher.notes
        watcher.dirty, watcher.notes = set(), []
        lines = [_event("phones", {"ids": present})] if present != known else [b":\n\n"]
        lines += [
            _event("phone", draw(person))
            for person in people
            if ALL in dirty or person.user_id in dirty or person.user_id not in known
        ]
        lines += [_event(what, detail) for what, detail in notes]
        await response.write(b"".join(lines))
        return present


def _event(name: str, data: Json) -> bytes:
    return f"event: {name}\ndata: {json.dumps(data)}\n\n".encode()
