"""The keys' part of the command line: a new server secret, and how far the change is."""

import click
from flask.cli import with_appcontext

from network.encryption.server import ServerSecret
from network.kernel.actor import Engine
from network.rotation import secret as rotation
from network.rotation import suites
from network.web.here import door

CLI = Engine("cli")
PASSES = 5
STILL = (
    "Some are still under another secret. Is a process running that does not know the new one?"
    " Restart it and run this again."
)
DONE = (
    "Everything is sealed under the new secret. Keep the old one in HILO_SECRET_RETIRED for eight"
    " days, until open links, decisions and what was sent have lapsed; then remove it and restart."
)


@click.group()
def secret() -> None:
    """The server secret: a fresh one, and the change to it."""


@secret.command()
def new() -> None:
    """Print a fresh secret. Store it where the old one is stored, and nowhere else."""
    click.echo(ServerSecret.new_text())


@secret.command()
@with_appcontext
def status() -> None:
    """Say what is still sealed under another secret than HILO_SECRET. Exit code 1 if anything."""
    left = door().look(rotation.parts, CLI)
    for part, many in left.items():
        if many:
            click.echo(f"{many:8}  {part}")
    if any(left.values()):
        raise click.exceptions.Exit(1)
    click.echo("Everything is sealed under the current secret.")


@click.command("suites")
@with_appcontext
def count_suites() -> None:
    """Count with which suite everything is sealed, column by column. Nothing is opened.

    Cases are sealed again from their page of access, by somebody who holds them.
    """
    for column, found in sorted(door().look(suites.counted, CLI).items()):
        for suite, many in sorted(found.items()):
            click.echo(f"{many:8}  {suite:<12}{column}")


@secret.command()
@click.option("--at-once", default=rotation.AT_ONCE, help="How many in one transaction.")
@with_appcontext
def turn(*, at_once: int) -> None:
    """Seal everything again under HILO_SECRET. Run it while Hilo runs; run it again if it ends.

    The old secret has to stand in HILO_SECRET_RETIRED.
    """
    for _ in range(PASSES):
        left = {part: many for part, many in door().look(rotation.parts, CLI).items() if many}
        if not left:
            door().ask(rotation.finish, CLI)
            click.echo(DONE)
            return
        for part, many in left.items():
            _turn_part(part, many, at_once)
    raise click.ClickException(STILL)


def _turn_part(part: str, many: int, at_once: int) -> None:
    done, after = 0, None
    while True:
        batch = door().ask(rotation.turn, CLI, part=part, after=after, most=at_once)
        done, after = done + batch.done, batch.after
        click.echo(f"{part}: {done} of {many}")
        if batch.shut:
            click.echo(f"{part}: {batch.shut} open under no secret that was given.", err=True)
        if after is None:
            return
