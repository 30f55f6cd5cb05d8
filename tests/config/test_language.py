"""Everybody reads their own language, and a sentence that is not whole is found before they do."""

from pathlib import Path
from textwrap import dedent

import pytest
from babel.messages import Catalog
from babel.support import NullTranslations

from config.language import (
    CATALOGS,
    HEADER,
    BadCatalog,
    catalog,
    extract,
    gaps,
    languages,
    main,
    mark,
    merge,
    say,
    say_count,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of catalogs with an empty Spanish one."""
    path = tmp_path / "languages" / "es" / "LC_MESSAGES" / "messages.po"
    path.parent.mkdir(parents=True)
    path.write_text(HEADER.format(language="es"), encoding="utf-8")
    return tmp_path / "languages"


def fragment(folder: Path, text: str, name: str = "one.po") -> Path:
    path = folder / name
    path.write_text(dedent(text), encoding="utf-8")
    return path


def spanish(folder: Path) -> str:
    return (folder / "es" / "LC_MESSAGES" / "messages.po").read_text(encoding="utf-8")


def said(*msgids: str | tuple[str, str]) -> Catalog:
    found = Catalog()
    for msgid in msgids:
        found.add(msgid)
    return found


def test_spanish_and_english_are_spoken() -> None:
    assert languages() == ("es", "en")


def test_english_is_what_the_source_says() -> None:
    assert type(catalog("en")) is NullTranslations
    assert say("en", "Hello, %(name)s", name="Ana") == "Hello, Ana"
    assert say("es", "No catalog has this sentence.") == "No catalog has this sentence."


def test_a_catalog_is_compiled_once_and_leaves_no_file() -> None:
    assert catalog("es") is catalog("es")
    assert not list(CATALOGS.rglob("*.mo"))


@pytest.mark.parametrize("language", ["", "fr", "../es", "ES"])
def test_a_language_nobody_wrote_is_refused(language: str) -> None:
    with pytest.raises(BadCatalog, match="There is no catalog"):
        catalog(language)


def test_a_value_that_is_missing_is_an_error_and_not_a_hole() -> None:
    with pytest.raises(KeyError):
        say("en", "Hello, %(name)s")
    with pytest.raises(KeyError):
        say("en", "Hello, %(name)s", nome="Ana")


def test_one_and_many() -> None:
    one, many = "%(n)s hour for %(who)s", "%(n)s hours for %(who)s"
    assert say_count("en", one, many, 1, who="Ana") == "1 hour for Ana"
    assert say_count("en", one, many, 3, who="Ana") == "3 hours for Ana"


def test_a_marked_sentence_is_itself() -> None:
    assert mark("Later") == "Later"


def test_fragments_come_in_sorted_and_twice_is_once(folder: Path) -> None:
    one = fragment(folder, 'msgid "Zebra"\nmsgstr "Cebra"\n\nmsgid "Ant"\nmsgstr "Hormiga"\n')
    two = fragment(
        folder,
        """\
        msgid "%(n)s hour"
        msgid_plural "%(n)s hours"
        msgstr[0] "%(n)s hora"
        msgstr[1] "%(n)s horas"
        """,
        "two.po",
    )
    assert merge([one, two], language="es", folder=folder) == 3
    first = spanish(folder)
    assert first.startswith(HEADER.format(language="es"))
    order = [first.index(word) for word in ("%(n)s hour", "Ant", "Zebra")]
    assert order == sorted(order)
    assert merge([two, one], language="es", folder=folder) == 0
    assert spanish(folder) == first
    assert "Date" not in first
    assert not gaps(
        "es", used=said("Zebra", "Ant", ("%(n)s hour", "%(n)s hours")), folder=folder
    ).harmful


def test_a_better_translation_replaces_the_one_before(folder: Path) -> None:
    merge([fragment(folder, 'msgid "Go"\nmsgstr "Ir"\n')], language="es", folder=folder)
    better = fragment(folder, 'msgid "Go"\nmsgstr "Vete"\n')
    assert merge([better], language="es", folder=folder) == 1
    assert spanish(folder).count('msgid "Go"') == 1
    assert 'msgstr "Vete"' in spanish(folder)


def test_two_fragments_that_disagree_change_nothing(folder: Path) -> None:
    before = spanish(folder)
    one = fragment(folder, 'msgid "Go"\nmsgstr "Ir"\n', "one.po")
    two = fragment(folder, 'msgid "Go"\nmsgstr "Vete"\n', "two.po")
    with pytest.raises(BadCatalog, match="disagree on 'Go'"):
        merge([one, two], language="es", folder=folder)
    assert spanish(folder) == before


@pytest.mark.parametrize(
    "text",
    [
        'msgid "Go\nmsgstr "Ir"\n',
        "this is no catalog\n",
        'msgstr "Ir"\n',
        'msgid "Go"\nmsgstr Ir\n',
    ],
)
def test_a_fragment_that_cannot_be_read_changes_nothing(folder: Path, text: str) -> None:
    before = spanish(folder)
    with pytest.raises(BadCatalog, match="cannot be read as a catalog"):
        merge([fragment(folder, text)], language="es", folder=folder)
    assert spanish(folder) == before


def test_a_fragment_that_says_a_thing_twice_changes_nothing(folder: Path) -> None:
    twice = 'msgid "Go"\nmsgstr "Ir"\n\nmsgid "Go"\nmsgstr "Vete"\n'
    with pytest.raises(BadCatalog, match="holds 'Go' 2 times"):
        merge([fragment(folder, twice)], language="es", folder=folder)


def test_long_sentences_contexts_and_escapes_come_through(folder: Path) -> None:
    brought = fragment(
        folder,
        """\
        # somebody's remark
        msgctxt "greeting"
        msgid ""
        "Hello "
        "\\"%(name)s\\"\\n"
        msgstr ""
        "Hola "
        "«%(name)s»\\n"
        """,
    )
    merge([brought], language="es", folder=folder)
    merge([brought], language="es", folder=folder)
    used = Catalog()
    used.add('Hello "%(name)s"\n', context="greeting")
    assert not gaps("es", used=used, folder=folder).harmful
    assert gaps("es", used=used, folder=folder).obsolete == ()


def test_a_fragment_in_another_encoding_or_none_at_all_is_refused(folder: Path) -> None:
    path = folder / "latin.po"
    path.write_bytes('msgid "Go"\nmsgstr "Adiós"\n'.encode("latin-1"))
    for each in (path, folder / "missing.po", folder):
        with pytest.raises(BadCatalog):
            merge([each], language="es", folder=folder)


def test_what_is_missing_fuzzy_obsolete_or_different_is_named(folder: Path) -> None:
    brought = fragment(
        folder,
        """\
        msgid "Whole"
        msgstr "Entero"

        msgid "Empty"
        msgstr ""

        #, fuzzy
        msgid "Guessed"
        msgstr "Adivinado"

        msgid "Hello, %(name)s"
        msgstr "Hola, %(nombre)s"

        msgid "Sure"
        msgstr "Seguro al 100 %"

        msgid "Gone"
        msgstr "Ido"

        msgid "%(n)s day"
        msgid_plural "%(n)s days"
        msgstr[0] "un día"
        msgstr[1] "varios días"
        """,
    )
    merge([brought], language="es", folder=folder)
    used = said(
        "Whole", "Empty", "Guessed", "Hello, %(name)s", "Sure", "New", ("%(n)s day", "%(n)s days")
    )
    found = gaps("es", used=used, folder=folder)
    assert found.missing == ("Empty", "New")
    assert found.fuzzy == ("Guessed",)
    assert found.differing == ("%(n)s day", "Hello, %(name)s")
    assert found.percent == ("Sure",)
    assert found.obsolete == ("Gone",)
    assert found.harmful


def test_one_hour_may_leave_its_number_out(folder: Path) -> None:
    brought = fragment(
        folder,
        """\
        msgid "%(n)s hour"
        msgid_plural "%(n)s hours"
        msgstr[0] "una hora"
        msgstr[1] "%(n)s horas"
        """,
    )
    merge([brought], language="es", folder=folder)
    used = said(("%(n)s hour", "%(n)s hours"))
    assert not gaps("es", used=used, folder=folder).harmful


def test_a_plural_without_its_second_form_is_missing(folder: Path) -> None:
    brought = fragment(
        folder,
        """\
        msgid "%(n)s hour"
        msgid_plural "%(n)s hours"
        msgstr[0] "%(n)s hora"
        msgstr[1] ""
        """,
    )
    merge([brought], language="es", folder=folder)
    used = said(("%(n)s hour", "%(n)s hours"))
    assert gaps("es", used=used, folder=folder).missing == ("%(n)s hour",)


def test_sentences_are_found_in_pages_and_in_the_bot(tmp_path: Path) -> None:
    bot = tmp_path / "bot"
    pages = tmp_path / "network" / "cases" / "templates" / "cases"
    bot.mkdir()
    pages.mkdir(parents=True)
    (bot / "family.py").write_text(
        dedent(
            """\
            GREETING = mark("Hello")
            say(language, "Answer " "%(name)s", name=name)
            say_count(language, "%(n)s hour", "%(n)s hours", 3)
            {"closed": _l("Closed")}
            print("Not this")
            """
        )
    )
    (pages / "show.html").write_text(
        '<h1>{{ _("Waiting") }}</h1>{% trans who=name %}For {{ who }}{% endtrans %}'
    )
    (tmp_path / "notes.py").write_text('_("Elsewhere")')
    found = {message.id for message in extract(tmp_path) if message.id}
    assert found == {
        "Hello",
        "Closed",
        "Answer %(name)s",
        ("%(n)s hour", "%(n)s hours"),
        "Waiting",
        "For %(who)s",
    }


def test_the_command_line_refuses_in_one_sentence(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["merge", str(tmp_path / "none.po")]) == 2
    shown = capsys.readouterr()
    assert shown.err.startswith(f"{tmp_path / 'none.po'} cannot be read as a catalog")
    assert shown.out == ""
    with pytest.raises(SystemExit):
        main([])
    with pytest.raises(SystemExit):
        main(["merge"])
    with pytest.raises(SystemExit):
        main(["merge", "x.po", "--language", "en"])
