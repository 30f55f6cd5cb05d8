"""A passphrase is stretched as in production: for the first time, that is.

Thousands of tests ask Argon2id the same again, with the same salt, and it can only answer the same.
Only the package's own name is replaced, never ours, and the costs are those we ask for. Where they
are counted or measured, and in the long forms, it is worked out each time.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import local
from typing import Any, Final

import pytest
from cryptography.hazmat.primitives.kdf import argon2

REAL: Final = argon2.Argon2id
AFRESH: Final = ("bench", "chaos")
_here: Final = local()


class Remembered:
    """Argon2id of these costs and this salt, which answers from memory what it was asked before."""

    on = True
    _known: Final[dict[tuple[object, ...], bytes]] = {}

    def __init__(self, **given: Any) -> None:  # noqa: ANN401  # as the package's own
        self._real = REAL(**given)
        self._given = tuple(sorted(given.items()))

    def derive(self, secret: bytes) -> bytes:
        """The key; worked out by the package, now or before."""
        if not Remembered.on or getattr(_here, "afresh", False):
            return self._real.derive(secret)
        asked = (*self._given, secret)
        if (found := self._known.get(asked)) is None:
            found = self._known[asked] = self._real.derive(secret)
        return found


@contextmanager
def afresh() -> Iterator[None]:
    """Meanwhile this thread works out each."""
    _here.afresh = True
    try:
        yield
    finally:
        _here.afresh = False


def pytest_configure() -> None:
    setattr(argon2, "Argon2id", Remembered)  # noqa: B010  # its type is the package's


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    Remembered.on = not any(item.get_closest_marker(name) for name in AFRESH)
