"""A country pack is whole and meant, or it is refused."""

import re
import shutil
from datetime import date, timedelta
from datetime import time as clock_time
from pathlib import Path

import phonenumbers
import pytest

from config.country import COUNTRIES, Pack, Rung, Tell, countries, load_pack
from config.kinds import BadPack


@pytest.fixture
def packs(tmp_path: Path) -> Path:
    """A copy of Mexico's pack that a test may spoil."""
    shutil.copytree(COUNTRIES / "mx", tmp_path / "mx")
    return tmp_path


def spoil(packs: Path, file: str, before: str, after: str) -> None:
    path = packs / "mx" / file
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")


def test_mexico_has_a_pack() -> None:
    assert "mx" in countries()
    pack = load_pack("mx")
    assert isinstance(pack, Pack)
    assert (pack.code, pack.languages) == ("mx", ("es", "en"))
    assert (pack.waking.begins, pack.waking.ends) == (clock_time(8), clock_time(22))
    assert pack.check_ins.reminder < pack.check_ins.grace
    assert (pack.offers.expires_high, pack.offers.most_invited) == (timedelta(hours=2), 3)
    assert pack.access.grant == timedelta(days=30)
    assert (pack.quorum.needed, pack.quorum.holders) == (3, 5)
    assert pack.first_answer.on_duty < pack.first_answer.nobody_on_duty


def test_a_late_check_in_climbs_from_the_nearest_person_to_everybody() -> None:
    assert load_pack("mx").ladder == (
        Rung(timedelta(0), Tell.ACCOMPANIER),
        Rung(timedelta(minutes=15), Tell.DUTY),
        Rung(timedelta(minutes=30), Tell.COORDINATORS),
    )


def test_a_danger_word_waits_for_nobody_on_duty() -> None:
    at_once = {rung.tell for rung in load_pack("mx").alarms.ladder if not rung.after}
    assert Tell.DUTY in at_once


def test_every_pack_is_whole() -> None:
    for code in countries():
        assert load_pack(code).code == code


def test_a_pack_is_read_once() -> None:
    assert load_pack("mx") is load_pack("mx")


def test_the_official_figures_are_where_the_pack_says() -> None:
    official = load_pack("mx").official
    codes = {state.geo_code for state in load_pack("mx").areas.states}
    victims = official.victims.read_text(encoding="utf-8").splitlines()[1:]
    people = official.population.read_text(encoding="utf-8").splitlines()[1:]
    assert len(victims) == 4991
    assert {line.split(",")[2] for line in victims} <= codes
    assert {line.split(",")[1] for line in people} == codes


def test_no_line_of_the_directory_claims_to_have_been_dialled() -> None:
    assert all(line.untested for line in load_pack("mx").directory)


def test_the_directory_holds_the_numbers_that_were_found_and_no_other() -> None:
    assert {line.number for line in load_pack("mx").directory} == {
        "911", "089", "800 028 7783", "55 1309 9024", "55 5533 5533", "800 911 2000",
        "55 5200 9000", "55 9225 2174", "55 5036 3301", "55 5658 1111",
    }  # fmt: skip


def test_every_long_number_has_the_countrys_length() -> None:
    pack = load_pack("mx")
    for line in pack.directory:
        digits = re.sub(r"\D", "", line.number)
        if len(digits) > 3:
            assert len(digits) == pack.phone.digits
            number = phonenumbers.parse(digits, pack.phone.region)
            assert number.country_code == pack.phone.country_code


def test_a_dialled_line_has_its_date(packs: Path) -> None:
    spoil(
        packs, "directory.toml", 'seen = "2025-09"', 'seen = "2025-09"\nlast_dialled = 2026-11-20'
    )
    line = load_pack("mx", packs).directory[0]
    assert line.last_dialled == date(2026, 11, 20)
    assert not line.untested


@pytest.mark.parametrize("code", ["", "zz", "../mx", "MX", "mx/official"])
def test_a_country_without_a_pack_is_refused(code: str) -> None:
    with pytest.raises(BadPack, match="There is no country pack"):
        load_pack(code)


