"""The question itself: two buttons under neutral words, and what became of its letter."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from network import outbox
from network.checkins.domain.prompts import Fate
from network.checkins.services.somebody import Address
from network.checkins.store.prompts import Kept
from network.db import Tx
from network.kernel.ids import LetterId, PromptId
from network.kernel.words import N_
from network.outbox.domain import Button, Letter, LetterStatus, Priority

HOW_ARE_YOU = N_("Hello. How are you? Press a button when you can.")
ASKING_AGAIN = N_("Hello again. How are you? One press is enough.")
I_AM_WELL = N_("I am well")
I_WANT_TO_TALK = N_("I want to talk")

FATES = {
    LetterStatus.WAITING: Fate.WAITING,
    LetterStatus.DELIVERED: Fate.DELIVERED,
    LetterStatus.REFUSED: Fate.REFUSED,
    LetterStatus.CANCELLED: Fate.GONE,
}


@dataclass(frozen=True, slots=True)
class Known:
    """What the outbox knows of one letter."""

    fate: Fate
    settled_at: datetime | None = None


def question(to: Address, prompt_id: PromptId, say: str) -> Letter:
    """The letter that asks."""
    return Letter(
        to=to.chat,
        language=to.language,
        say=say,
        buttons=(
            (Button(I_AM_WELL, f"well:{prompt_id.hex}"),),
            (Button(I_WANT_TO_TALK, f"talk:{prompt_id.hex}"),),
        ),
        priority=Priority.CHECKIN,
    )


def fates(tx: Tx, kept: Sequence[Kept]) -> dict[LetterId, Known]:
    """What became of the letters of these questions. One the outbox forgot is gone."""
    found = outbox.deliveries(tx, [one.letter_id for one in kept])
    known = {
        LetterId(letter): Known(FATES[one.status], one.settled_at) for letter, one in found.items()
    }
    return {one.letter_id: known.get(one.letter_id, Known(Fate.GONE)) for one in kept}
