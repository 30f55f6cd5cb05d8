"""One engine for test after test: it knows our statements from those before."""

from dataclasses import dataclass, field

from network.db import Database, open_database


@dataclass(slots=True)
class Reopened:
    """One database at a time, and the engine that has opened it."""

    _url: str | None = field(default=None, init=False)
    _opened: Database | None = field(default=None, init=False)

    def open(self, url: str) -> Database | None:
        """The engine that knows our statements from earlier tests; None for another database."""
        if url != self._url:
            return None
        if self._opened is None:
            self._opened = self._first(url)
        return self._opened

    def _first(self, url: str) -> Database:
        return open_database(url)
