"""What the phone page draws: a chat as JSON, with text already cut into plain runs."""

import itertools
import time
from typing import Any

from bot.sandbox.people import kind_of
from bot.sandbox.profile import shown_commands, shown_text
from bot.sandbox.world import Bot, Chat

Json = dict[str, Any]

SHOWN = 120
STYLES = {
    "bold": "b",
    "italic": "i",
    "underline": "u",
    "strikethrough": "s",
    "code": "code",
    "pre": "pre",
    "spoiler": "spoiler",
    "blockquote": "quote",
    "expandable_blockquote": "quote",
    "bot_command": "command",
}


def runs(text: str, entities: list[Json]) -> list[Json]:
    """The text in pieces, each with its styles and perhaps an address."""
    if not entities:
        return [{"text": text}] if text else []
    units = text.encode("utf-16-le")
    edges = {0, len(units) // 2}
    for entity in entities:
        edges |= {entity["offset"], entity["offset"] + entity["length"]}
    cuts = sorted(edges)
    pieces = []
    for start, end in itertools.pairwise(cuts):
        piece: Json = {"text": units[start * 2 : end * 2].decode("utf-16-le", "replace")}
        over = [e for e in entities if e["offset"] <= start and end <= e["offset"] + e["length"]]
        styles = [STYLES[entity["type"]] for entity in over if entity["type"] in STYLES]
        if styles:
            piece["styles"] = styles
        for entity in over:
            if entity["type"] in {"text_link", "url"}:
                piece["url"] = entity.get("url") or piece["text"]
        pieces.append(piece)
    return pieces


def _attachment(message: Json, kind: str) -> Json:
    content = message[kind]
    if kind == "photo":
        content = content[-1]
    names = ("file_id", "file_name", "duration", "width", "height")
    more = ("latitude", "longitude", "phone_number")
    return {name: content[name] for name in names + more if name in content}


def drawn(chat: Chat, message: Json) -> Json:
    """One message for the page."""
    kind = kind_of(message)
    text = message.get("text") or message.get("caption") or ""
    entities = message.get("entities") or message.get("caption_entities") or []
    view: Json = {
        "id": message["message_id"],
        "bot": message["from"]["is_bot"],
        "kind": kind,
        "date": message["date"],
        "runs": runs(text, entities),
    }
    rows = (message.get("reply_markup") or {}).get("inline_keyboard", [])
    if rows:
        view["buttons"] = [
            [{"label": b["text"], "data": b.get("callback_data"), "url": b.get("url")} for b in row]
            for row in rows
        ]
    if kind != "text":
        view["attachment"] = _attachment(message, kind)
    flags = {
        "edited": "edit_date" in message,
        "protected": "has_protected_content" in message,
        "silent": message["message_id"] in chat.silent,
    }
    return view | {name: True for name, on in flags.items() if on}


def _wants(button: Json) -> str:
    if button.get("request_location"):
        return "location"
    return "contact" if button.get("request_contact") else ""


def phone(bot: Bot, chat: Chat, role: str) -> Json:
    """A whole phone for the page."""
    assert chat.profile is not None
    language = chat.profile.language_code
    keyboard = chat.keyboard or {}
    return {
        "id": chat.chat_id,
        "name": chat.profile.first_name,
        "role": role,
        "blocked": chat.bot_blocked,
        "typing": chat.typing_until > time.monotonic(),
        "bot": shown_text(bot, "name", language),
        "about": shown_text(bot, "description", language),
        "commands": shown_commands(bot, language),
        "keyboard": [
            [{"label": button["text"], "wants": _wants(button)} for button in row]
            for row in keyboard.get("keyboard", [])
        ],
        "placeholder": keyboard.get("input_field_placeholder", ""),
        "messages": [drawn(chat, m) for m in list(chat.messages.values())[-SHOWN:]],
    }
