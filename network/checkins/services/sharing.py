"""Letters about silence are shared: who is called for seven people reads one letter, not seven."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from config.language import say
from network.checkins.domain.silence import Fell, findings
from network.checkins.domain.subjects import Subject
from network.checkins.services.somebody import Somebody, find
from network.checkins.services.telling import OWN, call, packed
from network.checkins.store import prompts
from network.db import Tx
from network.kernel.ids import AlarmId, LetterId, PersonId
from network.kernel.words import N_
from network.outbox.domain import Button, Letter, Priority, Signal
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


@dataclass(frozen=True, slots=True)
class Shared:
    """The envelopes of all calls of one tick, and which of them carry each alarm."""

    signals: tuple[Signal, ...]
    carriers: Mapping[AlarmId, tuple[LetterId, ...]]


def shared(calls: Iterable[Call]) -> Shared:
    """One letter for each member who is called, whatever the number of alarms they are called for.

    Alarms of danger are never among them: each has an envelope of its own, as every word has.
    """
    readers: dict[PersonId, Profile] = {}
    wanted: defaultdict[PersonId, list[tuple[AlarmId, str]]] = defaultdict(list)
    for one in calls:
        for member in one.members:
            readers[member.id] = member.profile
            wanted[member.id].append((one.watch_id, one.reference))
    about: dict[LetterId, list[AlarmId]] = {}
    letters = []
    for person, named in wanted.items():
        letter = _letter(readers[person], named)
        about[letter.id] = [watch_id for watch_id, _ in named[:MOST_NAMED]]
        letters.append(letter)
    signals = tuple(Signal(some) for some in packed(letters))
    carriers: defaultdict[AlarmId, tuple[LetterId, ...]] = defaultdict(tuple)
    for signal in signals:
        for watch_id in {each for letter in signal.letters for each in about[letter.id]}:
            carriers[watch_id] = (*carriers[watch_id], signal.id)
    return Shared(signals, carriers)


def dark_zones(
    tx: Tx, fallen: Sequence[Subject], around: Mapping[Subject, Somebody]
) -> frozenset[str]:
    """The zones of these in which so many are silent that their rungs wait for each other."""
    rules = tx.pack.silence
    here = [Fell(each, around[each].zone, tx.now) for each in fallen if each in around]
    if not any(one.zone for one in here):
        return frozenset()
    others = prompts.climbing_since(tx, tx.now - rules.window, MOST_SILENT)
    known = find(tx, {one.about for one in others} - around.keys())
    there = [
        Fell(one.about, somebody.zone, one.delivered_at or one.planned_at)
        for one in others
        if (somebody := around.get(one.about) or known.get(one.about)) is not None
    ]
    found = findings((*there, *here), window=rules.window, people=rules.people)
    return frozenset(one.zone for one in found)


def _letter(reader: Profile, named: Sequence[tuple[AlarmId, str]]) -> Letter:
    if len(named) == 1:
        return call(*named[0], reader)
    assert reader.chat is not None
    shown = named[:MOST_NAMED]
    references = ", ".join(reference for _, reference in shown)
    if len(named) > len(shown):
        more = str(len(named) - len(shown))
        references = say(reader.language, AND_MORE, references=references, more=more)
    labels = {
        f"alarm_{number}": say(reader.language, TAKE_IT, reference=reference)
        for number, (_, reference) in enumerate(shown)
    }
    return Letter(
        to=reader.chat,
        language=reader.language,
        say=SEVERAL,
        params={"references": references, **labels},
        buttons=tuple(
            (Button(f"%(alarm_{number})s", f"{OWN}{watch_id.hex}"),)
            for number, (watch_id, _) in enumerate(shown)
        ),
        priority=Priority.ALARM,
    )
