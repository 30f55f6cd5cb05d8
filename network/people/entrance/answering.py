"""What a browser says that a device answered, believed only once the device's own key signed it."""

from network.door import Door
from network.encryption import authenticators
from network.encryption.authenticators import NotProven, Said, Site
from network.kernel.actor import InSession, Nobody
from network.people import challenges
from network.people.domain import Lock, WrongCredentials
from network.people.services import passkeys
from network.people.services.proving import ByDevice, Proof, count_proof
from network.people.store.passkeys import Answered


def said(door: Door, credential: str, purpose: str) -> Said:
    """What a browser sent, if it answers a young question of ours for this purpose."""
    try:
        found = authenticators.read(credential)
    except NotProven:
        raise WrongCredentials from None
    if not challenges.ours(door.secret, found.challenge, purpose, door.now()):
        raise WrongCredentials
    return found


def answered(door: Door, site: Site, credential: str, purpose: str) -> tuple[Answered, Lock]:
    """Which passkey signed it, and what its owner opens. The question is not used up by this."""
    sent = said(door, credential, purpose)
    found = door.look(passkeys.named, Nobody(), credential=sent.credential)
    if found is None:
        raise WrongCredentials
    used, lock = found
    try:
        times = authenticators.answered(site, sent, public=used.made.public)
    except NotProven:
        raise WrongCredentials from None
    asked = challenges.until_of(sent.challenge)
    return Answered(used, times, challenges.mark_of(sent.challenge), asked), lock


def to_prove(door: Door, who: InSession, site: Site, *, about: str) -> str:
    """What a browser asks a device before something grave; `about` is the address it is sent to."""
    challenge = challenges.new(door.secret, _proving(who, about), door.now())
    return authenticators.to_answer(site, challenge=challenge)


def proof_of(
    door: Door, who: InSession, site: Site, *, code: str, credential: str, about: str
) -> Proof:
    """A fresh second factor: the code as it was typed, or what a device of theirs answered, in this
    session and about this very thing. Counted before it is judged; WrongCredentials or SlowDown.
    """
    door.ask(count_proof, who)
    return uncounted(door, who, site, code=code, credential=credential, about=about)


def uncounted(
    door: Door, who: InSession, site: Site, *, code: str, credential: str, about: str
) -> Proof:
    """The same, where the try was counted with a passphrase."""
    if not credential:
        return code
    answer, _ = answered(door, site, credential, _proving(who, about))
    if not door.ask(passkeys.answer_again, who, answer=answer):
        raise WrongCredentials
    return ByDevice(who.session_id)


def _proving(who: InSession, about: str) -> str:
    return f"prove:{who.session_id.hex}:{about}"
