"""Coming back by the printed code."""

from dataclasses import replace

from network.door import Door
from network.encryption.keyring import MistypedCode, new_recovery, strong_enough
from network.encryption.printed import read_code
from network.kernel.actor import Nobody
from network.kernel.errors import BadInput
from network.kernel.hidden import Plaintext
from network.people.domain import Caller, WeakPassphrase
from network.people.entrance.keeping import wrapped_anew
from network.people.entrance.trying import attempt, by_recovery_of, count, judged
from network.people.lanes import STRANGERS
from network.people.services import entering

STRANGER = Caller()


def recover(
    door: Door,
    *,
    handle: str,
    printed: Plaintext,
    code: str,
    passphrase: Plaintext,
    caller: Caller = STRANGER,
) -> Plaintext:
    """A new passphrase for whoever has the printed code and the authenticator.

    Gives the next printed code, to be shown once. Every session of the member ends.
    """
    try:
        read_code(printed)
    except MistypedCode:
        raise BadInput("printed", "printed_mistyped") from None
    trying = attempt(door.secret, handle, caller)
    with STRANGERS.taken():
        lock = count(door, trying)
        opened = by_recovery_of(door.secret, lock, printed)
    proven = judged(door, trying, lock, opened, code)
    lock, opened = proven.lock, proven.opened
    # Judging takes long, so not before it is known whose it is.
    if not strong_enough(passphrase, (trying.handle,)):
        raise WeakPassphrase
    wrapped = wrapped_anew(door, lock, opened.private, passphrase)
    fresh, by_recovery = new_recovery(lock.person_id, opened.private, door.secret.pepper)
    changed = replace(lock.ways[opened.way], by_passphrase=wrapped, by_recovery=by_recovery)
    door.ask(
        entering.pass_by_code,
        Nobody(),
        name=trying.name,
        lock=lock,
        step=proven.step,
        ways=(*lock.ways[: opened.way], changed, *lock.ways[opened.way + 1 :]),
        way=opened.way,
    )
    return fresh
