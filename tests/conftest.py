"""The ground every test stands on. The people of a story are in its own folder."""

# In this order: pytest has to see each before another of them imports it.
pytest_plugins = [
    "tests.ground.honest",
    "tests.ground.sockets",
    "tests.ground.quick",
    "tests.ground.stretched",
    "tests.ground.templates",
    "tests.ground.clock",
    "tests.ground.postgresql",
    "tests.ground.databases",
    "tests.ground.door",
    "tests.ground.house",
    "tests.ground.apps",
    "tests.ground.chromium",
    "tests.cast",
]
