"""Which update goes to which handler."""

from typing import Any

from telegram.ext import Application, CommandHandler

from bot import public


def register(application: Application[Any, Any, Any, Any, Any, Any]) -> None:
    """Every handler of the bot, in the order they are asked."""
    application.add_handler(CommandHandler("start", public.start))
