"""The family's side: the first word opens a case, every other one lands in it, sealed."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from network import outbox
from network.cases.domain import (
    MAX_NEED,
    Card,
    Case,
    CaseStatus,
    Contact,
    Entry,
    EntryKind,
    FileLink,
    NobodyToReceive,
    cleaned,
    danger_word,
)
from network.cases.policy import CasePermission, require
from network.cases.store import entries, families, files, gate, keys
from network.cases.words import pair
from network.db import Tx
from network.encryption import keyring
from network.encryption.envelope import KeyPair, new_key_pair
from network.encryption.sealed import PublicKey, Sealed
from network.kernel.actor import Actor, Role
from network.kernel.errors import BadInput, NotVisible
from network.kernel.hidden import Plaintext
from network.kernel.ids import CaseId, EntryId, LetterId, PersonId, new_id
from network.kernel.words import N_
from network.outbox.domain import Button, Letter, Priority
from network.people import services as people
from network.people.domain import Member

MOST_NORTH, MOST_EAST = 90, 180
MOST_NEWS = 12  # letters of one signal: the envelope has one size, and alarms need room in it too

NEW_REQUEST = N_("There is a new request: %(reference)s. Open Hilo to read it.")
NEWS = N_("There is news in %(reference)s. Open Hilo to read it.")


@dataclass(frozen=True, slots=True)
class Opened:
    """A case just opened, and the letters the caller owes its receivers."""

    case: Case
    contact: Contact
    news: tuple[Letter, ...]


@dataclass(frozen=True, slots=True)
class Heard:
    """Words that landed in an open case, and the letters the caller owes its responders."""

    case: Case
    contact: Contact
    news: tuple[Letter, ...]


@dataclass(frozen=True, slots=True)
class Responders:
    """Who answers for a case now: the accompanier, and the coordinators who can open it."""

    accompanier: Member | None
    coordinators: tuple[Member, ...]

    @property
    def first(self) -> tuple[Member, ...]:
        """Whom ordinary news go to: the accompanier, or else the coordinators."""
        return (self.accompanier,) if self.accompanier else self.coordinators

    @property
    def everybody(self) -> tuple[Member, ...]:
        """Whom what is decided about a case goes to."""
        return (*self.coordinators, *((self.accompanier,) if self.accompanier else ()))


def intake(
    tx: Tx, actor: Actor, *, situation: str, text: Plaintext, at: datetime | None = None
) -> Opened | Heard:
    """A family's first words open a case; with one open already they are heard in it.

    Promises nothing itself: the caller sends `news`, sealed in one signal.
    """
    require(actor, CasePermission.ASK)
    found = families.of_family(tx, actor)
    if found is not None:
        return _hear(tx, found, _entry(tx, text, at=at))
    entry = _entry(tx, text, at=at)
    case, contact = _new_case(tx, actor, situation)
    receivers = who_receives(tx, case)
    if not receivers:
        raise NobodyToReceive
    pair_of_case = new_key_pair()
    grants = granted(case.id, case.epoch, pair_of_case, receivers)
    families.add(tx, case, contact)
    keys.begin_epoch(tx, case.id, case.epoch, pair_of_case)
    keys.give(tx, case.id, case.epoch, grants)
    entries.add(tx, case, pair_of_case.public, entry)
    return Opened(case, contact, _news(receivers, NEW_REQUEST, case))


def who_receives(
    tx: Tx, case: Case, *, but: Collection[PersonId | None] = ()
) -> tuple[Member, ...]:
    """Who gets this case when it has nobody: those on duty, or all of coordination where vetting
    bars each of them.
    """
    for asked in (people.receivers(tx), people.coordinators(tx)):
        barred = gate.barred(tx, case, [each.id for each in asked])
        free = tuple(each for each in asked if each.id not in barred and each.id not in but)
        if free:
            return free
    return ()


def hear(  # noqa: PLR0913  # a word has this many parts
    tx: Tx,
    actor: Actor,
    *,
    text: Plaintext | None = None,
    file: FileLink | None = None,
    location: tuple[float, float] | None = None,
    at: datetime | None = None,
    kind: EntryKind = EntryKind.FROM_FAMILY,
) -> Heard:
    """Words, a file or a place from a family into their open case; NotVisible without one."""
    found = families.of_family(tx, actor)
    if found is None:
        raise NotVisible
    require(actor, CasePermission.HEAR, found.case)
    entry = replace(_entry(tx, text, at=at, file=file, location=location), kind=kind)
    if file is not None:
        files.keep(tx, file.id, found.case.id)
    return _hear(tx, found, entry)


def case_of(tx: Tx, actor: Actor) -> tuple[Case, Contact] | None:
    """The open case of this chat, if it has one."""
    found = families.of_family(tx, actor)
    return None if found is None else (found.case, found.contact)


def read_ahead(tx: Tx, chats: Collection[int]) -> tuple[CaseId, ...]:
    """For the answers of one commit: the open cases of these chats and who answers for them."""
    found = families.read_ahead(tx, chats)
    people.members_named(tx, keys.read_ahead(tx, found))
    return found


def set_danger_word(
    tx: Tx, actor: Actor, *, word: Plaintext, chosen_in: int = 0, rang: bool = False
) -> None:
    """The family chooses a word that, typed anywhere, calls for help without showing it. The one
    they have already is not judged again.
    """
    found = families.hold_family(tx, actor)
    require(actor, CasePermission.HEAR, found.case)
    theirs = found.contact.danger_word
    kept = theirs if theirs and word.reveal() == theirs else danger_word(word)
    contact = replace(found.contact, danger_word=kept, chosen_in=chosen_in, rang=rang)
    families.save_contact(tx, found.contact_id, contact)


def forget_danger_word(tx: Tx, actor: Actor) -> None:
    """The family has no such word, until it chooses one."""
    found = families.hold_family(tx, actor)
    require(actor, CasePermission.HEAR, found.case)
    contact = replace(found.contact, danger_word="", chosen_in=0, rang=False)
    families.save_contact(tx, found.contact_id, contact)


def change_language(tx: Tx, actor: Actor, *, language: str) -> None:
    """From now on this family is written to in that language; nothing where no case is open."""
    if families.of_family(tx, actor) is None:
        return
    found = families.hold_family(tx, actor)
    require(actor, CasePermission.HEAR, found.case)
    families.save_contact(tx, found.contact_id, replace(found.contact, language=language))


def responders(tx: Tx, case_id: CaseId) -> Responders:
    """Who answers for this case now. When nobody who can open it is active, every coordinator."""
    accompanier, readers = keys.readers_of(tx, case_id)
    members = people.members_named(tx, readers)
    active = [members[each] for each in readers if each in members and members[each].active]
    coordinators = tuple(each for each in active if each.role is Role.COORDINATOR)
    found = next((each for each in active if each.id == accompanier), None)
    if found is None and not coordinators:
        coordinators = people.coordinators(tx)
    return Responders(found, coordinators)


def letter_to_family(
    tx: Tx,
    case: Case,
    say: str,
    *,
    params: dict[str, str] | None = None,
    buttons: tuple[tuple[Button, ...], ...] = (),
    once: str | None = None,
) -> LetterId | None:
    """Promise the family a sentence of ours, in their language. None where the chat is gone."""
    found = families.contact_of(tx, case.id)
    if found is None:
        return None
    contact = found[1]
    letter = Letter(
        to=contact.chat,
        language=contact.language,
        say=say,
        params=params or {},
        buttons=buttons,
        priority=Priority.ANSWER,
        once=once,
    )
    return outbox.promise(tx, letter)


def granted(
    case_id: CaseId, epoch: int, pair_of_case: KeyPair, members: Sequence[Member]
) -> dict[PersonId, Sealed]:
    """The epoch's private key for each of these members."""
    return {
        member.id: keyring.grant(
            pair_of_case.private,
            PublicKey(member.public_key),
            case=case_id,
            epoch=epoch,
            member=member.id,
        )
        for member in members
        if member.public_key is not None
    }


