"""Markdown in, safe HTML and plain words out; facts, telephones and inner links are our marks."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self, final

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from mdit_py_plugins.attrs import attrs_block_plugin

from handbook.wording import DEFAULT, WORDING

HOME = "/manual"
FACTS = re.compile(r"\[(F-\d+(?:, F-\d+)*)\]")
LINE = re.compile(r"\[tel:([0-9 ]+)\]")
TAGS = {"p", "ol", "ul", "li", "strong", "em", "a", "blockquote", "small", "span", "h3"}
ATTRIBUTES = {"a": {"href", "class"}, "span": {"class"}, "small": {"class"}}
OUTSIDE = ("https://", "http://")
HEAD = re.compile(r"\[\[?([\w.-]+)\]")


def heads(toml: str) -> Iterator[tuple[int, str]]:
    """The line on which each table of a file begins, and its name."""
    for number, line in enumerate(toml.splitlines(), start=1):
        if found := HEAD.match(line):
            yield number, found[1]


@final
@dataclass(frozen=True, slots=True)
class Html:
    """Markup that has been through the sanitiser; templates may show it as it is."""

    text: str

    @classmethod
    def clean(cls, markup: str) -> Self:
        """Keep the few tags a chapter needs; drop the rest."""
        # Every page withholds the referrer; to say so in each link as well is weight alone.
        safe = nh3.clean(
            markup, tags=TAGS, attributes=ATTRIBUTES, url_schemes={"https"}, link_rel=None
        )
        return cls(safe)

    def __html__(self) -> str:
        return self.text


def _mark(state: StateInline, silent: bool) -> bool:  # noqa: FBT001  markdown-it's signature
    for kind, pattern in (("fact", FACTS), ("line", LINE)):
        if found := pattern.match(state.src, state.pos):
            if not silent:
                state.push(kind, "", 0).content = found[1]
            state.pos = found.end()
            return True
    return False


def _show_facts(
    _self: RendererHTML, tokens: Sequence[Token], at: int, _options: OptionsDict, _env: EnvType
) -> str:
    marks = (
        f'<a class="fact" href="#{fact.lower()}">{fact}</a>'
        for fact in tokens[at].content.split(", ")
    )
    return f'<small class="facts">[{", ".join(marks)}]</small>'


def _show_line(
    _self: RendererHTML, tokens: Sequence[Token], at: int, _options: OptionsDict, env: EnvType
) -> str:
    return line_shown(tokens[at].content, WORDING[env["language"]].untested)


def line_shown(number: str, mark: str) -> str:
    """A telephone number on a page, with what is known of it."""
    return f'<span class="line">{number} <small>({mark})</small></span>'


def line_said(number: str, mark: str) -> str:
    """The same as words alone."""
    return f"{number} ({mark})"


def line_pattern(language: str) -> re.Pattern[str]:
    """Finds the numbers nobody dialled in a page; the first group is the number."""
    mark = re.escape(WORDING[language].untested)
    return re.compile(rf'<span class="line">([0-9 ]+) <small>\({mark}\)</small></span>')


def said_pattern(language: str) -> re.Pattern[str]:
    """Finds them in words alone."""
    return re.compile(rf"(?<![0-9])([0-9][0-9 ]*) \({re.escape(WORDING[language].untested)}\)")


def _markdown() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False}).use(attrs_block_plugin)
    markdown.inline.ruler.before("link", "mark", _mark)
    markdown.add_render_rule("fact", _show_facts)
    markdown.add_render_rule("line", _show_line)
    return markdown


MARKDOWN = _markdown()


def parse(text: str) -> list[Token]:
    """The block tokens of a text."""
    return MARKDOWN.parse(text)


def render(tokens: Sequence[Token], *, language: str) -> Html:
    """The tokens as sanitised HTML; inner links point at pages of that language."""
    for token in inline(tokens):
        if token.type == "link_open":
            token.attrSet("href", address(str(token.attrGet("href")), language=language))
    return Html.clean(MARKDOWN.renderer.render(tokens, MARKDOWN.options, {"language": language}))


def inline(tokens: Sequence[Token]) -> Iterator[Token]:
    """Every token inside the running text."""
    for token in tokens:
        yield from token.children or ()


def address(target: str, *, language: str) -> str:
    """Where an inner target lives: `slug`, `slug#section`, `arbol:tree` or `arbol:tree/step`."""
    if target.startswith((*OUTSIDE, "/")):
        return target
    page, _, anchor = target.partition("#")
    path = f"{HOME}/{page.replace('arbol:', 'arbol/', 1)}"
    asked = "" if language == DEFAULT else f"?lang={language}"
    return f"{path}{asked}{'#' * bool(anchor)}{anchor}"


def plain_blocks(tokens: Sequence[Token], *, language: str) -> tuple[str, ...]:
    """Each paragraph or list item as words alone: no Markdown, no fact marks."""
    blocks: list[str] = []
    lists: list[int | None] = []
    item = ""
    for token in tokens:
        if token.type in {"ordered_list_open", "bullet_list_open"}:
            lists.append(0 if token.type == "ordered_list_open" else None)
        elif token.type in {"ordered_list_close", "bullet_list_close"}:
            lists.pop()
        elif token.type == "list_item_open":
            item, lists[-1] = _bullet(lists[-1])
        elif token.type == "inline":
            blocks.append(item + plain(token, language=language))
            item = ""
    return tuple(blocks)


def _bullet(count: int | None) -> tuple[str, int | None]:
    return ("• ", None) if count is None else (f"{count + 1}. ", count + 1)


def plain(token: Token, *, language: str) -> str:
    """The words of one inline token."""
    words: list[str] = []
    for child in token.children or ():
        if child.type == "text":
            words.append(child.content)
        elif child.type == "line":
            words.append(line_said(child.content, WORDING[language].untested))
        elif child.type in {"softbreak", "hardbreak"}:
            words.append(" ")
    return re.sub(r"\s+([.,;:])", r"\1", re.sub(r" {2,}", " ", "".join(words))).strip()
