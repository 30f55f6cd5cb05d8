"""Reviews by specialists: one coordinator says that it was made, a second confirms it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from handbook.library import Library, load_library
from handbook.standing import OF_TREES, WHOLE
from handbook.wording import LANGUAGES
from network import audit
from network.db import Tx
from network.kernel.actor import Actor
from network.kernel.errors import BadInput, NotVisible, WrongMoment
from network.kernel.ids import new_id
from network.manual import store
from network.manual.domain import Review, ReviewStatus, Specialty, read_review_day
from network.manual.policy import ManualPermission, require
from network.manual.services.standing import A_REVIEW_OR_MORE, digest_of
from network.people import services as people


@dataclass(frozen=True, slots=True)
class SectionCard:
    """A section that could do harm, and whether a review of its words stands today."""

    id: str
    title: str
    harm: tuple[int, ...]
    reviewed: bool


@dataclass(frozen=True, slots=True)
class ChapterCard:
    """A chapter or tree in one language, and how many of its sections wait for a review."""

    slug: str
    language: str
    title: str
    sections: tuple[SectionCard, ...]

    @property
    def waiting(self) -> int:
        """How many sections carry the label."""
        return sum(not section.reviewed for section in self.sections)


@dataclass(frozen=True, slots=True)
class ReviewCard:
    """A review, who said and confirmed it, and what became of its sections."""

    review: Review
    title: str
    sections: tuple[str, ...]
    changed: tuple[str, ...]  # worded otherwise since, or gone
    said_by: str
    confirmed_by: str
    lapsed: bool
    is_mine: bool


@dataclass(frozen=True, slots=True)
class ReviewsPage:
    """Everything about reviews: what waits for a second yes, what stands, what waits for one."""

    to_confirm: tuple[ReviewCard, ...]
    confirmed: tuple[ReviewCard, ...]
    chapters: tuple[ChapterCard, ...]


def reviews(tx: Tx, actor: Actor) -> ReviewsPage:
    """What was reviewed, by what specialty and when, and what still carries the label."""
    require(actor, ManualPermission.REVIEW)
    found = _recent(tx)
    people_of = {one.said_by for one in found} | {one.confirmed_by for one in found}
    named = people.members_named(tx, {each for each in people_of if each is not None})
    aliases = {each: member.alias for each, member in named.items()}
    library, day = load_library(tx.pack.code), tx.today
    cards = [
        ReviewCard(
            review=one,
            title=_title(library, one.chapter, one.language),
            sections=tuple(one.scope),
            changed=_changed(library, one),
            said_by=aliases.get(one.said_by, ""),
            confirmed_by=aliases.get(one.confirmed_by, "") if one.confirmed_by else "",
            lapsed=day >= one.lapses_on,
            is_mine=one.said_by == actor.person_id,
        )
        for one in found
    ]
    return ReviewsPage(
        tuple(card for card in cards if card.review.status is ReviewStatus.SAID),
        tuple(card for card in cards if card.review.status is ReviewStatus.CONFIRMED),
        tuple(_chapters(library, found, day)),
    )


def review_of(tx: Tx, actor: Actor, *, chapter: str, language: str) -> ChapterCard:
    """The sections of one chapter, or tree, that a review may name."""
    require(actor, ManualPermission.REVIEW)
    for card in _chapters(load_library(tx.pack.code), _recent(tx), tx.today):
        if (card.slug, card.language) == (chapter, language):
            return card
    raise NotVisible


def say_review(  # noqa: PLR0913  # a review has this many parts
    tx: Tx,
    actor: Actor,
    *,
    chapter: str,
    language: str,
    sections: Sequence[str],
    specialty: Specialty,
    day: date,
) -> UUID:
    """One coordinator says that a specialist read these sections as they are worded now."""
    card = review_of(tx, actor, chapter=chapter, language=language)
    known = {section.id for section in card.sections}
    if not sections or not set(sections) <= known:
        raise BadInput("sections", "choose")
    said = Review(
        id=new_id(),
        chapter=chapter,
        language=language,
        specialty=specialty,
        day=read_review_day(day, today=tx.today),
        scope={},
        status=ReviewStatus.SAID,
        said_by=actor.person,
    )
    library = load_library(tx.pack.code)
    scope = {section: digest_of(library, said, section) for section in sections}
    store.add_review(tx, replace(said, scope=scope))
    audit.receipt(tx, actor, "manual.review-said", subject=said.id)
    return said.id


def confirm_review(tx: Tx, actor: Actor, *, review_id: UUID) -> None:
    """Another coordinator has seen it too: from now on the label is off what it names."""
    require(actor, ManualPermission.REVIEW)
    review = store.review(tx, review_id)
    lapsed = tx.today >= review.lapses_on
    changed = _changed(load_library(tx.pack.code), review)
    if review.said_by == actor.person_id or lapsed or changed:
        raise WrongMoment
    store.move_review(tx, review, ReviewStatus.CONFIRMED, confirmed_by=actor.person)
    audit.receipt(tx, actor, "manual.review-confirmed", subject=review_id)


def withdraw_review(tx: Tx, actor: Actor, *, review_id: UUID) -> None:
    """Take a review back: the label is on again. One is enough, since it errs to the safe side."""
    require(actor, ManualPermission.REVIEW)
    review = store.review(tx, review_id)
    store.move_review(tx, review, ReviewStatus.WITHDRAWN, confirmed_by=review.confirmed_by)
    audit.receipt(tx, actor, "manual.review-withdrawn", subject=review_id)


def trouble_with_reviews(tx: Tx, actor: Actor) -> tuple[tuple[str, str, str, str], ...]:
    """Confirmed reviews that do not count any more: chapter, language, section and why in a word.

    A section that a later review covers is in no trouble.
    """
    require(actor, ManualPermission.CHECK)
    library, day = load_library(tx.pack.code), tx.today
    found = [one for one in _recent(tx) if one.status is ReviewStatus.CONFIRMED]
    standing = _standing(library, found, day)
    return tuple(
        (*key, why)
        for one in found
        for section in one.scope
        if (key := (one.chapter, one.language, section)) not in standing
        and (why := _why(library, one, section, day))
    )


def _why(library: Library, review: Review, section: str, day: date) -> str:
    now = digest_of(library, review, section)
    if not now:
        return "gone"
    if now != review.scope[section]:
        return "changed"
    return "lapsed" if day >= review.lapses_on else ""


def _recent(tx: Tx) -> tuple[Review, ...]:
    """Reviews young enough to count, and a year's more to see what lapsed."""
    return store.reviews(tx, since=tx.today - 3 * A_REVIEW_OR_MORE)


