"""Members' other ways: rings them for the postman and the clock, in a process of their own."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final
from urllib.parse import quote

from bot.gateway import Gateway
from bot.rendering import words_of
from bot.ringers import Ringers
from config.settings import Settings
from network.delivery import services
from network.delivery.domain import MAIL
from network.kernel.actor import Engine
from network.kernel.hidden import Plaintext
from network.kernel.ids import LetterId, new_id
from network.outbox.domain import NOBODY, Leased, Letter, Priority
from network.ringing import Call

ME: Final = Engine("postman")
TITLE: Final = "Hilo"  # a notification shows it to whoever looks over a shoulder
ALARMS_AT_ONCE: Final = 4  # processes, each of many calls
WORDS_AT_ONCE: Final = 1  # anybody may have test words sent to anywhere: no alarm stands behind one


class Channels:
    """Rings a letter's channel, or the other ways of whoever an alarm does not reach."""

    def __init__(self, gateway: Gateway, settings: Settings) -> None:
        self._gateway = gateway
        self._mail = settings.mail
        self._alarms = Ringers(ALARMS_AT_ONCE, settings.channels_private)
        self._words = Ringers(WORDS_AT_ONCE, settings.channels_private)

    async def ring(self, said: Sequence[tuple[Plaintext, str]]) -> list[bool]:
        """Which of these addresses rang with these words of an alarm."""
        return await self._alarms.ring([self._call(*one) for one in said])

    async def carry(self, letter: Letter) -> bool:
        """Ring the one channel a letter goes by. True, too, where it is gone: nobody waits. False
        where it does not open: it may again.
        """
        assert letter.by is not None
        ways = await self._gateway.look(services.ways, ME, ids=(letter.by,))
        if letter.by not in ways:
            return True
        address = ways[letter.by]
        if address is None:
            return False
        ringers = self._alarms if letter.priority is Priority.ALARM else self._words
        (rang,) = await ringers.ring([self._call(address, words_of(letter))])
        return rang

    async def elsewhere(
        self, leased: Leased, unsent: Sequence[Letter], wait: timedelta
    ) -> tuple[Letter, ...]:
        """What is left of a signal after its alarms went by their readers' other ways, where it is
        time for that: the same letters, marked, and those channels that did not ring.

        Asked for every signal that failed, ring or not.
        """
        ways = await self._gateway.look(
            services.elsewhere,
            ME,
            chats=[letter.to for letter in unsent if letter.to != NOBODY],
            promised_at=leased.promised_at,
            wait=wait,
        )
        alarms = [
            letter
            for letter in unsent
            if letter.priority is Priority.ALARM and not letter.elsewhere and letter.by is None
        ]
        said = [(letter, way) for letter in alarms for way in ways.get(letter.to, ())]
        if not said:
            return tuple(unsent)
        rang = await self.ring([(way.address, words_of(letter)) for letter, way in said])
        gone = {letter.id for letter, _ in said}
        left = [replace(one, elsewhere=True) if one.id in gone else one for one in unsent]
        silent = [
            # A letter of its own: when one of the two is out, the other is not. Its buttons, which
            # no channel shows, say which alarm it calls for.
            replace(letter, to=NOBODY, by=way.id, id=LetterId(new_id()), instead_of=letter.id)
            for (letter, way), ok in zip(said, rang, strict=True)
            if not ok
        ]
        return tuple(left + silent)

    def close(self) -> None:
        """Take up nothing new; what rings may end by itself."""
        self._alarms.close()
        self._words.close()

    def _call(self, address: Plaintext, text: str) -> Call:
        return Call(self._whole(address), TITLE, text)

    def _whole(self, address: Plaintext) -> str:
        kind, _, person = address.reveal().partition(":")
        if kind != MAIL or self._mail is None:
            return address.reveal()
        base = self._mail.get_secret_value()
        return f"{base}{'&' if '?' in base else '?'}to={quote(person, safe='@')}"
