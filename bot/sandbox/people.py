"""People with a phone in the sandbox: what they do and what their chat shows."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from bot.sandbox.markup import buttons_of
from bot.sandbox.voice import silent_voice
from bot.sandbox.world import Bot, Chat, World

Json = dict[str, Any]
T = TypeVar("T")

PATIENCE = 30.0
KINDS = ("photo", "voice", "document", "location", "contact")


class NotShown(AssertionError):
    """The chat does not show what was looked for; the message tells what it shows."""


@dataclass(frozen=True, slots=True)
class Button:
    """An inline button as the person sees it."""

    label: str
    data: str | None
    url: str | None


@dataclass(frozen=True, slots=True)
class Shown:
    """One message as the chat shows it now. `text` is the caption where there is a file."""

    message_id: int
    text: str
    from_bot: bool
    kind: str
    buttons: tuple[Button, ...]
    protected: bool
    edited: bool
    silent: bool
    file: bytes | None
    raw: Json

    @property
    def labels(self) -> list[str]:
        """The labels of the buttons under it."""
        return [button.label for button in self.buttons]

    def __str__(self) -> str:
        who = "bot" if self.from_bot else "person"
        kind = "" if self.kind == "text" else f"<{self.kind}> "
        buttons = f"  {self.labels}" if self.buttons else ""
        return f"{self.message_id} {who}: {kind}{self.text!r}{buttons}"


def _file(bot: Bot, message: Json, kind: str) -> bytes | None:
    card = message.get(kind)
    if isinstance(card, list):
        card = card[-1]
    stored = bot.files.known(card.get("file_id", "")) if isinstance(card, dict) else None
    return stored.content if stored else None


def kind_of(message: Json) -> str:
    """What a message is: text, or one of the kinds with content of their own."""
    return next((kind for kind in KINDS if kind in message), "text")


def shown(bot: Bot, chat: Chat, message: Json) -> Shown:
    """A message as the person sees it."""
    kind = kind_of(message)
    return Shown(
        message_id=message["message_id"],
        text=message.get("text") or message.get("caption") or "",
        from_bot=message["from"]["is_bot"],
        kind=kind,
        buttons=tuple(
            Button(button["text"], button.get("callback_data"), button.get("url"))
            for button in buttons_of(message)
        ),
        protected=bool(message.get("has_protected_content")),
        edited="edit_date" in message,
        silent=message["message_id"] in chat.silent,
        file=_file(bot, message, kind),
        raw=message,
    )


class Door(Protocol):
    """Runs a function where the world lives."""

    def do(self, act: Callable[[], T]) -> T:
        """The function's result, from the server's own thread."""
        ...


class Person:
    """A person and their chat with one bot. Safe to use from any thread but the bot's loop."""

    def __init__(self, door: Door, world: World, bot: Bot, chat: Chat) -> None:
        assert chat.profile is not None
        self._door = door
        self._world = world
        self._bot = bot
        self._chat = chat
        self.profile = chat.profile

    @property
    def user_id(self) -> int:
        """Telegram's id of the person, and of their chat with the bot."""
        return self.profile.user_id

    @property
    def name(self) -> str:
        """The first name Telegram shows."""
        return self.profile.first_name

    def starts(self, payload: str = "") -> Shown:
        """Presses Start, perhaps from a link with a payload."""
        return self.says(f"/start {payload}".strip())

    def says(self, text: str) -> Shown:
        """Writes to the bot."""
        return self._act(lambda: self._world.say(self._bot, self._chat, text))

    def edits(self, message: Shown, text: str) -> Shown:
        """Changes what they wrote."""
        return self._act(lambda: self._world.correct(self._bot, self._chat, message.raw, text))

    def sends_photo(self, content: bytes, caption: str = "") -> Shown:
        """Sends a picture; the bytes arrive as they are."""
        return self._sends(lambda: {"photo": self._bot.files.keep_photo(content)}, caption)

    def sends_voice(self, content: bytes | None = None, *, seconds: int = 2) -> Shown:
        """Sends a voice note; a silent one when no OGG is given."""
        voice = content if content is not None else silent_voice(seconds)
        return self._sends(lambda: {"voice": self._bot.files.keep_voice(voice, seconds)}, "")

    def sends_document(
        self,
        content: bytes,
        filename: str,
        caption: str = "",
        *,
        mime: str = "application/octet-stream",
    ) -> Shown:
        """Sends a document under its name."""
        return self._sends(
            lambda: {"document": self._bot.files.keep_document(content, filename, mime)}, caption
        )

    def sends_location(
        self, latitude: float, longitude: float, *, live_period: int | None = None
    ) -> Shown:
        """Sends a place on the map; with a period in seconds, the first point of a live one."""
        place: dict[str, float] = {"latitude": latitude, "longitude": longitude}
        if live_period is not None:
            place["live_period"] = live_period
        return self._sends(lambda: {"location": place}, "")

    def sends_contact(self, phone_number: str) -> Shown:
        """Sends their own number as a contact card."""
        card = {"phone_number": phone_number} | {
            "first_name": self.name,
            "user_id": self.user_id,
        }
        return self._sends(lambda: {"contact": card}, "")

    def presses(self, wanted: str) -> None:
        """Presses the newest button with this label or callback data; reply keyboards too."""
        self._press(wanted, self._world.press)

    def presses_under(self, message_id: int, data: str) -> None:
        """Presses the button with this callback data under one message."""

        def act() -> bool:
            message = self._chat.messages.get(message_id)
            if message is None or not any(
                button.get("callback_data") == data for button in buttons_of(message)
            ):
                return False
            self._world.press(self._bot, self._chat, message, data)
            return True

        if not self._door.do(act):
            raise NotShown(self._complaint(f"a button {data}", self.messages, 0))

    def presses_long_after(self, wanted: str) -> None:
        """The same when the message is so old that Telegram sends the bot no content of it."""
        self._press(wanted, self._world.press_old)

    def blocks(self) -> None:
        """Stops the bot: what it sends is refused with 403."""
        self._door.do(lambda: self._world.block(self._bot, self._chat))

    def unblocks(self) -> None:
        """Lets the bot back in."""
        self._door.do(lambda: self._world.let_back(self._bot, self._chat))

    def deactivates(self) -> None:
        """Deletes the Telegram account."""

        def gone() -> None:
            self.profile.deactivated = True

        self._door.do(gone)

    @property
    def messages(self) -> list[Shown]:
        """What the chat shows now, oldest first; deleted messages are absent."""
        return self._door.do(self._all)

    @property
    def last_id(self) -> int:
        """The id of the newest message, for `wait_for(…, after=…)`."""
        return self._door.do(lambda: max(self._chat.messages, default=0))

    @property
    def keyboard(self) -> list[list[str]]:
        """The labels of the reply keyboard that stands in place of the phone's own."""
        rows = self._door.do(lambda: (self._chat.keyboard or {}).get("keyboard", []))
        return [[button["text"] for button in row] for row in rows]

    @property
    def answers(self) -> list[str]:
        """What pressed buttons answered, oldest first; empty texts are silent answers."""
        return self._door.do(lambda: [answer["text"] for answer in self._chat.answers])

    def wait_for(
        self, wanted: str | Callable[[Shown], bool], timeout: float = PATIENCE, *, after: int = 0
    ) -> Shown:
        """The newest message of the bot that contains the text or meets the condition.

        Looks at what the chat shows already, too; `after` skips messages up to that id.
        """
        meets = (lambda message: wanted in message.text) if isinstance(wanted, str) else wanted
        deadline = time.monotonic() + timeout
        waiter = threading.Event()
        self._door.do(lambda: self._chat.waiters.append(waiter))
        try:
            while True:
                waiter.clear()
                messages = self.messages
                for message in reversed(messages):
                    if message.from_bot and message.message_id > after and meets(message):
                        return message
                left = deadline - time.monotonic()
                if left <= 0:
                    raise NotShown(self._complaint(wanted, messages, timeout))
                waiter.wait(left)
        finally:
            self._door.do(lambda: self._chat.waiters.remove(waiter))

    def _complaint(self, wanted: object, messages: list[Shown], timeout: float) -> str:
        what = repr(wanted) if isinstance(wanted, str) else "what was looked for"
        lines = "\n".join(f"  {message}" for message in messages) or "  nothing"
        return f"After {timeout:g} s {self.name}'s chat does not show {what}. It shows:\n{lines}"

    def _all(self) -> list[Shown]:
        return [shown(self._bot, self._chat, message) for message in self._chat.messages.values()]

    def _act(self, act: Callable[[], Json]) -> Shown:
        return self._door.do(lambda: shown(self._bot, self._chat, act()))

    def _sends(self, content: Callable[[], Json], caption: str) -> Shown:
        def arrive() -> Json:
            said = {"caption": caption} if caption else {}
            return self._world.arrive(self._bot, self._chat, content() | said)

        return self._act(arrive)

    def _press(self, wanted: str, press: Callable[[Bot, Chat, Json, str], str]) -> None:
        def act() -> bool:
            found = self._world.button(self._chat, wanted)
            if found is not None and "callback_data" in found[1]:
                press(self._bot, self._chat, found[0], found[1]["callback_data"])
                return True
            if any(wanted == label for row in self.keyboard for label in row):
                self._world.say(self._bot, self._chat, wanted)
                return True
            return False

        if not self._door.do(act):
            raise NotShown(self._complaint(f"a button {wanted}", self.messages, 0))
