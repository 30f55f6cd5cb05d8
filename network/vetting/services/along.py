"""The pair's side: every step of the path, each with what was seen, and the way back."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from uuid import UUID

from config.areas import NoSuchArea
from config.language import say
from network import audit, outbox
from network.db import Tx
from network.kernel.actor import Actor, Role
from network.kernel.errors import BadInput, NotAllowed, WrongMoment
from network.kernel.hidden import Plaintext
from network.kernel.ids import PersonId, ProposalId, new_id
from network.kernel.words import N_
from network.outbox.domain import Letter, Priority
from network.people import services as people
from network.people.domain import Clearance, Level, Member, Standing
from network.proposals import services as proposals
from network.proposals.domain import Matter, Proposal
from network.vetting.domain.gate import EXPERIENCED
from network.vetting.domain.path import (
    DECLARED,
    INSIDE,
    MOST_ZONES,
    REFERENCES,
    Application,
    Course,
    Interests,
    IsReferee,
    Move,
    NotYet,
    Reason,
    Step,
    clearance_for,
    probation_is_over,
    read_ties,
    read_words,
)
from network.vetting.policy import VettingPermission, require
from network.vetting.services import history
from network.vetting.services.pair import mend, replace_in_pair
from network.vetting.store import applications, seats

A_STEP_ON = N_("Something moved with your offer to help. Write /status to see where you stand.")
COME_IN = N_("You can go on now. Open Hilo to see where you stand.")
ALL_LEARNT = N_("Somebody has finished the questions. See «Coming in» on the web.")
INTERESTS_CHANGED = N_("What somebody is tied to has changed. See «Coming in» on the web.")
FROM_THE_LIST = N_("Said yes among the decisions.")
BY_TWO = frozenset({Move.APPROVE, Move.CONFIRM})
# Every coordinator reads a proposal: what was said of somebody stays with their two.
IN_THEIR_HISTORY = N_("What was said stands in their history, for their two alone.")


def see(tx: Tx, actor: Actor, *, application_id: UUID, said: Plaintext) -> Application:
    """Who they are was seen: how, and by whom. No document is kept."""
    return _step(tx, actor, application_id, Move.SEE, said)


def refer(
    tx: Tx,
    actor: Actor,
    *,
    application_id: UUID,
    said: tuple[Plaintext, Plaintext],
    members: Iterable[PersonId] = (),
) -> Application:
    """Two people were asked about them. A referee who is a member decides nothing about them."""
    texts = [read_words(each, f"reference_{at}") for at, each in enumerate(said, 1)]
    referees = tuple(dict.fromkeys(members))
    if len(referees) > REFERENCES:
        raise BadInput("members", "too_many")
    known = people.members_named(tx, referees)
    if any(not _may_refer(known.get(each)) for each in referees):
        raise BadInput("members", "not_a_member")
    joined = Plaintext("\n\n".join(each.reveal() for each in texts))
    after = _step(tx, actor, application_id, Move.REFER, joined, referees=referees)
    if set(referees) & set(seats.held(tx, [after.id]).get(after.id, ())):
        return replace_in_pair(tx, actor, after, without=referees)
    return after


def declare(
    tx: Tx,
    actor: Actor,
    *,
    application_id: UUID,
    said: Plaintext,
    ties: Iterable[str],
    zones: Iterable[str] = (),
) -> Application:
    """Where their own interests lie, whom they work for: in those zones they are given nothing."""
    found = Interests(read_ties(ties), _zones(tx, zones))
    after = _step(tx, actor, application_id, Move.DECLARE, said, zones=found.zones)
    history.write_interests(tx, actor, after, found, said)
    return after


def change_interests(
    tx: Tx,
    actor: Actor,
    *,
    application_id: UUID,
    said: Plaintext,
    ties: Iterable[str],
    zones: Iterable[str],
) -> Application:
    """Where they live, whom they work for or are tied to has changed, and the other of the two
    hears of it. No new key from now on; what they hold is shown on the desk, to be handed on.
    """
    before = _found(tx, actor, application_id)
    person = people.who_used(tx, before.invitation)
    if person is not None and person == actor.person_id:
        raise NotAllowed
    if before.stand.step not in DECLARED or before.stand.course is Course.REFUSED:
        raise WrongMoment
    text, found = read_words(said, "said"), Interests(read_ties(ties), _zones(tx, zones))
    after = replace(before, facts=replace(before.facts, zones=found.zones))
    applications.move(tx, before, after)
    history.write_interests(tx, actor, after, found, text)
    audit.receipt(tx, actor, "vetting.interests", subject=application_id)
    _clear(tx, after)
    pair = people.members_named(tx, seats.held(tx, [after.id]).get(after.id, ()))
    others = [each for each in pair.values() if each.id != actor.person_id]
    people.write_to(tx, others, INTERESTS_CHANGED)
    return after


def meet(tx: Tx, actor: Actor, *, application_id: UUID, said: Plaintext) -> Application:
    """Somebody talked with them."""
    return _step(tx, actor, application_id, Move.MEET, said)


def invite(tx: Tx, actor: Actor, *, application_id: UUID, role: Role) -> Plaintext:
    """A link to their account, to learn with; an earlier one that nobody used is void."""
    before = _found(tx, actor, application_id)
    if before.stand.step is not Step.TRAINING or before.stand.course is not Course.GOING:
        raise WrongMoment
    if before.invitation is not None and people.who_used(tx, before.invitation) is not None:
        raise WrongMoment
    invitation = new_id()
    applications.move(tx, before, replace(before, invitation=invitation))
    return people.invite_on_path(tx, actor, role=role, invitation_id=invitation)


def chapters_done(tx: Tx, actor: Actor, *, person: PersonId, chapters: frozenset[str]) -> None:
    """The manual says which chapters' questions somebody has answered: a step, when it is due."""
    found = applications.of_invitation(tx, people.used_by(tx, person))
    if found is None or found.stand.step is not Step.TRAINING:
        return
    if found.stand.course is Course.REFUSED or not set(tx.pack.vetting.chapters) <= chapters:
        return
    found = applications.hold_found(tx, found)
    after = found.after(Move.TRAIN, ballot=new_id())
    applications.move(tx, found, after)
    _note(tx, actor, after, Move.TRAIN, Plaintext(", ".join(tx.pack.vetting.chapters)))
    pair = people.members_named(tx, seats.held(tx, [found.id]).get(found.id, ()))
    people.write_to(tx, pair.values(), ALL_LEARNT, once=f"learnt:{after.facts.ballot}")


