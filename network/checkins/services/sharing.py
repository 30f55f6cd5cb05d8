"""Letters about silence are shared: who is called for seven people reads one letter, not seven."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from config.language import say
from network.checkins.domain.silence import Fell, findings
from network.checkins.domain.subjects import Subject
from network.checkins.services.somebody import Somebody, find
from network.checkins.services.telling import MORE, OWN, Ways, call, packed, sent
from network.checkins.store import prompts
from network.db import Tx
from network.kernel.ids import AlarmId, LetterId, PersonId, new_ids
from network.kernel.words import N_
from network.outbox.domain import NOBODY, Button, Letter, Priority, Signal
from network.people.domain import Member, Profile

SEVERAL = N_(
    "%(references)s: none of them answers, and each needs somebody now. If they are of one place,"
    " its power or network may be out. Open Hilo before you call or write to anybody."
)
AND_MORE = N_("%(references)s and %(more)s more")
TAKE_IT = N_("I take it: %(reference)s")
MOST_NAMED = 8  # references in one letter; the desk shows the others
MOST_SILENT = 300  # the newest silences among which a zone is found


@dataclass(frozen=True, slots=True)
class Call:
    """Whom one alarm of silence calls now."""

    watch_id: AlarmId
    reference: str
    members: tuple[Member, ...]


def shared(calls: Iterable[Call], ways: Ways) -> tuple[Signal, ...]:
    """One letter for each member who is called, whatever the number of alarms they are called for.

    Alarms of danger are never among them: each has an envelope of its own, as every word has.
    """
    readers: dict[PersonId, Member] = {}
    wanted: defaultdict[PersonId, list[tuple[AlarmId, str]]] = defaultdict(list)
    for one in calls:
        for member in one.members:
            readers[member.id] = member
            wanted[member.id].append((one.watch_id, one.reference))
    ids = map(LetterId, new_ids(len(wanted)))
    letters = (
        letter
        for each, (person, named) in zip(ids, wanted.items(), strict=True)
        for letter in sent(readers[person], _letter(each, readers[person].profile, named), ways)
    )
    return tuple(Signal(some) for some in packed(letters))


def dark_zones(
    tx: Tx, fallen: Sequence[Subject], around: Mapping[Subject, Somebody]
) -> frozenset[str]:
    """The zones of these in which so many are silent that their rungs wait for each other."""
    rules = tx.pack.silence
    known = [(each, one.zone) for each in fallen if (one := around.get(each)) is not None]
    here = [Fell(each, zone, tx.now) for each, zone in known if zone]
    if not here:
        return frozenset()
    others = prompts.climbing_since(tx, tx.now - rules.window, MOST_SILENT)
    more = find(tx, {one.about for one in others} - around.keys())
    there = [
        Fell(one.about, somebody.zone, one.delivered_at or one.planned_at)
        for one in others
        if (somebody := around.get(one.about) or more.get(one.about)) is not None
    ]
    dark = findings((*there, *here), window=rules.window, people=rules.people)
    return frozenset(each.zone for each in dark)


def _letter(letter_id: LetterId, reader: Profile, named: Sequence[tuple[AlarmId, str]]) -> Letter:
    if len(named) == 1:
        return call(*named[0], reader, letter_id)
    shown = named[:MOST_NAMED]
    references = ", ".join(reference for _, reference in shown)
    params: dict[str, str] = {}
    if len(named) > len(shown):
        params[MORE] = more = str(len(named) - len(shown))
        references = say(reader.language, AND_MORE, references=references, more=more)
    labels = {
        f"alarm_{number}": say(reader.language, TAKE_IT, reference=reference)
        for number, (_, reference) in enumerate(shown)
    }
    return Letter(
        id=letter_id,
        to=NOBODY if reader.chat is None else reader.chat,
        language=reader.language,
        say=SEVERAL,
        params={"references": references, **labels, **params},
        buttons=tuple(
            (Button(f"%(alarm_{number})s", f"{OWN}{watch_id.hex}"),)
            for number, (watch_id, _) in enumerate(shown)
        ),
        priority=Priority.ALARM,
    )
