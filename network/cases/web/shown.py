"""What the templates are handed: entries, people and receipts in the words of a page."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from math import ceil
from pathlib import PurePath

from flask import request

from config.areas import Municipality, NoSuchArea
from network.audit import Receipt
from network.cases.domain import Case, CaseStatus, Entry, EntryKind, FileLink
from network.cases.policy import CasePermission
from network.cases.services.holding import Holder
from network.cases.services.looking import Names
from network.cases.timeline import Lane, Mark
from network.cases.web.words import RECEIPTS, delivery_words
from network.kernel.actor import Role
from network.kernel.ids import LetterId, PersonId
from network.outbox.domain import Delivery
from network.web.guards import current_actor
from network.web.here import door
from network.web.words import _

KILO, MEGA = 1024, 1024 * 1024
LAST_NUMBER = 2**63 - 1  # a database counts no further, and breaks when it is asked beyond
SOUNDS = frozenset({".ogg", ".oga", ".opus", ".mp3", ".m4a"})
PICTURES = frozenset({".jpg", ".jpeg", ".png", ".webp"})
LANE_OF = {
    EntryKind.FROM_FAMILY: Lane.FAMILY,
    EntryKind.TO_FAMILY: Lane.NETWORK,
    EntryKind.NOTE: Lane.NOTES,
    EntryKind.EVENT: Lane.NOTES,
}


@dataclass(frozen=True, slots=True)
class ShownEntry:
    """One entry as the page says it."""

    entry: Entry
    author: str
    words: str = field(repr=False)
    media: str
    delivery: str
    tone: str

    @property
    def kind(self) -> str:
        """The entry's kind, as its class on the page."""
        return self.entry.kind.value.replace("_", "-")

    @property
    def size(self) -> str:
        """How much its file weighs, for whoever pays for every megabyte."""
        weight = self.entry.file.size if self.entry.file else 0
        return f"{weight / MEGA:.1f} MB" if weight >= MEGA else f"{ceil(weight / KILO)} KB"


@dataclass(frozen=True, slots=True)
class ShownHolder:
    """Somebody who can open the case, and as what."""

    id: PersonId
    alias: str
    does: str
    last: datetime | None
    is_me: bool
    ends: date | None


@dataclass(frozen=True, slots=True)
class ShownReceipt:
    """One line of what was done here."""

    at: datetime
    who: str
    what: str
    whom: str


@dataclass(frozen=True, slots=True)
class Place:
    """A state or municipality to choose."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Can:
    """What this page offers its reader at this moment: what they may, where the case allows it."""

    may: frozenset[CasePermission]
    status: CaseStatus

    @property
    def write(self) -> bool:
        """Say something to the family."""
        return CasePermission.WRITE in self.may

    @property
    def prove(self) -> bool:
        """Propose to hand one entry to somebody outside, with a proof."""
        return CasePermission.EXPORT in self.may

    @property
    def note(self) -> bool:
        """Write something down."""
        return CasePermission.NOTE in self.may

    @property
    def triage(self) -> bool:
        """Say how soon, where and what; not while somebody is deciding on it."""
        return CasePermission.TRIAGE in self.may and self.status is not CaseStatus.OFFERED

    @property
    def offer(self) -> bool:
        """Ask somebody."""
        return CasePermission.OFFER in self.may and self.status is CaseStatus.TRIAGED

    @property
    def withdraw_offer(self) -> bool:
        """Take the offer back."""
        return CasePermission.OFFER in self.may and self.status is CaseStatus.OFFERED

    @property
    def rest(self) -> bool:
        """Let it rest."""
        return CasePermission.REST in self.may and self.status is CaseStatus.ACCOMPANIED

    @property
    def resume(self) -> bool:
        """Go on with it."""
        return CasePermission.REST in self.may and self.status is CaseStatus.RESTING

    @property
    def withdraw(self) -> bool:
        """Step back from it."""
        return CasePermission.WITHDRAW in self.may

    @property
    def close(self) -> bool:
        """End it."""
        return CasePermission.CLOSE in self.may

    @property
    def share(self) -> bool:
        """Give somebody a key."""
        return CasePermission.SHARE in self.may

    @property
    def drop(self) -> bool:
        """Give up one's own key."""
        return CasePermission.DROP in self.may

    @property
    def renew(self) -> bool:
        """Say that access is still needed."""
        return CasePermission.RENEW in self.may

    @property
    def rekey(self) -> bool:
        """Change the lock."""
        return CasePermission.REKEY in self.may

    @property
    def move(self) -> bool:
        """Anything that moves the case on."""
        return any(
            (
                self.triage,
                self.offer,
                self.withdraw_offer,
                self.rest,
                self.resume,
                self.withdraw,
                self.close,
            )
        )