def approve(tx: Tx, actor: Actor, *, application_id: UUID, said: Plaintext) -> Application:
    """One coordinator's yes, and the other's: whoever is approved begins their probation."""
    return _decided_by_two(tx, actor, application_id, Move.APPROVE, said)


def confirm(tx: Tx, actor: Actor, *, application_id: UUID, said: Plaintext) -> Application:
    """The same at the end of probation, not before the country's time is over."""
    return _decided_by_two(tx, actor, application_id, Move.CONFIRM, said)


def review(tx: Tx, actor: Actor, *, application_id: UUID, said: Plaintext) -> Application:
    """Somebody inside was looked at again; the next time is in a year."""
    after = _step(tx, actor, application_id, Move.REVIEW, said)
    member = _member(tx, after)
    if member.id == actor.person_id:
        raise NotAllowed
    _reviewed(tx, member, member.clearance.zones)
    return after


def review_member(
    tx: Tx, actor: Actor, *, person_id: PersonId, zones: Iterable[str] | None = None
) -> None:
    """The same for a colleague who came in before, or beside, the path; never by themselves.

    With the zones in which they are given nothing from now on, where somebody asked them.
    """
    require(actor, VettingPermission.REVIEW)
    member = people.member(tx, person_id)
    if member.id == actor.person_id:
        raise NotAllowed
    if not member.active or member.clearance.level not in EXPERIENCED:
        raise WrongMoment
    if applications.of_invitation(tx, people.used_by(tx, person_id)) is not None:
        raise WrongMoment  # theirs is written into their history
    kept = member.clearance.zones if zones is None else _zones(tx, zones)
    _reviewed(tx, member, kept)
    audit.receipt(tx, actor, "vetting.reviewed", subject=person_id)


