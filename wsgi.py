"""Settings to app; nothing else."""

import os

from config.settings import load
from handbook.library import load_library
from network.app import create_app
from network.house import open_house

settings = load(os.environ)
load_library(settings.country)  # read now, not while the first reader waits
app = create_app(settings, open_house(settings))
