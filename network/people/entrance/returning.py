"""Coming back with a link of two coordinators, and one's own passphrase or paper."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from network.door import Door
from network.encryption.keyring import MistypedCode
from network.encryption.printed import read_code
from network.encryption.sealed import Place
from network.kernel.actor import Nobody
from network.kernel.errors import WrongMoment
from network.kernel.hidden import Plaintext
from network.people import slip, totp
from network.people.domain import Lock, Opened, WrongCredentials
from network.people.entrance.joining import seal_totp
from network.people.entrance.trying import by_passphrase_of, by_recovery_of
from network.people.lanes import KNOWN
from network.people.services import returning

LASTS = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Returning:
    """Somebody whose passphrase or paper was right: what their new application shows codes from."""

    handle: str = field(repr=False)
    totp_secret: Plaintext
    slip: str = field(repr=False)


def begin_return(door: Door, *, token: Plaintext, opening: Plaintext) -> Returning:
    """A new second factor for whoever opens a key; WrongCredentials for others. Stores nothing."""
    with KNOWN.taken():
        lock = door.ask(returning.count_return, Nobody(), token=token)
        opened = _opened(door, lock, opening)
    if opened is None:
        raise WrongCredentials
    return _returning(door, token, totp.new_secret(), door.now() + LASTS)


def read_return(door: Door, *, token: Plaintext, carried: str) -> Returning:
    """What `begin_return` gave, brought back by a browser; WrongMoment if old or altered."""
    secret = slip.read(door.secret, carried, _place(token), now=door.now())
    if secret is None:
        raise WrongMoment
    handle = door.look(returning.bearer, Nobody(), token=token).profile.handle
    return Returning(handle, Plaintext(secret), carried)


def finish_return(door: Door, *, token: Plaintext, carried: str, code: str) -> None:
    """The new application shows the right code: from now on it is theirs, by whichever way in."""
    found = read_return(door, token=token, carried=carried)
    lock = door.look(returning.return_lock, Nobody(), token=token)
    step = totp.step_of(found.totp_secret, code, door.now())
    if step is None:
        raise WrongCredentials
    # Sealing needs no private key: covers, used or not, get the new one too, as they had the old.
    ways = tuple(
        replace(way, totp=seal_totp(lock.person_id, way.public, found.totp_secret))
        for way in lock.ways
    )
    door.ask(returning.come_back, Nobody(), token=token, lock=lock, step=step, ways=ways)


def _opened(door: Door, lock: Lock, opening: Plaintext) -> Opened | None:
    try:
        read_code(opening)
    except MistypedCode:
        return by_passphrase_of(door.secret, lock, opening)
    return by_recovery_of(door.secret, lock, opening)


def _returning(door: Door, token: Plaintext, secret: Plaintext, until: datetime) -> Returning:
    member = door.look(returning.bearer, Nobody(), token=token)
    carried = slip.seal(door.secret, secret.reveal(), _place(token), until=until)
    return Returning(member.profile.handle, secret, carried)


def _place(token: Plaintext) -> Place:
    return Place("forms", "return", token.reveal())
