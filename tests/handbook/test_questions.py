"""The questions frightened people type, put to the server's search."""

import gzip
import json

import pytest

from handbook import pocket
from handbook.library import Library
from handbook.search import search
from tests.handbook.asked import ENOUGH, FIRST, answered, questions, tell

KILOBYTE = 1024


def test_there_are_sixty_questions_and_each_answer_is_a_section(library: Library) -> None:
    assert len(questions()) >= 60
    for answers in questions().values():
        for answer in answers:
            slug, _, section = answer.partition("#")
            assert section in {found.id for found in library.chapter(slug).sections}, answer


def test_the_server_answers_nine_in_ten_among_the_first_three() -> None:
    def finds(asked: str) -> list[str]:
        return [f"{hit.chapter}#{hit.section}" for hit in search(asked, "es", FIRST)]

    assert answered(finds, by="server") >= ENOUGH


@pytest.mark.parametrize("language", ["es", "en"])
def test_the_index_a_phone_carries_is_small_and_holds_no_text(
    library: Library, language: str
) -> None:
    body = pocket.carried(library, language).encode()
    weight = len(gzip.compress(body, 9))
    tell(f"index ({language}): {len(body)} bytes, {weight} squeezed")
    assert weight <= 90 * KILOBYTE
    index = json.loads(body)["index"]
    assert index["documentCount"] == len(index["storedFields"]) == len(index["fieldLength"])
    assert all(" " not in word for word, _ in index["index"])
