"""Only the door's transaction commits."""

from tests.architecture.tree import calls, modules

FORBIDDEN = {"commit", "rollback", "flush", "begin", "begin_nested"}
STREAMS = {"sys.stdout", "sys.stderr"}
# The one transaction and its savepoints live here, and migrations have Alembic's.
ALLOWED = ("network/db.py", "network/migrations/")


def test_nobody_but_the_door_commits() -> None:
    culprits = [
        f"{path}:{line} {name}"
        for path, tree in modules()
        if not path.startswith(ALLOWED)
        for receiver, name, line in calls(tree)
        if name in FORBIDDEN and receiver not in STREAMS
    ]
    assert culprits == []
