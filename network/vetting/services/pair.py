"""The two coordinators who vet somebody: who they are, and what follows when one of them leaves."""

from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID

from network import audit
from network.db import Tx
from network.encryption.envelope import new_key_pair
from network.kernel.actor import Actor
from network.kernel.errors import Refused
from network.kernel.ids import PersonId
from network.people import services as people
from network.people.domain import Level, Member
from network.vetting.domain.gate import lapsed
from network.vetting.domain.path import Application
from network.vetting.policy import VettingPermission, require
from network.vetting.store import lines, seats

PAIR = 2


class NobodyToVet(Refused):
    """No coordinator could ever read this, so it is not stored."""

    key = "nobody_to_receive"


def choose(tx: Tx, *, keep: Iterable[PersonId] = (), but: Iterable[PersonId] = ()) -> list[Member]:
    """Two coordinators: those to keep first, then those with the fewest seats.

    Whoever vetting itself would give no key today is left for when there is nobody else.
    """
    kept, without, today = set(keep), set(but), tx.now.date()
    free = people.coordinators(tx, but=without)
    loads = seats.loads(tx, [each.id for each in free])

    def order(one: Member) -> tuple[bool, bool, int, bytes]:
        trusted = one.clearance.level in {Level.VOUCHED, Level.FULL}
        doubtful = not trusted or lapsed(one.clearance, today)
        return (one.id not in kept, doubtful, loads.get(one.id, 0), one.id.bytes)

    return sorted(free, key=order)[:PAIR]


def seat_new(tx: Tx, application_id: UUID) -> tuple[Member, ...]:
    """The first pair of a new application, and its first key."""
    pair = choose(tx)
    if not pair:
        raise NobodyToVet
    seats.give(tx, application_id, 1, new_key_pair(), pair)
    return tuple(pair)


def replace_in_pair(
    tx: Tx, actor: Actor, application: Application, *, without: Iterable[PersonId]
) -> Application:
    """A new key for the pair as it is from now on; what came before is sealed anew if it can be.

    Without anybody's key at hand whoever stays keeps what was written before until their next
    visit seals it anew (`mend`); whoever leaves opens nothing from this moment on.
    """
    before = seats.held(tx, [application.id]).get(application.id, ())
    active = {each.id for each in people.coordinators(tx)}
    leaving = {*without, *application.facts.referees, *(set(before) - active)}
    if themselves := people.who_used(tx, application.invitation):
        leaving.add(themselves)  # inside by now, and not to read what others said of them
    pair = choose(tx, keep=[each for each in before if each not in leaving], but=leaving)
    if not pair:
        raise NobodyToVet
    if {each.id for each in pair} == set(before):
        return application  # there is nobody else
    epoch = seats.turn_epoch(tx, application)
    seats.give(tx, application.id, epoch, new_key_pair(), pair)
    after = _at(application, epoch, pair)
    if actor.private_key is not None and actor.person_id in set(before):
        mend(tx, actor, after)
    seats.forget_of(tx, application.id, leaving)
    audit.receipt(tx, actor, "vetting.pair-changed", subject=application.id)
    return after


def mend(tx: Tx, actor: Actor, application: Application) -> None:
    """Seal what was written to earlier keys to that of now, so that both of the pair can read it.

    The actor may have lost their seat a moment ago: what they hold is used once more, by them, and
    is gone afterwards.
    """
    stored = lines.all_of(tx, application.id)
    earlier = tuple(each for each in stored if each.epoch != application.epoch)
    held = seats.keys_of(tx, actor, application.id)
    if earlier:
        texts = lines.opened(application.id, held, earlier)
        found = {
            line.id: text for line, text in zip(earlier, texts, strict=True) if text is not None
        }
        lines.seal_again(tx, application, seats.public_key(tx, application), found)
        if len(found) < len(earlier):
            return
    seats.forget_keys_before(tx, application.id, application.epoch)


def keep_pairs(tx: Tx, actor: Actor) -> int:
    """The clock gives applications whose pair is not whole another; says how many changed.

    Somebody who was stopped or removed loses their seat here. Where nobody coordinates, it waits.
    """
    require(actor, VettingPermission.KEEP_HOUSE)
    active = [each.id for each in people.coordinators(tx)]
    if not active:
        return 0
    changed = 0
    for application in seats.not_seated_whole(tx, active, min(PAIR, len(active))):
        try:
            after = replace_in_pair(tx, actor, application, without=())
        except NobodyToVet:  # whoever is left spoke for them: it waits for somebody new
            continue
        changed += after.epoch != application.epoch
    return changed


def _at(application: Application, epoch: int, pair: Iterable[Member]) -> Application:
    return replace(application, epoch=epoch, pair=tuple(each.id for each in pair))
