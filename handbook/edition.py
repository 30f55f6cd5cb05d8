"""One edition of the handbook for paper: what is in it, and where each link leads inside it."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from urllib.parse import urlsplit

from babel.dates import format_date
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from handbook.boards import Board
from handbook.chapter import NOW, Chapter
from handbook.facts import Fact
from handbook.glossary import PAGE as GLOSSARY
from handbook.glossary import Term
from handbook.library import HERE, Library, Worksheet
from handbook.markup import HOME, Html
from handbook.tree import Onward, Step, Tree
from handbook.wording import LOCALES, WORDING, Wording

TEMPLATES = HERE / "templates"
LINK = re.compile(
    r'<a (?P<attributes>[^>]*)href="(?P<href>[^"]*)"(?P<after>[^>]*)>(?P<words>.*?)</a>', re.DOTALL
)
MOST_ROWS_UPRIGHT = 4
MOST_LETTERS_IN_A_WALLET, MOST_LETTERS_FOLDED = 500, 900
BY_THE_PHONE = "W5"
URGENT = ("llamada-virtual", "primeras-horas", "desaparecida")


@dataclass(frozen=True, slots=True)
class PaperWording:
    """What only paper says, in one language."""

    title: str
    edition: str
    keep_safe: str
    how_to_read: str
    about_labels: str
    about_marks: str
    happening: str
    contents: str
    chapter: str
    page: str
    go_to: str
    open_book: str
    steps: str
    about_steps: str
    copy_sheets: str
    used_in: str
    cut_here: str
    fold_here: str
    my_numbers: str
    phone_of: str
    qr: str
    no_numbers: str


PAPER = {
    "es": PaperWording(
        title="Manual",
        edition="Edición del",
        keep_safe=(
            "Quien vea este libro sabrá que lo lees. Guárdalo donde tú decidas. "
            "No escribas en él nombres, claves ni cuentas."
        ),
        how_to_read="Cómo leer este manual",
        about_labels="todavía no lo firma ninguna. Léelo con cuidado y pregunta.",
        about_marks=(
            "Las marcas como [F-41] dicen en qué se apoya cada frase. Las fuentes están al final."
        ),
        happening="¿Qué está pasando?",
        contents="Contenido",
        chapter="capítulo",
        page="p.",
        go_to="ve al",
        open_book="Manual",
        steps="Preguntas paso a paso",
        about_steps="Empieza en el 1. Lee, elige y ve al número que dice la respuesta.",
        copy_sheets="Copia estos puntos en papel, o imprime el archivo de hojas.",
        used_in="Se usa en",
        cut_here="Recorta por la línea.",
        fold_here="Dobla por la línea de puntos.",
        my_numbers="Mis teléfonos",
        phone_of="Quién y número",
        qr=(
            "Este cuadro no abre ninguna página. Guarda las palabras de esta tarjeta "
            "para pasarlas a otro teléfono."
        ),
        no_numbers="No escribas aquí claves ni cuentas.",
    ),
    "en": PaperWording(
        title="Handbook",
        edition="Edition of",
        keep_safe=(
            "Whoever sees this book will know that you read it. Keep it where you choose. "
            "Do not write names, code words or accounts in it."
        ),
        how_to_read="How to read this handbook",
        about_labels="no specialist has signed it off yet. Read it with care, and ask.",
        about_marks="Marks like [F-41] say what a sentence rests on. The sources are at the end.",
        happening="What is happening?",
        contents="Contents",
        chapter="chapter",
        page="p.",
        go_to="go to",
        open_book="Handbook",
        steps="Questions step by step",
        about_steps="Begin at 1. Read, choose, and go to the number the answer gives.",
        copy_sheets="Copy these points on paper, or print the file with the sheets.",
        used_in="Used in",
        cut_here="Cut along the line.",
        fold_here="Fold along the dotted line.",
        my_numbers="My telephone numbers",
        phone_of="Who, and number",
        qr=(
            "This square opens no page. It holds the words of this card, "
            "to pass them to another phone."
        ),
        no_numbers="Write no code words or accounts here.",
    ),
}
Place = Callable[[str], str]


@dataclass(frozen=True)
class Edition:
    """Some chapters of one language, with the trees, sheets and sources that go with them."""

    library: Library
    language: str
    chapters: tuple[Chapter, ...]

    @property
    def words(self) -> PaperWording:
        """What only paper says."""
        return PAPER[self.language]

    @property
    def wording(self) -> Wording:
        """What every chapter says."""
        return WORDING[self.language]

    @cached_property
    def updated(self) -> date:
        """The day of its newest chapter: the only date an edition carries."""
        return max(chapter.updated for chapter in self.chapters)

    @property
    def day(self) -> str:
        """That day in words."""
        return format_date(self.updated, "long", LOCALES[self.language])

    @cached_property
    def trees(self) -> tuple[Tree, ...]:
        """Every tree its chapters lead to."""
        slugs = dict.fromkeys(slug for chapter in self.chapters for slug in chapter.trees)
        return tuple(self.library.tree(slug, self.language) for slug in slugs)

    @cached_property
    def sheets(self) -> tuple[Worksheet, ...]:
        """Every worksheet its chapters name, by number."""
        ids = {sheet for chapter in self.chapters for sheet in chapter.worksheets}
        return tuple(self.library.worksheets[sheet] for sheet in sorted(ids, key=_number))

    @cached_property
    def terms(self) -> tuple[Term, ...]:
        """Every word of the glossary that its chapters use, in alphabetical order."""
        used = {term for chapter in self.chapters for term in chapter.terms}
        return tuple(term for term in self.library.words(self.language) if term.id in used)

    def board(self, chapter: Chapter) -> Board | None:
        """The chapter's pictures, if it has any."""
        return self.library.boards.get((chapter.slug, self.language))

    def board_under_review(self, chapter: Chapter) -> bool:
        """Whether it has pictures, and they owe the label."""
        board = self.board(chapter)
        return board is not None and board.is_under_review(chapter)

    @cached_property
    def facts(self) -> tuple[Fact, ...]:
        """Every fact its chapters, words and trees rest on, by number."""
        ids = {fact for chapter in self.chapters for fact in chapter.facts}
        ids |= {fact for term in self.terms for fact in term.facts}
        ids |= {fact for tree in self.trees for step in tree.steps.values() for fact in step.facts}
        return tuple(self.library.facts[fact] for fact in sorted(ids, key=_number))

    @property
    def urgent(self) -> tuple[Chapter, ...]:
        """The chapters somebody needs on a card, most urgent first."""
        found = {chapter.slug: chapter for chapter in self.chapters}
        return tuple(found[slug] for slug in URGENT if slug in found)

    @property
    def read_only(self) -> tuple[Worksheet, ...]:
        """The sheets with nothing to fill in: they are cards."""
        return tuple(sheet for sheet in self.sheets if not sheet.rows)

    @property
    def posters(self) -> tuple[Chapter | Worksheet, ...]:
        """What hangs on the fridge: the card beside the phone, and what to do first."""
        return (*(sheet for sheet in self.read_only if sheet.id == BY_THE_PHONE), *self.urgent)

    @property
    def ways(self) -> Iterator[tuple[str, str]]:
        """Each situation and the anchor it leads to, as far as this edition has it."""
        for path in self.library.paths.values():
            anchor = path.target and self.anchor(path.url(self.language) or "")
            if anchor:
                yield path.label[self.language], anchor

    def users(self, sheet: Worksheet) -> tuple[Chapter, ...]:
        """The chapters that use a sheet."""
        return tuple(chapter for chapter in self.chapters if sheet.id in chapter.worksheets)

    def sheet_under_review(self, sheet: Worksheet) -> bool:
        """A sheet is advice too: it owes the label whenever a chapter that uses it does."""
        return any(section.under_review for c in self.users(sheet) for section in c.sections)

    def tree_under_review(self, tree: Tree) -> bool:
        """A tree owes the label whenever one of its steps does."""
        return any(step.under_review for step in tree.steps.values())

    def anchor(self, href: str) -> str | None:
        """The id, inside this edition, of what a page's link leads to; None if it is not here."""
        address = urlsplit(href)
        path = address.path.removeprefix(HOME).strip("/")
        if address.scheme or not (path or address.fragment):
            return None
        anchor = "--".join((*path.split("/"), address.fragment)).strip("-")
        return anchor if anchor in self._anchors else None

    @cached_property
    def _anchors(self) -> frozenset[str]:
        chapters = {chapter.slug for chapter in self.chapters}
        sections = {f"{c.slug}--{section.id}" for c in self.chapters for section in c.sections}
        trees = {f"arbol--{tree.slug}" for tree in self.trees}
        steps = {f"arbol--{tree.slug}--{step}" for tree in self.trees for step in tree.steps}
        facts = {fact.id.lower() for fact in self.facts}
        words = {GLOSSARY, *(f"{GLOSSARY}--{term.id}" for term in self.terms)}
        return frozenset(chapters | sections | trees | steps | facts | words)

    def text(self, html: Html, place: Place = "#{}".format) -> Html:
        """The words with links that lead inside this edition; any other link is left as words."""

        def relink(found: re.Match[str]) -> str:
            anchor = self.anchor(found["href"])
            if anchor is None:
                return found["words"]
            attributes = found["attributes"] + found["after"]
            kind = next((name for name in ("fact", "term") if name in attributes), "inside")
            return f'<a class="{kind}" href="{place(anchor)}">{found["words"]}</a>'

        return Html(LINK.sub(relink, html.text))

    def bare(self, html: Html) -> Html:
        """The words for a card: no links, no marks of facts."""
        return Html(
            LINK.sub(r"\g<words>", re.sub(r"\s*<small class=\"facts\">.*?</small>", "", html.text))
        )

    def now(self, chapter: Chapter) -> Html:
        """What to do first, for a card."""
        return self.bare(chapter.section(NOW).html)

    def shape(self, sheet: Worksheet) -> str:
        """How large a card must be for its words: a wallet's, one to fold, or one in small type."""
        letters = sum(len(field[self.language]) for field in sheet.fields)
        if letters <= MOST_LETTERS_IN_A_WALLET:
            return ""
        return "tall" if letters <= MOST_LETTERS_FOLDED else "tall wordy"

    def card_words(self, sheet: Worksheet) -> str:
        """A card's words alone, as its square holds them."""
        label = (self.wording.under_review,) if self.sheet_under_review(sheet) else ()
        fields = (f"- {field[self.language]}" for field in sheet.fields)
        return "\n".join((sheet.title[self.language], *label, *fields, self.wording.limits))

    def leads(self, onward: Onward) -> str:
        """Where a way out of a tree leads, as a person would look for it on paper."""
        target = onward.target.partition("#")[0]
        if target.startswith("arbol:"):
            tree = self.library.tree(target.removeprefix("arbol:").partition("/")[0], self.language)
            return f"«{tree.title}»" if self.language == "es" else f"“{tree.title}”"
        chapter = self.library.chapter(target, self.language)
        return f"{self.words.open_book}, {self.words.chapter} {chapter.number}"


def numbered(tree: Tree) -> dict[str, int]:
    """The number each step has on paper: the first is 1, the rest as the file has them."""
    order: Sequence[str] = sorted(tree.steps, key=lambda step: step != tree.start)
    return {step: number for number, step in enumerate(order, start=1)}


def in_order(tree: Tree) -> Sequence[Step]:
    """The steps as they are numbered."""
    return [tree.steps[step] for step in numbered(tree)]


def document(edition: Edition, template: str, **more: object) -> str:
    """A template of `templates/press`, filled with the edition."""
    pages = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return pages.get_template(f"press/{template}").render(
        edition=edition,
        words=edition.words,
        wording=edition.wording,
        language=edition.language,
        in_order=in_order,
        numbered=numbered,
        **more,
    )


def _number(key: str) -> int:
    return int(re.sub(r"\D", "", key))
