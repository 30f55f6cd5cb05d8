"""The control room over HTTP, /control/…: people, faults, calls and events as JSON."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from aiohttp import web

from bot.sandbox.crowd import Crowd
from bot.sandbox.events import Events
from bot.sandbox.faults import EVERY, Fault, Kind
from bot.sandbox.people import NotShown, Person, Shown
from bot.sandbox.refusals import TelegramRefuses
from bot.sandbox.view import phone

if TYPE_CHECKING:
    from bot.sandbox.sandbox import Sandbox

Json = dict[str, Any]
Room = Callable[[web.BaseRequest, list[str]], Awaitable[web.StreamResponse]]

CALLS_TOLD = 200
PICTURES = frozenset({"image/jpeg", "image/png", "image/webp"})
SAFE = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cache-Control": "no-store",
}


def _told(result: object, status: int = 200) -> web.Response:
    return web.Response(
        body=json.dumps(result, default=str).encode(),
        status=status,
        headers={"Content-Type": "application/json", "Cache-Control": "no-store"},
    )


def _message(message: Shown) -> Json:
    return {
        "message_id": message.message_id,
        "text": message.text,
        "from_bot": message.from_bot,
        "kind": message.kind,
        "buttons": [
            {"label": button.label, "data": button.data, "url": button.url}
            for button in message.buttons
        ],
        "protected": message.protected,
        "edited": message.edited,
        "silent": message.silent,
        "raw": message.raw,
    }


async def _given(request: web.BaseRequest) -> Any:  # noqa: ANN401 - any JSON value
    body = await request.read()
    return json.loads(body) if body else {}


class Control:
    """What Sandbox offers in Python, over HTTP and for this machine only."""

    def __init__(self, sandbox: "Sandbox") -> None:
        self._sandbox = sandbox
        self._events = Events(sandbox.world, self.phones)
        self._rooms: dict[str, Room] = {
            "people": self._people,
            "events": self._stream,
            "accounts": self._accounts,
            "faults": self._faults,
            "files": self._files,
            "calls": self._calls,
            "inject": self._inject,
            "redeliver": self._redeliver,
            "crowd": self._crowd,
        }

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answers with JSON; what cannot be done is 400 or 404 with a sentence."""
        parts = request.path.removeprefix("/control/").rstrip("/").split("/")
        room = self._rooms.get(parts[0])
        if room is None:
            return _told({"error": "no such thing"}, 404)
        try:
            return await room(request, parts[1:])
        except NotShown as not_shown:
            return _told({"error": str(not_shown)}, 408)
        except TelegramRefuses as refusal:
            return _told(refusal.answer(), 400)
        except (ValueError, TypeError, KeyError, IndexError) as mistake:
            return _told({"error": f"{type(mistake).__name__}: {mistake}"}, 400)

    async def stop(self) -> None:
        """Ends the event streams."""
        self._events.stop()

    def phones(self) -> list[Person]:
        """The people whose phones the page shows: families, then activists, then coordinators."""
        self._sandbox.meet_accounts()
        order = {"": 0, "activist": 1, "coordinator": 2}
        return sorted(
            self._sandbox.people.values(),
            key=lambda person: order.get(self._sandbox.role_of(person), 1),
        )

    async def _stream(self, request: web.BaseRequest, rest: list[str]) -> web.StreamResponse:
        return await self._events.stream(request, self._drawn)

    def _drawn(self, person: Person) -> Json:
        chat = self._sandbox.bot.chats[person.user_id]
        return phone(self._sandbox.bot, chat, self._sandbox.role_of(person))

    async def _accounts(self, request: web.BaseRequest, rest: list[str]) -> web.Response:
        self._sandbox.meet_accounts()
        accounts, now = self._sandbox.accounts, self._sandbox.world.now()
        return _told(
            {
                "file": str(accounts.path or ""),
                "found": bool(accounts.entries),
                "web": accounts.web,
                "accounts": [entry.facts(now) for entry in accounts.entries],
            }
        )

    async def _people(self, request: web.BaseRequest, rest: list[str]) -> web.Response:
        if not rest:
            if request.method == "POST":
                person = self._sandbox.person(**await _given(request))
                self._events.everything()
                return _told({"id": person.user_id, "name": person.name})
            return _told([{"id": p.user_id, "name": p.name} for p in self.phones()])
        person = self._sandbox.people[int(rest[0])]
        verb = rest[1] if len(rest) > 1 else "messages"
        if verb == "messages":
            return _told([_message(message) for message in person.messages])
        if verb.startswith("sends_") and request.content_type != "application/json":
            return _told(_message(await _sent_file(person, verb, request)))
        return _told(await _done(person, verb, await _given(request)))

    async def _faults(self, request: web.BaseRequest, rest: list[str]) -> web.Response:
        faults = self._sandbox.faults
        if request.method == "POST":
            wanted = await _given(request)
            faults.latency = float(wanted.pop("latency", faults.latency))
            faults.redelivery = bool(wanted.pop("redelivery", faults.redelivery))
            if "kind" in wanted:
                wanted["kind"] = Kind(wanted["kind"])
                faults.add(Fault(**{"method": EVERY} | wanted))
        elif request.method == "DELETE":
            faults.clear(rest[0] if rest else None)
        return _told(
            {
                "latency": faults.latency,
                "redelivery": faults.redelivery,
                "faults": [fault.facts() for fault in faults.on],
            }
        )

    async def _files(self, request: web.BaseRequest, rest: list[str]) -> web.Response:
        stored = self._sandbox.bot.files.known(rest[0])
        if stored is None:
            return _told({"error": "no such file"}, 404)
        headers = dict(SAFE)
        if stored.mime in PICTURES or stored.mime == "audio/ogg":
            headers["Content-Type"] = stored.mime
        else:
            headers["Content-Type"] = "application/octet-stream"
            headers["Content-Disposition"] = "attachment"
        return web.Response(body=stored.content, headers=headers)

    async def _calls(self, request: web.BaseRequest, rest: list[str]) -> web.Response:
        api = self._sandbox.api
        if request.method == "DELETE":
            api.calls.clear()
        method = request.query.get("method", "").lower()
        last = int(request.query.get("last", CALLS_TOLD))
        chosen = [call for call in api.calls if method in ("", call.method)][-last:]
        calls = [
            {"method": call.method, "parameters": call.parameters, "at": call.at} for call in chosen
        ]
        return _told({"answered": api.answered, "calls": calls})

    async def _inject(self, request: web.BaseRequest, rest: list[str]) -> web.Response:
        given = await _given(request)
        updates = given if isinstance(given, list) else [given]
        return _told([self._sandbox.inject(update) for update in updates])

    async def _redeliver(self, request: web.BaseRequest, rest: list[str]) -> web.Response:
        last = int((await _given(request)).get("last", 1))
        return _told({"again": self._sandbox.redeliver(last)})

    async def _crowd(self, request: web.BaseRequest, rest: list[str]) -> web.Response:
        crowd = Crowd(self._sandbox.world, self._sandbox.bot, **await _given(request))
        return _told(await crowd.run())


async def _done(person: Person, verb: str, arguments: Json) -> object:
    if verb.startswith("_") or not callable(act := getattr(person, verb, None)):
        raise ValueError(f"people cannot {verb}")
    result = await asyncio.to_thread(act, **arguments)
    return _message(result) if isinstance(result, Shown) else {"done": True}


async def _sent_file(person: Person, verb: str, request: web.BaseRequest) -> Shown:
    content = await request.read()
    caption = request.query.get("caption", "")
    if verb == "sends_photo":
        return person.sends_photo(content, caption)
    if verb == "sends_voice":
        seconds = int(request.query.get("seconds", 2))
        return person.sends_voice(content or None, seconds=seconds)
    if verb == "sends_document":
        name = request.query.get("filename", "document.bin")
        return person.sends_document(content, name, caption, mime=request.content_type)
    raise ValueError(f"people cannot {verb} a file")