def _new_case(tx: Tx, actor: Actor, situation: str) -> tuple[Case, Contact]:
    reference = pair()
    card = Card(
        reference=reference,
        verification=pair(without=reference),
        situation=cleaned(Plaintext(situation), "situation", longest=MAX_NEED).reveal(),
        time_zone=tx.pack.time_zone,
    )
    case = Case(CaseId(new_id()), CaseStatus.RECEIVED, None, tx.now, card, epoch=1)
    if actor.chat is None:
        raise BadInput("chat", "empty")
    return case, Contact(actor.chat, actor.language)


def _hear(tx: Tx, found: families.FamilyCase, entry: Entry) -> Heard:
    entries.add(tx, found.case, found.public, entry)
    news = _news(responders(tx, found.case.id).first, NEWS, found.case)
    return Heard(found.case, found.contact, news)


def _entry(
    tx: Tx,
    text: Plaintext | None,
    *,
    at: datetime | None,
    file: FileLink | None = None,
    location: tuple[float, float] | None = None,
) -> Entry:
    bare = (text is None or not text.reveal()) and (file is not None or location is not None)
    return Entry(
        number=0,
        id=EntryId(new_id()),
        kind=EntryKind.FROM_FAMILY,
        at=at or tx.now,
        author=None,
        text=Plaintext("") if bare or text is None else cleaned(text, "text"),
        file=file,
        location=located(location),
    )


def located(location: tuple[float, float] | None) -> tuple[float, float] | None:
    """A place on this planet, to about a metre, or BadInput."""
    if location is None:
        return None
    latitude, longitude = location
    if not (abs(latitude) <= MOST_NORTH and abs(longitude) <= MOST_EAST):
        raise BadInput("location", "out_of_range")
    return round(latitude, 5), round(longitude, 5)


def _news(members: Sequence[Member], say: str, case: Case) -> tuple[Letter, ...]:
    return people.letters_to(
        members[:MOST_NEWS],
        say,
        params={"reference": case.card.reference},
        priority=Priority.NOTICE,
    )
