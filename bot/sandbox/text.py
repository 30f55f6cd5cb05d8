"""Text as Telegram reads it: parse modes, entities in UTF-16 units, length limits."""

import html
import re
from typing import Any

from bot.sandbox.markdown import parse_markdown, parse_markdown_v2
from bot.sandbox.parameters import Parameters
from bot.sandbox.refusals import bad_request

Entity = dict[str, Any]

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024

HTML_TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "a": "text_link",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "tg-emoji": "custom_emoji",
}
CHARACTER = re.compile(r"&(?:lt|gt|amp|quot|#\d+|#x[0-9a-fA-F]+);")
TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9-]*)?([^<>]*)(>?)")
HREF = re.compile(r"""href\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))""", re.IGNORECASE)
COMMAND = re.compile(r"(?<![\w/])/[A-Za-z0-9_]{1,64}(?:@\w{3,32})?(?![\w/])")
ADDRESS = re.compile(r"https?://[^\s<>\"]+")


def utf16_length(text: str) -> int:
    """How many UTF-16 units the text has: what entity offsets count."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


def found_entities(text: str) -> list[Entity]:
    """What Telegram marks by itself: commands and web addresses."""
    if "/" not in text:
        return []
    found = [("bot_command", match) for match in COMMAND.finditer(text)]
    found += [("url", match) for match in ADDRESS.finditer(text)]
    return [
        {
            "type": kind,
            "offset": utf16_length(text[: match.start()]),
            "length": utf16_length(match.group()),
        }
        for kind, match in sorted(found, key=lambda pair: pair[1].start())
    ]


def _unescaped(text: str) -> str:
    return CHARACTER.sub(lambda match: html.unescape(match.group()), text)


def _offset(text: str, position: int) -> int:
    return len(text[:position].encode())


class _Html:
    """One reading of a text in parse mode HTML."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.out: list[str] = []
        self.length = 0
        self.open: list[tuple[str, int, str, int]] = []
        self.entities: list[Entity] = []

    def read(self) -> tuple[str, list[Entity]]:
        position = 0
        for match in TAG.finditer(self.source):
            self._say(self.source[position : match.start()])
            self._tag(match)
            position = match.end()
        self._say(self.source[position:])
        if self.open:
            raise _unparsable(
                f'Can\'t find end tag corresponding to start tag "{self.open[-1][0]}"'
            )
        return "".join(self.out), self.entities

    def _say(self, piece: str) -> None:
        plain = _unescaped(piece)
        self.out.append(plain)
        self.length += utf16_length(plain)

    def _tag(self, match: re.Match[str]) -> None:
        closing, name, rest, end = match.groups()
        at = _offset(self.source, match.start())
        if not end:
            raise _unparsable(f"Unclosed start tag at byte offset {at}")
        tag = (name or "").lower()
        if closing:
            self._close(tag, at)
            return
        if tag not in HTML_TAGS or (tag == "span" and "tg-spoiler" not in rest):
            raise _unparsable(f'Unsupported start tag "{tag}" at byte offset {at}')
        self.open.append((tag, self.length, rest, at))

    def _close(self, tag: str, at: int) -> None:
        if not self.open:
            raise _unparsable(f"Unexpected end tag at byte offset {at}")
        name, start, rest, _ = self.open.pop()
        if tag and tag != name:
            raise _unparsable(
                f'Unmatched end tag at byte offset {at}, expected "</{name}>", found "</{tag}>"'
            )
        if self.length > start:
            self._mark(name, start, rest)

    def _mark(self, name: str, start: int, rest: str) -> None:
        entity: Entity = {"type": HTML_TAGS[name], "offset": start, "length": self.length - start}
        if name == "a":
            href = HREF.search(rest)
            if href is None:
                return
            entity["url"] = _unescaped(next(group for group in href.groups() if group is not None))
        if name == "blockquote" and "expandable" in rest:
            entity["type"] = "expandable_blockquote"
        self.entities.append(entity)


def _unparsable(why: str) -> Exception:
    return bad_request(f"can't parse entities: {why}")


def parse_html(source: str) -> tuple[str, list[Entity]]:
    """Text and entities of parse mode HTML; refuses what Telegram refuses."""
    text, entities = _Html(source).read()
    return text, sorted(entities, key=lambda entity: (entity["offset"], -entity["length"]))


PARSERS = {"html": parse_html, "markdownv2": parse_markdown_v2, "markdown": parse_markdown}


def formatted(
    parameters: Parameters, name: str, entities_name: str = "entities"
) -> tuple[str, list[Entity]]:
    """The text a message will show and its entities."""
    source = parameters.text(name)
    mode = parameters.text("parse_mode").lower()
    if mode and mode != "none":
        parser = PARSERS.get(mode)
        if parser is None:
            raise bad_request("unsupported parse_mode")
        text, entities = parser(source)
        return text.rstrip(), entities
    given = parameters.structure(entities_name, "can't parse entities JSON object")
    if isinstance(given, list) and given:
        return source.rstrip(), [_entity(entity) for entity in given]
    text = source.strip()
    return text, found_entities(text)


def _entity(given: object) -> Entity:
    """An entity the bot worked out itself."""
    if isinstance(given, dict) and isinstance(given.get("type"), str):
        places = (given.get("offset"), given.get("length"))
        if all(type(place) is int and place >= 0 for place in places):
            return given
    raise bad_request("can't parse MessageEntity")


def message_text(parameters: Parameters) -> tuple[str, list[Entity]]:
    """The text of a text message: neither empty nor longer than Telegram takes."""
    text, entities = formatted(parameters, "text")
    if not text:
        raise bad_request("message text is empty")
    if len(text) > TEXT_LIMIT:
        raise bad_request("message is too long")
    return text, entities


def message_caption(parameters: Parameters) -> tuple[str, list[Entity]]:
    """The caption of a photo, voice note or document; may be empty."""
    text, entities = formatted(parameters, "caption", "caption_entities")
    if len(text) > CAPTION_LIMIT:
        raise bad_request("message caption is too long")
    return text, entities
