"""Every package is pinned to one version and to the hashes of its files."""

import re

import pytest

from tests.architecture.tree import ROOT

LOCKS = ("requirements.txt", "requirements-print.txt", "requirements-dev.txt")
PIN = re.compile(
    r"^([a-z0-9][a-z0-9.-]*)(\[[a-z,-]+\])?==\S+( ;.+)?( --hash=sha256:[0-9a-f]{64})+$"
)


def pins(lock: str) -> list[str]:
    """The pins of a lock file, one a line, comments gone."""
    text = re.sub(r"^\s*#.*$", "", (ROOT / lock).read_text(), flags=re.MULTILINE)
    return [
        " ".join(line.split()) for line in text.replace("\\\n", " ").splitlines() if line.strip()
    ]


@pytest.mark.parametrize("lock", LOCKS)
def test_every_line_is_one_version_with_its_hashes(lock: str) -> None:
    assert [line[:60] for line in pins(lock) if not PIN.fullmatch(line)] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_no_lock_names_where_its_packages_came_from(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert re.findall(r"://|@ |^-|\.(?:com|org|net)\b", text, flags=re.MULTILINE) == []


@pytest.mark.parametrize("lock", LOCKS)
def test_whatever_is_wished_for_is_pinned(lock: str) -> None:
    wish = lock.replace(".txt", ".in")
    wishes = {
        re.split(r"[\[=<> ]", line)[0]
        for line in (ROOT / wish).read_text().splitlines()
        if line and not line.startswith(("#", "-"))
    }
    assert wishes - {re.split(r"[\[=]", line)[0] for line in pins(lock)} == set()


def test_tests_run_on_the_versions_people_run_on() -> None:
    # A marker says for whom a pin is, and differs with who else wishes for the package.
    run, paper, dev = ({re.sub(r" ;.+? --", " --", pin) for pin in pins(lock)} for lock in LOCKS)
    assert (run | paper) - dev == set()
