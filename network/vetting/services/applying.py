"""The applicant's side: the first word, where they stand, and taking it back."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from network import audit
from network.db import Tx
from network.kernel.actor import Actor
from network.kernel.errors import BadInput, NotVisible, SlowDown, WrongMoment
from network.kernel.hidden import Plaintext
from network.kernel.ids import new_id
from network.kernel.words import N_
from network.people import services as people
from network.people.domain import Clearance, Member, same_code
from network.vetting.domain.path import (
    ASKED,
    INSIDE,
    Application,
    Course,
    Facts,
    Reason,
    Stand,
    Step,
    read_words,
)
from network.vetting.policy import VettingPermission, require
from network.vetting.services import history
from network.vetting.services.pair import seat_new
from network.vetting.store import applications

CODE_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 12
MOST_A_DAY = 60  # that come by the page and nobody has looked at yet; the bot stays open
AN_HOUR = 3600
SOMEBODY_WROTE = N_("Somebody wants to help. See «Coming in» on the web.")
HELPED_BEFORE = "helped_before"


@dataclass(frozen=True, slots=True)
class Standing:
    """What an applicant is told of where they stand."""

    stand: Stand
    reason: Reason | None = None
    clearance: Clearance | None = None
    chapters: tuple[str, ...] = ()
    by_path: bool = True  # or let in on somebody's word, before or beside the path
    code: Plaintext | None = field(default=None, repr=False)


def apply(tx: Tx, actor: Actor, *, said: Mapping[str, Plaintext]) -> Plaintext:
    """Somebody on the page wants to help: sealed to two coordinators at once. Says their code.

    There is no account, and nobody is asked who they are; what keeps a flood out is a number for
    each day, and the bot goes on taking applications when it is reached.
    """
    require(actor, VettingPermission.APPLY)
    kept = {name: read_words(said.get(name, Plaintext("")), name) for name in ASKED}
    if applications.written_on(tx, tx.now.date()) >= MOST_A_DAY:
        raise SlowDown(AN_HOUR)
    code = "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
    application = _begin(tx, actor, code=code)
    for name, text in kept.items():
        history.write(tx, actor, application, kind=history.ANSWER, what=name, text=text)
    return Plaintext("-".join(code[at : at + 4] for at in range(0, CODE_LENGTH, 4)))


def answer(tx: Tx, actor: Actor, *, asked: str, text: Plaintext) -> Stand:
    """One answer from a chat; the first one opens the application, before the next is asked."""
    require(actor, VettingPermission.APPLY)
    if actor.chat is None or asked not in {*ASKED, HELPED_BEFORE}:
        raise BadInput("asked", "choose")
    said = read_words(text, asked)
    found = applications.of_chat(tx, actor)
    application = (
        applications.hold_found(tx, found) if found else _begin(tx, actor, chat=actor.chat)
    )
    if application.stand != Stand(Step.IDENTITY):
        raise WrongMoment
    history.write(tx, actor, application, kind=history.ANSWER, what=asked, text=said)
    return application.stand


def where_i_stand(tx: Tx, actor: Actor) -> Standing | None:
    """Of whoever writes from a chat or is signed in; None where there is nothing to say."""
    require(actor, VettingPermission.SEE_OWN)
    if actor.person_id is not None:
        member = people.member(tx, actor.person_id)
        if member.active and not actor.active:  # a cover shows somebody who waits for two yeses
            return Standing(Stand(Step.APPROVAL), clearance=Clearance(), by_path=False)
        return _of_member(tx, member)
    application = applications.of_chat(tx, actor)
    return None if application is None else _of_application(tx, application)


def where_code_stands(tx: Tx, actor: Actor, *, code: Plaintext) -> Standing:
    """Of whoever has the code that the page showed; a wrong one and a spent one look the same."""
    require(actor, VettingPermission.SEE_OWN)
    return _of_application(tx, _by_code(tx, code))


def take_back(tx: Tx, actor: Actor, *, code: Plaintext | None = None) -> None:
    """An applicant changes their mind: everything they told us is destroyed now.

    Not once they are inside: then their account ends by the way of every account.
    """
    require(actor, VettingPermission.APPLY)
    application = applications.of_chat(tx, actor) if code is None else _by_code(tx, code)
    if application is None:
        raise NotVisible
    if application.stand.step in INSIDE:
        raise WrongMoment
    applications.erase(tx, application.id)
    audit.receipt(tx, actor, "vetting.taken-back", subject=application.id)


def _begin(
    tx: Tx, actor: Actor, *, chat: int | None = None, code: str | None = None
) -> Application:
    today = tx.now.date()
    application = Application(
        id=new_id(),
        stand=Stand(Step.IDENTITY),
        opened_on=today,
        changed_on=today,
        epoch=1,
        facts=Facts(new_id(), actor.language, chat),
    )
    applications.add(tx, application, erase_on=today + tx.pack.vetting.kept, chat=chat, code=code)
    pair = seat_new(tx, application.id)
    audit.receipt(tx, actor, "vetting.applied", subject=application.id)
    # Once a day to each: a flood of applications must be no flood of letters.
    people.write_to(tx, pair, SOMEBODY_WROTE, once=f"vetting:{today.isoformat()}")
    return application


def _by_code(tx: Tx, code: Plaintext) -> Application:
    found = applications.of_code(tx, same_code(code.reveal()))
    if found is None:
        raise NotVisible
    return found


def _of_member(tx: Tx, member: Member) -> Standing:
    application = applications.of_invitation(tx, people.used_by(tx, member.id))
    if application is None:
        inside = Step.MEMBER if member.active else Step.APPROVAL
        return Standing(Stand(inside), clearance=member.clearance, by_path=False)
    return _of_application(tx, application, member.clearance)


def _of_application(
    tx: Tx, application: Application, clearance: Clearance | None = None
) -> Standing:
    return Standing(
        application.stand,
        application.facts.reason if application.stand.course is Course.REFUSED else None,
        clearance,
        tx.pack.vetting.chapters,
    )
