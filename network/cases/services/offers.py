"""Offers: a brief without names to a few activists; one yes wins, a no leaves nothing behind."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from config.areas import NoSuchArea
from config.country import Ladder, Rung, Tell
from network import audit
from network.cases.domain import (
    MOST_BRIEF,
    Case,
    CaseStatus,
    Offer,
    OfferOver,
    OfferStatus,
    Urgency,
    cleaned,
    offer_lasts,
)
from network.cases.policy import CasePermission, require
from network.cases.services.intake import letter_to_family, responders
from network.cases.services.opening import CaseKeys, mend, open_keys
from network.cases.services.reach import check_reach
from network.cases.services.tracing import said_by
from network.cases.store import cases, gate, keys
from network.cases.store import offers as store
from network.db import Tx
from network.encryption import keyring
from network.encryption.envelope import Opener, seal_to
from network.encryption.sealed import Place, PublicKey
from network.kernel.actor import Actor, Role
from network.kernel.errors import BadInput, WrongMoment
from network.kernel.hidden import Plaintext, SecretBytes
from network.kernel.ids import CaseId, OfferId, PersonId, new_id
from network.kernel.words import N_
from network.outbox.domain import Button, Priority
from network.people import services as people
from network.people.domain import Member

EXPIRED_AT_ONCE = 100  # cases the clock looks at in one transaction

OFFERED = {
    Urgency.NOW: N_("Somebody needs company now. Place: %(zone)s. Need: %(need)s"),
    Urgency.TODAY: N_("Somebody needs company today. Place: %(zone)s. Need: %(need)s"),
    Urgency.WEEK: N_("Somebody needs company this week. Place: %(zone)s. Need: %(need)s"),
}
ACCEPT, DECLINE = N_("I can"), N_("Not now")
SOMEBODY_COMES = N_(
    "Somebody from our network will write to you here. First they will say the two words we gave"
    " you. Whoever cannot say them is not one of us."
)
TAKEN = N_("Somebody has taken %(reference)s.")
NOBODY_TOOK_IT = N_("Nobody has taken %(reference)s yet. Open Hilo to offer it again.")


@dataclass(frozen=True, slots=True)
class OpenOffer:
    """An offer its reader may still answer. The brief is None where they hold no key (the bot)."""

    offer: Offer
    urgency: Urgency | None
    zone: str | None
    need: str
    brief: Plaintext | None


def offer(
    tx: Tx, actor: Actor, *, case_id: CaseId, to: tuple[PersonId, ...], brief: Plaintext
) -> tuple[OfferId, ...]:
    """A coordinator offers a triaged case to a few activists, until the pack's time is over."""
    case = cases.hold(tx, actor, case_id)
    require(actor, CasePermission.OFFER, case)
    after = case.moved_to(CaseStatus.OFFERED)
    invited = _invited(tx, case, to)
    words = cleaned(brief, "brief", longest=MOST_BRIEF)
    known = open_keys(tx, actor, case)
    mend(tx, known)
    urgency = case.urgency or Urgency.TODAY
    patience = tx.pack.offers
    lasts = offer_lasts(urgency, high=patience.expires_high, normal=patience.expires_normal)
    made = [_new_offer(tx, known, member, words) for member in invited]
    store.add(tx, case.id, case.epoch, tx.now + lasts, made)
    cases.move(tx, case, replace(after, coordinator=case.coordinator or actor.person))
    for one, member in zip(made, invited, strict=True):
        _invite(tx, case, one.id, member, urgency)
        audit.receipt(tx, actor, "case.offered", case=case.id, subject=member.id)
    return tuple(one.id for one in made)


def withdraw_offer(tx: Tx, actor: Actor, *, case_id: CaseId) -> None:
    """A coordinator takes every open offer of a case back."""
    case = cases.hold(tx, actor, case_id)
    require(actor, CasePermission.OFFER, case)
    if case.status is not CaseStatus.OFFERED:
        raise WrongMoment
    store.end(tx, store.open_of(tx, [case.id]), OfferStatus.WITHDRAWN)
    cases.move(tx, case, case.moved_to(CaseStatus.TRIAGED))
    audit.receipt(tx, actor, "case.offer-withdrawn", case=case.id)


