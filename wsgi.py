"""Settings to app; nothing else."""

import os

from config.settings import BadSetting, load
from handbook.library import load_library
from network.app import create_app
from network.house import open_house

try:
    settings = load(os.environ)
except BadSetting as bad:
    raise SystemExit(str(bad)) from None
load_library(settings.country)  # read now, not while the first reader waits
app = create_app(settings, open_house(settings))
