"""The history of an application: sealed lines, each of one kind."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from network.db import Tx
from network.kernel.actor import Actor
from network.kernel.hidden import Plaintext
from network.kernel.ids import PersonId
from network.vetting.domain.path import Application, Interests, Tie
from network.vetting.store import lines, seats

ANSWER, DONE, NOTE, INTERESTS = "answer", "done", "note", "interests"


@dataclass(frozen=True, slots=True)
class Line:
    """One line as one of the pair reads it. The text is None where its key is gone for good."""

    kind: str
    what: str  # the question, or the move
    at: datetime | None
    by: PersonId | None
    text: Plaintext | None = field(repr=False)

    @property
    def interests(self) -> Interests | None:
        """What they were tied to from then on, where this line says so."""
        if self.kind != INTERESTS or self.text is None:
            return None
        ties, _, zones = self.what.partition(";")
        return Interests(tuple(map(Tie, ties.split())), tuple(zones.split()))


def write(
    tx: Tx, actor: Actor, application: Application, *, kind: str, what: str, text: Plaintext
) -> None:
    """One more line, by whoever acts."""
    by = actor.person_id.hex if actor.person_id else ""
    found = [kind, what, tx.now.isoformat(), by, text.reveal()]
    lines.add(tx, application, Plaintext(json.dumps(found, ensure_ascii=False)))


def write_interests(
    tx: Tx, actor: Actor, application: Application, interests: Interests, text: Plaintext
) -> None:
    """What somebody is tied to from now on, which the machine itself does not know, and why."""
    what = f"{' '.join(interests.ties)};{' '.join(interests.zones)}"
    write(tx, actor, application, kind=INTERESTS, what=what, text=text)


def read(tx: Tx, actor: Actor, application: Application) -> tuple[Line, ...]:
    """Every line, opened with the actor's own key."""
    keys = seats.keys_of(tx, actor, application.id)
    texts = lines.opened(application.id, keys, lines.all_of(tx, application.id))
    return tuple(_line(text) for text in texts)


def _line(text: Plaintext | None) -> Line:
    if text is None:
        return Line(NOTE, "", None, None, None)
    kind, what, at, by, said = json.loads(text.reveal())
    return Line(
        kind,
        what,
        datetime.fromisoformat(at),
        PersonId(UUID(by)) if by else None,
        Plaintext(said),
    )
