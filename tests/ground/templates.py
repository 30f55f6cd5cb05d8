"""A page's template is compiled once for all apps of a worker, not by each that a test builds.

To compile them takes longer than to draw them. Only the package's own setting is used, and what is
known of a template counts for the same name, file and words alone.
"""

from types import CodeType
from typing import Final

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket


class Compiled(BytecodeCache):
    """What Jinja made of each template, in memory."""

    def __init__(self) -> None:
        self._known: Final[dict[tuple[str, str], CodeType]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """What was made of these very words before, if anything was."""
        bucket.code = self._known.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Kept for the next app."""
        assert bucket.code is not None
        self._known[bucket.key, bucket.checksum] = bucket.code


def pytest_configure() -> None:
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": Compiled()}
