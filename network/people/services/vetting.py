"""How somebody comes in, and how they are stopped."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass, replace
from uuid import UUID

from network import audit, outbox
from network.db import Tx
from network.kernel.actor import Actor, Role
from network.kernel.errors import BadInput, WrongMoment
from network.kernel.hidden import Plaintext
from network.kernel.ids import PersonId, new_id
from network.kernel.words import N_
from network.people.domain import (
    EYES,
    Clearance,
    Invitation,
    Level,
    Matter,
    Member,
    Newcomer,
    Standing,
    moved,
    read_alias,
    read_handle,
)
from network.people.policy import PersonPermission, allowed, require
from network.people.services.reading import coordinators, write_to
from network.people.store import approvals, members, passes, passkeys, returns

TOKEN_BYTES = 24
INVITABLE = frozenset({Role.ACTIVIST, Role.COORDINATOR})


@dataclass(frozen=True, slots=True)
class MemberCard:
    """One line of the people page: a member, who said yes to what, and what the reader may do."""

    member: Member
    vetted_by: tuple[str, ...]
    may: frozenset[PersonPermission]


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """The people page: applicants apart, because they wait for an answer."""

    waiting: tuple[MemberCard, ...]
    members: tuple[MemberCard, ...]
    gone: tuple[MemberCard, ...]
    on_duty: bool  # the reader
    nobody_on_duty: bool


def invite(tx: Tx, actor: Actor, *, role: Role, alias: str = "") -> Plaintext:
    """A single-use token for a link. The command line's own bearer needs no approvals."""
    require(actor, PersonPermission.INVITE)
    if role not in INVITABLE:
        raise BadInput("role", "role_shape")
    vouched = actor.role is Role.MACHINE
    level = Level.VOUCHED if vouched else Level.NONE
    return _invited(tx, actor, Invitation(role, vouched=vouched, alias=alias, level=level))


def invite_on_path(tx: Tx, actor: Actor, *, role: Role, invitation_id: UUID) -> Plaintext:
    """The same for somebody whom vetting has come to know: they are let in at the path's end."""
    require(actor, PersonPermission.INVITE)
    offer = Invitation(role, vouched=False, level=Level.ON_PATH)
    return _invited(tx, actor, offer, invitation_id)


def who_used(tx: Tx, invitation_id: UUID | None) -> PersonId | None:
    """Who came in by this link; None while nobody has, or where there is none."""
    return None if invitation_id is None else passes.who_used(tx, invitation_id)


def used_by(tx: Tx, person_id: PersonId) -> UUID | None:
    """The link by which somebody came in."""
    return passes.used_by(tx, person_id)


def links_of(tx: Tx, whom: Collection[PersonId]) -> dict[UUID, PersonId]:
    """By which link each of these came in, for a room that may ask."""
    return passes.links_of(tx, whom)


def _invited(
    tx: Tx, actor: Actor, offer: Invitation, invitation_id: UUID | None = None
) -> Plaintext:
    token = Plaintext(secrets.token_urlsafe(TOKEN_BYTES))
    kept = replace(offer, alias=read_alias(offer.alias) if offer.alias else "")
    passes.add_invitation(tx, actor, token, kept, invitation_id or new_id())
    audit.receipt(tx, actor, "person.invited")
    return token


def join_link(address: str, token: Plaintext) -> Plaintext:
    """Where the bearer of a token begins."""
    return Plaintext(f"{address}/join/{token.reveal()}")


def invitation(tx: Tx, actor: Actor, *, token: Plaintext) -> Invitation:
    """What an open link offers; used, old and unknown links look the same."""
    return passes.invitation(tx, token)


def join(tx: Tx, actor: Actor, *, token: Plaintext, newcomer: Newcomer) -> Standing:
    """Spend a link and store its bearer. Coordination is told that somebody waits."""
    offer = passes.invitation(tx, token)
    read_handle(newcomer.handle)
    read_alias(newcomer.alias)
    if newcomer.language not in tx.pack.languages:
        raise BadInput("language", "language_shape")
    standing = Standing.ACTIVE if offer.vouched else Standing.APPLIED
    clearance = Clearance(offer.level, tx.now.date())
    members.add(tx, newcomer, role=offer.role, standing=standing, clearance=clearance)
    passes.use_invitation(tx, token, newcomer.id)
    audit.receipt(tx, actor, "person.joined", subject=newcomer.id)
    if standing is Standing.APPLIED:
        write_to(
            tx,
            coordinators(tx),
            N_("Somebody wants to join the team. See «People» on the web."),
            once=f"applied:{newcomer.id}",
        )
    return standing


def approve(tx: Tx, actor: Actor, *, person_id: PersonId) -> Standing:
    """One coordinator's yes. The second, of somebody else, lets the applicant in."""
    applicant = members.get(tx, actor, person_id)
    require(actor, PersonPermission.APPROVE, applicant)
    moved(applicant.standing, Standing.ACTIVE)
    if applicant.standing is not Standing.APPLIED:
        raise WrongMoment  # a suspended member is restored, not approved again
    if applicant.clearance.level is Level.ON_PATH:
        raise WrongMoment  # who comes by the path is let in at its end
    approvals.say_yes(tx, actor, applicant, Matter.VETTING)
    audit.receipt(tx, actor, "person.approved", subject=person_id)
    if len(approvals.yeses(tx, Matter.VETTING)[person_id]) < EYES:
        return Standing.APPLIED
    let_in(tx, applicant, Clearance(Level.VOUCHED, tx.now.date()))
    return Standing.ACTIVE


