"""From an accompaniment to the chapter it needs, and a section of it to the family."""

import re
import tomllib
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from config.language import say
from handbook.cards import LONGEST
from handbook.chapter import Chapter, Section
from handbook.library import Library, NotWritten, load_library
from handbook.standing import as_it_stands
from handbook.wording import DEFAULT, LANGUAGES, WORDING
from network import outbox
from network.cases import services as cases
from network.cases.domain import Case, CaseStatus, Contact
from network.cases.policy import CasePermission
from network.cases.services import looking
from network.db import Tx
from network.kernel.actor import Actor
from network.kernel.errors import NotVisible, WrongMoment
from network.kernel.hidden import Plaintext
from network.kernel.ids import CaseId
from network.kernel.words import N_
from network.manual.services.standing import standing
from network.outbox.domain import Letter, Priority

SENT = N_("Sent to the family from the manual: «%(section)s» (%(chapter)s)")
STAGES = Path(__file__).parents[1] / "stages.toml"
OTHERWISE = "otherwise"
STAGE_OF = {
    CaseStatus.RECEIVED: "first",
    CaseStatus.TRIAGED: "first",
    CaseStatus.OFFERED: "first",
    CaseStatus.ACCOMPANIED: "later",
    CaseStatus.RESTING: "later",
    CaseStatus.CLOSED: "after",
}
# What a stranger who sees their phone must not read in a message nobody there asked for.
PLAIN = re.compile(r"secuestr|kidnap|v[ií]ctim|rescate|ransom", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SectionToSend:
    """A section, in how many messages it goes, and whether a stranger would understand them."""

    section: Section
    messages: int
    names_it: bool


@dataclass(frozen=True, slots=True)
class CaseShelf:
    """The chapters an accompaniment needs now, the likeliest first, and one of them open."""

    case: Case
    language: str
    suggested: tuple[Chapter, ...]
    others: tuple[Chapter, ...]
    open: Chapter
    sections: tuple[SectionToSend, ...]
    may_send: bool


def of_case(tx: Tx, actor: Actor, *, case_id: CaseId, chapter: str | None = None) -> CaseShelf:
    """What to read now, in the language the family reads; `chapter` opens another one."""
    heading = looking.heading(tx, actor, case_id=case_id)
    contact = _contact(tx, case_id)
    language = _language(contact)
    library = _library(tx, actor)
    everything = library.in_order(language)
    slugs = suggested(heading.case)
    first = tuple(library.chapter(slug, language) for slug in slugs)
    found = next((one for one in everything if one.slug == chapter), None) if chapter else first[0]
    if found is None:
        raise NotVisible
    return CaseShelf(
        case=heading.case,
        language=language,
        suggested=first,
        others=tuple(one for one in everything if one.slug not in slugs),
        open=found,
        sections=tuple(_to_send(library, found, section) for section in found.sections),
        may_send=CasePermission.WRITE in heading.may and contact is not None,
    )


def send(tx: Tx, actor: Actor, *, case_id: CaseId, chapter: str, section: str) -> int:
    """A section as messages to the family, in order; the room notes it. Says how many.

    A section goes out once a day: pressed again, by whomever, none goes.
    """
    case = cases.companion(tx, actor, case_id=case_id)
    contact = _contact(tx, case_id)
    if contact is None:
        raise WrongMoment
    language = _language(contact)
    library = _library(tx, actor)
    try:
        found = library.chapter(chapter, language)
        wanted = found.section(section)
    except (NotWritten, KeyError):
        raise NotVisible from None
    if wanted.left_out:
        raise NotVisible
    texts = messages(library, found, wanted)
    letters = [
        Letter(contact.chat, language, words=Plaintext(text), priority=Priority.ANSWER)
        for text in texts
    ]
    first = replace(letters[0], once=f"section:{case.id}:{chapter}#{section}:{tx.today}")
    if outbox.promise(tx, first) not in outbox.deliveries(tx, (first.id,)):
        return 0
    for letter in letters[1:]:
        outbox.promise(tx, letter)
    words = say(actor.language, SENT, section=wanted.title, chapter=found.title)
    cases.record(tx, case_id=case.id, author=actor.person, text=Plaintext(words))
    return len(texts)


def suggested(case: Case) -> tuple[str, ...]:
    """The chapters for what the family said and for where the accompaniment stands."""
    stages = _stages()
    by_stage = stages.get(case.card.situation, stages[OTHERWISE])
    return by_stage[STAGE_OF[case.status]]


def messages(library: Library, chapter: Chapter, section: Section) -> tuple[str, ...]:
    """The section's cards, each with the label it owes, and what we are not at the end."""
    limits = WORDING[chapter.language].limits
    cards = library.cards(chapter.slug, chapter.language)
    texts = [card.text for card in cards if card.section == section.id and card.text != limits]
    last = f"{texts[-1]}\n\n{limits}"
    if len(last) <= LONGEST:
        return (*texts[:-1], last)
    return (*texts, limits)


def _to_send(library: Library, chapter: Chapter, section: Section) -> SectionToSend:
    texts = messages(library, chapter, section)
    return SectionToSend(section, len(texts), any(PLAIN.search(text) for text in texts))


def _library(tx: Tx, actor: Actor) -> Library:
    return as_it_stands(load_library(tx.pack.code), standing(tx, actor)).library


def _contact(tx: Tx, case_id: CaseId) -> Contact | None:
    found = cases.circles(tx, (case_id,)).get(case_id)
    return found.contact if found is not None else None


def _language(contact: Contact | None) -> str:
    return contact.language if contact is not None and contact.language in LANGUAGES else DEFAULT


@cache
def _stages() -> dict[str, dict[str, tuple[str, ...]]]:
    found = tomllib.loads(STAGES.read_text("utf-8"))
    return {
        situation: {stage: tuple(slugs) for stage, slugs in stages.items()}
        for situation, stages in found.items()
    }
