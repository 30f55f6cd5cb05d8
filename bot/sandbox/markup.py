"""Keyboards under messages and in place of the keyboard, checked as Telegram checks them."""

import re
from typing import Any

from bot.sandbox.parameters import Parameters
from bot.sandbox.refusals import bad_request

Json = dict[str, Any]

CALLBACK_BYTES = 64
BUTTONS_IN_ALL = 100
LOOPBACK = ("http://localhost", "http://127.0.0.1", "http://[::1]")
ADDRESS = re.compile(r"(?:https?://)?[^\s/.]+(?:\.[^\s/.]+)+(?:[/?#:]\S*)?$", re.IGNORECASE)
ACTIONS = (
    "url",
    "callback_data",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "callback_game",
    "pay",
)


def reply_markup(parameters: Parameters) -> Json | None:
    """The checked markup of a message, or None when there is none."""
    if "reply_markup" not in parameters.values:
        return None
    markup = parameters.structure("reply_markup", "can't parse reply keyboard markup JSON object")
    if markup is None:
        return None
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    if "inline_keyboard" in markup:
        return _inline(markup["inline_keyboard"])
    if "keyboard" in markup:
        return markup | {"keyboard": _replies(markup["keyboard"])}
    return markup or None


def _rows(rows: object, what: str) -> list[list[Any]]:
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request(f'field "{what}" of the {_name(what)} must be an Array of Arrays')
    if sum(len(row) for row in rows) > BUTTONS_IN_ALL:
        raise bad_request("reply markup is too long")
    return [row for row in rows if row]


def _name(what: str) -> str:
    return "InlineKeyboardMarkup" if what == "inline_keyboard" else "ReplyKeyboardMarkup"


def _inline(rows: object) -> Json | None:
    checked = [[_inline_button(button) for button in row] for row in _rows(rows, "inline_keyboard")]
    return {"inline_keyboard": checked} if checked else None


def _inline_button(button: object) -> Json:
    if not isinstance(button, dict):
        raise bad_request(
            "can't parse inline keyboard button: InlineKeyboardButton must be an Object"
        )
    if not isinstance(button.get("text"), str):
        raise bad_request(
            'can\'t parse inline keyboard button: Field "text" must be of type String'
        )
    if not button["text"].strip():
        raise bad_request("inline keyboard button text is empty")
    if not any(action in button for action in ACTIONS):
        raise bad_request(
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"
        )
    _check_data(button)
    _check_address(button)
    return button


def _check_data(button: Json) -> None:
    data = button.get("callback_data")
    if data is None:
        return
    if not isinstance(data, str) or not data or len(data.encode()) > CALLBACK_BYTES:
        raise bad_request("BUTTON_DATA_INVALID")


def _check_address(button: Json) -> None:
    """Telegram refuses http://localhost; here it is the product's own web, so it passes."""
    address = button.get("url")
    if address is None:
        return
    address = str(address)
    if address.startswith(("tg://", *LOOPBACK)) or ADDRESS.match(address):
        return
    raise bad_request(f"inline keyboard button URL '{address}' is invalid: Wrong HTTP URL")


def _replies(rows: object) -> list[list[Json]]:
    return [[_reply_button(button) for button in row] for row in _rows(rows, "keyboard")]


def _reply_button(button: object) -> Json:
    if isinstance(button, str):
        button = {"text": button}
    if not isinstance(button, dict) or not isinstance(button.get("text"), str):
        raise bad_request('can\'t parse keyboard button: Field "text" must be of type String')
    if not button["text"].strip():
        raise bad_request("keyboard button text is empty")
    return button


def buttons_of(message: Json) -> list[Json]:
    """The inline buttons under a message, left to right, top to bottom."""
    markup = message.get("reply_markup") or {}
    return [button for row in markup.get("inline_keyboard", ()) for button in row]
