"""Changing what opens one's own key."""

from network.door import Door
from network.encryption.keyring import new_recovery, rewrap, strong_enough
from network.kernel.actor import InSession
from network.kernel.hidden import Plaintext, SecretBytes
from network.people.domain import Lock, WeakPassphrase, WrongCredentials
from network.people.entrance.trying import by_passphrase_of
from network.people.lanes import KNOWN
from network.people.services import entering, own


def change_passphrase(door: Door, who: InSession, *, old: Plaintext, new: Plaintext) -> None:
    """Another passphrase for the same key. Every other session of the member ends."""
    profile = door.look(own.account, who).member.profile
    if not strong_enough(new, (profile.handle, profile.alias)):
        raise WeakPassphrase
    lock, private = _own_key(door, who, old)
    with KNOWN.taken():
        wrapped, salt = rewrap(lock.person_id, private, new, door.secret.pepper)
    door.ask(entering.replace_passphrase, who, lock=lock, wrapped=wrapped, salt=salt)


def new_recovery_code(door: Door, who: InSession, *, passphrase: Plaintext) -> Plaintext:
    """Another printed code, to be shown once; the earlier paper opens nothing any more."""
    lock, private = _own_key(door, who, passphrase)
    code, wrapped = new_recovery(lock.person_id, private, door.secret.pepper)
    door.ask(entering.replace_recovery, who, lock=lock, wrapped=wrapped)
    return code


def _own_key(door: Door, who: InSession, passphrase: Plaintext) -> tuple[Lock, SecretBytes]:
    lock = door.ask(entering.count_own_try, who)
    with KNOWN.taken():
        private = by_passphrase_of(door.secret, lock, passphrase)
    if private is None:
        raise WrongCredentials
    return lock, private
