"""`hilo handbook check` also looks at the directory's dates and at the network's reviews."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from config.country import load_pack
from handbook.lint import check

DAY = date(2026, 11, 21)


def test_mexicos_pack_and_the_chapters_agree() -> None:
    assert check(pack=load_pack("mx"), today=DAY) == []


def test_a_number_nobody_can_test_is_named_with_its_line() -> None:
    pack = load_pack("mx")
    short = replace(pack, directory=pack.directory[1:])
    found = [problem for problem in check(pack=short, today=DAY) if "911" in problem.what]
    assert found
    assert all(one.line > 1 and "no line of the directory" in one.what for one in found)


@pytest.mark.parametrize(
    ("dialled", "what"),
    [
        (DAY + timedelta(days=1), "911: last_dialled is in the future"),
        (DAY - timedelta(days=91), "911: last_dialled is over 90 days old: dial, or take it out"),
        (DAY - timedelta(days=90), None),
    ],
)
def test_a_date_that_vouches_for_nothing_is_named(dialled: date, what: str | None) -> None:
    pack = load_pack("mx")
    line = replace(pack.directory[0], last_dialled=dialled)
    found = check(pack=replace(pack, directory=(line, *pack.directory[1:])), today=DAY)
    assert [one.what for one in found] == ([what] if what else [])


def test_reviews_that_do_not_count_any_more_are_named_where_they_stand() -> None:
    troubles = (
        ("acompanar", "es", "nunca", "changed"),
        ("acompanar", "en", "gone", "gone"),
        ("arbol:virtual-call", "es", "todo", "lapsed"),
    )
    found = {one.file: one for one in check(reviews=troubles)}
    assert found["14-acompanar.es.md"].line > 1
    assert "worded otherwise" in found["14-acompanar.es.md"].what
    assert "not there any more" in found["14-acompanar.en.md"].what
    assert "six months" in found["virtual-call.toml"].what
