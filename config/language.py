"""What people read, in their language: catalogs compiled in memory, English msgids, Spanish whole.

`python -m config.language check` says what is missing; `merge FRAGMENT...` brings translations in.
"""

import argparse
import io
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from configparser import ConfigParser
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from babel.messages import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, denormalize, read_po, write_po
from babel.support import NullTranslations, Translations

CATALOGS = Path(__file__).parent / "languages"
ROOT = Path(__file__).parent.parent
SOURCE_LANGUAGE = "en"
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")
QUOTED = r'"(?:[^"\\\n]|\\.)*"(?:\n"(?:[^"\\\n]|\\.)*")*'
ENTRY = re.compile(
    rf"(?:^msgctxt ({QUOTED})\n)?^msgid ({QUOTED})\n(?:msgid_plural {QUOTED}\n)?"
    rf"(?:msgstr(?:\[\d\])? {QUOTED}\n)+",
    re.MULTILINE,
)
# Where the msgid stands in calls babel does not know: say(language, msgid), say_count(language,
# one, many, n), mark(msgid).
KEYWORDS = DEFAULT_KEYWORDS | {
    "say": (2,),
    "say_count": (2, 3),
    "mark": None,
    "lazy_gettext": None,
    "_l": None,
    "lazy_ngettext": (1, 2),
}
HEADER = """\
msgid ""
msgstr ""
"Project-Id-Version: Hilo\\n"
"Language: {language}\\n"
"Plural-Forms: nplurals=2; plural=n != 1;\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""


class BadCatalog(RuntimeError):
    """A catalog, or a fragment of one, that cannot be used; one sentence says which and why."""


@cache
def languages() -> tuple[str, ...]:
    """The languages there are, English (which needs no catalog) last."""
    translated = sorted(folder.name for folder in CATALOGS.iterdir() if _file(folder.name).exists())
    return (*translated, SOURCE_LANGUAGE)


@cache
def catalog(language: str) -> NullTranslations:
    """A language's translations; English answers with the msgids themselves."""
    if language not in languages():
        raise BadCatalog(f"There is no catalog for the language {language!r}.")
    if language == SOURCE_LANGUAGE:
        return NullTranslations()
    compiled = io.BytesIO()
    write_mo(compiled, _read(_file(language), language))
    compiled.seek(0)
    return Translations(compiled)


def say(language: str, msgid: str, **params: object) -> str:
    """The sentence in that language. A placeholder without its value is a KeyError."""
    return catalog(language).gettext(msgid) % params


def say_count(language: str, one: str, many: str, n: int, **params: object) -> str:
    """The sentence for n things; `%(n)s` is the number."""
    return catalog(language).ngettext(one, many, n) % (params | {"n": n})


def mark(msgid: str) -> str:
    """Marks a msgid that reaches `say` later, by way of a table or a constant."""
    return msgid


@dataclass(frozen=True, slots=True)
class Gaps:
    """What keeps a catalog from being whole. Obsolete entries harm nobody; the rest do."""

    missing: tuple[str, ...]
    fuzzy: tuple[str, ...]
    differing: tuple[str, ...]
    percent: tuple[str, ...]
    obsolete: tuple[str, ...]

    @property
    def harmful(self) -> bool:
        """Whether somebody would read a wrong sentence, or none in their language."""
        return bool(self.missing or self.fuzzy or self.differing or self.percent)


def gaps(language: str, *, used: Catalog | None = None, folder: Path | None = None) -> Gaps:
    """A catalog compared with what the pages and the bot say."""
    said = extract(ROOT) if used is None else used
    path = _file(language, folder or CATALOGS)
    translated = {_key(message): message for message in _entries(_read(path, language))}
    wanted = {_key(message): message for message in _entries(said)}
    both = [(wanted[key], translated[key]) for key in wanted if key in translated]
    return Gaps(
        missing=_ids(m for key, m in wanted.items() if not _whole(translated.get(key))),
        fuzzy=_ids(m for _, m in both if m.fuzzy),
        differing=_ids(m for _, m in both if _whole(m) and not _same_placeholders(m)),
        percent=_ids(m for m in (*wanted.values(), *translated.values()) if _stray_percent(m)),
        obsolete=_ids(m for key, m in translated.items() if key not in wanted),
    )


def extract(root: Path) -> Catalog:
    """Every msgid the source says, as babel.cfg tells where to look."""
    found = Catalog()
    places = ConfigParser()
    places.read(ROOT / "babel.cfg", encoding="utf-8")
    methods, options = [], {}
    for section in places.sections():
        method, _, pattern = section.partition(": ")
        methods.append((pattern, method))
        options[pattern] = dict(places[section])
    for file, line, msgid, comments, context in extract_from_dir(
        root, methods, options, KEYWORDS, strip_comment_tags=True
    ):
        found.add(msgid, locations=[(file, line)], auto_comments=comments, context=context)
    return found


