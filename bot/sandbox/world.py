"""The sandbox's small world: bots, people, chats, messages and what may happen to them."""

import secrets
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.sandbox.faults import Faults
from bot.sandbox.files import Files
from bot.sandbox.markup import buttons_of
from bot.sandbox.refusals import bad_request, forbidden
from bot.sandbox.text import found_entities
from bot.sandbox.updates import Updates

Json = dict[str, Any]
Listener = Callable[["Chat", str, Json], None]

DELETABLE_SECONDS = 48 * 3600
QUERY_SECONDS = 15
TYPING_SECONDS = 5
MESSAGES_KEPT = 5_000
QUERIES_KEPT = 10_000
ANSWERS_KEPT = 100


@dataclass(slots=True)
class Profile:
    """A Telegram user who is a person."""

    user_id: int
    first_name: str
    language_code: str = "es"
    last_name: str = ""
    username: str = ""
    deactivated: bool = False

    def _named(self) -> Json:
        names = {"last_name": self.last_name, "username": self.username}
        return {"first_name": self.first_name} | {k: v for k, v in names.items() if v}

    def user(self) -> Json:
        """The `from` of what the person sends."""
        user = {"id": self.user_id, "is_bot": False} | self._named()
        return user | ({"language_code": self.language_code} if self.language_code else {})

    def chat(self) -> Json:
        """The private chat with the person, as every message carries it."""
        return {"id": self.user_id} | self._named() | {"type": "private"}


@dataclass(slots=True)
class Chat:
    """One chat of one bot: what it shows now."""

    card: Json
    profile: Profile | None
    instance: str
    messages: dict[int, Json] = field(default_factory=dict)
    silent: set[int] = field(default_factory=set)
    uneditable: set[int] = field(default_factory=set)
    keyboard: Json | None = None
    started: bool = False
    bot_blocked: bool = False
    bot_left: bool = False
    typing_until: float = 0.0
    deleted: int = 0
    answers: deque[Json] = field(default_factory=lambda: deque(maxlen=ANSWERS_KEPT))
    waiters: list[threading.Event] = field(default_factory=list)

    @property
    def chat_id(self) -> int:
        """The chat's id; a private chat has the person's."""
        return int(self.card["id"])

    def check_writable(self) -> None:
        """Refuses what no bot may do here at all."""
        if self.profile is None:
            if self.bot_left:
                raise forbidden(f"bot is not a member of the {self.card['type']} chat")
        elif self.profile.deactivated:
            raise forbidden("user is deactivated")

    def check_open(self) -> None:
        """Refuses when nothing new may be sent here."""
        self.check_writable()
        if self.bot_blocked:
            raise forbidden("bot was blocked by the user")


@dataclass(slots=True)
class Query:
    """A pressed button waiting for its answer."""

    chat: Chat
    at: int


@dataclass(slots=True)
class Webhook:
    """Where a bot wants its updates posted."""

    url: str
    secret_token: str = ""
    max_connections: int = 40
    last_error_at: int = 0
    last_error: str = ""


class Bot:
    """One bot account with its chats, updates, files and settings."""

    def __init__(self, token: str, username: str, name: str, updates: Updates) -> None:
        self.token = token
        self.user: Json = {
            "id": int(token.partition(":")[0]),
            "is_bot": True,
            "first_name": name,
            "username": username,
        }
        self.chats: dict[int, Chat] = {}
        self.files = Files()
        self.updates = updates
        self.webhook: Webhook | None = None
        self.queries: dict[str, Query] = {}
        self.commands: dict[str, list[Json]] = {}
        self.texts: dict[tuple[str, str], str] = {("name", ""): name}
        self.last_message_id = 0

    def chat(self, chat_id: int) -> Chat:
        """A chat the bot may know of; a person who never wrote to it is not found."""
        chat = self.chats.get(chat_id)
        if chat is None or not chat.started:
            raise bad_request("chat not found")
        return chat

    def next_message_id(self) -> int:
        """Ids grow through all chats of the bot, as in a Telegram account."""
        self.last_message_id += 1
        return self.last_message_id


