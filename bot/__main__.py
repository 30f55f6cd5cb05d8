"""`python -m bot [ingress] [worker] [postman] [clock]`: this process's engines; all by default."""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Callable, Coroutine, Sequence
from typing import Final

import uvloop

from bot.bells import Bells, Wire
from bot.clock import Clock
from bot.gateway import Gateway
from bot.ingress import Ingress
from bot.postman import Postman
from bot.telegram_bot import Bot, connect, make_bot
from bot.worker import Worker
from config.settings import BadSetting, Settings, load
from network import schema
from network.door import Door
from network.house import open_house

ENGINES: Final = ("ingress", "worker", "postman", "clock")
TALKING: Final = frozenset({"ingress", "worker", "postman"})
# Their lines may hold what people wrote; markdown-it has a line for every step it takes.
LOUD: Final = ("telegram", "aiohttp", "apscheduler", "markdown_it")
SWITCH: Final = 0.001  # seconds; database threads and the event loop hand over this often


def main(words: Sequence[str]) -> int:
    """Run the named engines until SIGINT or SIGTERM; 2 when a word or a setting is wrong."""
    engines = tuple(words) or ENGINES
    if unknown := [word for word in engines if word not in ENGINES]:
        sys.stderr.write(f"There is no engine {unknown[0]!r}; there are {', '.join(ENGINES)}.\n")
        return 2
    logging.basicConfig(level=logging.WARNING, format="%(name)s %(levelname)s %(message)s")
    try:
        settings, door = _opened(engines)
    except (BadSetting, schema.WrongSchema) as problem:
        sys.stderr.write(f"{problem}\n")
        return 2
    sys.setswitchinterval(SWITCH)
    uvloop.run(until_signalled(engines, settings, door))
    return 0


def _opened(engines: Sequence[str]) -> tuple[Settings, Door]:
    """Settings these engines can work with, and the door to a database they know."""
    settings = load(os.environ)
    if settings.telegram_token is None and TALKING & set(engines):
        raise BadSetting("HILO_TELEGRAM_TOKEN is not set; the bot has nobody to be.")
    door = open_house(settings)
    schema.require(door.database, door.secret)
    return settings, door


async def until_signalled(engines: Sequence[str], settings: Settings, door: Door) -> None:
    """Run these engines until SIGINT or SIGTERM."""
    bells = Bells()
    loop = asyncio.get_running_loop()
    for one in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(one, bells.stop.set)
    await run(engines, settings, door, bells)


async def run(engines: Sequence[str], settings: Settings, door: Door, bells: Bells) -> None:
    """Run these engines side by side; if one breaks, all end, and whoever started us sees it."""
    for loud in LOUD:
        logging.getLogger(loud).setLevel(logging.CRITICAL + 1)
    gateway = Gateway(door)
    bot = make_bot(settings) if TALKING & set(engines) else None
    try:
        if bot is None or await connect(bot, bells):
            with Wire(settings.var / "bells", bells):
                await _together(_engines(engines, settings, gateway, bells, bot), bells)
    finally:
        if bot is not None:
            await bot.shutdown()
        gateway.close()
        door.database.dispose()


def _engines(
    names: Sequence[str], settings: Settings, gateway: Gateway, bells: Bells, bot: Bot | None
) -> list[Coroutine[None, None, None]]:
    chosen = dict.fromkeys(names)
    clocks = [Clock(gateway, bells, settings).run()] if "clock" in chosen else []
    if bot is None:
        return clocks
    talking: dict[str, Callable[[], Coroutine[None, None, None]]] = {
        "ingress": lambda: Ingress(bot, gateway, bells, settings).run(),
        "worker": lambda: Worker(bot, gateway, bells, settings).run(),
        "postman": lambda: Postman(bot, gateway, bells, settings).run(),
    }
    return clocks + [talking[name]() for name in chosen if name in talking]


async def _together(engines: list[Coroutine[None, None, None]], bells: Bells) -> None:
    tasks = [asyncio.create_task(engine) for engine in engines]
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    bells.stop.set()
    await asyncio.wait(tasks)
    for task in done:
        task.result()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
