"""The two Markdown parse modes, refusing what Telegram refuses."""

import re
from typing import Any

from bot.sandbox.refusals import TelegramRefuses, bad_request

Entity = dict[str, Any]

RESERVED = frozenset("]()>#+-=|{}.!")
NAMES = {
    "*": ("bold", "Bold"),
    "_": ("italic", "Italic"),
    "__": ("underline", "Underline"),
    "~": ("strikethrough", "Strikethrough"),
    "||": ("spoiler", "Spoiler"),
    "`": ("code", "Code"),
    "```": ("pre", "Pre"),
    "[": ("text_link", "TextUrl"),
}
TOKEN = re.compile(r"\\.|```|`|\|\||__|_|\*|~|!?\[|\](?:\((?:\\.|[^)\\])*\))?|.", re.DOTALL)
LEGACY = re.compile(r"\\[_*`\[]|```|[_*`\[]|.", re.DOTALL)
LINK_END = re.compile(r"([^\]]*)\](?:\(([^)]*)\))?")


def _units(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


def _unparsable(why: str) -> TelegramRefuses:
    return bad_request(f"can't parse entities: {why}")


class _Reading:
    """One reading of a MarkdownV2 text."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.out: list[str] = []
        self.length = 0
        self.open: list[tuple[str, int, int]] = []
        self.entities: list[Entity] = []

    def read(self) -> tuple[str, list[Entity]]:
        line_start = True
        for match in TOKEN.finditer(self.source):
            piece = match.group()
            if not (line_start and piece == ">"):
                self._token(piece, match.start())
            line_start = piece == "\n"
        if self.open:
            mark, _, at = self.open[-1]
            raise _unparsable(
                f"Can't find end of {NAMES[mark][1]} entity at byte offset {self._byte(at)}"
            )
        return "".join(self.out), self.entities

    def _byte(self, position: int) -> int:
        return len(self.source[:position].encode())

    def _token(self, token: str, at: int) -> None:
        inside = self.open[-1][0] if self.open else ""
        if token[0] == "\\" and len(token) > 1:
            self._say(token[1])
        elif inside in {"`", "```"} and token != inside:
            self._say(token)
        elif token[0] == "]" and inside == "[":
            self._close(token[2:-1])
        elif token in {"[", "!["}:
            self.open.append(("[", self.length, at))
        elif token in NAMES:
            self._toggle(token, at)
        elif token[0] in RESERVED:
            raise _unparsable(
                f"Character '{token[0]}' is reserved and must be escaped with the preceding '\\'"
            )
        else:
            self._say(token)

    def _say(self, piece: str) -> None:
        self.out.append(piece)
        self.length += _units(piece)

    def _toggle(self, token: str, at: int) -> None:
        if self.open and self.open[-1][0] == token:
            self._close("")
        else:
            self.open.append((token, self.length, at))

    def _close(self, address: str) -> None:
        mark, start, _ = self.open.pop()
        if self.length == start or (mark == "[" and not address):
            return
        entity: Entity = {"type": NAMES[mark][0], "offset": start, "length": self.length - start}
        if mark == "[":
            entity["url"] = re.sub(r"\\(.)", r"\1", address)
        self.entities.append(entity)


def parse_markdown_v2(source: str) -> tuple[str, list[Entity]]:
    """Text and entities of parse mode MarkdownV2."""
    text, entities = _Reading(source).read()
    return text, sorted(entities, key=lambda entity: (entity["offset"], -entity["length"]))


def parse_markdown(source: str) -> tuple[str, list[Entity]]:
    """Text and entities of the old parse mode Markdown: no nesting, few escapes."""
    out: list[str] = []
    entities: list[Entity] = []
    length, position = 0, 0
    while match := LEGACY.match(source, position):
        token, position = match.group(), match.end()
        if token not in NAMES:
            piece, entity = token[-1], None
        else:
            piece, entity, position = _legacy_entity(source, token, position)
        if entity and piece:
            entities.append(entity | {"offset": length, "length": _units(piece)})
        out.append(piece)
        length += _units(piece)
    return "".join(out), entities


def _legacy_entity(source: str, mark: str, start: int) -> tuple[str, Entity | None, int]:
    if mark == "[":
        link = LINK_END.match(source, start)
        if link:
            address = link.group(2)
            entity: Entity | None = {"type": "text_link", "url": address} if address else None
            return link.group(1), entity, link.end()
    end = source.find(mark, start) if mark != "[" else -1
    if end < 0:
        at = len(source[: start - len(mark)].encode())
        raise _unparsable(f"Can't find end of the entity starting at byte offset {at}")
    return source[start:end], {"type": NAMES[mark][0]}, end + len(mark)
