"""Configuration stands at the bottom of the house: it knows no room."""

import ast
from pathlib import Path

import config


def test_config_imports_no_room() -> None:
    for file in Path(config.__path__[0]).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names.append(node.module or "")
            rooms = {name.split(".")[0] for name in names} & {"network", "bot", "handbook"}
            assert not rooms, f"{file.name} imports {rooms}"
