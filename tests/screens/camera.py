"""Takes each picture four times: a phone and a desk, by day and by night."""

import io
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Page

from tests.ground.chromium import DESKTOP, PHONE

SIZES = {"360": PHONE, "1280": DESKTOP}
Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
COLOURS = 32
TALLEST = 2400


@dataclass(slots=True)
class Camera:
    """Keeps pictures in a folder, and what they show in the order they were taken."""

    folder: Path
    album: list[tuple[str, str]] = field(default_factory=list)
    too_wide: list[str] = field(default_factory=list)

    def chapter(self, title: str) -> None:
        """What follows is about this."""
        self.album.append(("", title))

    def takes(self, page: Page, name: str, caption: str, *, whole: bool = True) -> None:
        """One picture at both sizes and in both colour schemes."""
        name = f"{len(self.album):02d}-{name}"
        self.album.append((name, caption))
        for size, (width, height) in SIZES.items():
            page.set_viewport_size({"width": width, "height": height})
            if whole:  # as one tall window, so that what stays at the bottom is at the bottom
                tall = page.evaluate("document.documentElement.scrollHeight")
                page.set_viewport_size({"width": width, "height": min(tall, TALLEST)})
            for scheme in SCHEMES:
                page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                self._keep(page.screenshot(), f"{name}-{size}-{scheme}")
            if page.evaluate("document.documentElement.scrollWidth") > width:
                self.too_wide.append(f"{name} at {width}")

    def _keep(self, taken: bytes, name: str) -> None:
        with Image.open(io.BytesIO(taken)) as picture:
            few = picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
            few.save(self.folder / f"{name}.png", optimize=True)

    def hangs(self, wall: Path) -> None:
        """Every picture in the place of the last walk's, with a page that shows them in order."""
        for old in wall.glob("*.png"):
            old.unlink()
        for new in self.folder.glob("*.png"):
            shutil.copy(new, wall)
        lines = [
            "# What people see",
            "",
            "Made by `make screens` while the demo's people play the whole job. Each picture is at",
            "360 px by day and by night, and at 1280 px.",
            "",
        ]
        for name, words in self.album:
            if not name:
                lines += [f"## {words}", ""]
                continue
            lines += [f"### {words}", ""]
            for size, wide in (("360", 240), ("1280", 640)):
                for scheme in SCHEMES:
                    lines += [f'<img src="{name}-{size}-{scheme}.png" width="{wide}" alt="">']
                lines += [""]
        (wall / "README.md").write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")
