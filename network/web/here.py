"""What a view may reach from the running app."""

from flask import current_app

from config.settings import Settings
from network.door import Door


def door() -> Door:
    """The one door of this process."""
    found = current_app.extensions["network.door"]
    assert isinstance(found, Door)
    return found


def settings() -> Settings:
    """The settings this process was started with."""
    found = current_app.extensions["network.settings"]
    assert isinstance(found, Settings)
    return found
