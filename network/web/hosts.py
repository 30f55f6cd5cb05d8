"""Which names we answer to where people are: any other is a mistake or a trap."""

from urllib.parse import urlsplit

from flask import Flask, abort, request

from config.settings import Settings

HERE = frozenset({"localhost", "127.0.0.1", "::1"})  # a machine asking itself whether it is well


def answer_to_our_name(app: Flask, settings: Settings) -> None:
    """400 to every other name. A demo has no name of its own and answers to all."""
    if not settings.production:
        return
    names = HERE | {urlsplit(settings.address).hostname, settings.bind_host}

    @app.before_request
    def check_name() -> None:
        if _name_of(request.host) not in names:
            abort(400)


def _name_of(host: str) -> str | None:
    """The host without its port, or None where it is not one."""
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None