def accept(tx: Tx, actor: Actor, *, offer_id: OfferId) -> Case:
    """An activist takes an offered case, from the bot or a page; one wins, the others' keys die."""
    offered = _answerable(tx, actor, offer_id)
    case = cases.hold_for_offer(tx, offered.case_id)
    if case.status is not CaseStatus.OFFERED or case.parted:
        raise OfferOver
    check_reach(tx, people.member(tx, actor.person))
    after = replace(case.moved_to(CaseStatus.ACCOMPANIED), activist=actor.person)
    epoch, grant = store.take_pending(tx, offered)
    cases.move(tx, case, after, ladder=_written(tx))
    keys.give(tx, case.id, epoch, {actor.person: grant})
    store.settle_by_acceptance(tx, offered)
    audit.receipt(tx, actor, "case.accepted", case=case.id)
    once = f"accepted:{offer_id}"
    letter_to_family(tx, after, SOMEBODY_COMES, once=once)
    _tell_coordinators(tx, after, TAKEN, once=once)
    return after


def decline(tx: Tx, actor: Actor, *, offer_id: OfferId) -> None:
    """An activist says no; when they were the last one asked, the coordinators hear of it."""
    offered = _answerable(tx, actor, offer_id)
    case = cases.hold_for_offer(tx, offered.case_id)
    store.take_pending(tx, offered)
    _end(tx, case, [offered], OfferStatus.DECLINED)
    audit.receipt(tx, actor, "case.declined", case=case.id)


def expire_offers(tx: Tx, actor: Actor) -> int:
    """The clock ends offers whose time is over; a case nobody took goes back to triage."""
    require(actor, CasePermission.KEEP_HOUSE)
    ended = 0
    for case_id in store.cases_with_expired(tx, EXPIRED_AT_ONCE):
        case = cases.hold_if_free(tx, case_id)
        late = [each for each in store.open_of(tx, [case_id]) if each.expires_at <= tx.now]
        if case is not None and late:
            _end(tx, case, late, OfferStatus.EXPIRED)
            audit.receipt(tx, actor, "case.offer-expired", case=case_id)
            ended += len(late)
    return ended


def my_offers(tx: Tx, actor: Actor) -> tuple[OpenOffer, ...]:
    """What this activist has been asked and can still answer."""
    found = store.open_for(tx, actor)
    if not found:
        return ()
    opener = Opener(actor.private_key) if actor.private_key is not None else None
    return tuple(_shown(each, opener) for each in found)


def ladders_of(tx: Tx, case_id: CaseId) -> tuple[Ladder, Ladder]:
    """The rungs for a late check-in and for an alarm, as they were when somebody accepted.

    Before anybody has, those of the country today.
    """
    from_pack = (tx.pack.check_ins.ladder, tx.pack.alarms.ladder)
    return read_ladders(cases.ladder_of(tx, case_id)) or from_pack


def read_ladders(text: str) -> tuple[Ladder, Ladder] | None:
    """Ladders as they were copied into a case; None where nothing was copied yet."""
    if not text:
        return None
    found = json.loads(text)
    check_ins, alarms = (_rungs(found[name]) for name in ("check_ins", "alarms"))
    return check_ins, alarms


def call_off(tx: Tx, case: Case, invited: PersonId) -> Case:
    """What waits for somebody who may no longer hear of this case is destroyed."""
    theirs = [each for each in store.open_of(tx, [case.id]) if each.member == invited]
    return _end(tx, case, theirs, OfferStatus.WITHDRAWN) if theirs else case


def reissue(tx: Tx, case: Case, case_private: SecretBytes) -> Case:
    """The grants that wait in open offers become those of the new epoch, for who may still act."""
    waiting = store.open_of(tx, [case.id])
    members = people.members_named(tx, [each.member for each in waiting])
    barred = gate.barred(tx, case, members)
    gone = [each for each in waiting if each.member in barred]
    grants = {
        each.id: keyring.grant(
            case_private,
            PublicKey(members[each.member].public_key or b""),
            case=case.id,
            epoch=case.epoch,
            member=each.member,
        )
        for each in waiting
        if each not in gone
    }
    store.reissue(tx, case.epoch, grants)
    return _end(tx, case, gone, OfferStatus.WITHDRAWN) if gone else case


