"""Trips: one for each person, erased when it ends. Only grants open what is in it.

While an alarm rings a trip that was said to be over is kept, and the next one is sealed beside it
with the same key: `details` and `place` then hold two envelopes each, the kept one first.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, exists, insert, or_, select, update

from network.checkins.domain.prompts import OPEN
from network.checkins.domain.rhythms import RhythmStatus
from network.checkins.domain.trips import Opened, Trip
from network.checkins.domain.trips import Place as Where
from network.checkins.tables import PromptRow, RhythmRow, TripGrantRow, TripRow, WatchRow
from network.db import Tx
from network.encryption.envelope import open_secret, open_text, seal_secret_to, seal_to
from network.encryption.sealed import Place, PublicKey, Sealed, framed
from network.kernel.errors import NotVisible, WrongMoment
from network.kernel.hidden import Plaintext, SecretBytes
from network.kernel.ids import PersonId, RhythmId, TripId

_WATCHED = exists().where(WatchRow.person_id == TripRow.person_id)
_ENDED = RhythmStatus.ENDED
SIZE = 4  # bytes: how long the first of two is, as `framed` writes it
TWO = b"\0"  # no envelope begins so, and no first one is longer than 16 MB


def add(
    tx: Tx,
    trip: Trip,
    opened: Opened,
    private: SecretBytes,
    readers: Mapping[PersonId, bytes],
    erase_at: datetime,
) -> None:
    """Store a new trip, and its key for each of these readers."""
    tx.session.execute(
        insert(TripRow)
        .inline()
        .values(
            id=trip.id,
            person_id=trip.person_id,
            rhythm_id=trip.rhythm_id,
            public_key=trip.public_key,
            details=_details(trip, opened.destination, opened.back_at),
            over=False,
            erase_at=erase_at,
        )
    )
    tx.session.execute(
        insert(TripGrantRow).inline(),
        [
            {
                "trip_id": trip.id,
                "member_id": reader,
                "key": seal_secret_to(PublicKey(public), private, _grant_place(trip.id, reader)),
            }
            for reader, public in readers.items()
        ],
    )


def begin_beside(
    tx: Tx, before: Trip, rhythm_id: RhythmId, opened: Opened, erase_at: datetime
) -> None:
    """A new trip, beside one that is kept for those who search; only where that is as we read it.

    Of several kept so the first stays: it is the one on which the alarm began.
    """
    row = tx.session.execute(
        select(TripRow.details, TripRow.place).where(TripRow.id == before.id).with_for_update()
    ).one_or_none()
    if row is None:
        raise WrongMoment
    first, only = _two(row.details)
    first_place, only_place = _two(row.place or b"")
    details = _details(before, opened.destination, opened.back_at)
    begun = tx.session.scalar(
        update(TripRow)
        .where(TripRow.id == before.id, TripRow.rhythm_id == before.rhythm_id, TripRow.over)
        .values(
            rhythm_id=rhythm_id,
            details=framed(only if first is None else first, details),
            place=framed(only_place if first_place is None else first_place, b""),
            over=False,
            erase_at=erase_at,
        )
        .returning(TripRow.id)
    )
    if begun is None:
        raise WrongMoment


def readers_of(tx: Tx, trip: Trip) -> frozenset[PersonId]:
    """Whoever holds a key to it."""
    rows = tx.session.scalars(select(TripGrantRow.member_id).where(TripGrantRow.trip_id == trip.id))
    return frozenset(map(PersonId, rows))


def of(tx: Tx, person: PersonId) -> Trip | None:
    """The trip this person is on, as they themselves see it."""
    found = kept(tx, person)
    return None if found is None or found.over else found


def kept(tx: Tx, person: PersonId) -> Trip | None:
    """The trip that is kept of this person, also when they have said that it is over."""
    row = tx.session.execute(
        select(
            TripRow.id, TripRow.person_id, TripRow.rhythm_id, TripRow.public_key, TripRow.over
        ).where(TripRow.person_id == person)
    ).one_or_none()
    if row is None:
        return None
    return Trip(
        TripId(row.id),
        PersonId(row.person_id),
        RhythmId(row.rhythm_id),
        row.public_key,
        over=row.over,
    )


def traveller(tx: Tx, trip: TripId) -> PersonId | None:
    """Whose trip this is; None where it is none, or none any more."""
    found = tx.session.scalar(select(TripRow.person_id).where(TripRow.id == trip))
    return None if found is None else PersonId(found)


def rhythms_of(tx: Tx, ids: Iterable[RhythmId]) -> dict[RhythmId, TripId]:
    """Those of these rhythms that ask for somebody's return, and the trip of each."""
    wanted = list(ids)
    if not wanted:
        return {}
    rows = tx.session.execute(
        select(TripRow.rhythm_id, TripRow.id).where(TripRow.rhythm_id.in_(wanted))
    )
    return {RhythmId(row.rhythm_id): TripId(row.id) for row in rows}


