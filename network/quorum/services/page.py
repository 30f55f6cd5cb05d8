"""What coordination sees of the quorum: who keeps the shares, and every ceremony."""

from dataclasses import dataclass

from network.db import Tx
from network.kernel.actor import Actor
from network.kernel.ids import PersonId
from network.people import services as people
from network.people.domain import Member
from network.quorum.domain import Ceremony, Matter, RecoveryKey, Stage, may_speak
from network.quorum.policy import QuorumPermission, require
from network.quorum.services.ceremonies import active
from network.quorum.store import ceremonies, keys


@dataclass(frozen=True, slots=True)
class Shown:
    """A ceremony, who said yes, and what this reader can do about it."""

    ceremony: Ceremony
    by: str
    opener: str
    holders: tuple[str, ...]
    voices: tuple[str, ...]
    needed: int
    asked_of_me: bool
    spoken: bool
    last_comes_later: bool
    mine_to_finish: bool

    @property
    def waits(self) -> bool:
        """Whether it still can be stopped and finished."""
        return self.ceremony.stage is Stage.WAITING


@dataclass(frozen=True, slots=True)
class QuorumPage:
    """The quorum as it is at this moment."""

    key: RecoveryKey | None
    stewards: tuple[tuple[str, bool], ...]  # alias, and whether they may still speak
    older: int  # keys of before that something is still sealed to
    waiting: tuple[Shown, ...]
    past: tuple[Shown, ...]
    coordinators: tuple[Member, ...]
    me: PersonId

    @property
    def able(self) -> int:
        """How many of the stewards may still speak."""
        return sum(may for _, may in self.stewards)


def overview(tx: Tx, actor: Actor) -> QuorumPage:
    """The whole page, for any coordinator. No share is opened for it."""
    require(actor, QuorumPermission.SEE)
    every = {each.id: each for each in keys.every(tx)}
    current = next((each for each in every.values() if each.is_current), None)
    found = ceremonies.listed(tx)
    voices = ceremonies.voices_of(tx, found)
    wanted = {each.opener for each in found} | {each.by for each in found}
    wanted |= {one for each in found for one in each.new_holders}
    wanted |= {who for each in voices.values() for who in each}
    wanted |= set(current.stewards) if current else set()
    names = {each.id: each.alias for each in people.members_named(tx, wanted).values()}
    able = active(tx, tuple(wanted))
    shown = tuple(
        _shown(
            tx,
            actor,
            each,
            every.get(each.key_id) if each.key_id else None,
            frozenset(voices.get(each.id, {})),
            names,
        )
        for each in found
    )
    return QuorumPage(
        current,
        tuple((names[each], each in able) for each in current.stewards) if current else (),
        sum(not each.is_current for each in every.values()),
        tuple(each for each in shown if each.waits),
        tuple(each for each in shown if not each.waits),
        people.coordinators(tx),
        actor.person,
    )


def _shown(
    tx: Tx,
    actor: Actor,
    ceremony: Ceremony,
    key: RecoveryKey | None,
    voices: frozenset[PersonId],
    names: dict[PersonId, str],
) -> Shown:
    founding = ceremony.matter is Matter.FOUND
    asked = ceremony.new_holders if founding else (key.stewards if key else ())
    needed = len(ceremony.new_holders) if founding else (key.needed if key else 0)
    mine = actor.person in asked and actor.person not in voices
    own_share = not founding and actor.person == ceremony.opener
    later = (
        mine
        and key is not None
        and not founding
        and not may_speak(ceremony, key, voices, actor.person, tx.now)
    )
    at_hand = len(voices | ({ceremony.opener} & set(asked) if not founding else set()))
    return Shown(
        ceremony,
        names.get(ceremony.by, ""),
        names.get(ceremony.opener, ""),
        tuple(names.get(each, "") for each in ceremony.new_holders),
        tuple(sorted(names.get(each, "") for each in voices)),
        needed,
        mine and not own_share,
        actor.person in voices,
        later,
        actor.person == ceremony.opener and ceremony.is_ready(tx.now) and at_hand >= needed,
    )
