"""Opening a case: from the reader's own key, by their grant, to the keys of its epochs."""

from dataclasses import dataclass, field

from network.cases.domain import Case
from network.cases.store import keys
from network.db import Tx
from network.encryption import keyring
from network.encryption.envelope import Opener
from network.encryption.sealed import PublicKey, Sealed
from network.kernel.actor import Actor
from network.kernel.errors import NotVisible
from network.kernel.hidden import SecretBytes


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
    private = actor.key()
    held = keys.held_by(tx, case.id, actor.person)
    epochs = keys.epochs(tx, case.id)
    if case.epoch not in held:
        raise NotVisible
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
    """Link epochs that began with nobody's key at hand, so that the newer opens the older."""
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
