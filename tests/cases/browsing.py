"""Browsers of a story: signed in as one of the cast, sending forms as a page would."""

import re
from dataclasses import dataclass
from html import unescape
from typing import BinaryIO

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import TestResponse, stream_encode_multipart

from tests.cast import Somebody

Field = str | list[str] | tuple[BinaryIO, str]
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass(slots=True)
class Browser:
    """Somebody at the pages, with a cookie of their own."""

    client: FlaskClient
    path: str = ""
    token: str = ""  # a good one, as long as it is

    def reads(self, path: str) -> str:
        """A page that is there for them, as text."""
        response = self.client.get(path)
        assert response.status_code == 200, response.status_code
        return unescape(response.text)

    def looks(self, path: str) -> TestResponse:
        """Whatever the address answers."""
        return self.client.get(path)

    def asks(self, method: str, path: str) -> TestResponse:
        """An address tried with this method, a write with a token that is good."""
        if method == "GET":
            return self.client.get(path)
        if self.token:
            response = self.client.open(path, method=method, data={"csrf_token": self.token})
            if response.status_code != 400:
                return response
            response.close()  # it may be the token's fault: once more with a new one
        found = TOKEN.search(self.client.get("/enter").text)  # the lightest page with a form
        assert found
        self.token = found.group(1)
        return self.client.open(path, method=method, data={"csrf_token": self.token})

    def sends(self, path: str, *, page: str = "/cases/", **fields: Field) -> TestResponse:
        """A form with the token of the page it stands on."""
        found = TOKEN.search(self.client.get(page).text)
        assert found
        fields["csrf_token"] = found.group(1)
        # Encoded here: the test client itself would spool a large form to a temporary file.
        stream, length, boundary = stream_encode_multipart(_parts(fields), use_tempfile=False)
        return self.client.post(
            path,
            input_stream=stream,
            content_length=length,
            content_type=f"multipart/form-data; boundary={boundary}",
        )


def signed_in(app: Flask, who: Somebody) -> Browser:
    """A browser that holds their half of a session."""
    card = who.at_desk
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = card.session_id.hex
        session["half"] = card.secret.reveal().hex()
        session["_fresh"] = True
    return Browser(client)


def _parts(fields: dict[str, Field]) -> MultiDict[str, str | list[str] | FileStorage]:
    """Form fields as the encoder takes them; a file is a pair of its stream and its name."""
    return MultiDict(
        {
            name: FileStorage(*value) if isinstance(value, tuple) else value
            for name, value in fields.items()
        }
    )