SPOILT = [
    ('code = "mx"', 'code = "gt"', "mx/pack.toml: code: must be 'mx'"),
    ('code = "mx"', 'code = "mx"\ncolour = "red"', "colour: is not a key that a pack has"),
    ("most_invited = 3\n", "", "offers.most_invited: is missing"),
    ("most_invited = 3", "most_invited = 3\nmost = 3", "offers.most: is not a key"),
    ("most_invited = 3", "most_invited = 0", "offers.most_invited: "),
    ("most_invited = 3", 'most_invited = "3"', "offers.most_invited: "),
    ("most_invited = 3", "most_invited = true", "offers.most_invited: "),
    ("most_invited = 3", "most_invited = 2.5", "offers.most_invited: "),
    ('expires_high = "2 h"', "expires_high = 2", "offers.expires_high: must be a duration"),
    ('expires_high = "2 h"', 'expires_high = "2 hours"', "must be a duration such as"),
    ('expires_high = "2 h"', 'expires_high = "-2 h"', "must be a duration such as"),
    ('expires_high = "2 h"', 'expires_high = "0 h"', "offers.expires_high: "),
    ('grant = "30 d"\n', "", "access.grant: is missing"),
    ("begins = 08:00:00", "begins = 23:00:00", "waking: begins must be before ends"),
    ("begins = 08:00:00", 'begins = "8"', "waking.begins: must be a time of day"),
    ("begins = 08:00:00", "begins = 8", "waking.begins: must be a time of day"),
    ('reminder = "15 min"', 'reminder = "30 min"', "reminder must come before grace runs out"),
    ('tell = "duty"', 'tell = "nobody"', "check_ins.ladder.1.tell: "),
    ('tell = "duty"', 'tell = "duty"\nhow = "loud"', "check_ins.ladder.1.how: is not a key"),
    ('after = "15 min"\n', "", "check_ins.ladder.1.after: is missing"),
    ('after = "15 min"', 'after = "45 min"', "in the order of their times"),
    ('tell = "coordinators"', 'tell = "duty"', "the last rung of a ladder must tell all"),
    ("needed = 3", "needed = 1", "quorum.needed: "),
    ("needed = 3", "needed = 6", "quorum: needed may not be more than holders"),
    ("holders = 5", "holders = 17", "quorum.holders: "),
    ('"America/Mexico_City"', '"America/Mexico"', "there is no time zone 'America/Mexico'"),
    ('languages = ["es", "en"]', 'languages = ["es", "nah"]', "no catalog for the language 'nah'"),
    ('languages = ["es", "en"]', "languages = []", "languages: "),
    ('languages = ["es", "en"]', 'languages = "es"', "languages: "),
    ('region = "MX"', 'region = "México"', "phone.region: "),
    ("[quorum]", "[quorum", "mx/pack.toml cannot be read"),
]


@pytest.mark.parametrize(("before", "after", "reason"), SPOILT)
def test_rules_that_cannot_be_meant_are_refused(
    packs: Path, before: str, after: str, reason: str
) -> None:
    spoil(packs, "pack.toml", before, after)
    with pytest.raises(BadPack, match=re.escape(reason)) as refused:
        load_pack("mx", packs)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ('number = "911"', 'state = "99"\nnumber = "911"', "911.state: there is no such state"),
        ('number = "911"', 'number = "call us"', "line.0.number: "),
        ('number = "911"\n', "", "line.0.number: is missing"),
        ('number = "911"', "number = 911", "line.0.number: "),
        ('channel = "call"', 'channel = "fax"', "line.0.channel: "),
        ('id = "089"', 'id = "911"', "the id '911' stands there more than once"),
        ('use.en = "A', 'use.fr = "A', "911.use must speak es, en"),
        ('sources = ["S31"]', "sources = []", "line.0.sources: "),
        ('seen = "2025-09"', 'seen = "2025-09"\nlast_dialled = "soon"', "must be a date"),
        ('seen = "2025-09"', 'seen = "2025-09"\nverified = true', "line.0.verified: is not a key"),
    ],
)
def test_a_directory_that_could_mislead_is_refused(
    packs: Path, before: str, after: str, reason: str
) -> None:
    spoil(packs, "directory.toml", before, after)
    with pytest.raises(BadPack, match=re.escape(reason)):
        load_pack("mx", packs)


@pytest.mark.parametrize(
    "file",
    [
        "directory.toml",
        "areas.csv",
        "official/kidnapping_victims.csv",
        "official/state_population.csv",
    ],
)
def test_a_missing_file_is_named(packs: Path, file: str) -> None:
    (packs / "mx" / file).unlink()
    with pytest.raises(BadPack, match=re.escape(f"mx/{file}")):
        load_pack("mx", packs)


def test_a_file_that_is_not_text_is_named(packs: Path) -> None:
    for file in ("pack.toml", "areas.csv"):
        (packs / "mx" / file).write_bytes(b"\xff\xfe")
        with pytest.raises(BadPack, match=re.escape(f"mx/{file}")):
            load_pack("mx", packs)
        shutil.copy(COUNTRIES / "mx" / file, packs / "mx" / file)


def test_official_figures_of_another_shape_are_refused(packs: Path) -> None:
    spoil(packs, "official/state_population.csv", "population_mid_year", "people")
    with pytest.raises(BadPack, match="the first line must be year,state_code,state,population"):
        load_pack("mx", packs)


def test_areas_that_are_wrong_are_the_packs_fault(packs: Path) -> None:
    spoil(packs, "areas.csv", "America/Tijuana", "America/Tijuanita")
    with pytest.raises(BadPack, match=re.escape("mx/areas.csv cannot be used: ")):
        load_pack("mx", packs)
