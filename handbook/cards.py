"""A section cut into cards short enough for a chat, at sentences wherever they fit."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

LONGEST = 300
SENTENCE_END = re.compile(r"(?<=[.!?…»”])\s+(?=[A-ZÁÉÍÓÚÑ¿¡«“0-9])")


@dataclass(frozen=True, slots=True)
class Card:
    """One message of at most 300 characters, plain text, with the review label where it is owed."""

    section: str
    title: str
    text: str
    under_review: bool


def cut(section: str, *, title: str, blocks: Sequence[str], label: str) -> tuple[Card, ...]:
    """The blocks packed into cards; the first one carries the title, each one carries the label."""
    tail = f"\n\n{label}." if label else ""
    room = LONGEST - len(tail)
    texts = pack(_pieces(title, blocks, room=room), room=room)
    return tuple(Card(section, title, text + tail, under_review=bool(label)) for text in texts)


def _pieces(title: str, blocks: Sequence[str], *, room: int) -> Iterator[tuple[str, str]]:
    """What must stay whole, each with what joins it to the piece before."""
    yield "", title
    for block in blocks:
        joint = "\n"
        for sentence in [block] if len(block) <= room // 2 else SENTENCE_END.split(block):
            for piece in _fitted(sentence, room=room):
                yield joint, piece
                joint = " "


def _fitted(sentence: str, *, room: int) -> Iterator[str]:
    while len(sentence) > room:
        at = sentence.rfind(" ", 0, room)
        at = at if at > 0 else room
        yield sentence[:at]
        sentence = sentence[at:].lstrip()
    yield sentence


def pack(pieces: Iterator[tuple[str, str]], *, room: int) -> list[str]:
    """As many pieces on each card as fit; a title or a line ending in a colon is not left alone."""
    texts: list[list[tuple[str, str]]] = [[]]
    for joint, piece in pieces:
        if texts[-1] and len(_joined(texts[-1])) + len(joint) + len(piece) > room:
            texts.append(_leave_behind(texts[-1], room=room - len(joint) - len(piece)))
        texts[-1].append((joint, piece))
    return [_joined(text) for text in texts if text]


def _leave_behind(text: list[tuple[str, str]], *, room: int) -> list[tuple[str, str]]:
    """A last line that announces the next goes over to the next card with it."""
    announces = len(text) > 1 and text[-1][1].endswith(":") and len(text[-1][1]) <= room
    return [text.pop()] if announces else []


def _joined(text: Sequence[tuple[str, str]]) -> str:
    return "".join(joint + piece for joint, piece in text).strip()
