"""Our own requests and signs of life, and one alarm about us to all coordinators when they do not
come.
"""

from dataclasses import dataclass, field
from datetime import timedelta

from config.language import say
from network import heartbeats, outbox, probes
from network.db import Tx
from network.delivery.policy import DeliveryPermission, require
from network.delivery.services.channels import Way, to_coordination
from network.heartbeats import Sight
from network.kernel.actor import Actor
from network.kernel.words import N_
from network.outbox.domain import Letter, Priority

TELL_AGAIN_AFTER = timedelta(hours=1)
WALK = "delivery.walk_the_road"  # where it breaks, nobody is ever late
ILL = N_("Hilo itself is not well: what goes in does not come out. Tell whoever runs it, now.")
STILL = N_(
    "Hilo itself is not well: a part of it stands still. What people write may not be heard, and"
    " nobody may be called. Tell whoever runs it, now."
)
WELL = N_("Hilo is well again: what goes in comes out.")


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence for one channel, in its owner's language."""

    way: Way
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Vigil:
    """How our own requests fare, and what is to be rung now."""

    well: bool
    said: tuple[Said, ...] = ()


def keep_vigil(tx: Tx, actor: Actor) -> Vigil:
    """Look at our own requests and at all engines; what the clock is to ring itself, as the outbox
    may be what broke.

    Telegram's letters are promised too: where a postman lives, they arrive. What rang is said to
    `vigil_told`; where nobody says so, it is rung again in two minutes.
    """
    require(actor, DeliveryPermission.CARRY)
    sight = heartbeats.oversee(tx, actor)
    health = probes.look(tx, actor)
    still = sight is Sight.STILL or health.missing or _nobody_is_judged(tx, actor)
    if health.well and not still:
        if sight is Sight.UNSURE:  # neither is said: whoever comes and goes is not well in between
            return Vigil(well=False)
        over = probes.tell_well(tx)
        if over:
            _promise(tx, WELL)
        return Vigil(well=True, said=_said(tx, WELL) if over else ())
    turn = probes.tell(tx, TELL_AGAIN_AFTER)
    if turn is probes.Turn.NOT_OURS:
        return Vigil(well=False)
    if turn is probes.Turn.FIRST:
        _promise(tx, STILL if still else ILL)
    said = _said(tx, STILL if still else ILL)
    if not said:
        probes.told(tx)
    return Vigil(well=False, said=said)


def _nobody_is_judged(tx: Tx, actor: Actor) -> bool:
    """Whether it is we who do not look at the road, so that all time counts as an absence."""
    return (
        heartbeats.road_is_silent(tx)
        and WALK in heartbeats.faltering(tx, actor)
        and heartbeats.awake_for(tx, heartbeats.SILENT_AFTER)
    )


def vigil_told(tx: Tx, actor: Actor) -> None:
    """What was to be rung rang: for an hour it is not said again."""
    require(actor, DeliveryPermission.CARRY)
    probes.told(tx)


def _said(tx: Tx, sentence: str) -> tuple[Said, ...]:
    return tuple(
        Said(way, say(one.profile.language, sentence))
        for one, ways in to_coordination(tx)
        for way in ways
    )


def _promise(tx: Tx, sentence: str) -> None:
    """By Telegram: once, however often the channels are rung."""
    for one, _ways in to_coordination(tx):
        if one.profile.chat is not None:
            to, language = one.profile.chat, one.profile.language
            outbox.promise(
                tx, Letter(to=to, language=language, say=sentence, priority=Priority.ALARM)
            )
