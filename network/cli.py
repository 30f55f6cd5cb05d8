"""The command line: `flask --app wsgi hilo …`."""

import json
import logging
import sys
from collections.abc import Callable
from typing import TypeVar

import click
from flask.cli import with_appcontext

from config import watch as watchman
from handbook import lint
from handbook.console import press_handbook
from network import audit, inbox, migrations, outbox, schema
from network import demo as demonstration
from network.audit import check_proof
from network.db import TROUBLE, Tx
from network.heartbeats import pulses
from network.kernel.actor import Actor, Engine
from network.manual import services as manual
from network.people.console import register as register_people
from network.rotation.console import count_suites, secret
from network.surrender import services as surrendering
from network.surrender.domain import as_table
from network.web.here import door, settings

CLI = Engine("cli")
R = TypeVar("R")


@click.group()
def hilo() -> None:
    """Run and mend a Hilo network."""
    logging.basicConfig(level=logging.WARNING)


@hilo.command()
@with_appcontext
def migrate() -> None:
    """Bring the database up to this version. Safe to run again."""
    database = door().database
    try:
        with database.engine.connect() as connection:
            found = schema.of(connection)
        if found is schema.Standing.NEWER:
            raise click.ClickException(found.value)
        migrations.upgrade(database.engine)
    except TROUBLE as trouble:
        why = f"The database could not be brought up to date: {_reason(trouble)}."
        raise click.ClickException(why) from None
    click.echo("The database is up to date.")


@hilo.command()
@click.option("--json", "as_json", is_flag=True, help="For scripts.")
@with_appcontext
def status(*, as_json: bool) -> None:
    """Say how the engines, the inbox and the outbox are. Exit code 1 when something is stale."""
    beats = door().look(pulses, CLI)
    waiting, aside = door().look(_plainly(inbox.backlog), CLI)
    due, refused = door().look(_plainly(outbox.backlog), CLI)
    facts = {
        "engines": {p.engine: "fresh" if p.fresh else "stale" for p in beats},
        "arrivals_waiting": waiting,
        "arrivals_set_aside": aside,
        "letters_due": due,
        "letters_refused": refused,
    }
    click.echo(json.dumps(facts) if as_json else _lines(facts))
    if not all(p.fresh for p in beats):
        sys.exit(1)


@hilo.command(
    context_settings={"ignore_unknown_options": True, "help_option_names": []},
    add_help_option=False,
)
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
def watch(*, words: tuple[str, ...]) -> None:
    """Watch a Hilo on another machine and ring when it is not well. --help says how."""
    sys.exit(watchman.main(words))


@hilo.group("audit")
def audit_group() -> None:
    """The append-only log."""


@audit_group.command()
@click.option("--json", "as_json", is_flag=True, help="For scripts.")
@click.option("--words", default="", help="Six words of a letter, in any of our languages.")
@with_appcontext
def verify(*, as_json: bool, words: str) -> None:
    """Prove the log whole, from its first line to its head. Exit code 1 when it is not.

    The words are what stood in coordinators' letters: compare them with what you were sent, or give
    them here to be told of which day they are. Exit code 1 where they are of none.
    """
    broken = door().look(_plainly(audit.verify_with_heads), CLI)
    number, link = door().look(_plainly(audit.head), CLI)
    if as_json:
        click.echo(
            json.dumps(
                {
                    "whole": broken is None,
                    "lines": number,
                    "head": link.hex(),
                    "words": audit.in_words(link),
                    "palabras": audit.in_words(link, "es"),
                }
            )
        )
    elif broken is None:
        click.echo(f"The log is whole: {number} lines, head {link.hex()}.")
        click.echo(f"In words: {audit.in_words(link)}")
        click.echo(f"En palabras: {audit.in_words(link, 'es')}")
    if broken is not None:
        click.echo(f"Line {broken.number} is {broken.reason}.", err=True)
        sys.exit(1)
    if words:
        _of_which_day(words)


def _of_which_day(words: str) -> None:
    """Say of which day's letter these are; the log itself was found whole before."""
    said = door().look(_plainly(audit.printed), CLI)
    days = [each for each in said if audit.are_words_of(words, each.link)]
    if not days:
        click.echo("These words are of no day that is known here.", err=True)
        sys.exit(1)
    for each in days:
        click.echo(f"These are the words of {each.on}, at line {each.number}.")