def merge(fragments: Sequence[Path], *, language: str, folder: Path | None = None) -> int:
    """Brings fragments into a catalog, sorted by msgid; returns how many entries changed.

    A fragment replaces what the catalog says. Two fragments that disagree change nothing.
    """
    path = _file(language, folder or CATALOGS)
    whole = _read(path, language)
    brought: dict[object, tuple[Message, Path]] = {}
    for fragment in fragments:
        for message in _entries(_read(fragment, language)):
            before, where = brought.setdefault(_key(message), (message, fragment))
            if before.string != message.string:
                raise BadCatalog(f"{where} and {fragment} disagree on {_first(message)!r}.")
    changed = 0
    for message, _ in brought.values():
        before_now = whole.get(_first(message), message.context)
        if before_now is None or before_now.string != message.string or before_now.fuzzy:
            changed += 1
        whole.delete(_first(message), message.context)
        whole.add(
            message.id,
            message.string,
            flags=message.flags,
            user_comments=message.user_comments,
            context=message.context,
        )
    _write(whole, path, language)
    return changed


def _write(whole: Catalog, path: Path, language: str) -> None:
    body = io.BytesIO()
    write_po(body, whole, width=98, no_location=True, omit_header=True, sort_output=True)
    text = HEADER.format(language=language) + body.getvalue().decode("utf-8").strip()
    path.write_text(text.strip() + "\n", encoding="utf-8")


def _file(language: str, folder: Path = CATALOGS) -> Path:
    return folder / language / "LC_MESSAGES" / "messages.po"


def _read(path: Path, language: str) -> Catalog:
    try:
        text = path.read_bytes().decode("utf-8")
        _refuse_odd_lines(path, text)
        return read_po(io.BytesIO(text.encode()), locale=language, charset="utf-8")
    except (OSError, UnicodeDecodeError, PoFileError) as error:
        raise BadCatalog(f"{path} cannot be read as a catalog: {error}") from error


def _refuse_odd_lines(path: Path, text: str) -> None:
    """Babel skips what it does not understand; a translation lost that way would be missed."""
    lines = (line.rstrip() for line in text.splitlines())
    bare = "".join(f"{line}\n" for line in lines if line and not line.startswith("#"))
    if odd := ENTRY.sub("", bare):
        raise BadCatalog(f"{path} cannot be read as a catalog at {odd.splitlines()[0]!r}.")
    (_, msgid), times = Counter(ENTRY.findall(bare) or [("", "")]).most_common(1)[0]
    if times > 1:
        raise BadCatalog(f"{path} holds {denormalize(msgid)!r} {times} times.")


def _entries(whole: Catalog) -> Iterator[Message]:
    return (message for message in whole if message.id)


def _first(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def _key(message: Message) -> object:
    return (message.context, message.id)


def _forms(text: str | Sequence[str] | None) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text or ())


def _ids(messages: Iterator[Message]) -> tuple[str, ...]:
    return tuple(sorted({_first(message) for message in messages}))


def _whole(message: Message | None) -> bool:
    if message is None:
        return False
    forms = _forms(message.string)
    wanted = 1 if isinstance(message.id, str) else 2
    return len(forms) >= wanted and all(form.strip() for form in forms)


def _same_placeholders(message: Message) -> bool:
    # "one hour" may leave its number out; the plural form may not.
    ids, strings = _forms(message.id), _forms(message.string)
    return _placeholders(ids[-1]) == _placeholders(strings[-1]) and all(
        _placeholders(string) <= _placeholders(ids[-1]) for string in strings
    )


def _placeholders(text: str) -> set[str]:
    return set(PLACEHOLDER.findall(text))


def _stray_percent(message: Message) -> bool:
    # Templates always format and Python does so only with values, so a bare % breaks one of them.
    return any(
        "%" in PLACEHOLDER.sub("", form) for form in _forms(message.id) + _forms(message.string)
    )


def _report(language: str, found: Gaps) -> str:
    kinds = {
        "is not translated": found.missing,
        "is fuzzy": found.fuzzy,
        "has other placeholders than its msgid": found.differing,
        "holds a % that is no placeholder; pass it as a value": found.percent,
        "is not said anywhere (obsolete)": found.obsolete,
    }
    lines = [f"{language}: {msgid!r} {what}" for what, msgids in kinds.items() for msgid in msgids]
    return "".join(f"{line}\n" for line in lines) or f"{language}: whole\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line: 0 when whole, 1 when somebody would miss a sentence, 2 on bad input."""
    parser = argparse.ArgumentParser(prog="python -m config.language", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("check", help="say what is missing, fuzzy, obsolete or differs")
    merging = verbs.add_parser("merge", help="bring PO fragments into a catalog")
    merging.add_argument("fragments", nargs="+", type=Path, metavar="FRAGMENT")
    merging.add_argument("--language", default="es", choices=languages()[:-1])
    chosen = parser.parse_args(arguments)
    try:
        if chosen.verb == "merge":
            changed = merge(chosen.fragments, language=chosen.language)
            sys.stdout.write(f"{chosen.language}: {changed} entries changed\n")
            return 0
        said = extract(ROOT)
        found = {language: gaps(language, used=said) for language in languages()[:-1]}
    except BadCatalog as refusal:
        sys.stderr.write(f"{refusal}\n")
        return 2
    for language, each in found.items():
        sys.stdout.write(_report(language, each))
    return int(any(each.harmful for each in found.values()))


if __name__ == "__main__":
    sys.exit(main())
