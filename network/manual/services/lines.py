"""Dialling the directory: which line waits longest, and what was heard."""

from dataclasses import dataclass
from datetime import date

from config.directory import Line
from network import audit
from network.db import Tx
from network.kernel.actor import Actor
from network.kernel.errors import NotVisible
from network.kernel.ids import PersonId
from network.manual import store
from network.manual.domain import Dial, Outcome, is_stale, read_remark
from network.manual.policy import ManualPermission, require
from network.people import services as people


@dataclass(frozen=True, slots=True)
class LineCard:
    """One line, the last time it was dialled, by whom, and whether that still says something."""

    line: Line
    last: Dial | None
    by: str
    seed: date | None  # the pack's own date, where nobody has dialled since
    stale: bool


@dataclass(frozen=True, slots=True)
class StateCard:
    """One state and the lines it has; none where no reliable number was found."""

    code: str
    state: str
    lines: tuple[LineCard, ...]


def lines(tx: Tx, actor: Actor) -> tuple[tuple[LineCard, ...], tuple[StateCard, ...]]:
    """Every line, those never dialled first, then the oldest test; and the frame of the states."""
    require(actor, ManualPermission.TEST_LINES)
    last = {(one.line, one.number): one for one in store.last_dials(tx)}
    names = people.members_named(tx, {one.by for one in last.values()})
    aliases = {each: one.alias for each, one in names.items()}
    cards = [
        _card(tx, line, last.get((line.id, line.number)), aliases) for line in tx.pack.directory
    ]
    cards.sort(key=lambda card: card.last.day if card.last else card.seed or date.min)
    return tuple(cards), tuple(
        StateCard(
            state.geo_code,
            state.name,
            tuple(card for card in cards if card.line.state == state.geo_code),
        )
        for state in tx.pack.areas.states
    )


def dial(tx: Tx, actor: Actor, *, line_id: str, outcome: Outcome, remark: str = "") -> None:
    """Write down what was heard today; from now on it decides what pages and bot show."""
    require(actor, ManualPermission.TEST_LINES)
    line = next((one for one in tx.pack.directory if one.id == line_id), None)
    if line is None:
        raise NotVisible
    store.add_dial(
        tx, Dial(line.id, line.number, outcome, tx.today, actor.person, read_remark(remark))
    )
    audit.receipt(tx, actor, f"manual.dialled-{outcome.value}")


def _card(tx: Tx, line: Line, last: Dial | None, aliases: dict[PersonId, str]) -> LineCard:
    seed = line.last_dialled
    if last is not None and seed is not None and seed > last.day:
        last = None
    day = last.day if last else seed
    return LineCard(
        line,
        last,
        aliases.get(last.by, "") if last else "",
        seed if last is None else None,
        stale=day is None or is_stale(day, tx.today),
    )
