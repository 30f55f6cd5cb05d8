"""Our own requests, and one alarm about us to all coordinators when they do not come out."""

from dataclasses import dataclass, field
from datetime import timedelta

from config.language import say
from network import outbox, probes
from network.db import Tx
from network.delivery.policy import DeliveryPermission, require
from network.delivery.services.channels import Way, to_coordination
from network.kernel.actor import Actor
from network.kernel.words import N_
from network.outbox.domain import Letter, Priority

TELL_AGAIN_AFTER = timedelta(hours=1)
ILL = N_("Hilo itself is not well: what goes in does not come out. Tell whoever runs it, now.")
WELL = N_("Hilo is well again: what goes in comes out.")


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence for one channel, in its owner's language."""

    way: Way
    text: str = field(repr=False)


def keep_vigil(tx: Tx, actor: Actor) -> tuple[Said, ...]:
    """Look at our own requests; what the clock is to ring itself, as the outbox may be what broke.

    Telegram's letters are promised too: where a postman lives, they arrive.
    """
    require(actor, DeliveryPermission.CARRY)
    health = probes.look(tx, actor)
    if not health.well:
        return _said(tx, ILL) if probes.tell(tx, TELL_AGAIN_AFTER) else ()
    return _said(tx, WELL) if probes.tell_well(tx) else ()


def _said(tx: Tx, sentence: str) -> tuple[Said, ...]:
    found: list[Said] = []
    for one, ways in to_coordination(tx):
        language = one.profile.language
        found += [Said(way, say(language, sentence)) for way in ways]
        if one.profile.chat is not None:
            outbox.promise(
                tx,
                Letter(
                    to=one.profile.chat, language=language, say=sentence, priority=Priority.ALARM
                ),
            )
    return tuple(found)
