"""A file from a page: cleaned, sealed, never in clear on a disk, handed back whole or not."""

import io
import re
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask, Request
from PIL import Image
from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.test import TestResponse

from network.cases import services
from network.cases.domain import MAX_FILE
from network.cases.tables import ChunkRow
from network.door import Door
from network.encryption.sealed import Tampered
from network.kernel.ids import CaseId
from tests.cases.browsing import Browser, signed_in
from tests.cast import Cast, Somebody

Sign = Callable[[Somebody], Browser]
CANARY = b"canary-in-a-file "


@pytest.fixture
def at(app: Flask) -> Sign:
    return lambda who: signed_in(app, who)


@pytest.fixture
def no_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever makes a temporary file fails."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "there-is-no-such-folder"))


def test_a_photo_comes_back_as_a_picture_without_what_it_said_of_its_maker(
    at: Sign, cast: Cast, accompanied: CaseId
) -> None:
    path = f"/cases/{accompanied}"
    sent = at(cast.bilal).sends(
        f"{path}/write", page=path, text="look", file=(_photo(), "IMG_2030_Saltillo.jpg")
    )
    assert sent.status_code == 303

    page = at(cast.alice).reads(path)
    assert "Saltillo" not in page
    answer = at(cast.alice).looks(_file_in(page))

    assert answer.status_code == 200
    assert answer.mimetype == "image/jpeg"
    assert answer.headers["Content-Disposition"].startswith("inline")
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.content_length == len(answer.data)
    assert not Image.open(io.BytesIO(answer.data)).getexif()


def test_a_document_is_handed_out_and_never_shown(
    at: Sign, cast: Cast, accompanied: CaseId
) -> None:
    path = f"/cases/{accompanied}"
    bilal = at(cast.bilal)
    bilal.sends(
        f"{path}/write", page=path, file=(io.BytesIO(b"words, then <script>1</script>"), "a.txt")
    )

    answer = bilal.looks(_file_in(bilal.reads(path)))

    assert answer.mimetype == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment")


def test_a_player_may_ask_for_a_part(at: Sign, cast: Cast, accompanied: CaseId) -> None:
    path = f"/cases/{accompanied}"
    bilal = at(cast.bilal)
    text = CANARY * 20_000
    bilal.sends(f"{path}/write", page=path, file=(io.BytesIO(text), "a.txt"))
    where = _file_in(bilal.reads(path))
    whole = bilal.looks(where).data

    part = bilal.client.get(where, headers={"Range": "bytes=70000-140001"})
    assert part.status_code == 206
    assert part.data == whole[70000:140002]
    assert bilal.client.get(where, headers={"Range": "bytes=9999999-"}).status_code == 416


def test_a_file_of_others_is_not_there(at: Sign, cast: Cast, accompanied: CaseId) -> None:
    path = f"/cases/{accompanied}"
    bilal = at(cast.bilal)
    bilal.sends(f"{path}/write", page=path, file=(_photo(), "a.jpg"))

    assert at(cast.chiara).looks(_file_in(bilal.reads(path))).status_code == 404


def test_a_spoiled_piece_breaks_the_download(
    at: Sign, cast: Cast, accompanied: CaseId, sessions: sessionmaker[Session]
) -> None:
    path = f"/cases/{accompanied}"
    bilal = at(cast.bilal)
    bilal.sends(f"{path}/write", page=path, file=(io.BytesIO(CANARY * 20_000), "a.txt"))
    where = _file_in(bilal.reads(path))
    with sessions.begin() as session:
        session.execute(update(ChunkRow).where(ChunkRow.number == 3).values(sealed=b"spoiled"))

    with pytest.raises(Tampered):
        _ = bilal.looks(where).data


@pytest.mark.usefixtures("no_temporary_folder")
def test_a_large_file_needs_no_temporary_file(at: Sign, cast: Cast, accompanied: CaseId) -> None:
    assert _sends_large(at(cast.bilal), accompanied).status_code == 303


@pytest.mark.usefixtures("no_temporary_folder")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # werkzeug's spool
def test_it_would_need_one_without_us(
    app: Flask, at: Sign, cast: Cast, accompanied: CaseId
) -> None:
    app.request_class = Request

    assert _sends_large(at(cast.bilal), accompanied).status_code == 500


def test_what_was_typed_stays_when_a_file_cannot_be_sent(
    at: Sign, door: Door, cast: Cast, accompanied: CaseId
) -> None:
    path = f"/cases/{accompanied}"
    bilal = at(cast.bilal)

    odd = bilal.sends(
        f"{path}/write", page=path, text="kept words", file=(io.BytesIO(b"MZ\0\1"), "a.exe")
    )
    large = bilal.sends(
        f"{path}/write", page=path, text="kept words", file=(io.BytesIO(bytes(MAX_FILE + 1)), "b")
    )

    for answer in (odd, large):
        assert answer.status_code == 400
        assert "kept words</textarea>" in answer.text
        assert 'id="file-problem"' in answer.text
    seen = door.ask(services.room, cast.bilal.at_desk, case_id=accompanied)
    assert len(seen.entries) == 1


def test_strangers_cannot_fill_the_memory(app: Flask, accompanied: CaseId) -> None:
    answer = app.test_client().post(
        f"/cases/{accompanied}/write",
        input_stream=io.BytesIO(bytes(2 * 1024 * 1024)),
        content_length=2 * 1024 * 1024,
        content_type="multipart/form-data; boundary=x",
    )

    assert answer.status_code == 413


def _sends_large(browser: Browser, case_id: CaseId) -> TestResponse:
    path, large = f"/cases/{case_id}", io.BytesIO(CANARY * 200_000)
    return browser.sends(f"{path}/write", page=path, file=(large, "large.txt"))


def _photo() -> io.BytesIO:
    exif = Image.Exif()
    exif[0x010F] = "Saltillo phone"
    made = io.BytesIO()
    Image.effect_noise((900, 900), 80).convert("RGB").save(made, "JPEG", exif=exif, quality=92)
    made.seek(0)
    return made


def _file_in(page: str) -> str:
    found = re.search(r'"(/cases/[0-9a-f-]+/entries/[0-9a-f-]+/file)', page)
    assert found
    return found.group(1)