def asks_by(tx: Tx, trip: Trip, rhythm_id: RhythmId, erase_at: datetime) -> None:
    """From now on this rhythm asks for their return; only where the trip is as we read it."""
    moved = tx.session.scalar(
        update(TripRow)
        .where(TripRow.id == trip.id, TripRow.rhythm_id == trip.rhythm_id)
        .values(rhythm_id=rhythm_id, erase_at=erase_at)
        .returning(TripRow.id)
    )
    if moved is None:
        raise WrongMoment


def put_place(tx: Tx, trip: Trip, where: Where) -> None:
    """The last place they sent, in the stead of the one before."""
    text = json.dumps([where.latitude, where.longitude, int(where.at.timestamp())])
    sealed = seal_to(
        PublicKey(trip.public_key), Plaintext(text.ljust(64)), _place(trip.id, "place")
    )
    stored = tx.session.scalar(select(TripRow.place).where(TripRow.id == trip.id).with_for_update())
    first, _ = _two(stored or b"")
    found = sealed if first is None else framed(first, sealed)
    tx.session.execute(update(TripRow).where(TripRow.id == trip.id).values(place=found))


def opened(tx: Tx, trip: Trip, reader: PersonId, key: SecretBytes) -> Opened:
    """What is sealed in it, for a reader with a grant and their key; NotVisible for others."""
    row = tx.session.execute(
        select(TripRow.details, TripRow.place, TripGrantRow.key)
        .join(TripGrantRow, TripGrantRow.trip_id == TripRow.id)
        .where(TripRow.id == trip.id, TripGrantRow.member_id == reader)
    ).one_or_none()
    if row is None:
        raise NotVisible
    private = open_secret(key, Sealed(row.key), _grant_place(trip.id, reader))
    first, details = _two(row.details)
    first_place, place = _two(row.place or b"")
    before = None if first is None else _opened(tx, trip, private, first, first_place or b"")
    return replace(_opened(tx, trip, private, details, place), before=before)


def lacking(
    tx: Tx, holder: PersonId, readers: Iterable[PersonId]
) -> dict[TripId, frozenset[PersonId]]:
    """Of the trips this member can open: which of these readers cannot. Nobody's own trip counts.

    Trips are few and last hours, so all of their grants are read.
    """
    wanted = frozenset(readers)
    rows = tx.session.execute(
        select(TripRow.id, TripRow.person_id, TripGrantRow.member_id).join(
            TripGrantRow, TripGrantRow.trip_id == TripRow.id
        )
    )
    holders: dict[tuple[TripId, PersonId], set[PersonId]] = {}
    for row in rows:
        trip = TripId(row.id), PersonId(row.person_id)
        holders.setdefault(trip, set()).add(PersonId(row.member_id))
    return {
        trip: missing
        for (trip, traveller), have in holders.items()
        if holder in have and (missing := wanted - have - {traveller})
    }


