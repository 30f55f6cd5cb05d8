"""The word that prints the handbook: inside `flask … hilo handbook`, or alone, with no settings."""

from pathlib import Path

import click

from handbook.library import NotWritten, load_library
from handbook.press import CannotPrint, press
from handbook.wording import LANGUAGES


@click.command("press")
@click.option("--language", "languages", type=click.Choice(LANGUAGES), multiple=True)
@click.option("--chapter", "slugs", multiple=True, help="Only this chapter, by its slug.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default="dist/handbook")
def press_handbook(*, languages: tuple[str, ...], slugs: tuple[str, ...], out: Path) -> None:
    """Print it: a book, sheets and cards as PDF, and an EPUB. The same bytes every time."""
    try:
        for made in press(load_library(), out, languages=languages or LANGUAGES, slugs=slugs):
            click.echo(f"{made.path}  {made.size // 1024} KB")
    except NotWritten as missing:
        raise click.ClickException(f"There is no chapter {missing.args[0][0]}.") from None
    except CannotPrint as refusal:
        raise click.ClickException(str(refusal)) from None
