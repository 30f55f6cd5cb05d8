"""Opening a case: from the reader's own key, by their grant, to the keys of its epochs."""

from dataclasses import dataclass, field

from network import audit
from network.cases.domain import Case
from network.cases.store import keys, recovery
from network.db import Tx
from network.encryption import keyring
from network.encryption.envelope import Opener, seal_to
from network.encryption.sealed import Place, PublicKey, Sealed
from network.kernel.actor import Actor
from network.kernel.errors import NotVisible
from network.kernel.hidden import Plaintext, SecretBytes
from network.quorum import services as quorum

OPENED = "case.opened-room"


@dataclass(frozen=True, slots=True)
class CaseKeys:
    """The private keys of a case's epochs, as far as this reader can get at them."""

    case: Case
    publics: dict[int, PublicKey] = field(repr=False)
    privates: dict[int, SecretBytes] = field(repr=False)
    unlinked: frozenset[int]  # epochs that do not yet lead to the one before them

    @property
    def current(self) -> SecretBytes:
        """The private key of what is being sealed now."""
        return self.privates[self.case.epoch]

    def openers(self, epochs: set[int]) -> dict[int, Opener]:
        """One opener for each of these epochs that the reader can open."""
        return {each: Opener(self.privates[each]) for each in epochs if each in self.privates}


def open_keys(tx: Tx, actor: Actor, case: Case) -> CaseKeys:
    """Every key of the case this reader can open; NoKey in the bot, NotVisible without a grant."""
    known = open_what_is_left(tx, actor, case)
    if case.epoch not in known.privates:
        raise NotVisible
    return known


def open_what_is_left(tx: Tx, actor: Actor, case: Case) -> CaseKeys:
    """The same for whoever may have no grant of what is being sealed now, as far as theirs lead."""
    private = actor.key()
    held = keys.held_by(tx, case.id, actor.person)
    epochs = keys.epochs(tx, case.id)
    found: dict[int, SecretBytes] = {}
    for number in epochs:
        opened = _by_link(case, number, epochs, found)
        if opened is None and number in held:
            opened = keyring.open_grant(
                private, held[number], case=case.id, epoch=number, member=actor.person
            )
        if opened is not None:
            found[number] = opened
    return CaseKeys(
        case,
        {number: public for number, (public, _) in epochs.items()},
        found,
        frozenset(number for number, (_, link) in epochs.items() if link is None and number > 1),
    )


def mend(tx: Tx, known: CaseKeys) -> None:
    """Link epochs that began with nobody's key at hand, so that the newer opens the older; and seal
    to the quorum what was not yet.
    """
    entrust(tx, known)
    for number in known.unlinked:
        if number in known.privates and number - 1 in known.privates:
            link = keyring.link_epochs(
                known.privates[number - 1],
                known.publics[number],
                case=known.case.id,
                old_epoch=number - 1,
                new_epoch=number,
            )
            keys.mend_link(tx, known.case.id, number, link)


def entrust(tx: Tx, known: CaseKeys) -> None:
    """Seal to the quorum every epoch at hand that is not yet sealed to its present key."""
    current = quorum.public(tx)
    if current is None:
        return
    for number in recovery.not_entrusted(tx, known.case.id, current[0]):
        private = known.privates.get(number)
        held = private and quorum.seal_for_quorum(tx, private, case_id=known.case.id, epoch=number)
        if held:
            recovery.entrust(tx, known.case.id, number, held)


def _by_link(
    case: Case,
    number: int,
    epochs: dict[int, tuple[PublicKey, Sealed | None]],
    found: dict[int, SecretBytes],
) -> SecretBytes | None:
    newer = found.get(number + 1)
    link = epochs[number + 1][1] if newer is not None else None
    if newer is None or link is None:
        return None
    return keyring.open_link(newer, link, case=case.id, old_epoch=number, new_epoch=number + 1)


def seal_for(tx: Tx, case: Case, text: Plaintext, place: Place) -> Sealed:
    """Sealed so that only who holds the case can read it; nobody's own key is needed for that."""
    return seal_to(keys.public_key(tx, case.id, case.epoch), text, place)


def open_for(tx: Tx, actor: Actor, case: Case, sealed: Sealed, place: Place) -> Plaintext | None:
    """What another room sealed for the case; None where no key of its epoch is to be had.

    Leaves the receipt that an opening of the room leaves.
    """
    known = open_keys(tx, actor, case)
    mend(tx, known)
    audit.receipt(tx, actor, OPENED, case=case.id)
    private = known.privates.get(place.epoch or case.epoch)
    return None if private is None else Opener(private).open_text(sealed, place)