def asked_before() -> int | None:
    """The number a page is to end before, where the address names one that can be."""
    asked = request.args.get("before", type=int)
    return asked if asked is not None and 0 <= asked <= LAST_NUMBER else None


def shown_entries(
    entries: Iterable[Entry], names: Names, deliveries: Mapping[LetterId, Delivery]
) -> list[ShownEntry]:
    """Entries in the order they come."""
    return [_entry(each, names, deliveries) for each in entries]


def shown_holders(case: Case, holders: Iterable[Holder]) -> list[ShownHolder]:
    """Who can open the case."""
    me = current_actor().person_id
    return [
        ShownHolder(
            each.person_id,
            each.alias,
            _does(case, each),
            each.last_opened,
            each.person_id == me,
            each.ends_on,
        )
        for each in holders
    ]


def shown_receipts(receipts: Iterable[Receipt], names: Names) -> list[ShownReceipt]:
    """What was done, by whom and to whom."""
    return [
        ShownReceipt(
            each.at,
            _who(each, names),
            str(RECEIPTS.get(each.verb, each.verb)),
            names.get(PersonId(each.subject), "") if each.subject else "",
        )
        for each in receipts
    ]


def marks_of(entries: Iterable[Entry]) -> list[Mark]:
    """Entries as marks on a time axis."""
    return [Mark(each.at, LANE_OF[each.kind]) for each in entries]


def place_name(code: str | None) -> str:
    """A place as people say it; empty where nobody knows it."""
    if not code:
        return ""
    try:
        area = door().pack.areas.get(code)
    except NoSuchArea:
        return ""
    return f"{area.name}, {area.state}" if isinstance(area, Municipality) else area.name


def places_for(words: str, chosen: str, *, limit: int) -> list[Place]:
    """Places whose name holds the words, and the one that was chosen before."""
    found = [area.geo_code for area in door().pack.areas.search(words, limit=limit)]
    if chosen and chosen not in found and place_name(chosen):
        found.insert(0, chosen)
    return [Place(code, place_name(code)) for code in found]


def media_of(file: FileLink | None) -> str:
    """Whether a page can play it, show it, or only hand it out."""
    if file is None:
        return ""
    ending = PurePath(file.name).suffix.casefold()
    if file.kind == "voice" or ending in SOUNDS:
        return "audio"
    return "image" if file.kind == "photo" or ending in PICTURES else "document"


def _entry(entry: Entry, names: Names, deliveries: Mapping[LetterId, Delivery]) -> ShownEntry:
    delivery, tone = delivery_words(entry, deliveries.get(entry.letter) if entry.letter else None)
    author = _("The family") if entry.kind is EntryKind.FROM_FAMILY else "Hilo"
    if entry.author is not None:
        author = names.get(entry.author, _("Somebody who left"))
    return ShownEntry(entry, author, entry.text.reveal(), media_of(entry.file), delivery, tone)


def _does(case: Case, holder: Holder) -> str:
    if holder.is_stopped:
        return _("stopped for now, cannot come in")
    if holder.person_id == case.activist:
        return _("accompanies")
    if holder.person_id == case.coordinator:
        return _("coordinates it")
    return _("coordination") if holder.role is Role.COORDINATOR else _("was given a key")


def _who(receipt: Receipt, names: Names) -> str:
    if receipt.person_id is not None:
        return names.get(receipt.person_id, _("Somebody who left"))
    return _("The family") if receipt.actor == Role.FAMILY.value else "Hilo"
