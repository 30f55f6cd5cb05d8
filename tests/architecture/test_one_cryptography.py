import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[2]
THE_ROOM = HOUSE / "network" / "encryption"


def _sources() -> Iterator[Path]:
    yield from HOUSE.glob("*.py")
    for top in ("network", "bot", "handbook", "config"):
        yield from (HOUSE / top).rglob("*.py")


def _imported(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(
            ("import_module", "__import__")
        ):
            yield from (str(arg.value) for arg in node.args if isinstance(arg, ast.Constant))


def _does_cryptography(source: str) -> bool:
    others = {"cryptography", "nacl", "Crypto", "Cryptodome", "pyhpke"}
    return any(name.split(".")[0] in others for name in _imported(source))


def test_only_the_encryption_room_imports_cryptography() -> None:
    culprits = [
        str(path.relative_to(HOUSE))
        for path in _sources()
        if THE_ROOM not in path.parents and _does_cryptography(path.read_text())
    ]
    assert culprits == []


def test_the_encryption_room_is_where_it_is_looked_for() -> None:
    assert any(_does_cryptography(path.read_text()) for path in THE_ROOM.glob("*.py"))


@pytest.mark.parametrize(
    "source",
    [
        "import cryptography",
        "import cryptography.x509 as x",
        "from cryptography.hazmat.primitives import hpke",
        "def f():\n    from cryptography import x509",
        "import importlib\nimportlib.import_module('cryptography.fernet')",
    ],
)
def test_an_import_cannot_hide(source: str) -> None:
    assert _does_cryptography(source)
