"""Letters about silence are shared: who is called for seven people reads one letter, not seven."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from config.language import say
from network.checkins.services.telling import MORE, OWN, Ways, call, packed, sent
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
