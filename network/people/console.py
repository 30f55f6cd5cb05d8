"""The people's part of the command line."""

import json

import click
from flask.cli import with_appcontext

from network.kernel.actor import Engine, Role
from network.kernel.errors import BadInput
from network.people import services
from network.web.here import door, settings

CLI = Engine("cli")


def register(hilo: click.Group) -> None:
    """Add `coordinator`, `people` and `session` to the command line."""
    hilo.add_command(coordinator)
    hilo.add_command(people)
    hilo.add_command(session)


@click.group()
def coordinator() -> None:
    """Who coordinates."""


@coordinator.command()
@click.option("--alias", default="", help="What to call them; they can change it.")
@with_appcontext
def add(*, alias: str) -> None:
    """Print a single-use link for a new coordinator.

    Whoever opens it first within a week becomes a coordinator at once, with nobody's yes. Give it
    to that person alone, by a way you trust.
    """
    try:
        token = door().ask(services.invite, CLI, role=Role.COORDINATOR, alias=alias)
    except BadInput as refusal:
        sentence = "use up to 40 printable letters."
        raise click.BadParameter(sentence, param_hint="--alias") from refusal
    click.echo(services.join_link(settings().address, token).reveal())


@click.group()
def people() -> None:
    """Who is in the network."""


@people.command("list")
@click.option("--json", "as_json", is_flag=True, help="For scripts.")
@with_appcontext
def list_people(*, as_json: bool) -> None:
    """Show every member: id, alias, role, standing, duty, whether Telegram is linked."""
    page = door().look(services.people, CLI)
    cards = (*page.waiting, *page.members, *page.gone)
    lines = [
        {
            "id": str(card.member.id),
            "alias": card.member.alias,
            "role": card.member.role.value,
            "standing": card.member.standing.value,
            "on_duty": card.member.on_duty,
            "linked": card.member.profile.chat is not None,
        }
        for card in cards
    ]
    if as_json:
        click.echo(json.dumps(lines, ensure_ascii=False))
        return
    if not lines:
        click.echo("Nobody yet. `hilo coordinator add` makes the first link.")
    for line in lines:
        duty = " on duty" if line["on_duty"] else ""
        linked = "" if line["linked"] else " no Telegram"
        click.echo(
            f"{line['id']}  {line['standing']:<9} {line['role']:<11} {line['alias']}{duty}{linked}"
        )


@click.group()
def session() -> None:
    """Who is signed in."""


@session.command("end-all")
@click.confirmation_option(prompt="Sign everybody out, on every machine?")
@with_appcontext
def end_all() -> None:
    """Sign everybody out, on every machine, at once."""
    click.echo(f"{door().ask(services.end_every_session, CLI)} sessions ended.")
