"""The first word somebody writes, and the first thing they read."""

from bot.sandbox import Sandbox
from tests.bot.conftest import RunningBot


def test_a_greeting_is_neutral_and_offers_situations(bot: RunningBot, sandbox: Sandbox) -> None:
    bot.start()
    rosa = sandbox.person("Rosa", language_code="en")
    rosa.starts()
    greeting = rosa.wait_for("Hello")
    assert "They are calling me now" in greeting.labels
    for word in ("kidnap", "victim", "case"):
        assert word not in greeting.text.lower()
