"""The sandbox against the real python-telegram-bot client: it must not be able to tell."""
