"""The room: the family's words and the accompanier's, what became of each, and who came in."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from network import audit, outbox
from network.audit import Receipt
from network.cases.domain import (
    MAX_CAPTION,
    MAX_LETTER,
    Case,
    CaseStatus,
    Contact,
    Entry,
    EntryKind,
    FileLink,
    cleaned,
)
from network.cases.policy import CasePermission, not_shown, permissions, require
from network.cases.services.holding import Holder, holders_of
from network.cases.services.opening import OPENED, mend, open_keys
from network.cases.store import cases, entries, families, files, keys
from network.db import Tx
from network.kernel.actor import Actor
from network.kernel.errors import WrongMoment
from network.kernel.hidden import Plaintext
from network.kernel.ids import CaseId, EntryId, LetterId, new_id
from network.outbox.domain import Attachment, AttachmentKind, Delivery, Letter, Priority

MOST_ENTRIES = 100
RECEIPTS_SHOWN = 30


@dataclass(frozen=True, slots=True)
class Room:
    """One look into a case: a page of entries, newest last, and everything around them."""

    case: Case
    entries: tuple[Entry, ...]
    deliveries: dict[LetterId, Delivery]
    holders: tuple[Holder, ...]
    receipts: tuple[Receipt, ...]
    may: frozenset[CasePermission]
    more: int | None  # ask again with `before` this number for older entries
    unreadable: int  # entries of this page that none of the reader's keys opens


def room(
    tx: Tx, actor: Actor, *, case_id: CaseId, before: int | None = None, limit: int = 50
) -> Room:
    """Open the case and read a page of it. Leaves a receipt that its members and the family see."""
    case = cases.get(tx, actor, case_id)
    require(actor, CasePermission.READ, case)
    known = open_keys(tx, actor, case)
    mend(tx, known)
    wanted = max(1, min(limit, MOST_ENTRIES))
    rows = entries.page(tx, case_id, before=before, limit=wanted + 1)
    shown = rows[:wanted]
    openers = known.openers({row.epoch for row in shown})
    found = [entries.opened(row, case_id, openers) for row in reversed(shown)]
    opened = tuple(each for each in found if each is not None)
    audit.receipt(tx, actor, OPENED, case=case_id)
    return Room(
        case=case,
        entries=opened,
        deliveries=_deliveries(tx, opened),
        holders=holders_of(tx, case),
        receipts=tuple(_receipts(tx, actor, case_id)),
        may=permissions(actor, case),
        more=shown[-1].number if len(rows) > wanted else None,
        unreadable=len(found) - len(opened),
    )


def write(
    tx: Tx,
    actor: Actor,
    *,
    case_id: CaseId,
    text: Plaintext | None = None,
    file: FileLink | None = None,
    form: str | None = None,
) -> EntryId | None:
    """Say something to the family: sealed into the room, and promised to their chat.

    The same words from the same `form`, which names itself by a text that no other has, are said
    once, however often it is sent: None for the second time.
    """
    case = cases.get(tx, actor, case_id)
    require(actor, CasePermission.WRITE, case)
    found = families.contact_of(tx, case_id)
    if found is None:
        raise WrongMoment
    bare = file is not None and (text is None or not text.reveal().strip())
    words = None if bare else cleaned(text or Plaintext(""), "text", longest=MAX_LETTER)
    first, *others = _letters(found[1], words, file)
    if form is not None:
        first = replace(first, once=_once(case_id, form, words, file))
    outbox.promise(tx, first)
    if not outbox.deliveries(tx, [first.id]):
        return None
    if file is not None:
        files.keep(tx, file.id, case_id)
    letters = (first, *others)
    for letter in others:
        outbox.promise(tx, letter)
    return _enter(
        tx,
        actor,
        case,
        kind=EntryKind.TO_FAMILY,
        text=words or Plaintext(""),
        file=file,
        letter=letters[-1].id,
    )


def note(tx: Tx, actor: Actor, *, case_id: CaseId, text: Plaintext) -> EntryId:
    """Write something down for those who hold the case; the family does not see it."""
    case = cases.get(tx, actor, case_id)
    require(actor, CasePermission.NOTE, case)
    return _enter(tx, actor, case, kind=EntryKind.NOTE, text=cleaned(text, "text"))


def rest(tx: Tx, actor: Actor, *, case_id: CaseId) -> None:
    """Nothing is asked of anybody for a while; the family can still write."""
    _move(tx, actor, case_id, CaseStatus.RESTING, "case.rested")


def resume(tx: Tx, actor: Actor, *, case_id: CaseId) -> None:
    """The accompaniment goes on."""
    _move(tx, actor, case_id, CaseStatus.ACCOMPANIED, "case.resumed")


def _move(tx: Tx, actor: Actor, case_id: CaseId, target: CaseStatus, verb: str) -> None:
    case = cases.hold(tx, actor, case_id)
    require(actor, CasePermission.REST, case)
    if case.activist is None:
        raise WrongMoment
    cases.move(tx, case, case.moved_to(target))
    audit.receipt(tx, actor, verb, case=case_id)


def _once(case_id: CaseId, form: str, words: Plaintext | None, file: FileLink | None) -> str:
    """What is said, and by which form: whoever goes back to a page and writes anew is heard."""
    said = "" if words is None else words.reveal()
    with_it = "" if file is None else f"{file.size}:{file.name}"
    text = f"{form}\0{said}\0{with_it}"
    return f"write:{case_id.hex}:{sha256(text.encode()).hexdigest()}"


def _letters(
    contact: Contact, words: Plaintext | None, file: FileLink | None
) -> tuple[Letter, ...]:
    """One letter, or two where the words are too long to stand under the file."""
    attachment = _attached(file) if file is not None else None
    apart = file is not None and words is not None and len(words.reveal()) > MAX_CAPTION
    parts = ((words, None), (None, attachment)) if apart else ((words, attachment),)
    return tuple(
        Letter(
            to=contact.chat,
            language=contact.language,
            words=each,
            attachment=with_it,
            priority=Priority.ANSWER,
        )
        for each, with_it in parts
    )


def _attached(file: FileLink) -> Attachment:
    return Attachment(file.id, file.key, AttachmentKind(file.kind), file.name)


def _enter(  # noqa: PLR0913  # an entry has this many parts
    tx: Tx,
    actor: Actor,
    case: Case,
    *,
    kind: EntryKind,
    text: Plaintext,
    file: FileLink | None = None,
    letter: LetterId | None = None,
) -> EntryId:
    entry = Entry(0, EntryId(new_id()), kind, tx.now, actor.person, text, file, letter)
    return entries.add(tx, case, keys.public_key(tx, case.id, case.epoch), entry)


def _receipts(tx: Tx, actor: Actor, case_id: CaseId) -> list[Receipt]:
    return audit.receipts_of(tx, case_id, limit=RECEIPTS_SHOWN, without=not_shown(actor))


def _deliveries(tx: Tx, shown: Sequence[Entry]) -> dict[LetterId, Delivery]:
    wanted = [each.letter for each in shown if each.letter is not None]
    return {LetterId(each): what for each, what in outbox.deliveries(tx, wanted).items()}
