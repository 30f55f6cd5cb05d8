"""A family's own copy of what it wrote and what was written to it, to take along.

Made at a desk by whoever holds the case, with the yes of another, and given by hand: never sent to
the chat, which others may read. It holds what the chat itself shows, and nothing of ours around it.
"""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from config.language import say
from network import audit
from network.cases import files as sealed_files
from network.cases.domain import WORD_CHOSEN, Case, Entry, EntryKind, FileLink
from network.cases.paper import JPEG, Paper, Said, locked
from network.cases.policy import CasePermission, require
from network.cases.services.opening import mend, open_keys
from network.cases.store import cases, entries, families, files
from network.cases.words import words
from network.db import Tx
from network.kernel.actor import Actor
from network.kernel.errors import BadInput, NotVisible, WrongMoment
from network.kernel.hidden import Plaintext
from network.kernel.ids import CaseId, ProposalId
from network.kernel.words import N_
from network.people import services as people
from network.proposals import services as proposals
from network.proposals.domain import Matter, Proposal, ProposalStatus

WORDS = 6  # of 1,157: 61 bits, so that a copy that is lost cannot be guessed open
AT_ONCE = 200
MOST_FILES = 40 * 1024 * 1024  # what does not fit is named, and handed out from the room
PIECES = 64
COPIED = "case.copy-made"
MOST_WAITED = timedelta(minutes=1)  # its moment is taken before its turn to write comes
MOST_COPIES = 3  # for one yes: one may be lost, or its words
YES_LASTS = timedelta(days=3)  # it was said of what was written until then, and not of months
THEIRS = frozenset({EntryKind.FROM_FAMILY, EntryKind.TO_FAMILY})

YOU, WE = N_("You"), N_("To you")
WHAT_IT_IS = N_(
    "This is what you wrote to us and what we wrote to you until %(day)s. It is yours. Whoever made"
    " it for you took the file to a computer and saw its words; they are to erase it there. Whoever"
    " has it and its words can read it: keep them apart."
)
PLACE = N_("(a place: %(latitude)s, %(longitude)s)")
FILE_INSIDE = N_("(file %(name)s: it lies in this paper, among its attached files)")
FILE_LEFT_OUT = N_("(file %(name)s: too large for this copy; ask for it)")
EXACT_WORDS = N_("words.txt")
NUMBERED = N_("Copy %(number)s")
COPY_MADE = N_(
    "%(who)s has made a copy of %(reference)s for its family: number %(number)s, with your yes. If"
    " you do not know why, ask them."
)
COPY_MADE_UNHEARD = N_(
    "%(who)s has made a copy of %(reference)s for its family: number %(number)s. Whoever said yes"
    " to it is suspended or gone. If you do not know why, ask them."
)


@dataclass(frozen=True, slots=True)
class Copy:
    """The file as it leaves the house."""

    content: bytes = field(repr=False)
    name: str = "copia.pdf"


def new_words() -> str:
    """A passphrase to be said aloud and written down on paper. It is kept nowhere."""
    return " ".join(secrets.choice(words()) for _ in range(WORDS))


def propose_copy(tx: Tx, actor: Actor, *, case_id: CaseId, reason: Plaintext) -> ProposalId:
    """Whoever holds the case says how the family asked and how they know that it was they."""
    case = cases.get(tx, actor, case_id)
    require(actor, CasePermission.EXPORT, case)
    return proposals.propose(
        tx,
        actor,
        matter=Matter.COPY,
        subject=case_id,
        reason=reason,
        about=case.card.reference,
    )


def confirm_copy(tx: Tx, actor: Actor, *, proposal_id: ProposalId) -> None:
    """The second pair of eyes. They need not hold the case, and see none of it."""
    proposals.confirm(tx, actor, proposal_id=proposal_id, matter=Matter.COPY)


def copies(tx: Tx, actor: Actor, *, case_id: CaseId) -> tuple[Proposal, ...]:
    """What the actor proposed about a copy of this case: waiting, or decided. A yes that is used up
    is not among them.
    """
    cases.get(tx, actor, case_id)
    found = (
        *proposals.open_proposals(tx, actor, matter=Matter.COPY),
        *proposals.ended_proposals(tx, actor),
    )
    return tuple(
        each
        for each in found
        if each.matter is Matter.COPY
        and each.subject == case_id
        and each.proposer == actor.person_id
        and not _is_used_up(tx, actor, each)
    )


def note_copy(tx: Tx, actor: Actor, *, proposal_id: ProposalId) -> int:
    """One more copy is made, by whoever proposed it and can still open the case: in the log first,
    and whoever said yes hears of it. Says the line's number, which stands on every page: a copy
    that gets out names itself. WrongMoment once the yes is used up.
    """
    decided, case = _decided(tx, actor, proposal_id, MOST_COPIES - 1)
    mend(tx, open_keys(tx, actor, case))
    number = audit.receipt(tx, actor, COPIED, case=case.id, subject=decided.second)
    # Once more after it, as whoever writes to the log waits for the others.
    decided, case = _decided(tx, actor, proposal_id, MOST_COPIES)
    _tell_second(tx, actor, decided, number)
    return number