def pause(tx: Tx, actor: Actor, *, application_id: UUID, said: Plaintext) -> Application:
    """Nothing more happens until somebody resumes; whoever is inside is given no new key."""
    return _step(tx, actor, application_id, Move.PAUSE, said)


def resume(tx: Tx, actor: Actor, *, application_id: UUID, said: Plaintext) -> Application:
    """It goes on where it stood."""
    return _step(tx, actor, application_id, Move.RESUME, said)


def refuse(
    tx: Tx, actor: Actor, *, application_id: UUID, said: Plaintext, reason: Reason
) -> Application:
    """The path ends here. The applicant is told the reason; what was said about it stays here."""
    return _step(tx, actor, application_id, Move.REFUSE, said, reason=reason)


def reopen(tx: Tx, actor: Actor, *, application_id: UUID, said: Plaintext) -> Application:
    """It goes on after all: for somebody who was inside, from the approval by two."""
    return _step(tx, actor, application_id, Move.REOPEN, said, reason=None, ballot=new_id())


def _step(
    tx: Tx, actor: Actor, application_id: UUID, move: Move, said: Plaintext, **facts: object
) -> Application:
    """Look, check, move, write it down, tell the applicant."""
    before = _found(tx, actor, application_id)
    text = read_words(said, "said")
    after = applications.move(
        tx, before, before.after(move, **facts), erase_on=_kept_until(tx, before, move)
    )
    _note(tx, actor, after, move, text)
    _clear(tx, after)
    _tell(tx, after, move)
    return after


def _decided_by_two(
    tx: Tx, actor: Actor, application_id: UUID, move: Move, said: Plaintext
) -> Application:
    """The first proposes, somebody else confirms; neither may have spoken for the applicant."""
    before = _found(tx, actor, application_id)
    after = before.after(move, ballot=new_id())
    member = _member(tx, before)
    if actor.person_id in before.facts.referees:
        raise IsReferee
    if member.id == actor.person_id:
        raise NotAllowed
    if member.standing is Standing.REMOVED:
        raise WrongMoment
    if move is Move.CONFIRM and not probation_is_over(
        member.clearance, today=tx.now.date(), lasts=tx.pack.vetting.probation
    ):
        raise NotYet
    text = read_words(said, "said")
    waiting = waiting_for(tx, actor, before)
    if waiting is None:
        proposals.propose(
            tx,
            actor,
            matter=Matter.VETTING,
            subject=before.facts.ballot,
            reason=Plaintext(say(actor.language, IN_THEIR_HISTORY)),
            payload={"application": application_id.hex, "move": move.value},
            about=member.alias,
        )
        history.write(tx, actor, before, kind=history.NOTE, what=f"yes:{move.value}", text=text)
        return before
    found = proposals.confirm(tx, actor, proposal_id=waiting.id, matter=Matter.VETTING)
    if found.proposer in before.facts.referees or found.proposer == member.id:
        raise IsReferee
    applications.move(tx, before, after)
    _note(tx, actor, after, move, text)
    _let_in(tx, after, member, move)
    _tell(tx, after, move)
    return after


def waiting_for(tx: Tx, actor: Actor, application: Application) -> Proposal | None:
    """The first yes of this round, where it waits for the second."""
    for each in proposals.open_proposals(tx, actor, matter=Matter.VETTING):
        if each.subject == application.facts.ballot:
            return each
    return None


