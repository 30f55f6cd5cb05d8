"""The web app of a test. To build one takes longer than to ask it for a page, so it is moved."""

import pytest
from flask import Flask

from config.settings import Settings, load
from handbook.leaves import LEAVES
from handbook.web import KNOWN
from network.app import create_app
from network.door import Door
from network.encryption.server import ServerSecret
from network.manual.web.known import Known

SECRET = ServerSecret.new_text()
SETTINGS = load({"HILO_SECRET": SECRET})
IN_ENGLISH = load({"HILO_SECRET": SECRET, "HILO_LANGUAGE": "en"})
_built: list[tuple[Settings, Flask]] = []


def app_over(door: Door, settings: Settings) -> Flask:
    """The app with these very settings over this door; built the first time it is asked for.

    All that an app knows of a door, or remembers of who asked it, begins anew. One test at a time.
    """
    for known, app in _built:
        if known is settings:
            return _moved(app, door)
    app = create_app(settings, door)
    _built.append((settings, app))
    return app


@pytest.fixture
def app(door: Door) -> Flask:
    """Everything as in production but for HTTPS; CSRF included."""
    return app_over(door, SETTINGS)


def _moved(app: Flask, door: Door) -> Flask:
    keys = door.secret.cookie_keys
    app.config.update(SECRET_KEY=keys[0], SECRET_KEY_FALLBACKS=list(keys[1:]))
    app.extensions.update({"network.door": door, KNOWN: Known(door)})
    app.extensions[LEAVES].clear()
    for limiter in app.extensions["limiter"]:
        limiter.reset()
    return app
