"""The bench's own harness, short: whatever was written is answered once and kept once."""

from pathlib import Path

import pytest

from tests.bench.hilo import Hilo
from tests.bench.telegram import Telegram
from tests.bench.test_answers import FIRST, WORDS, intake
from tests.ground.house import BotThread

PEOPLE = 4


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_everything_written_is_answered_once_and_kept_once(
    database_url: str, tmp_path: Path
) -> None:
    with Telegram(latency=0.005) as telegram:
        hilo = Hilo(telegram, database_url, tmp_path / "var", parts=())
        hilo.staffed()
        engines = BotThread(hilo.settings, hilo.door)
        engines.start()
        try:
            scripts = [intake(number) for number in range(PEOPLE)]
            came = telegram.ask("walk", token=hilo.token, first_id=FIRST, scripts=scripts)
            assert (came["unanswered"], came["uneven"]) == (0, 0)
            assert hilo.count("cases") == PEOPLE
            before = hilo.count("entries")
            said = telegram.ask(
                "talk",
                token=hilo.token,
                first_id=FIRST,
                people=PEOPLE,
                words=WORDS,
                warm=0.0,
                seconds=1.0,
            )
            hilo.quiet()
            assert (said["unanswered"], said["uneven"]) == (0, 0)
            assert hilo.count("entries") - before == said["written"]
        finally:
            engines.stop()
            hilo.stop()
