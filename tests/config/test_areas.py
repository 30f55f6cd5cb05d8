"""A place is found by its code or its name, and lives by the clock the law gives it."""

from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from config.areas import HEADER, BadAreas, Municipality, NoSuchArea, read_areas
from config.country import load_pack

AREAS = load_pack("mx").areas
WHOLE_STATES = {
    "America/Tijuana": {"Baja California"},
    "America/Hermosillo": {"Sonora"},
    "America/Cancun": {"Quintana Roo"},
    "America/Merida": {"Campeche", "Yucatán"},
}
# The 30 municipalities that article 5 names, and Bahía de Banderas of article 3.
EXCEPTIONS = {
    ("Coahuila", "America/Matamoros"): {
        "Acuña", "Allende", "Guerrero", "Hidalgo", "Jiménez", "Morelos", "Nava", "Ocampo",
        "Piedras Negras", "Villa Unión", "Zaragoza",
    },
    ("Nuevo León", "America/Matamoros"): {"Anáhuac"},
    ("Tamaulipas", "America/Matamoros"): {
        "Nuevo Laredo", "Guerrero", "Mier", "Miguel Alemán", "Camargo", "Gustavo Díaz Ordaz",
        "Reynosa", "Río Bravo", "Valle Hermoso", "Matamoros",
    },
    ("Chihuahua", "America/Ojinaga"): {"Coyame del Sotol", "Ojinaga", "Manuel Benavides"},
    ("Chihuahua", "America/Ciudad_Juarez"): {
        "Janos", "Ascensión", "Juárez", "Praxedis G. Guerrero", "Guadalupe",
    },
    ("Nayarit", "America/Bahia_Banderas"): {"Bahía de Banderas"},
}  # fmt: skip
ORDINARY = {
    "Coahuila": "America/Monterrey",
    "Nuevo León": "America/Monterrey",
    "Tamaulipas": "America/Monterrey",
    "Durango": "America/Monterrey",
    "Chihuahua": "America/Chihuahua",
    "Nayarit": "America/Mazatlan",
    "Sinaloa": "America/Mazatlan",
    "Baja California Sur": "America/Mazatlan",
}


def place(name: str) -> Municipality:
    found = AREAS.search(name, limit=1)[0]
    assert isinstance(found, Municipality)
    return found


def hours(zone: str, month: int) -> int:
    offset = datetime(2026, month, 15, 12, tzinfo=ZoneInfo(zone)).utcoffset()
    assert offset is not None
    return offset // timedelta(hours=1)


def test_all_of_mexico_is_there() -> None:
    assert len(AREAS.states) == 32
    assert len(AREAS.municipalities) == 2475
    assert [state.geo_code for state in AREAS.states] == [f"{n:02}" for n in range(1, 33)]


def test_the_exceptions_are_those_of_the_law_and_no_others() -> None:
    for (state, zone), names in EXCEPTIONS.items():
        found = {m.name for m in AREAS.municipalities if (m.state, m.time_zone) == (state, zone)}
        assert found == names
    counted = Counter(m.time_zone for m in AREAS.municipalities)
    assert counted["America/Matamoros"] == 22
    assert counted["America/Ojinaga"] == 3
    assert counted["America/Ciudad_Juarez"] == 5
    assert counted["America/Bahia_Banderas"] == 1


def test_every_other_place_lives_by_its_states_clock() -> None:
    excepted = {(state, name) for (state, _), names in EXCEPTIONS.items() for name in names}
    whole = {state: zone for zone, states in WHOLE_STATES.items() for state in states}
    for each in AREAS.municipalities:
        if (each.state, each.name) not in excepted:
            expected = (whole | ORDINARY).get(each.state, "America/Mexico_City")
            assert each.time_zone == expected, each


@pytest.mark.parametrize(
    ("name", "january", "july"),
    [
        ("Guadalajara, Jalisco", -6, -6),
        ("Cuauhtémoc, Ciudad de México", -6, -6),
        ("Mérida, Yucatán", -6, -6),
        ("Monterrey", -6, -6),
        ("Chihuahua, Chihuahua", -6, -6),
        ("Bahía de Banderas", -6, -6),
        ("Tepic", -7, -7),
        ("Culiacán", -7, -7),
        ("La Paz, Baja California Sur", -7, -7),
        ("Hermosillo", -7, -7),
        ("Nogales, Sonora", -7, -7),
        ("Benito Juárez, Quintana Roo", -5, -5),
        ("Tijuana", -8, -7),
        ("San Quintín", -8, -7),
        ("San Felipe, Baja California", -8, -7),
        ("Juárez, Chihuahua", -7, -6),
        ("Janos", -7, -6),
        ("Ojinaga", -6, -5),
        ("Coyame", -6, -5),
        ("Piedras Negras, Coahuila", -6, -5),
        ("Saltillo", -6, -6),
        ("Anáhuac, Nuevo León", -6, -5),
        ("Los Aldamas", -6, -6),
        ("Nuevo Laredo", -6, -5),
        ("Ciudad Madero", -6, -6),
    ],
)
def test_the_clock_of_a_place_in_winter_and_in_summer(name: str, january: int, july: int) -> None:
    zone = place(name).time_zone
    assert (hours(zone, 1), hours(zone, 7)) == (january, july)


