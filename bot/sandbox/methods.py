"""The methods of the Bot API: parameters in, Telegram's result out, or its refusal."""

import json
import mimetypes
from collections.abc import Callable
from typing import Any

from bot.sandbox.markup import reply_markup
from bot.sandbox.parameters import Parameters, Upload
from bot.sandbox.profile import PROFILE_METHODS
from bot.sandbox.refusals import bad_request
from bot.sandbox.text import message_caption, message_text
from bot.sandbox.world import Bot, Chat, World

Json = dict[str, Any]
Method = Callable[[World, Bot, Parameters], Any]

ANSWER_LIMIT = 200
DELETIONS = 100
PHOTO_LIMIT = 10 * 1024 * 1024
ACTIONS = frozenset(
    {
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "record_audio",
        "upload_audio",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    }
)


_ENCODE = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode


def _chat(bot: Bot, parameters: Parameters) -> Chat:
    value = parameters.values.get("chat_id")
    if type(value) is int:
        return bot.chat(value)
    if value is None or value == "":
        raise bad_request("chat_id is empty")
    try:
        return bot.chat(int(str(value)))
    except ValueError:
        raise bad_request("chat not found") from None


def _message(bot: Bot, parameters: Parameters, purpose: str) -> tuple[Chat, Json]:
    chat = _chat(bot, parameters)
    chat.check_writable()
    message = chat.messages.get(parameters.integer("message_id"))
    if message is None:
        raise bad_request(f"message to {purpose} not found")
    return chat, message


def _reply_to(chat: Chat, parameters: Parameters) -> Json:
    given = parameters.structure("reply_parameters", "can't parse reply parameters JSON object")
    reply = given if isinstance(given, dict) else {}
    wanted = Parameters(reply).integer("message_id") or parameters.integer("reply_to_message_id")
    if not wanted:
        return {}
    message = chat.messages.get(wanted)
    if message is not None:
        return {"reply_to_message": {k: v for k, v in message.items() if k != "reply_to_message"}}
    lenient = reply.get("allow_sending_without_reply")
    if lenient or parameters.flag("allow_sending_without_reply"):
        return {}
    raise bad_request("message to be replied not found")


def _send(world: World, bot: Bot, parameters: Parameters, content: Json) -> Json:
    chat = _chat(bot, parameters)
    markup = reply_markup(parameters)
    chat.check_open()
    if "reply_parameters" in parameters.values or "reply_to_message_id" in parameters.values:
        content = content | _reply_to(chat, parameters)
    if "protect_content" in parameters.values and parameters.flag("protect_content"):
        content = content | {"has_protected_content": True}
    message = world.send(bot, chat, content, markup)
    if "disable_notification" in parameters.values and parameters.flag("disable_notification"):
        chat.silent.add(message["message_id"])
    return message


def send_message(world: World, bot: Bot, parameters: Parameters) -> Json:
    text, entities = message_text(parameters)
    content = {"text": text, "entities": entities} if entities else {"text": text}
    return _send(world, bot, parameters, content)


def _captioned(parameters: Parameters) -> Json:
    text, entities = message_caption(parameters)
    content: Json = {"caption": text} if text else {}
    return content | ({"caption_entities": entities} if entities else {})


def _uploaded(parameters: Parameters, name: str) -> Upload | str:
    value = parameters.values.get(name)
    if isinstance(value, str) and value.startswith("attach://"):
        name, value = value.removeprefix("attach://"), None
    upload = parameters.uploads.get(name)
    if upload is not None:
        if not upload.content:
            raise bad_request("file must be non-empty")
        return upload
    if not isinstance(value, str) or not value:
        raise bad_request(f"there is no {name} in the request")
    if value.startswith(("http://", "https://")):
        raise bad_request("failed to get HTTP URL content")
    return value