def _answerable(tx: Tx, actor: Actor, offer_id: OfferId) -> Offer:
    found = store.mine(tx, actor, offer_id)
    require(actor, CasePermission.ANSWER_OFFER)
    if found.status is not OfferStatus.OPEN or found.expires_at <= tx.now:
        raise OfferOver
    return found


def _invited(tx: Tx, case: Case, to: tuple[PersonId, ...]) -> list[Member]:
    wanted = list(dict.fromkeys(to))
    if not wanted:
        raise BadInput("to", "empty")
    if len(wanted) > tx.pack.offers.most_invited:
        raise BadInput("to", "too_many")
    members = people.members_named(tx, wanted)
    inside = set(keys.readers(tx, case.id, case.epoch))
    found = [members[each] for each in wanted if each in members]
    barred = gate.barred(tx, case, wanted)
    free = [
        each
        for each in found
        if each.id not in barred and each.role is Role.ACTIVIST and each.id not in inside
    ]
    if len(free) < len(wanted):
        raise BadInput("to", "not_available")
    for each in free:
        check_reach(tx, each)
    return free


def _new_offer(tx: Tx, known: CaseKeys, member: Member, brief: Plaintext) -> store.NewOffer:
    case, public = known.case, PublicKey(member.public_key or b"")
    offer_id = OfferId(new_id())
    grant = keyring.grant(known.current, public, case=case.id, epoch=case.epoch, member=member.id)
    copy = said_by(tx, offer_id, brief)
    sealed = seal_to(public, copy, _brief_place(offer_id, case.id, member.id))
    return store.NewOffer(offer_id, member.id, grant, sealed)


def _invite(tx: Tx, case: Case, offer_id: OfferId, member: Member, urgency: Urgency) -> None:
    people.write_to(
        tx,
        [member],
        OFFERED[urgency],
        params={"zone": _place_name(tx, case.card.zone), "need": case.card.need},
        buttons=(
            (
                Button(ACCEPT, f"accept:{offer_id.hex}"),
                Button(DECLINE, f"decline:{offer_id.hex}"),
            ),
        ),
        priority=Priority.NOTICE,
        once=f"offer:{offer_id}",
    )


def _end(tx: Tx, case: Case, over: Sequence[Offer], became: OfferStatus) -> Case:
    """End these offers; when none is left open the case goes back and its coordinators hear."""
    store.end(tx, over, became)
    if case.status is not CaseStatus.OFFERED or store.open_of(tx, [case.id]):
        return case
    after = cases.move(tx, case, case.moved_to(CaseStatus.TRIAGED))
    _tell_coordinators(tx, after, NOBODY_TOOK_IT, once=f"untaken:{over[0].id}")
    return after


def _tell_coordinators(tx: Tx, case: Case, say: str, *, once: str) -> None:
    readers = responders(tx, case.id).coordinators
    people.write_to(tx, readers, say, params={"reference": case.card.reference}, once=once)


def _shown(found: store.Invitation, opener: Opener | None) -> OpenOffer:
    offered = found.offer
    place = _brief_place(offered.id, offered.case_id, offered.member)
    return OpenOffer(
        offered,
        found.urgency,
        found.card.zone,
        found.card.need,
        opener.open_text(found.brief, place) if opener else None,
    )


def _place_name(tx: Tx, zone: str | None) -> str:
    try:
        return tx.pack.areas.get(zone).name if zone else tx.pack.name
    except NoSuchArea:
        return tx.pack.name


def _brief_place(offer_id: OfferId, case_id: CaseId, member: PersonId) -> Place:
    # No epoch: a re-key gives the offer another grant and leaves its brief as it is.
    return Place("offers", "brief", offer_id, case_id, None, member)


def _written(tx: Tx) -> str:
    pack = tx.pack
    both = {"check_ins": pack.check_ins.ladder, "alarms": pack.alarms.ladder}
    return json.dumps(
        {
            name: [[rung.after.total_seconds(), rung.tell.value] for rung in ladder]
            for name, ladder in both.items()
        }
    )


def _rungs(found: list[tuple[float, str]]) -> Ladder:
    return tuple(Rung(timedelta(seconds=after), Tell(tell)) for after, tell in found)
