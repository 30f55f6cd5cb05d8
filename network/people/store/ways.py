"""Further ways into an account as one column: as many for everybody, of one size, used or not."""

from collections.abc import Iterable
from uuid import UUID

from network.db import Tx
from network.encryption.envelope import seal_to
from network.encryption.keyring import repepper, unused_keys
from network.encryption.sealed import Place, PublicKey, Sealed
from network.kernel.hidden import Plaintext
from network.people.domain import COVERS, Way

LENGTH = 4  # bytes in front of each part
EMPTY = "A" * 32  # as long as an authenticator's secret


def totp_place(person: UUID) -> Place:
    """Where a second factor is sealed."""
    return Place("people", "totp", person, member=person)


def unused(tx: Tx, person: UUID) -> tuple[Way, ...]:
    """What stands there for somebody who has chosen no second passphrase."""
    return tuple(_unused(tx, person) for _ in range(COVERS))


def freshened(tx: Tx, person: UUID, way: Way) -> Way:
    """The same way, no byte of its wraps the same to whoever has not the pepper."""
    pepper, *retired = tx.secret.peppers
    return Way(
        way.public,
        repepper(person, way.by_passphrase, pepper, retired),
        repepper(person, way.by_recovery, pepper, retired),
        way.totp,
    )


def packed(ways: Iterable[Way]) -> Sealed:
    """As the column holds them."""
    return Sealed(
        b"".join(
            len(part).to_bytes(LENGTH, "big") + part
            for way in ways
            for part in (way.public, way.by_passphrase, way.by_recovery, way.totp)
        )
    )


def unpacked(column: bytes) -> tuple[Way, ...]:
    """What `packed` packed."""
    parts, rest = [], column
    while rest:
        end = LENGTH + int.from_bytes(rest[:LENGTH], "big")
        parts.append(rest[LENGTH:end])
        rest = rest[end:]
    return tuple(
        Way(PublicKey(public), Sealed(passphrase), Sealed(recovery), Sealed(totp))
        for public, passphrase, recovery, totp in zip(*[iter(parts)] * 4, strict=True)
    )


def _unused(tx: Tx, person: UUID) -> Way:
    keys = unused_keys(person, tx.secret.pepper)
    totp = seal_to(keys.public, Plaintext(EMPTY), totp_place(person))
    return Way(keys.public, keys.by_passphrase, keys.by_recovery, totp)