def _known(bot: Bot, file_id: str, folder: str) -> Any:  # noqa: ANN401 - a card or a list of sizes
    stored = bot.files.known(file_id)
    if stored is None or not stored.path.startswith(folder):
        raise bad_request(
            "wrong file identifier/HTTP URL specified"
            if stored is None
            else "type of file mismatch"
        )
    return stored.card


def send_photo(world: World, bot: Bot, parameters: Parameters) -> Json:
    photo = _uploaded(parameters, "photo")
    _chat(bot, parameters).check_open()
    if isinstance(photo, str):
        sizes = [_known(bot, photo, "photos")]
    elif len(photo.content) > PHOTO_LIMIT:
        raise bad_request("file is too big for a photo")
    else:
        sizes = bot.files.keep_photo(photo.content)
    return _send(world, bot, parameters, {"photo": sizes} | _captioned(parameters))


def send_voice(world: World, bot: Bot, parameters: Parameters) -> Json:
    voice = _uploaded(parameters, "voice")
    _chat(bot, parameters).check_open()
    if isinstance(voice, str):
        content = {"voice": _known(bot, voice, "voice")}
    elif voice.content.startswith(b"OggS"):
        seconds = parameters.integer("duration")
        content = {"voice": bot.files.keep_voice(voice.content, seconds)}
    else:
        content = {"document": _document(bot, voice)}
    return _send(world, bot, parameters, content | _captioned(parameters))


def _document(bot: Bot, upload: Upload) -> Any:  # noqa: ANN401 - a card
    mime = mimetypes.guess_type(upload.name)[0] or upload.mime or "application/octet-stream"
    return bot.files.keep_document(upload.content, upload.name, mime)


def send_document(world: World, bot: Bot, parameters: Parameters) -> Json:
    document = _uploaded(parameters, "document")
    _chat(bot, parameters).check_open()
    card = (
        _known(bot, document, "documents")
        if isinstance(document, str)
        else _document(bot, document)
    )
    return _send(world, bot, parameters, {"document": card} | _captioned(parameters))


def send_location(world: World, bot: Bot, parameters: Parameters) -> Json:
    latitude, longitude = parameters.number("latitude"), parameters.number("longitude")
    if latitude is None or longitude is None:
        raise bad_request("latitude is empty" if latitude is None else "longitude is empty")
    place: Json = {"latitude": latitude, "longitude": longitude}
    accuracy = parameters.number("horizontal_accuracy")
    if accuracy:
        place["horizontal_accuracy"] = accuracy
    return _send(world, bot, parameters, {"location": place})


def send_chat_action(world: World, bot: Bot, parameters: Parameters) -> bool:
    chat = _chat(bot, parameters)
    action = parameters.text("action").lower()
    if action not in ACTIONS:
        raise bad_request("wrong parameter action in request")
    chat.check_open()
    world.act(chat, action)
    return True


def _editable(bot: Bot, parameters: Parameters) -> tuple[Chat, Json]:
    chat, message = _message(bot, parameters, "edit")
    if not message["from"]["is_bot"] or message["message_id"] in chat.uneditable:
        raise bad_request("message can't be edited")
    return chat, message


def _edit(world: World, chat: Chat, before: Json, after: Json, markup: Json | None) -> Json:
    after = {k: v for k, v in after.items() if k not in {"reply_markup", "edit_date"}}
    if markup is not None:
        if "inline_keyboard" not in markup:
            raise bad_request("message can't be edited")
        after["reply_markup"] = markup
    if after == {k: v for k, v in before.items() if k != "edit_date"}:
        raise bad_request(
            "message is not modified: specified new message content and reply markup are "
            "exactly the same as a current content and reply markup of the message"
        )
    return world.replace(chat, after)


def edit_message_text(world: World, bot: Bot, parameters: Parameters) -> Json:
    text, entities = message_text(parameters)
    chat, before = _editable(bot, parameters)
    if "text" not in before:
        raise bad_request("there is no text in the message to edit")
    after = {k: v for k, v in before.items() if k != "entities"} | {"text": text}
    if entities:
        after["entities"] = entities
    return _edit(world, chat, before, after, reply_markup(parameters))