def _changed(library: Library, review: Review) -> tuple[str, ...]:
    return tuple(
        section
        for section, digest in review.scope.items()
        if digest_of(library, review, section) != digest
    )


def _standing(library: Library, found: Sequence[Review], day: date) -> set[tuple[str, str, str]]:
    return {
        (one.chapter, one.language, section)
        for one in found
        for section in one.scope
        if one.stands(section, digest_of(library, one, section), today=day)
    }


def _chapters(library: Library, found: Sequence[Review], day: date) -> Iterator[ChapterCard]:
    standing = _standing(library, found, day)
    for language in LANGUAGES:
        for chapter in library.in_order(language):
            sections = tuple(
                SectionCard(
                    one.id,
                    one.title,
                    tuple(sorted(one.harm)),
                    (chapter.slug, language, one.id) in standing,
                )
                for one in chapter.sections
                if one.harm
            )
            if sections:
                yield ChapterCard(chapter.slug, language, chapter.title, sections)
        for slug in sorted(tree for tree, spoken in library.trees if spoken == language):
            tree = library.tree(slug, language)
            harm = sorted({number for step in tree.steps.values() for number in step.harm})
            key = OF_TREES + slug
            whole = SectionCard(WHOLE, tree.title, tuple(harm), (key, language, WHOLE) in standing)
            yield ChapterCard(key, language, tree.title, (whole,))


def _title(library: Library, chapter: str, language: str) -> str:
    if chapter.startswith(OF_TREES):
        tree = library.trees.get((chapter.removeprefix(OF_TREES), language))
        return tree.title if tree is not None else chapter
    found = library.chapters.get((chapter, language))
    return found.title if found is not None else chapter
