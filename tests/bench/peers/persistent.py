"""A bare bot with a persistent conversation: two questions in turn, everything pickled."""

import sys
from typing import Any

from telegram import ReplyKeyboardMarkup, Update
from telegram.ext import (
    Application,
    CommandHandler,
    ContextTypes,
    ConversationHandler,
    MessageHandler,
    PicklePersistence,
    filters,
)

CHOOSING, TELLING = range(2)
CHOICES = ReplyKeyboardMarkup([["Lugar", "Hora"], ["Listo"]], one_time_keyboard=True)
Context = ContextTypes.DEFAULT_TYPE
Noted = dict[str, Any]


async def begin(update: Update, context: Context) -> int:
    """/start: what is known already, and a choice."""
    assert update.message is not None
    await update.message.reply_text(f"Hola. Sé {len(_noted(context))} cosas.", reply_markup=CHOICES)
    return CHOOSING


async def choose(update: Update, context: Context) -> int:
    """Which of the things somebody wants to tell."""
    assert update.message is not None
    text = (update.message.text or "").lower()
    _noted(context)["choice"] = text
    await update.message.reply_text(f"¿{text}? Cuéntame.")
    return TELLING


async def tell(update: Update, context: Context) -> int:
    """What they told; the next choice."""
    assert update.message is not None
    noted = _noted(context)
    noted[noted.pop("choice", "lugar")] = update.message.text
    facts = "\n".join(f"{name}: {value}" for name, value in noted.items())
    await update.message.reply_text(f"Anotado:\n{facts}", reply_markup=CHOICES)
    return CHOOSING


async def end(update: Update, _context: Context) -> int:
    """Listo: nothing more to tell."""
    assert update.message is not None
    await update.message.reply_text("Hasta luego.")
    return ConversationHandler.END


def _noted(context: Context) -> Noted:
    assert context.user_data is not None
    return context.user_data


def main(token: str, url: str, file: str) -> None:
    """Polls until it is told to end."""
    application = (
        Application.builder()
        .token(token)
        .base_url(f"{url}/bot")
        .base_file_url(f"{url}/file/bot")
        .persistence(PicklePersistence(filepath=file))
        .build()
    )
    application.add_handler(
        ConversationHandler(
            entry_points=[CommandHandler("start", begin)],
            states={
                CHOOSING: [MessageHandler(filters.Regex("^(Lugar|Hora)$"), choose)],
                TELLING: [MessageHandler(filters.TEXT & ~filters.Regex("^Listo$"), tell)],
            },
            fallbacks=[MessageHandler(filters.Regex("^Listo$"), end)],
            name="telling",
            persistent=True,
        )
    )
    application.run_polling(allowed_updates=Update.ALL_TYPES)


if __name__ == "__main__":
    main(*sys.argv[1:])
