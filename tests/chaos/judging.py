"""What was written against what was kept, and what was promised against what came."""

from collections import Counter

from tests.chaos.town import FIRST, WORD, Town, runs, until

NEWCOMERS = FIRST + 100_000  # their chats
SOON = 60.0  # seconds
SELDOM = 2_000  # letters of which one may come a third time


def judge(town: Town, answers: dict[int, list[str]], newcomers: int = 0) -> dict[str, float]:
    """Nothing lost, nothing kept twice, nothing stuck; how often a letter came."""
    record = town.telegram.ask("record")
    said = {int(chat): words for chat, words in record["said"].items()}
    heard = {int(chat): letters for chat, letters in record["heard"].items()}
    aside = town.count("inbox where status = 'set_aside'")
    assert aside == 0, f"{aside} arrivals were given up though nothing was wrong with them"
    for chat in town.families:
        room = [words for words in town.room_of(chat) if words.startswith("mensaje")]
        assert room == said[chat], "a message is missing, doubled, or out of its order"
        answered = [words for words in town.room_of(chat) if words.startswith("respuesta")]
        assert answered == answers.get(chat, []), "an answer is missing, doubled, or out of order"
        out = [words for words, _ in runs(heard[chat]) if words.startswith("respuesta")]
        assert out == answered, "an answer did not reach its family, or out of order"
    for chat in range(NEWCOMERS, NEWCOMERS + newcomers):
        room = town.room_of(chat)
        for words in said[chat][1:-1]:  # but for the greeting and the word of danger
            assert sum(one.endswith(words) for one in room) == 1, f"{words}: lost or doubled"
    assert town.count("cases") == len(town.families) + newcomers
    assert town.count("inbox where status = 'set_aside'") == 0
    # The house goes on by itself: its own requests and words of this minute are out too, soon.
    town.drain(SOON)
    assert town.count("outbox where status = 'cancelled'") == 0
    assert town.count("outbox where status = 'refused'") == 0
    until(lambda: town.noted() == 0, SOON, "a note stays though its letter is written down")
    return _copies(town, heard) | _rung(town, said, heard)


def _copies(town: Town, heard: dict[int, list[list[str]]]) -> dict[str, float]:
    """Each letter to a family at least once, and never oftener than it was taken up."""
    copies: Counter[int] = Counter()
    for chat, letters in heard.items():
        if chat in town.staff.chats:
            continue
        came, tries = runs(letters), town.tries_of(chat)
        assert len(came) == len(tries), "a letter is missing, or came out of its order"
        for (_, times), tried in zip(came, tries, strict=True):
            assert times <= tried, "a letter came oftener than it was taken up"
            copies[times] += 1
    assert set(copies) <= set(range(1, 4)), copies
    # Two postmen may die while Telegram's answer is on its way to each: docs/decisions/0029.
    assert copies[3] <= copies.total() // SELDOM, copies
    return {
        "letters": copies.total(),
        "came twice": copies[2],
        "came three times": copies[3],
    }


def _rung(
    town: Town, said: dict[int, list[str]], heard: dict[int, list[list[str]]]
) -> dict[str, float]:
    """Every word of danger rang with whoever was on duty."""
    duty = town.staff.alice.chat
    rang: dict[str, set[str]] = {}
    for words, button in heard[duty]:
        if button.startswith("own:"):
            rang.setdefault(words, set()).add(button)
    calls = 0
    for chat in town.families:
        wanted = sum(WORD in words for words in said[chat])
        calls += wanted
        assert len(rang.get(town.alarm_of(chat), ())) == wanted, "an alarm was lost, or invented"
    assert sum(map(len, rang.values())) == calls, "an alarm nobody called for"
    return {"words": sum(map(len, said.values())), "calls": calls}
