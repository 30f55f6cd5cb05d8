"""A chapter to look at: pictures with a line each, resting on the chapter's own steps."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from handbook import markup
from handbook.chapter import Chapter
from handbook.drawing import draw
from handbook.markup import Html, heads
from handbook.toml import parsed

PAGE = "dibujos"


@dataclass(frozen=True, slots=True)
class Panel:
    """One picture, its line, what it shows in words, and the section (and step) it rests on."""

    strokes: tuple[str, ...]
    alt: str
    caption: Html
    words: str
    links: tuple[str, ...]
    section: str
    step: int | None
    line: int  # of its file, where it begins

    @property
    def picture(self) -> Html:
        """The picture itself: lines that this program drew, and nobody's markup."""
        return Html(draw(self.strokes, alt=self.alt))


@dataclass(frozen=True, slots=True)
class Board:
    """The pictures of one chapter, in one language."""

    chapter: str
    language: str
    panels: tuple[Panel, ...]

    @property
    def url(self) -> str:
        """Its page."""
        return markup.address(f"{self.chapter}/{PAGE}", language=self.language)

    def is_under_review(self, chapter: Chapter) -> bool:
        """Pictures owe the label whenever a section of their chapter they rest on does."""
        return any(chapter.section(panel.section).under_review for panel in self.panels)


def read_board(path: Path, *, language: str) -> Board:
    """The pictures of that file, in that language."""
    text = path.read_text("utf-8")
    lines = [line for line, head in heads(text) if head == "panel"]
    panels = tuple(
        _panel(panel, language, line)
        for panel, line in zip(parsed(text)["panel"], lines, strict=True)
    )
    return Board(path.stem, language, panels)


def _panel(data: Mapping[str, Any], language: str, line: int) -> Panel:
    tokens = markup.parse(data[language])
    links = [t for t in markup.inline(tokens) if t.type == "link_open"]
    targets = tuple(str(token.attrGet("href")) for token in links)
    return Panel(
        strokes=tuple(data["draw"]),
        alt=data["alt"][language],
        words=" ".join(markup.plain_blocks(tokens, language=language)),
        caption=markup.render(tokens, language=language),
        links=targets,
        section=data["rests"],
        step=data.get("step"),
        line=line,
    )
