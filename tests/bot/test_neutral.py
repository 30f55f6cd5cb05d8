"""What the chat says of a family's rights names nothing that whoever reads along may not learn."""

import re

import pytest

from bot import keys, wishes
from config.language import say

# What it is about, who could be told of it, and that anything is watched or held back.
TELLING = re.compile(
    r"secuestr|kidnap|v[ií]ctim|\bcasos?\b|\bcases?\b|abogad|lawyer|comisi[oó]n|commission|b[uú]squeda"
    r"|\bsearch|fiscal|polic|alarm|peligro|danger|vigil",
    re.IGNORECASE,
)
SAID = [
    *(label for pair in wishes.NAMES.values() for label in pair),
    *wishes.QUESTIONS.values(),
    wishes.YOU_DECIDE,
    wishes.NOTHING_HERE,
    wishes.NOTED_YES,
    wishes.NOTED_NO,
    keys.SURE,
    keys.WILL_BE_ERASED,
    keys.STAYED,
    keys.YOUR_COPY,
    keys.YOUR_COPY_LATER,
    keys.I_WANT_IT,
    keys.THEY_WILL_ASK_YOU,
    keys.NOTHING_TO_COPY,
]


@pytest.mark.parametrize("language", ["en", "es"])
def test_none_of_it_tells(language: str) -> None:
    telling = [
        text for each in SAID if TELLING.search(text := say(language, each, day="1", words="-"))
    ]
    assert telling == []
