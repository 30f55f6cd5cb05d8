"""Marking words for translation where they stand, to be said later in the reader's language."""


def N_(msgid: str) -> str:  # noqa: N802  # the name gettext's own tools look for
    """The English message as it is; the postman or the page translates it for whoever reads."""
    return msgid
