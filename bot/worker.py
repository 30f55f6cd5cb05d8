"""Takes arrivals, chats side by side and each chat in order; every one ends settled."""

import asyncio
import json
import logging
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Final

from telegram import Update
from telegram.error import TelegramError
from telegram.ext import Application, ContextTypes

from bot.bells import Bells
from bot.gateway import Gateway
from bot.handlers import register
from bot.pulse import Hold, Pulse
from bot.replies import Here
from bot.telegram_bot import Bot
from bot.visit import VISITS, Context, Visit, talk_of
from config.country import COUNTRIES
from config.settings import Settings
from handbook.library import load_library
from network import inbox, outbox, probes
from network.db import FAULTS, TROUBLE, Tx
from network.inbox import services
from network.inbox.domain import LEASE, TRIES, AlreadyHandled, Arrival, Turn
from network.kernel.actor import Actor, Engine
from network.kernel.hidden import Plaintext
from network.kernel.words import N_

log = logging.getLogger(__name__)

AT_A_TIME: Final = 96
GAP: Final = 0.015  # seconds between two turns at the inbox, so that a turn gathers some arrivals
ME: Final = Engine("worker")
FAILED = N_(
    "Something of ours failed, and your last message was not received. Please send it again."
)


class Worker:
    """Any number may run; a claim keeps an arrival from two of them."""

    def __init__(self, bot: Bot, gateway: Gateway, bells: Bells, settings: Settings) -> None:
        self._bot = bot
        self._gateway = gateway
        self._bells = bells
        self._settings = settings
        self._languages = gateway.door.pack.languages
        self._pulse = Pulse(gateway, "worker")
        self._under_way: dict[asyncio.Task[None], Arrival] = {}
        self._hold = Hold(gateway.door.now, LEASE)
        self._errands: set[asyncio.Task[Any]] = set()
        self._visits: dict[int, Visit] = {}
        self._application = (
            Application.builder()
            .bot(bot)
            .updater(None)
            .job_queue(None)
            .context_types(ContextTypes(context=Context))
            .build()
        )
        self._application.bot_data[VISITS] = self._visits
        self._application.add_error_handler(_remember)
        register(self._application)

    async def run(self) -> None:
        """Until we are to stop; then what is under way may end, and the rest is given back."""
        await self._application.initialize()
        # Read now, not at somebody's first press, in the one transaction that may write.
        await asyncio.to_thread(load_library, self._settings.country)
        while not self._bells.stop.is_set():
            try:
                arrivals = await self._take()
                await self._hold_on()
                await self._pulse.beat()
            except TROUBLE as error:
                log.error("inbox out of reach: %s", type(error).__name__)  # noqa: TRY400  # no content in logs
                await self._bells.pause(1.0)
                continue
            for arrival in arrivals:
                self._begin(arrival)
            await asyncio.sleep(GAP)
            await self._bells.arrived.heard()
        await self._finish()

    async def _take(self) -> list[Arrival]:
        limit = AT_A_TIME - len(self._under_way)
        if limit <= 0:
            return []
        return await self._gateway.ask_first(services.take, ME, limit=limit)

    async def _hold_on(self) -> None:
        """Keep what is under way for longer than a lease, as a large file is."""
        if not self._hold.is_due:
            return
        if held := list(self._under_way.values()):
            await self._gateway.ask_first(services.hold_on, ME, arrivals=held)
        self._hold.done()

    def _begin(self, arrival: Arrival) -> None:
        if any(one.update_id == arrival.update_id for one in self._under_way.values()):
            return  # our own lease lapsed while we were busy with it
        task = asyncio.create_task(self._handle(arrival))
        self._under_way[task] = arrival
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._under_way.pop(task, None)
        self._bells.arrived.ring()

    async def _handle(self, arrival: Arrival) -> None:
        try:
            await self._visit(arrival)
        except FAULTS as error:
            log.error("an arrival did what a table forbids: %s", type(error).__name__)  # noqa: TRY400  # no content in logs
            await self._try_again(arrival)
        except TROUBLE as error:
            log.error("not handled: %s", type(error).__name__)  # noqa: TRY400  # no content in logs
            await self._after_trouble(arrival)
        except Exception as error:  # noqa: BLE001  # one arrival never stops the others
            where = error.__traceback__
            while where and where.tb_next:
                where = where.tb_next
            log.error(  # noqa: TRY400  # no content in logs
                "an arrival broke the worker: %s in %s:%s",
                type(error).__name__,
                where.tb_frame.f_code.co_filename if where else "?",
                where.tb_lineno if where else 0,
            )
            await self._try_again(arrival)

    async def _visit(self, arrival: Arrival) -> None:
        if probes.is_probe(arrival.update_id):
            await self._echo(arrival)
            return
        update = self._parsed(arrival)
        chat = update.effective_chat if update else None
        if update is None or chat is None or chat.type != chat.PRIVATE:
            await self._not_ours(arrival, update)
            return
        here = self._here(update, arrival)
        visit = Visit(arrival, here, self._gateway, self._bells, self._bot, _behind(update))
        self._visits[arrival.update_id] = visit
        try:
            await self._application.process_update(update)
        finally:
            del self._visits[arrival.update_id]
            self._stop_spinner(update)
        if visit.error is not None:
            if arrival.attempts < TRIES or _is_trouble(visit.error):
                raise visit.error
            await self._give_up(visit)
            return
        if not visit.settled:
            await self._gateway.ask(services.put_aside, ME, arrivals=[arrival])

    async def _echo(self, arrival: Arrival) -> None:
        """A request of our own goes the way of every other, to the letter that answers it."""
        with suppress(AlreadyHandled):
            await self._gateway.answer(
                arrival, probes.echo, ME, lambda _: Turn(), update_id=arrival.update_id
            )
        self._bells.promised.ring()

    def _parsed(self, arrival: Arrival) -> Update | None:
        try:
            return Update.de_json(json.loads(arrival.body.reveal()), self._bot)
        except Exception as error:  # noqa: BLE001  # anything may be in there
            log.warning("an update made no sense: %s", type(error).__name__)
            return None

    def _here(self, update: Update, arrival: Arrival) -> Here:
        assert update.effective_chat is not None
        talk = talk_of(arrival)
        person = update.effective_user
        spoken = ((person.language_code if person else None) or "").partition("-")[0]
        standard = self._settings.language
        said = update.message or update.edited_message
        return Here(
            update.effective_chat.id,
            talk.language or (spoken if spoken in self._languages else standard),
            talk,
            self._settings.address,
            update.message.date if update.message else None,
            _shown_at(update),
            said.message_id if said else 0,
            self._settings.paper,
            COUNTRIES / self._settings.country,
        )

    async def _not_ours(self, arrival: Arrival, update: Update | None) -> None:
        await self._gateway.ask(services.put_aside, ME, arrivals=[arrival])
        chat = update.effective_chat if update else None
        if chat is not None and chat.type != chat.PRIVATE:
            self._errand(self._bot.leave_chat(chat.id))

    def _stop_spinner(self, update: Update) -> None:
        if update.callback_query is not None:
            self._errand(self._bot.answer_callback_query(update.callback_query.id))

    def _errand(self, call: Any) -> None:  # noqa: ANN401  # any of the bot's calls
        """A call nobody waits for and whose failure changes nothing."""

        async def quietly() -> None:
            try:
                await call
            except TelegramError as error:
                log.info("an errand failed: %s", type(error).__name__)

        task = asyncio.create_task(quietly())
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)

    async def _give_up(self, visit: Visit) -> None:
        """Kept aside for whoever looks into it; its sender is told to send it again."""

        def give_up(tx: Tx, actor: Actor) -> None:
            inbox.set_aside(tx, [visit.arrival.update_id])
            outbox.promise(tx, visit.here.letter(actor, FAILED))

        log.error("an arrival was given up: %s", type(visit.error).__name__)
        await self._gateway.ask(give_up, visit.who)
        self._bells.promised.ring_everywhere()

    async def _try_again(self, arrival: Arrival) -> None:
        after = timedelta(seconds=2**arrival.attempts)
        try:
            await self._gateway.ask(services.try_again, ME, arrival=arrival, after=after)
        except TROUBLE as error:
            log.error("a lease will have to lapse: %s", type(error).__name__)  # noqa: TRY400  # no content in logs

    async def _after_trouble(self, arrival: Arrival) -> None:
        await self._bells.pause(1.0)
        try:
            await self._gateway.ask(services.give_back, ME, arrivals=[arrival])
        except TROUBLE as error:
            log.error("a lease will have to lapse: %s", type(error).__name__)  # noqa: TRY400  # no content in logs

    async def _finish(self) -> None:
        waiting = (*self._under_way, *self._errands)
        if waiting:
            await asyncio.wait(waiting, timeout=3.0)
        left = list(self._under_way.values())
        for task in (*self._under_way, *self._errands):
            task.cancel()
        if left:
            try:
                await self._gateway.ask_first(services.give_back, ME, arrivals=left)
            except TROUBLE as error:
                log.error("leases not given back: %s", type(error).__name__)  # noqa: TRY400  # no content in logs


def _is_trouble(error: Exception) -> bool:
    """Whether the database is to blame, and not what was asked of it."""
    return isinstance(error, TROUBLE) and not isinstance(error, FAULTS)


def _shown_at(update: Update) -> datetime | None:
    pressed = update.callback_query
    return pressed.message.date if pressed and pressed.message else None


def _behind(update: Update) -> Plaintext | None:
    text = (update.message.text if update.message else None) or ""
    _, *behind = text.split(maxsplit=1) or [""]  # a new line ends a command as a space does
    return Plaintext(behind[0]) if text.startswith("/") and behind else None


async def _remember(update: object, context: Context) -> None:
    """A handler's error goes back to whoever took the arrival."""
    if isinstance(context.error, Exception):
        context.visit.error = context.error