def send_away(tx: Tx, member: Member) -> None:
    """They are in no more, or never were, and what they could come in with is destroyed."""
    members.move(tx, member, Standing.REMOVED)
    _shut(tx, member)
    passkeys.remove_all(tx, member.id)
    returns.forget(tx, member.id)
    members.forget_keys(tx, member)


def let_in(tx: Tx, applicant: Member, clearance: Clearance) -> None:
    """From now on they may act, as far as this clearance goes."""
    set_clearance(tx, applicant, clearance)
    members.move(tx, applicant, Standing.ACTIVE)


def set_clearance(tx: Tx, member: Member, clearance: Clearance) -> None:
    """What vetting came to, for whoever is about to seal a key to them."""
    members.rewrite(tx, member, replace(member.profile, clearance=clearance))


def refuse(tx: Tx, actor: Actor, *, person_id: PersonId) -> None:
    """Send an applicant away, with everything they could come in with."""
    applicant = members.get(tx, actor, person_id)
    require(actor, PersonPermission.REFUSE, applicant)
    if applicant.standing is not Standing.APPLIED:
        raise WrongMoment
    send_away(tx, applicant)
    audit.receipt(tx, actor, "person.refused", subject=person_id)


def suspend(tx: Tx, actor: Actor, *, person_id: PersonId) -> None:
    """Stop a member at once. One coordinator is enough: minutes count, and it can be undone."""
    member = members.get(tx, actor, person_id)
    require(actor, PersonPermission.SUSPEND, member)
    members.move(tx, member, Standing.SUSPENDED)
    _shut(tx, member)
    audit.receipt(tx, actor, "person.suspended", subject=person_id)
    _tell_the_others(tx, actor, member, N_("A member was stopped. See «People» on the web."))


def restore(tx: Tx, actor: Actor, *, person_id: PersonId) -> None:
    """Let a suspended member act again."""
    member = members.get(tx, actor, person_id)
    require(actor, PersonPermission.RESTORE, member)
    if member.standing is not Standing.SUSPENDED:
        raise WrongMoment
    members.move(tx, member, Standing.ACTIVE)
    audit.receipt(tx, actor, "person.restored", subject=person_id)
    _tell_the_others(tx, actor, member, N_("A member is back. See «People» on the web."))


def removable(tx: Tx, actor: Actor, *, person_id: PersonId) -> Member:
    """A member the actor may propose to remove, held; WrongMoment for who is not in or gone."""
    member = members.get(tx, actor, person_id)
    require(actor, PersonPermission.REMOVE, member)
    if member.standing not in STANDING_FOR[PersonPermission.REMOVE]:
        raise WrongMoment
    return member


def put_out(tx: Tx, actor: Actor, *, person_id: PersonId) -> Member:
    """Put a member out for good, for the room in which two have decided it."""
    member = removable(tx, actor, person_id=person_id)
    send_away(tx, member)
    audit.receipt(tx, actor, "person.removed", subject=person_id)
    return member


def people(tx: Tx, actor: Actor) -> PeoplePage:
    """Everybody, what each waits for, and what the reader may do about it."""
    require(actor, PersonPermission.SEE_EVERYBODY)
    everybody = members.everybody(tx, actor)
    alias = {one.id: one.alias for one in everybody}
    vetting = approvals.yeses(tx, Matter.VETTING)
    cards = tuple(
        MemberCard(
            one,
            tuple(sorted(alias[by] for by in vetting.get(one.id, ()))),
            _may(actor, one, vetting.get(one.id, frozenset())),
        )
        for one in sorted(everybody, key=lambda one: (one.role is not Role.COORDINATOR, one.alias))
    )
    return PeoplePage(
        waiting=tuple(c for c in cards if c.member.standing is Standing.APPLIED),
        members=tuple(
            c for c in cards if c.member.standing in {Standing.ACTIVE, Standing.SUSPENDED}
        ),
        gone=tuple(c for c in cards if c.member.standing is Standing.REMOVED),
        on_duty=any(one.on_duty for one in everybody if one.id == actor.person_id),
        nobody_on_duty=not any(one.on_duty for one in everybody),
    )


STANDING_FOR: dict[PersonPermission, frozenset[Standing]] = {
    PersonPermission.APPROVE: frozenset({Standing.APPLIED}),
    PersonPermission.REFUSE: frozenset({Standing.APPLIED}),
    PersonPermission.SUSPEND: frozenset({Standing.ACTIVE}),
    PersonPermission.RESTORE: frozenset({Standing.SUSPENDED}),
    PersonPermission.REMOVE: frozenset({Standing.ACTIVE, Standing.SUSPENDED}),
}


def _may(actor: Actor, member: Member, vetting: frozenset[PersonId]) -> frozenset[PersonPermission]:
    said = {
        PersonPermission.APPROVE: actor.person_id in vetting
        or member.clearance.level is Level.ON_PATH
    }
    return frozenset(
        permission
        for permission, standings in STANDING_FOR.items()
        if member.standing in standings
        and not said.get(permission, False)
        and allowed(actor, permission, member)
    )


def _shut(tx: Tx, member: Member) -> None:
    """Everything a member could still come in by, or be reached by, ends with this transaction."""
    passes.end_sessions_of(tx, member.id)
    passes.forget_link_codes(tx, member.id)
    passes.cancel_invitations_by(tx, member.id)
    if member.profile.chat is not None:
        outbox.cancel_chat(tx, member.profile.chat)


def _tell_the_others(tx: Tx, actor: Actor, member: Member, say: str) -> None:
    others = coordinators(tx, but={actor.person_id, member.id})
    write_to(tx, others, say)
