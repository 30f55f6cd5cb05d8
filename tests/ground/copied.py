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
from tests.ground.reopened import Reopened


@dataclass(slots=True)
class Copied(Reopened):
    """Gives one test at a time a copy of the template."""

    template: Path

    def url(self, path: Path) -> str:
        """A file that looks like the template."""
        shutil.copyfile(self.template, path)
        self._url = f"sqlite:///{path}"
        if self._opened is not None:
            self._opened.engine.url = make_url(self._url)
        return self._url

    def _first(self, url: str) -> Database:
        opened = open_database(url)
        event.listen(opened.engine, "do_connect", self._leads)
        return opened

    def _leads(self, _dialect: object, _record: object, where: list[Any], _how: object) -> None:
        assert self._url is not None
        where[0] = self._url.removeprefix("sqlite:///")
