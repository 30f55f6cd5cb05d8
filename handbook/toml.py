"""TOML, read once for each text: the linter and the shelf read the same files."""

import tomllib
from functools import lru_cache
from typing import Any


@lru_cache(maxsize=64)
def parsed(text: str) -> dict[str, Any]:
    """What the text says. Everybody who asks is given the same, so nobody changes it."""
    return tomllib.loads(text)