@audit_group.command("prove-check")
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
def prove_check(*, file: str) -> None:
    """Check the proof of one entry. network/audit/check_proof.py does the same alone, anywhere."""
    sys.exit(check_proof.main([file]))


@hilo.command()
@click.option("--json", "as_json", is_flag=True, help="For scripts.")
@click.option("--list", "as_list", is_flag=True, help="Only the list of SECURITY.md, uncounted.")
@with_appcontext
def surrender(*, as_json: bool, as_list: bool) -> None:
    """Count what a stolen database, a seized server or a lost device would surrender now."""
    if as_list:
        click.echo(as_table())
        return
    found = door().look(surrendering.report, CLI)
    devices = door().look(surrendering.devices, CLI)
    facts: dict[str, object] = {
        "shut": found.shut,
        "opens_with_the_server_secret": {one.column: one.many for one in found.opening},
        "in_clear": {one.table: one.rows for one in found.clear},
        "arrivals_unhandled": found.unhandled,
        "arrivals_set_aside": found.set_aside,
        "letters_undelivered": found.undelivered,
        "letters_refused": found.refused,
        "devices": [{"member": str(one.member.id), "cases": one.cases} for one in devices],
    }
    if as_json:
        click.echo(json.dumps(facts))
        return
    click.echo("Shut to everybody but their readers:")
    click.echo(_lines({f"  to {who}": many for who, many in sorted(found.shut.items())}))
    click.echo("A copy of the database says:")
    for told in found.clear:
        click.echo(f"{told.rows:8}  {told.table}: {told.says}")
    click.echo("With the server secret, also:")
    for opening in found.opening:
        click.echo(f"{opening.many:8}  {opening.column}: {opening.says}")
    click.echo("A lost device:")
    for device in devices:
        click.echo(f"{device.cases:8}  cases")


@hilo.group()
def demo() -> None:
    """A network to look around in."""


@demo.command("seed")
@with_appcontext
def seed_demo() -> None:
    """Make the demo's people in an empty database; leave any other as it is."""
    try:
        made = demonstration.seed(door(), settings())
    except demonstration.NotHere as refusal:
        raise click.ClickException(str(refusal)) from None
    click.echo("The demo's people are in." if made else "There are people already.")


@hilo.group("handbook")
def handbook_group() -> None:
    """The handbook's chapters."""


@handbook_group.command()
@with_appcontext
def check() -> None:
    """Say exactly what is wrong in which chapter, and where. Exit code 1 when something is.

    Numbers against the country's directory, reviews against this network's database, if it is
    there.
    """
    try:
        reviews = door().look(manual.trouble_with_reviews, CLI)
    except TROUBLE:
        reviews = ()
        click.echo("The database is not there, so reviews were not looked at.", err=True)
    problems = lint.check(pack=door().pack, today=door().now().date(), reviews=reviews)
    for problem in problems:
        click.echo(str(problem))
    if problems:
        sys.exit(1)
    click.echo("The handbook is in order.")


@handbook_group.command("reviews")
@with_appcontext
def print_reviews() -> None:
    """Write the reviews that count today as JSON, for `press --reviews`."""
    click.echo(json.dumps(door().look(manual.signed, CLI), indent=1))


def _plainly(read: Callable[[Tx], R]) -> Callable[[Tx, Actor], R]:
    """A read that asks for no reader, as a verb for the door."""

    def verb(tx: Tx, _actor: Actor) -> R:
        return read(tx)

    return verb


def _reason(trouble: Exception) -> str:
    """What the driver said first: why it cannot be reached or written to."""
    said = str(getattr(trouble, "orig", None) or type(trouble).__name__)
    return said.strip().partition("\n")[0].rstrip(".")


def _lines(facts: dict[str, object]) -> str:
    return "\n".join(f"{name.replace('_', ' '):20} {value}" for name, value in facts.items())


handbook_group.add_command(press_handbook)
register_people(hilo)
hilo.add_command(secret)
hilo.add_command(count_suites)