def pass_on(
    tx: Tx,
    trip: TripId,
    holder: tuple[PersonId, SecretBytes],
    readers: Mapping[PersonId, bytes],
) -> None:
    """Seal a trip's key, which this holder can open, to more readers. Of two at once, one does."""
    person, key = holder
    sealed = tx.session.scalar(
        select(TripGrantRow.key).where(
            TripGrantRow.trip_id == trip, TripGrantRow.member_id == person
        )
    )
    if sealed is None:
        raise NotVisible
    private = open_secret(key, Sealed(sealed), _grant_place(trip, person))
    tx.session.execute(
        tx.insert(TripGrantRow).on_conflict_do_nothing(),
        [
            {
                "trip_id": trip,
                "member_id": reader,
                "key": seal_secret_to(PublicKey(public), private, _grant_place(trip, reader)),
            }
            for reader, public in readers.items()
        ],
    )


def let_go(tx: Tx, searchers: Iterable[PersonId]) -> None:
    """Forget the keys of whoever is neither among these searchers nor the traveller."""
    travels = exists().where(
        TripRow.id == TripGrantRow.trip_id, TripRow.person_id == TripGrantRow.member_id
    )
    tx.session.execute(
        delete(TripGrantRow).where(TripGrantRow.member_id.not_in(list(searchers)), ~travels)
    )


def hide(tx: Tx, trip: Trip) -> None:
    """Over for whoever travels; kept for those who search."""
    tx.session.execute(update(TripRow).where(TripRow.id == trip.id).values(over=True))


def erase(tx: Tx, trip: Trip) -> None:
    """Nothing of it is left."""
    tx.session.execute(delete(TripRow).where(TripRow.id == trip.id))


def sweep(tx: Tx) -> tuple[RhythmId, ...]:
    """Erase the trips that nobody ended, and those kept for a search that is over; none of
    somebody of whom an alarm is open. Says which rhythms asked for them.
    """
    gone = (
        delete(TripRow)
        .where(or_(TripRow.over, TripRow.erase_at < tx.now), ~_WATCHED)
        .returning(TripRow.rhythm_id)
    )
    return tuple(map(RhythmId, tx.session.scalars(gone)))


def let_pass(tx: Tx, kept: timedelta) -> None:
    """Trips that nobody waits for any more, since their alarm was ended without them, are erased
    this much later, where whoever travels does not ask for more time.
    """
    asks = exists().where(RhythmRow.id == TripRow.rhythm_id, RhythmRow.status != _ENDED)
    waits = exists().where(PromptRow.rhythm_id == TripRow.rhythm_id, PromptRow.status.in_(OPEN))
    tx.session.execute(
        update(TripRow)
        .where(TripRow.erase_at > tx.now + kept, ~asks, ~waits, ~_WATCHED)
        .values(erase_at=tx.now + kept)
    )


def _two(stored: bytes) -> tuple[bytes | None, bytes]:
    """The envelope that is kept, where there is one, and the one in force."""
    if stored[:1] != TWO:
        return None, stored
    end = SIZE + int.from_bytes(stored[:SIZE], "big")
    return stored[SIZE:end], stored[end + SIZE :]


def _opened(tx: Tx, trip: Trip, private: SecretBytes, sealed: bytes, sealed_place: bytes) -> Opened:
    details = open_text(private, Sealed(sealed), _place(trip.id, "details"))
    destination, back_at = json.loads(details.reveal())
    place = None
    if sealed_place:
        found = open_text(private, Sealed(sealed_place), _place(trip.id, "place"))
        latitude, longitude, at = json.loads(found.reveal())
        place = Where(latitude, longitude, datetime.fromtimestamp(at, tx.now.tzinfo))
    return Opened(Plaintext(destination), datetime.fromtimestamp(back_at, tx.now.tzinfo), place)


def _details(trip: Trip, destination: Plaintext, back_at: datetime) -> Sealed:
    text = json.dumps([destination.reveal(), int(back_at.timestamp())])
    return seal_to(PublicKey(trip.public_key), Plaintext(text), _place(trip.id, "details"))


def _place(trip: UUID, column: str) -> Place:
    return Place("trips", column, trip)


def _grant_place(trip: UUID, reader: UUID) -> Place:
    return Place("trip_grants", "key", trip, member=reader)
