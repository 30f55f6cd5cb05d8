"""The tree names no machine of ours and no registry: it has to work on anybody's."""

import re

from tests.architecture.tree import ROOT, files

# Written in pieces, so that this file passes its own test.
WORDS = (
    r"(?<![\w.])/" + r"(work|farm|root)/",
    "pypi" + r"\.org",
    "python" + r"hosted\.org",
    "registry" + r"\.npmjs",
    "deb" + r"\.debian\.org",
    "index" + "-url",
    "find" + "-links",
)
PATTERN = re.compile("|".join(WORDS))
LONGEST_LINE = 2000  # what is longer is minified, and somebody else's


def test_no_path_or_host_of_one_machine_is_in_the_tree() -> None:
    found = []
    for file in files():
        try:
            lines = file.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue
        found += [
            f"{file.relative_to(ROOT)}:{number}"
            for number, line in enumerate(lines, 1)
            if len(line) < LONGEST_LINE and PATTERN.search(line.replace("--no-emit-index-url", ""))
        ]
    assert found == []