class World:
    """Everything the sandbox knows. Used from one thread only: the server's."""

    def __init__(self, now: Callable[[], datetime], faults: Faults) -> None:
        self.now = now
        self.faults = faults
        self.bots: dict[str, Bot] = {}
        self.profiles: dict[int, Profile] = {}
        self.listeners: list[Listener] = []

    def seconds(self) -> int:
        """Telegram's dates: whole seconds."""
        return int(self.now().timestamp())

    def add_bot(
        self, token: str, username: str, name: str, *, first_update_id: int | None = None
    ) -> Bot:
        """Registers a token. Ids of updates start at the present second unless told otherwise.

        So a sandbox that was started again goes on above the ids its bot has confirmed.
        """
        first = self.seconds() if first_update_id is None else first_update_id
        bot = self.bots[token] = Bot(token, username, name, Updates(first, self.faults))
        return bot

    def private_chat(self, bot: Bot, profile: Profile) -> Chat:
        """The person's chat with the bot, made when missing; not yet started."""
        chat = bot.chats.get(profile.user_id)
        if chat is None:
            self.profiles[profile.user_id] = profile
            chat = Chat(profile.chat(), profile, instance=str(secrets.randbits(63)))
            bot.chats[profile.user_id] = chat
        return chat

    def group(self, bot: Bot, card: Json) -> Chat:
        """A chat that is not ours, known from an update that was put in by hand."""
        chat = bot.chats.get(int(card["id"]))
        if chat is None:
            chat = Chat(card, None, instance=str(secrets.randbits(63)), started=True)
            bot.chats[chat.chat_id] = chat
        return chat

    def changed(self, chat: Chat, what: str, detail: Json) -> None:
        """Tells whoever looks at this chat."""
        for waiter in chat.waiters:
            waiter.set()
        for listener in self.listeners:
            listener(chat, what, detail)

    # What a person does.

    def arrive(self, bot: Bot, chat: Chat, content: Json) -> Json:
        """A person sends something; the bot will hear of it."""
        assert chat.profile is not None
        if chat.bot_blocked:
            self.let_back(bot, chat)
        chat.started = True
        message: Json = {
            "message_id": bot.next_message_id(),
            "from": chat.profile.user(),
            "chat": chat.card,
            "date": self.seconds(),
        } | content
        self._show(chat, message)
        if chat.keyboard and chat.keyboard.get("one_time_keyboard"):
            chat.keyboard = None
        bot.updates.put("message", message, queue=chat.chat_id, at=message["date"])
        self.changed(chat, "message", message)
        return message

    def say(self, bot: Bot, chat: Chat, text: str) -> Json:
        """A person writes."""
        entities = found_entities(text)
        return self.arrive(bot, chat, {"text": text} | ({"entities": entities} if entities else {}))

    def correct(self, bot: Bot, chat: Chat, message: Json, text: str) -> Json:
        """A person edits what they wrote."""
        edited = self.replace(chat, message | {"text": text})
        bot.updates.put("edited_message", edited, queue=chat.chat_id, at=self.seconds())
        return edited

    def press(self, bot: Bot, chat: Chat, message: Json, data: str) -> str:
        """A person presses an inline button; the query's id."""
        query_id = str(secrets.randbits(62))
        self._press(bot, chat, query_id, message, data)
        return query_id

    def press_old(self, bot: Bot, chat: Chat, message: Json, data: str) -> str:
        """The same under a message so old that Telegram no longer shows its content."""
        gone = {"chat": chat.card, "message_id": message["message_id"], "date": 0}
        return self.press(bot, chat, gone, data)

    def _press(self, bot: Bot, chat: Chat, query_id: str, message: Json, data: str) -> None:
        assert chat.profile is not None
        now = self.seconds()
        if len(bot.queries) > QUERIES_KEPT:
            bot.queries.pop(next(iter(bot.queries)))
        bot.queries[query_id] = Query(chat, now)
        query = {
            "id": query_id,
            "from": chat.profile.user(),
            "message": message,
            "chat_instance": chat.instance,
            "data": data,
        }
        bot.updates.put("callback_query", query, queue=chat.chat_id, at=now)
        self.changed(chat, "pressed", {"query": query_id, "message_id": message["message_id"]})

    def block(self, bot: Bot, chat: Chat) -> None:
        """The person stops the bot."""
        chat.bot_blocked = True
        self._member(bot, chat, "member", "kicked")

    def let_back(self, bot: Bot, chat: Chat) -> None:
        """The person restarts the bot."""
        if chat.bot_blocked:
            chat.bot_blocked = False
            self._member(bot, chat, "kicked", "member")

    def _member(self, bot: Bot, chat: Chat, before: str, after: str) -> None:
        assert chat.profile is not None
        now = self.seconds()

        def member(status: str) -> Json:
            until = {"until_date": 0} if status == "kicked" else {}
            return {"user": bot.user, "status": status} | until

        change = {
            "chat": chat.card,
            "from": chat.profile.user(),
            "date": now,
            "old_chat_member": member(before),
            "new_chat_member": member(after),
        }
        bot.updates.put("my_chat_member", change, queue=chat.chat_id, at=now)
        self.changed(chat, "member", {"blocked": chat.bot_blocked})

    # What the bot does.

    def send(self, bot: Bot, chat: Chat, content: Json, markup: Json | None) -> Json:
        """The bot sends something; the message as Telegram returns it."""
        message: Json = {
            "message_id": bot.next_message_id(),
            "from": bot.user,
            "chat": chat.card,
            "date": self.seconds(),
        } | content
        if markup is not None:
            if "inline_keyboard" in markup:
                message["reply_markup"] = markup
            else:
                chat.uneditable.add(message["message_id"])
                self._keyboard(chat, markup)
        self._show(chat, message)
        chat.typing_until = 0.0
        self.changed(chat, "message", message)
        return message

    def replace(self, chat: Chat, message: Json) -> Json:
        """Whoever wrote a message edits it."""
        message = message | {"edit_date": self.seconds()}
        chat.messages[message["message_id"]] = message
        self.changed(chat, "edited", message)
        return message

    def delete(self, chat: Chat, message: Json) -> None:
        """The bot deletes a message, for both sides."""
        if self.seconds() - int(message["date"]) > DELETABLE_SECONDS:
            raise bad_request("message can't be deleted for everyone")
        del chat.messages[message["message_id"]]
        chat.deleted += 1
        self.changed(chat, "deleted", {"message_id": message["message_id"]})

    def act(self, chat: Chat, action: str) -> None:
        """The bot is shown typing, recording or uploading."""
        chat.typing_until = time.monotonic() + TYPING_SECONDS
        self.changed(chat, "action", {"action": action})

    def answer(self, bot: Bot, query_id: str, answer: Json) -> None:
        """The bot answers a pressed button, soon enough."""
        query = bot.queries.get(query_id)
        if query is None or self.seconds() - query.at > QUERY_SECONDS:
            raise bad_request(
                "query is too old and response timeout expired or query ID is invalid"
            )
        query.chat.answers.append(answer)
        self.changed(query.chat, "answered", answer | {"query": query_id})

    def _keyboard(self, chat: Chat, markup: Json) -> None:
        if "keyboard" in markup:
            chat.keyboard = markup
        elif markup.get("remove_keyboard"):
            chat.keyboard = None

    def _show(self, chat: Chat, message: Json) -> None:
        chat.messages[message["message_id"]] = message
        if len(chat.messages) > MESSAGES_KEPT:
            del chat.messages[next(iter(chat.messages))]

    @staticmethod
    def button(chat: Chat, wanted: str) -> tuple[Json, Json] | None:
        """The newest message with a button of this label or data, and the button."""
        for message in reversed(chat.messages.values()):
            for button in buttons_of(message):
                if wanted in (button["text"], button.get("callback_data")):
                    return message, button
        return None
