"""One SQLite engine for test after test, led to a file of its own in each.

An engine puts each statement into SQL the first time it meets it. For a test, that would be every
time, and take longer than to run it.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import event, make_url

from network.db import Database, open_database


@dataclass(slots=True)
class Copied:
    """Gives one test at a time a copy of the template."""

    template: Path
    _url: str = ""
    _opened: Database | None = None

    def url(self, path: Path) -> str:
        """A file that looks like the template."""
        shutil.copyfile(self.template, path)
        self._url = f"sqlite:///{path}"
        return self._url

    def open(self, url: str) -> Database | None:
        """The engine that knows our statements from earlier tests; None for another database."""
        if url != self._url:
            return None
        if self._opened is None:
            self._opened = open_database(url)
            event.listen(self._opened.engine, "do_connect", self._leads)
        self._opened.engine.url = make_url(url)
        return self._opened

    def _leads(self, _dialect: object, _record: object, where: list[Any], _how: object) -> None:
        where[0] = self._url.removeprefix("sqlite:///")
