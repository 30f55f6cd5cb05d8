"""The search index a phone carries: MiniSearch's own format, made here so the phone need not.

Same words, sounds and stems as the server's search; it holds no text, only where words are.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache

from handbook import markup, search
from handbook.library import Library

# A phone scores each form of a word by itself, so its weights are not the server's.
WEIGHTS = {"title": 2.0, "body": 0.5, "title_sound": 3.0, "sound": 1.0}
FORMAT = 2  # of what MiniSearch 7 reads

Postings = dict[str, dict[int, dict[int, int]]]


@lru_cache(maxsize=4)
def carried(library: Library, language: str) -> str:
    """The index of a library, and the rules to ask it by, as JSON."""
    found = {"rules": rules(), "weights": WEIGHTS, "index": index_of(library, language)}
    return json.dumps(found, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def rules() -> Mapping[str, object]:
    """How a question becomes terms, for a phone: the tables of `handbook.search`."""
    return {
        "sounds": [_for_phones(*sound) for sound in search.SOUNDS],
        "ending": _for_phones(*search.ENDING),
        "also": search.ALSO,
        "idle": sorted(search.IDLE),
        "short": search.SHORT,
        "terms": search.MOST_TERMS,
        "longest": search.LONGEST_QUERY,
    }


def _for_phones(pattern: str, sound: str) -> tuple[str, str]:
    return pattern, sound.replace("\\", "$")


def index_of(library: Library, language: str) -> Mapping[str, object]:
    """Every section of that language, as MiniSearch writes down an index it made itself."""
    postings: Postings = defaultdict(lambda: defaultdict(dict))
    lengths: dict[int, list[int]] = {}
    stored: dict[int, dict[str, str]] = {}
    for number, entry in enumerate(search.entries(library, language)):
        chapter = library.chapter(entry.chapter, language)
        stored[number] = {
            "title": chapter.section(entry.section).title,
            "chapter": chapter.title,
            "url": markup.address(f"{entry.chapter}#{entry.section}", language=language),
        }
        title, body = search.words(entry.title), search.words(entry.body)
        fields = (title, body, _stems(title), _stems(body))
        lengths[number] = [len(set(words)) for words in fields]
        for field, words in enumerate(fields):
            for word, times in Counter(words).items():
                postings[word][field][number] = times
    return {
        "serializationVersion": FORMAT,
        "documentCount": len(stored),
        "nextId": len(stored),
        "documentIds": {number: number for number in stored},
        "fieldIds": {field: number for number, field in enumerate(WEIGHTS)},
        "fieldLength": lengths,
        "averageFieldLength": [
            sum(many) / len(stored) for many in zip(*lengths.values(), strict=True)
        ],
        "storedFields": stored,
        "dirtCount": 0,
        "index": sorted(postings.items()),
    }


def _stems(words: Iterable[str]) -> list[str]:
    return [search.stem_of(search.sounds_like(word)) for word in words]
