"""What the bot says back: the shape of a reply, and one clear sentence for each refusal."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from bot.dialogue import Talk
from config.language import say
from network.inbox.domain import Turn
from network.kernel.actor import Actor
from network.kernel.errors import Refused
from network.kernel.words import N_
from network.outbox.domain import Button, Letter

Buttons = tuple[tuple[Button, ...], ...]

REFUSALS = {
    "not_found": N_("This is no longer here, or it is not for this chat."),
    "not_allowed": N_("This cannot be done from this chat."),
    "offer_over": N_(
        "That question is over: somebody else said yes, or its time ran out. Thank you."
    ),
    "not_cleared": N_("This cannot be yours at the moment. Ask your coordination why."),
    "too_much": N_(
        "You hold as many at once as one account may. Tell your coordination if you can take more."
    ),
    "taken": N_("Somebody else has it already. Thank you for being there."),
    "wrong_moment": N_("This has already changed. Nothing was done."),
    "bad_input": N_("We could not read that. Please write it another way."),
    "slow_down": N_("Too many tries. Wait a few minutes and try again."),
    "no_key": N_("This is done on the web page, after signing in."),
    "already_travelling": N_("You are on a trip already. Write /trip to see it."),
    "nobody_to_open": N_("Nobody of coordination could open it, so it was not kept."),
    "nobody_to_receive": N_(
        "Nobody of the network can receive messages right now, so we did not keep yours."
        " Please try again later. If it cannot wait, call the emergency number of your country."
    ),
    "too_large": N_("That file is too large. The most we can receive is 20 MB. It was not kept."),
    "kind_refused": N_(
        "We cannot receive files of this kind. Send a photo, a voice note, a PDF or a text file."
        " It was not kept."
    ),
    "not_fetched": N_(
        "✓ What you wrote was received. The file did not come through: please send it again."
    ),
    "cannot_strip": N_(
        "We could not take out what that file says about you, so it was not kept."
        " Send a photo or a screenshot of it instead."
    ),
}
AS_IT_IS = "%(text)s"
OTHERWISE = N_("That did not work. Nothing was done. Please try again.")


@dataclass(frozen=True, slots=True)
class Here:
    """The chat, the language its person reads, where the talk stands, and the network's address."""

    chat: int = field(repr=False)
    language: str
    talk: Talk = field(repr=False)
    address: str = ""
    at: datetime | None = None  # when it was written
    shown_at: datetime | None = None  # when the letter was sent whose button was pressed
    message: int = 0  # Telegram's number of what was written, or changed
    paper: Path = Path("dist/handbook")  # what was printed
    pack: Path = Path("config/countries/mx")  # what the country has, voices too

    def letter(self, actor: Actor, msgid: str, *, buttons: Buttons = (), **params: str) -> Letter:
        """A sentence for this chat."""
        return Letter(self.chat, actor.language, msgid, params, buttons=buttons)

    def said(self, actor: Actor, msgid: str, **params: str) -> str:
        """A sentence as its reader will see it, to stand inside another one."""
        return say(actor.language, msgid, **params)

    def turn(self, *letters: Letter, talk: Talk | None = None) -> Turn:
        """Replies; the talk stays where it is unless it is given."""
        return Turn(letters, (self.talk if talk is None else talk).write())

    def reply(self, actor: Actor, msgid: str, *, buttons: Buttons = (), **params: str) -> Turn:
        """One reply; the talk stays where it is."""
        return self.turn(self.letter(actor, msgid, buttons=buttons, **params))


def refused(actor: Actor, here: Here, refusal: Refused) -> Turn:
    """The sentence for a refusal."""
    return here.reply(actor, REFUSALS.get(refusal.key, OTHERWISE))


def column(*buttons: Button) -> Buttons:
    """Buttons one under the other: large targets for a shaking hand."""
    return tuple((button,) for button in buttons)
