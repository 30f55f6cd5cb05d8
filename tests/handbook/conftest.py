"""A reader with a small phone, and a copy of the handbook that a test may spoil."""

import shutil
from collections.abc import Callable
from pathlib import Path

import jinja2
import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import Babel

from handbook.library import HERE, Library, load_library
from handbook.lint import check
from handbook.problems import Problem
from handbook.web import bp

Spoil = Callable[[str, str, str], list[Problem]]


@pytest.fixture(scope="session")
def library() -> Library:
    return load_library()


@pytest.fixture
def reader() -> FlaskClient:
    """Of an app of this test alone, which it may change."""
    return _app().test_client()


@pytest.fixture(scope="session")
def open_to_all() -> Flask:
    """An app that nobody changes."""
    return _app()


@pytest.fixture
def anybody(open_to_all: Flask) -> FlaskClient:
    """Somebody who reads where others have read."""
    return open_to_all.test_client()


def _app() -> Flask:
    app = Flask("tests.handbook", template_folder=str(Path(__file__).parent / "pages"))
    app.jinja_env.undefined = jinja2.StrictUndefined
    app.register_blueprint(bp)
    Babel(app)
    return app


@pytest.fixture
def spoil(tmp_path: Path) -> Spoil:
    """Replace words in one file of a copy of the handbook, and say what the linter finds."""
    home = tmp_path / "handbook"
    for folder in ("boards", "chapters", "questions", "trees"):
        shutil.copytree(HERE / folder, home / folder)
    for path in HERE.glob("*.toml"):
        shutil.copy(path, home)

    def spoiled(file: str, before: str, after: str) -> list[Problem]:
        path = home / file
        text = path.read_text("utf-8")
        assert before in text
        path.write_text(text.replace(before, after, 1), "utf-8")
        return check(home, countries=tmp_path / "countries")

    return spoiled