def second_yes(tx: Tx, actor: Actor, *, proposal_id: ProposalId) -> Application:
    """The second yes given where decisions are listed: by the other of the two, and nobody else."""
    found = proposals.proposal(tx, actor, proposal_id=proposal_id)
    if found.matter is not Matter.VETTING or found.proposer == actor.person_id:
        raise WrongMoment
    application_id, move = UUID(found.payload["application"]), Move(found.payload["move"])
    said = Plaintext(say(actor.language, FROM_THE_LIST))
    return _decided_by_two(tx, actor, application_id, move, said)


def _found(tx: Tx, actor: Actor, application_id: UUID) -> Application:
    """Held for this very actor, whose seat lets them read it; earlier keys are mended."""
    require(actor, VettingPermission.DECIDE)
    found = applications.hold(tx, actor, application_id)
    mend(tx, actor, found)
    return found


def _note(tx: Tx, actor: Actor, application: Application, move: Move, text: Plaintext) -> None:
    history.write(tx, actor, application, kind=history.DONE, what=move.value, text=text)
    audit.receipt(tx, actor, f"vetting.{move.value}", subject=application.id)


def _member(tx: Tx, application: Application) -> Member:
    """Who they are among the members; NotYet before they have an account."""
    person = people.who_used(tx, application.invitation)
    if not person:
        raise NotYet
    return people.member(tx, person)


def _let_in(tx: Tx, application: Application, member: Member, move: Move) -> None:
    today = tx.now.date()
    since = today if move is Move.APPROVE else member.clearance.since
    clearance = clearance_for(
        application.stand,
        today=today,
        review=tx.pack.vetting.review,
        before=Clearance(Level.ON_PATH, since, member.clearance.review_on),
        zones=application.facts.zones,
    )
    if member.standing is Standing.APPLIED:
        people.let_in(tx, member, clearance)
    else:
        people.set_clearance(tx, member, clearance)


def _clear(tx: Tx, application: Application) -> None:
    """What the machine knows of somebody who has an account follows where they stand."""
    person = people.who_used(tx, application.invitation)
    if not person:
        return
    member = people.member(tx, person)
    if member.standing is Standing.REMOVED:
        return
    clearance = clearance_for(
        application.stand,
        today=tx.now.date(),
        review=tx.pack.vetting.review,
        before=member.clearance,
        zones=application.facts.zones,
    )
    if clearance != member.clearance:
        people.set_clearance(tx, member, clearance)


def _reviewed(tx: Tx, member: Member, zones: tuple[str, ...]) -> None:
    due = tx.now.date() + tx.pack.vetting.review
    people.set_clearance(tx, member, replace(member.clearance, review_on=due, zones=zones))


def _kept_until(tx: Tx, before: Application, move: Move) -> date | None:
    """A refused application is kept for a while, and then destroyed with everything in it."""
    if move is not Move.REFUSE or before.stand.step in INSIDE:
        return None
    return tx.now.date() + tx.pack.vetting.kept


def _tell(tx: Tx, application: Application, move: Move) -> None:
    """One neutral sentence to the applicant's own chat, or to the account they have by now."""
    person = people.who_used(tx, application.invitation)
    once = f"path:{application.id}:{move.value}:{application.facts.ballot}"
    if person:
        people.write_to(tx, [people.member(tx, person)], COME_IN, once=once)
    chat = application.facts.chat
    if chat is not None and people.member_in(tx, chat) is None:
        letter = Letter(
            to=chat,
            language=application.facts.language,
            say=A_STEP_ON,
            keyboard=(),
            priority=Priority.NOTICE,
            once=once,
        )
        outbox.promise(tx, letter)


def _may_refer(member: Member | None) -> bool:
    return member is not None and member.active and member.clearance.level in EXPERIENCED


def _zones(tx: Tx, zones: Iterable[str]) -> tuple[str, ...]:
    kept = tuple(dict.fromkeys(zones))
    if len(kept) > MOST_ZONES:
        raise BadInput("zones", "too_many")
    try:
        for each in kept:
            tx.pack.areas.get(each)
    except NoSuchArea:
        raise BadInput("zones", "no_such_place") from None
    return kept