def test_namesakes_far_from_the_border_do_not_change_their_clocks() -> None:
    for name in ("Guerrero, Chihuahua", "Matamoros, Coahuila", "Juárez, Coahuila"):
        zone = place(name).time_zone
        assert hours(zone, 1) == hours(zone, 7) == -6


def test_guadalajara_never_changes_its_clock_and_tijuana_changes_with_california() -> None:
    days = [datetime(2026, 1, 1, 12) + timedelta(days=n) for n in range(365)]  # noqa: DTZ001
    guadalajara = ZoneInfo(place("Guadalajara").time_zone)
    tijuana = ZoneInfo(place("Tijuana").time_zone)
    california = ZoneInfo("America/Los_Angeles")
    assert len({day.replace(tzinfo=guadalajara).utcoffset() for day in days}) == 1
    assert all(
        day.replace(tzinfo=tijuana).utcoffset() == day.replace(tzinfo=california).utcoffset()
        for day in days
    )


def test_a_place_is_known_by_its_code() -> None:
    assert AREAS.municipality("08037").name == "Juárez"
    assert AREAS.state("08").name == "Chihuahua"
    assert AREAS.state("08037").name == "Chihuahua"
    assert AREAS.zone_of("08037") == "America/Ciudad_Juarez"
    assert AREAS.zone_of("08") == "America/Chihuahua"
    assert len(AREAS.within("02")) == 7


@pytest.mark.parametrize("code", ["", "0", "00", "99", "08999", "080370", "México", "١٢"])
def test_a_code_that_is_no_place_is_refused(code: str) -> None:
    for ask in (AREAS.get, AREAS.state, AREAS.municipality, AREAS.zone_of, AREAS.within):
        with pytest.raises(NoSuchArea):
            ask(code)


def test_a_state_is_no_municipality() -> None:
    with pytest.raises(NoSuchArea):
        AREAS.municipality("08")


@pytest.mark.parametrize("typed", ["acuna", "ACUÑA", "  Acuña ", "Acun\u0303a"])
def test_accents_and_capitals_do_not_matter(typed: str) -> None:
    assert AREAS.search(typed)[0].geo_code == "05002"


def test_the_nearest_name_comes_first_and_a_comma_narrows() -> None:
    assert [area.name for area in AREAS.search("Guerrero")][:3] == ["Guerrero"] * 3
    assert {area.geo_code for area in AREAS.search("guerrero, coahuila")} == {"05012"}
    assert AREAS.search("monterrey")[0].name == "Monterrey"
    assert len(AREAS.search("san", limit=5)) == 5


@pytest.mark.parametrize("typed", ["", "  ", ",", ", Sonora", "no hay tal lugar", "%", "\x00"])
def test_words_that_name_no_place_find_none(typed: str) -> None:
    assert AREAS.search(typed) == ()


GOOD = "08037,08,Chihuahua,037,Juárez,America/Ciudad_Juarez"


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (["geo_code,state", GOOD], "the first line must be"),
        ([], "the first line must be"),
        ([",".join(HEADER)], "no municipality"),
        ([",".join(HEADER), GOOD + ",more"], "line 2 must have 6 values"),
        ([",".join(HEADER), "08037,08,Chihuahua,037,,America/Ojinaga"], "none empty"),
        ([",".join(HEADER), "08038,08,Chihuahua,037,Juárez,America/Ojinaga"], "line 2 must have a"),
        ([",".join(HEADER), "8037,8,Chihuahua,037,Juárez,America/Ojinaga"], "line 2 must have a"),
        ([",".join(HEADER), GOOD, GOOD], "08037 stands there 2 times"),
        ([",".join(HEADER), GOOD.replace("Ciudad_", "Villa_")], "no time zone 'America/Villa_Jua"),
        ([",".join(HEADER), GOOD.replace("America/", "../")], "no time zone"),
        (
            [",".join(HEADER), GOOD, "08038,08,Chiapas,038,Otra,America/Ojinaga"],
            "the state 08 has 2 names",
        ),
    ],
)
def test_a_table_that_cannot_be_trusted_is_refused(
    tmp_path: Path, rows: list[str], reason: str
) -> None:
    table = tmp_path / "areas.csv"
    table.write_text("\n".join(rows), encoding="utf-8")
    with pytest.raises(BadAreas, match=reason):
        read_areas(table)
