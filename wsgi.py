"""Settings to app; nothing else."""

import os

from config.settings import BadSetting, load
from handbook.library import load_library
from network import schema
from network.app import create_app
from network.house import open_house

try:
    settings = load(os.environ)
    door = open_house(settings)
    if os.environ.get("FLASK_RUN_FROM_CLI") != "true":  # `hilo migrate` is what sets it right
        schema.require(door.database, door.secret)
except (BadSetting, schema.WrongSchema) as bad:
    raise SystemExit(str(bad)) from None
load_library(settings.country)  # read now, not while the first reader waits
app = create_app(settings, door)
