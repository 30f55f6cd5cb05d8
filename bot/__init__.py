"""The bot: Telegram on one side, the network's door on the other."""
