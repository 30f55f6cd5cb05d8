"""The log's words, once a day, in every coordinator's letters."""

from datetime import timedelta

from config.settings import load
from network import audit
from network.app import create_app
from network.door import Door
from network.encryption.server import ServerSecret
from network.kernel.actor import Engine
from network.outbox import services as postman
from network.quorum import services
from tests.cases.browsing import signed_in
from tests.cast import Cast
from tests.ground.clock import StillClock

CLOCK = Engine("clock")


def letters(door: Door) -> list[tuple[int, dict[str, str]]]:
    """What waits, taken as the postman takes it."""
    taken = door.ask(postman.take, CLOCK, limit=20)
    done = [postman.Delivered(one) for one in taken]
    door.ask(postman.settle, CLOCK, outcomes=done)
    return sorted((each.to, each.params) for one in taken for each in one.letters)


def test_every_coordinator_is_sent_the_words_once_a_day(
    door: Door, cast: Cast, clock: StillClock
) -> None:
    assert door.ask(services.say_head, CLOCK) == 2
    assert door.ask(services.say_head, CLOCK) == 0
    page = door.look(services.log_page, cast.alice.at_desk)
    (today,) = page.printed
    said = {"number": str(today.number), "words": today.in_words("es")}  # they read Spanish
    assert letters(door) == sorted((who.chat, said) for who in (cast.alice, cast.elena))
    assert page.languages == ("es", "en")

    clock.advance(timedelta(days=1))
    door.ask(lambda tx, actor: audit.receipt(tx, actor, "case.opened-room"), CLOCK)
    assert door.ask(services.say_head, CLOCK) == 2
    page = door.look(services.log_page, cast.alice.at_desk)
    assert page.broken is None
    assert len({each.words for each in page.printed}) == 2


def test_the_page_and_the_command_say_of_which_day_words_of_either_language_are(
    door: Door, cast: Cast
) -> None:
    door.ask(services.say_head, CLOCK)
    (today,) = door.look(services.log_page, cast.alice.at_desk).printed
    app = create_app(load({"HILO_SECRET": ServerSecret.new_text(), "HILO_LANGUAGE": "es"}), door)
    shown = signed_in(app, cast.alice).reads("/quorum/log")
    runner = app.test_cli_runner()
    for language in audit.LANGUAGES:
        words = today.in_words(language)
        assert words in shown
        told = runner.invoke(args=["hilo", "audit", "verify", "--words", words.upper()])
        assert told.exit_code == 0
        assert f"the words of {today.on}, at line {today.number}" in told.output
    unknown = runner.invoke(args=["hilo", "audit", "verify", "--words", "abanico abedul"])
    assert unknown.exit_code == 1
