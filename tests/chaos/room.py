"""Somebody who answers a family on the page, while the page's server is killed under them."""

import re
import threading
import time
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Any
from urllib.parse import urlencode

from flask import Flask

from network.kernel.ids import CaseId
from tests.cast import Somebody

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
ANSWER_WITHIN = 60.0
RETRY = 0.1  # seconds until somebody presses «reload»
OK, SEE_OTHER, TROUBLED = 200, 303, {500, 503}


@dataclass(slots=True)
class Answering:
    """Writes numbered answers one after the other until told to stop.

    When the server goes away in the middle, nobody can know whether the answer was kept: as a
    person would, it looks at the room, and writes again only what does not stand there.
    """

    app: Flask  # for the cookie alone
    port: int
    who: Somebody
    rooms: list[tuple[int, CaseId]]  # the family's chat, and their case
    pause: float
    kept: dict[int, list[str]] = field(default_factory=dict)
    cut: int = 0
    repeated: int = 0
    failure: Exception | None = None
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None
    _cookie: str = ""

    def start(self) -> None:
        """Begin."""
        self.kept = {chat: [] for chat, _ in self.rooms}
        self._thread = threading.Thread(target=self._run, name="answering", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """The answer under way is still brought in."""
        assert self._thread is not None
        self._stop.set()
        self._thread.join(60)
        assert not self._thread.is_alive(), "an answer could not be brought in"
        if self.failure is not None:
            raise self.failure

    def _run(self) -> None:
        try:
            self._answer()
        except Exception as error:  # noqa: BLE001  # told to whoever stops it
            self.failure = error

    def _answer(self) -> None:
        number = 0
        while not self._stop.wait(self.pause):
            chat, case = self.rooms[number % len(self.rooms)]
            text = f"respuesta {number}"
            number += 1
            self._bring_in(case, text)
            self.kept[chat].append(text)

    def _bring_in(self, case: CaseId, text: str) -> None:
        tried = False
        while True:
            try:
                page = self._open("GET", f"/cases/{case}")
                if tried and f"{text}<" in page:
                    return
                self.repeated += tried
                tried = True
                token = TOKEN.search(page)
                assert token is not None
                fields = {"csrf_token": token.group(1), "text": text}
                self._open("POST", f"/cases/{case}/write", fields)
            except (OSError, HTTPException):
                self.cut += 1
                time.sleep(RETRY)
            else:
                return

    def _open(self, method: str, path: str, fields: dict[str, str] | None = None) -> str:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=ANSWER_WITHIN)
        headers = {"Cookie": self._cookie or self._signed_in()}
        body = None
        if fields is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            body = urlencode(fields)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            page = answer.read().decode()
        finally:
            connection.close()
        if answer.status in TROUBLED:
            raise HTTPException
        assert answer.status in {OK, SEE_OTHER}, answer.status
        self._remember(answer)
        return page

    def _signed_in(self) -> str:
        """The cookie a finished sign-in leaves."""
        card = self.who.at_desk
        session: dict[str, Any] = {
            "_user_id": card.session_id.hex,
            "half": card.secret.reveal().hex(),
            "_fresh": True,
        }
        signer = self.app.session_interface.get_signing_serializer(self.app)  # type: ignore[attr-defined]
        return f"{self.app.config['SESSION_COOKIE_NAME']}={signer.dumps(session)}"

    def _remember(self, answer: HTTPResponse) -> None:
        given = answer.headers.get("Set-Cookie")
        if given:
            self._cookie = given.partition(";")[0]