def make_copy(
    tx: Tx, actor: Actor, *, proposal_id: ProposalId, number: int, passphrase: Plaintext
) -> Copy:
    """The file itself, once it is noted. Only read: nobody who writes waits for it."""
    typed = passphrase.reveal().split(" ")
    if len(typed) != WORDS or not set(typed) <= set(words()):
        raise BadInput("words", "not_ours")
    _, case = _decided(tx, actor, proposal_id, MOST_COPIES)
    return Copy(locked(_paper(tx, actor, case, number), passphrase.reveal()))


def _decided(tx: Tx, actor: Actor, proposal_id: ProposalId, most: int) -> tuple[Proposal, Case]:
    decided = proposals.proposal(tx, actor, proposal_id=proposal_id)
    if decided.matter is not Matter.COPY or decided.proposer != actor.person_id:
        raise NotVisible
    if decided.status is not ProposalStatus.CONFIRMED or not _is_left(tx, actor, decided, most):
        raise WrongMoment
    case = cases.get(tx, actor, CaseId(decided.subject))
    require(actor, CasePermission.EXPORT, case)
    return decided, case


def _is_used_up(tx: Tx, actor: Actor, proposal: Proposal) -> bool:
    is_decided = proposal.status is ProposalStatus.CONFIRMED
    return is_decided and not _is_left(tx, actor, proposal, MOST_COPIES - 1)


def _is_left(tx: Tx, actor: Actor, decided: Proposal, most: int) -> bool:
    """Whether its yes still stands: so many copies at most since it was said. Those that another
    yes allowed count, too.
    """
    since = proposals.confirmed_at(tx, decided.id)
    if since is None or tx.now >= since + YES_LASTS:
        return False
    made = audit.moments(tx, CaseId(decided.subject), COPIED, actor.person)
    return sum(at >= since - MOST_WAITED for at in made) <= most


def _tell_second(tx: Tx, actor: Actor, decided: Proposal, number: int) -> None:
    """Whoever said yes; where they may not read letters any more, the others of coordination."""
    me = people.member(tx, actor.person)
    named = people.members_named(tx, {decided.second} if decided.second else set())
    params = {"who": me.alias, "reference": decided.told.about, "number": str(number)}
    readers = [each for each in named.values() if each.active]
    if readers:
        people.write_to(tx, readers, COPY_MADE, params=params)
        return
    others = people.coordinators(tx, but={me.id})
    people.write_to(tx, others, COPY_MADE_UNHEARD, params=params)


def _paper(tx: Tx, actor: Actor, case: Case, number: int) -> Paper:
    contact = families.contact_of(tx, case.id)
    language = contact[1].language if contact else actor.language
    zone = ZoneInfo(case.card.time_zone or tx.pack.time_zone)
    inside: dict[str, bytes] = {}
    said = []
    room = MOST_FILES
    for entry in _theirs(tx, actor, case, language):
        picture, note = None, ""
        if entry.file is not None:
            content = _content(tx, case.id, entry.file) if entry.file.size <= room else None
            name = _name(entry.file, len(inside))
            if content is None:
                note = say(language, FILE_LEFT_OUT, name=entry.file.name)
            else:
                room -= len(content)
                inside[name] = content
                picture = content if content.startswith(JPEG) else None
                note = say(language, FILE_INSIDE, name=name)
        if entry.location is not None:
            latitude, longitude = entry.location
            note = say(language, PLACE, latitude=str(latitude), longitude=str(longitude))
        parts = [each for each in (entry.text.reveal(), note) if each]
        said.append(Said(_heading(language, entry, zone), "\n".join(parts), picture))
    return Paper(
        opening=(say(language, WHAT_IT_IS, day=_day(tx.now, zone)),),
        said=said,
        foot=say(language, NUMBERED, number=str(number)),
        words_as=say(language, EXACT_WORDS),
        files=inside,
    )


def _theirs(tx: Tx, actor: Actor, case: Case, language: str) -> Iterator[Entry]:
    """What they wrote and what was written to them, the oldest first. No note, no event, and not
    that a word of danger was chosen: the chat was cleared of that.
    """
    known = open_keys(tx, actor, case)
    hidden = {say(each, WORD_CHOSEN) for each in (*tx.pack.languages, language)}
    found: list[Entry] = []
    before = None
    while rows := entries.page(tx, case.id, before=before, limit=AT_ONCE):
        openers = known.openers({row.epoch for row in rows})
        opened = (entries.opened(row, case.id, openers) for row in rows)
        found += [each for each in opened if each is not None and each.kind in THEIRS]
        before = rows[-1].number
    for each in reversed(found):
        if each.text.reveal() not in hidden:
            yield each


def _content(tx: Tx, case_id: CaseId, file: FileLink) -> bytes:
    def pieces() -> Iterator[bytes]:
        first = 0
        while batch := files.pieces(tx, case_id, file.id, first, PIECES):
            yield from batch
            first += len(batch)

    return b"".join(sealed_files.opened(pieces(), file.key, file.id))


def _name(file: FileLink, number: int) -> str:
    """Each its own, whatever they were called."""
    kept = "".join(one for one in file.name if one.isalnum() or one in "._-")[-60:].lstrip(".")
    return f"{number + 1:02}-{kept or 'archivo'}"


def _heading(language: str, entry: Entry, zone: ZoneInfo) -> str:
    who = YOU if entry.kind is EntryKind.FROM_FAMILY else WE
    at = entry.at.astimezone(zone)
    return f"{at:%d/%m/%Y %H:%M} · {say(language, who)}"


def _day(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%d/%m/%Y}"
