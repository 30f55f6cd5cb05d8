"""The word that prints the handbook: inside `flask … hilo handbook`, or alone, with no settings."""

import json
from dataclasses import replace
from pathlib import Path
from typing import TextIO

import click

from config.country import load_pack
from config.kinds import BadPack
from handbook.library import STANDARD, NotWritten, load_library
from handbook.press import CannotPrint, press
from handbook.standing import as_it_stands, of_pack, signed
from handbook.wording import LANGUAGES


@click.command("press")
@click.option("--language", "languages", type=click.Choice(LANGUAGES), multiple=True)
@click.option("--chapter", "slugs", multiple=True, help="Only this chapter, by its slug.")
@click.option(
    "--country", default=STANDARD, envvar="HILO_COUNTRY", help="Whose directory and rules."
)
@click.option(
    "--reviews",
    type=click.File(encoding="utf-8"),
    help="What `flask --app wsgi hilo handbook reviews` wrote.",
)
@click.option("--only-epub", is_flag=True, help="No PDF: a moment instead of minutes.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default="dist/handbook")
def press_handbook(
    *,
    languages: tuple[str, ...],
    slugs: tuple[str, ...],
    country: str,
    reviews: TextIO | None,
    only_epub: bool,
    out: Path,
) -> None:
    """Print it: a book, sheets and cards as PDF, and an EPUB. The same bytes every time.

    Numbers carry the dates of the country's file, as of the day of the newest chapter.
    """
    chapters = load_library(country)
    try:
        standing = of_pack(load_pack(country), on=chapters.updated)
    except BadPack as bad:
        raise click.ClickException(str(bad)) from None
    if reviews is not None:
        standing = replace(standing, reviewed=signed(chapters, json.load(reviews)))
    library = as_it_stands(chapters, standing).library
    try:
        for made in press(
            library, out, languages=languages or LANGUAGES, slugs=slugs, only_epub=only_epub
        ):
            click.echo(f"{made.path}  {made.size // 1024} KB")
    except NotWritten as missing:
        raise click.ClickException(f"There is no chapter {missing.args[0][0]}.") from None
    except CannotPrint as refusal:
        raise click.ClickException(str(refusal)) from None
