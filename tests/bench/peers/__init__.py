"""The bots others write with python-telegram-bot as its examples teach, for comparison."""
