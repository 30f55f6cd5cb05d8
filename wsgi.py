"""Settings to app; nothing else."""

import os

from config.settings import load
from network.app import create_app
from network.house import open_house

settings = load(os.environ)
app = create_app(settings, open_house(settings))
