"""Which update goes to which handler."""

from typing import Any

from telegram.ext import (
    Application,
    CallbackQueryHandler,
    ChatMemberHandler,
    CommandHandler,
    MessageHandler,
)
from telegram.ext import filters as which

from bot import (
    activist,
    coordinator,
    danger,
    family,
    helping,
    keys,
    prompts,
    public,
    reading,
    trips,
    wishes,
)

COMMANDS = (
    (("help", "ayuda"), public.help_),
    (("language", "idioma"), public.languages),
    (("who", "quien"), keys.readers),
    (("remove", "quitar"), keys.removing),
    (("word", "palabra"), family.word),
    (("wipe", "borrar"), keys.wipe),
    (("leave", "salir"), keys.leaving),
    (("permits", "permisos"), wishes.deciding),
    (("copy", "copia"), keys.copying),
    (("status", "estado"), activist.what_waits),
    (("trip", "viaje"), trips.begin),
    (("sos",), family.sos),
    (("duty", "guardia"), coordinator.duty),
)
ID = "([0-9a-f]{32})"
BUTTONS = (
    (r"^menu:$", public.start),
    (r"^go:(\w{1,24})$", reading.situation),
    (r"^card:(\w{1,24}):(\d{1,4})$", reading.card),
    (r"^helped:(\w{1,24}):(\d{1,4}):(yes|no)$", reading.helped),
    (r"^paper:(\w{1,24})$", reading.paper),
    (r"^aloud:(\w{1,24})$", reading.voice),
    (r"^apply:begin$", helping.beginning),
    (r"^apply:beside$", helping.from_beside),
    (r"^apply:known$", helping.known),
    (r"^apply:back$", helping.taking_back),
    (r"^lang:([a-z]{2,3})$", public.language),
    (r"^person:(\w{1,24})$", family.person),
    (r"^say:(\w{1,12}):(\d{1,2})$", family.choice),
    (r"^skip:(\w{1,12})$", family.skipped),
    (r"^word:choose$", danger.choosing),
    (r"^word:message$", danger.message),
    (rf"^remove:{ID}$", keys.removed),
    (r"^leave:(no|back)$", keys.stayed),
    (r"^copy:ask$", keys.wants_copy),
    (r"^permit:(lawyer|search|statistics)$", wishes.asked_about),
    (r"^permit:(lawyer|search|statistics):(yes|no)$", wishes.decided),
    (rf"^glass:{ID}$", keys.keeps_shut),
    (rf"^well:{ID}$", prompts.is_well),
    (rf"^talk:{ID}$", prompts.talk),
    (rf"^accept:{ID}$", activist.accepting),
    (rf"^decline:{ID}$", activist.declining),
    (rf"^own:{ID}$", activist.owning),
    (rf"^drill:{ID}$", activist.rehearsing),
    (r"^duty:(on|off)$", coordinator.chosen),
    (r"^back:(\d{1,2})$", trips.back_in),
    (rf"^arrived:{ID}$", trips.is_back),
    (rf"^later:(30|120):{ID}((?::\d{{1,10}})?)$", trips.takes_longer),
    (rf"^help:{ID}$", trips.calls_for_help),
)
NEW = which.UpdateType.MESSAGE


def register(application: Application[Any, Any, Any, Any, Any, Any]) -> None:
    """Every handler of the bot, in the order they are asked."""
    add = application.add_handler
    add(CommandHandler("start", activist.start_with_code, NEW, has_args=True))
    add(CommandHandler("start", public.start, NEW))
    for names, handler in COMMANDS:
        add(CommandHandler(names, handler, NEW))
    for pattern, handler in BUTTONS:
        add(CallbackQueryHandler(handler, pattern=pattern))
    add(MessageHandler(NEW & which.Regex(activist.CODE), family.code))
    add(MessageHandler(NEW & which.TEXT, family.text))
    add(MessageHandler(NEW & (which.LOCATION | which.VENUE), family.located))
    add(MessageHandler(NEW & ~which.StatusUpdate.ALL, family.attached))
    add(MessageHandler(which.UpdateType.EDITED_MESSAGE & which.LOCATION, trips.on_the_move))
    add(MessageHandler(which.UpdateType.EDITED_MESSAGE, family.edited))
    add(ChatMemberHandler(public.silence, ChatMemberHandler.MY_CHAT_MEMBER))
