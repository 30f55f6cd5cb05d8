"""A real Chromium, at the width of a cheap phone unless a test asks for more."""

import asyncio
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from config.install import BROWSERS

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
)
PHONE = (360, 740)
DESKTOP = (1280, 800)
PATIENCE_MS = 60_000
expect.set_options(timeout=PATIENCE_MS)


@dataclass(slots=True)
class Chromium:
    """One browser for the run, whose loop counts as running only while a test plays with it."""

    browser: Browser
    loop: asyncio.AbstractEventLoop | None

    @contextmanager
    def awake(self) -> Iterator[Browser]:
        # Playwright leaves its loop marked as running, and then no async test could run here.
        asyncio._set_running_loop(self.loop)
        try:
            yield self.browser
        finally:
            asyncio._set_running_loop(None)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chromium]:
    """A browser that finds nothing but this machine."""
    found = [path for name in BROWSERS if (path := shutil.which(name))]
    if not found:
        pytest.skip("no Chromium here: `make test` says how to get it")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found[0], args=[*FLAGS])
        asleep = Chromium(browser, asyncio._get_running_loop())
        asyncio._set_running_loop(None)
        yield asleep
        asyncio._set_running_loop(asleep.loop)
        browser.close()
    asyncio._set_running_loop(None)


@dataclass(slots=True)
class Visits:
    """Opens windows, each a person of its own, and notes what broke in any of them."""

    browser: Browser
    contexts: list[BrowserContext] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def __call__(
        self,
        size: tuple[int, int] = PHONE,
        *,
        language: str = "es-MX",
        dark: bool = False,
        javascript: bool = True,
    ) -> Page:
        """A new window with cookies of its own."""
        context = self.browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            locale=language,
            timezone_id="America/Mexico_City",
            color_scheme="dark" if dark else "light",
            java_script_enabled=javascript,
            reduced_motion="reduce",
        )
        self.contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.on("pageerror", lambda error: self.broken.append(str(error)))
        page.on("console", lambda message: self._said(message.text))
        return page

    def _said(self, text: str) -> None:
        if "Content Security Policy" in text:
            self.broken.append(text)


@pytest.fixture
def visit(chromium: Chromium) -> Iterator[Visits]:
    """Open as many windows as the story has people; no script may break in any."""
    with chromium.awake() as browser:
        visits = Visits(browser)
        yield visits
        for context in visits.contexts:
            context.close()
    assert visits.broken == []


@pytest.fixture
def page(visit: Callable[..., Page]) -> Page:
    """A phone, 360 px wide, in Spanish."""
    return visit()


@pytest.fixture
def desktop(visit: Callable[..., Page]) -> Page:
    """A desk, 1280 px wide, in Spanish."""
    return visit(DESKTOP)
