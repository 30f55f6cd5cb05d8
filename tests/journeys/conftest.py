"""People at their screens, for the journeys."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.ground.house import Account, House

A_NEW_CODE = timedelta(seconds=31)


@pytest.fixture
def temporary_folder(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    database_url: str,  # noqa: ARG001  # the database server of all tests stands before it
) -> Iterator[Path]:
    """One for this house alone, inside its own: what a neighbour keeps is no find of a thief."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", None)
    assert Path(tempfile.gettempdir()) == folder
    yield folder
    tempfile.tempdir = None


@dataclass(slots=True)
class Screen:
    """One person's browser."""

    page: Page
    house: House
    account: Account

    def signs_in(self) -> None:
        """Passphrase first, then the six digits of this moment, which serve once."""
        self.house.lives(A_NEW_CODE)
        self.page.context.clear_cookies()
        self.page.goto(f"{self.house.url}/enter")
        self.page.locator("[name=handle]").fill(self.account.handle)
        self.page.locator("[name=passphrase]").fill(self.account.passphrase)
        self.page.locator("[name=code]").fill(self.account.code(self.house.door.now()))
        self.page.locator('main form[action$="/enter"] [type=submit]').click()
        expect(self.page).not_to_have_url(f"{self.house.url}/enter")

    def goes(self, path: str) -> Page:
        """An address of ours."""
        self.page.goto(f"{self.house.url}{path}")
        return self.page

    def sends(self, form: str) -> None:
        """The form whose address ends so."""
        self.page.locator(f"main form[action*='{form}'] button:not([name])").first.click()
        self.page.wait_for_load_state()
