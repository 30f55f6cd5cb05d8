"""Each danger word rings for itself; those of one family are taken, kept and ended together."""

from collections.abc import Iterable

from network.checkins.domain.watches import Cause
from network.checkins.store import watches
from network.checkins.store.watches import Kept
from network.db import Tx
from network.kernel.errors import NotVisible
from network.kernel.ids import AlarmId


def hold_alike(tx: Tx, watch_id: AlarmId) -> tuple[Kept, tuple[Kept, ...]]:
    """An alarm, and the others of danger about the same family or member where it is one of danger;
    kept from the clock and from others until this transaction ends.
    """
    before = watches.one(tx, watch_id)
    if not _is_danger(before):
        return watches.hold(tx, watch_id), ()
    alike = {one.id for one in watches.of(tx, before.about) if _is_danger(one)}
    held = {one.id: one for one in watches.hold_these(tx, alike | {watch_id})}
    pressed = held.pop(watch_id, None)
    if pressed is None:
        raise NotVisible
    return pressed, tuple(one for one in held.values() if _is_danger(one))


def any_rings(kept: Iterable[Kept]) -> bool:
    """Whether one of these rings; what cannot be read may."""
    return any(one.watch is None or one.watch.rings for one in kept)


def _is_danger(kept: Kept) -> bool:
    return kept.watch is not None and kept.watch.cause is Cause.DANGER
