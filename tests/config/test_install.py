"""What is installed, when, and what a person hears when it cannot be."""

from pathlib import Path

import pytest

from config import install


@pytest.fixture
def empty_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with no programs to find."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


@pytest.mark.usefixtures("empty_machine")
def test_without_chromium_ci_fails_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(install.CannotInstall, match="Install Chromium"):
        install.chromium()


@pytest.mark.usefixtures("empty_machine")
def test_without_chromium_a_person_is_told_and_goes_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("CI", raising=False)
    install.chromium()
    assert "Install Chromium" in capsys.readouterr().out


def test_a_chromium_that_is_there_is_used(
    empty_machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "true")
    program = empty_machine / "chromium"
    program.touch(mode=0o755)
    install.chromium()


def test_it_needs_nothing_that_it_installs() -> None:
    lines = Path(install.__file__).read_text().splitlines()
    imported = {line.split()[1] for line in lines if line.startswith(("import ", "from "))}
    assert imported == {
        "ctypes.util",
        "hashlib",
        "os",
        "pathlib",
        "shutil",
        "subprocess",
        "sys",
        "venv",
    }


@pytest.mark.usefixtures("empty_machine")
def test_without_epubcheck_ci_fails_and_a_person_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(install, "EPUBCHECK", tmp_path / "epubcheck.jar")
    monkeypatch.setenv("CI", "true")
    with pytest.raises(install.CannotInstall, match="Install epubcheck"):
        install.epubcheck()
    monkeypatch.delenv("CI")
    install.epubcheck()
    assert "Install epubcheck" in capsys.readouterr().out
