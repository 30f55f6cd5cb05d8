"""Rosa's first talk with the bot, and waiting for what it says."""

import re

from bot.sandbox.people import Person, Shown

PATIENCE = 60.0


def button(message: Shown, verb: str) -> str:
    """The callback of the button that does this."""
    return next(one.data for one in message.buttons if (one.data or "").startswith(verb)) or ""


def waits(person: Person, verb: str, after: int = 0) -> Shown:
    """The newest message with such a button, when it is there."""
    return person.wait_for(
        lambda one: any((each.data or "").startswith(verb) for each in one.buttons),
        PATIENCE,
        after=after,
    )


def asks_for_help(rosa: Person, canary: str, word: str) -> tuple[str, str]:
    """Rosa answers each question; the reference and the two words she is given."""
    rosa.starts()
    waits(rosa, "go:taken")
    rosa.presses("go:taken")
    waits(rosa, "person:")
    rosa.presses("person:taken")
    waits(rosa, "say:safe")
    rosa.presses("say:safe:0")
    waits(rosa, "skip:where")
    rosa.says(f"Saltillo {canary}")
    waits(rosa, "skip:since")
    rosa.presses("skip:since")
    waits(rosa, "skip:what")
    rosa.says(f"salió ayer y no regresó {canary}")
    pairs = re.compile(r"\b([a-zñáéíóú]+-[a-zñáéíóú]+)\b")
    given = rosa.wait_for(lambda one: len(pairs.findall(one.text)) >= 2, PATIENCE)
    reference, verification = pairs.findall(given.text)[:2]
    waits(rosa, "word:choose")
    rosa.presses("word:choose")
    waits(rosa, "skip:word")
    rosa.says(word)
    return reference, verification