def edit_message_caption(world: World, bot: Bot, parameters: Parameters) -> Json:
    caption = _captioned(parameters)
    chat, before = _editable(bot, parameters)
    if not {"photo", "voice", "document"} & before.keys():
        raise bad_request("there is no caption in the message to edit")
    after = {k: v for k, v in before.items() if k not in {"caption", "caption_entities"}}
    return _edit(world, chat, before, after | caption, reply_markup(parameters))


def edit_message_reply_markup(world: World, bot: Bot, parameters: Parameters) -> Json:
    chat, before = _editable(bot, parameters)
    return _edit(world, chat, before, before, reply_markup(parameters))


def delete_message(world: World, bot: Bot, parameters: Parameters) -> bool:
    chat, message = _message(bot, parameters, "delete")
    world.delete(chat, message)
    return True


def delete_messages(world: World, bot: Bot, parameters: Parameters) -> bool:
    chat = _chat(bot, parameters)
    chat.check_writable()
    ids = parameters.structure("message_ids", "can't parse message identifiers JSON array")
    if not isinstance(ids, list):
        raise bad_request("message identifiers are not specified")
    if len(ids) > DELETIONS:
        raise bad_request("too many message identifiers specified")
    if not all(type(message_id) is int for message_id in ids):
        raise bad_request("message identifier is not specified")
    for message_id in ids:
        message = chat.messages.get(message_id)
        if message is not None:
            world.delete(chat, message)
    return True


def answer_callback_query(world: World, bot: Bot, parameters: Parameters) -> bool:
    text = parameters.text("text")
    if len(text) > ANSWER_LIMIT:
        raise bad_request("MESSAGE_TOO_LONG")
    answer = {"text": text, "alert": parameters.flag("show_alert")}
    world.answer(bot, parameters.text("callback_query_id"), answer)
    return True


def get_file(world: World, bot: Bot, parameters: Parameters) -> Json:
    return bot.files.link(parameters.text("file_id"), world.now())


def get_chat(world: World, bot: Bot, parameters: Parameters) -> Json:
    chat = _chat(bot, parameters)
    return chat.card | {
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": {
            "unlimited_gifts": True,
            "limited_gifts": True,
            "unique_gifts": True,
            "premium_subscription": True,
            "gifts_from_channels": True,
        },
    }


def get_user_profile_photos(world: World, bot: Bot, parameters: Parameters) -> Json:
    if parameters.integer("user_id") not in world.profiles:
        raise bad_request("user not found")
    return {"total_count": 0, "photos": []}


def leave_chat(world: World, bot: Bot, parameters: Parameters) -> bool:
    chat = _chat(bot, parameters)
    if chat.profile is not None:
        raise bad_request("chat member status can't be changed in private chats")
    chat.check_writable()
    chat.bot_left = True
    return True


def get_me(world: World, bot: Bot, parameters: Parameters) -> Json:
    return bot.user | {
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


METHODS: dict[str, Method] = {
    "getme": get_me,
    "sendmessage": send_message,
    "sendphoto": send_photo,
    "sendvoice": send_voice,
    "senddocument": send_document,
    "sendlocation": send_location,
    "sendchataction": send_chat_action,
    "editmessagetext": edit_message_text,
    "editmessagecaption": edit_message_caption,
    "editmessagereplymarkup": edit_message_reply_markup,
    "deletemessage": delete_message,
    "deletemessages": delete_messages,
    "answercallbackquery": answer_callback_query,
    "getfile": get_file,
    "getchat": get_chat,
    "getuserprofilephotos": get_user_profile_photos,
    "leavechat": leave_chat,
} | PROFILE_METHODS


def body_of(result: object) -> bytes:
    """A good answer, as bytes."""
    return b'{"ok":true,"result":' + _ENCODE(result).encode() + b"}"
