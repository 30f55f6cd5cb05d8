"""What a bot says about itself: its commands, its name and its two descriptions."""

import json
import re
from collections.abc import Callable
from typing import Any

from bot.sandbox.parameters import Parameters
from bot.sandbox.refusals import bad_request
from bot.sandbox.world import Bot, World

Json = dict[str, Any]
Method = Callable[[World, Bot, Parameters], Any]

COMMANDS = 100
COMMAND = re.compile(r"[a-z0-9_]{1,32}")
DESCRIPTION = 256
LIMITS = {"name": 64, "description": 512, "short_description": 120}
SCOPES = frozenset(
    {
        "default",
        "all_private_chats",
        "all_group_chats",
        "all_chat_administrators",
        "chat",
        "chat_administrators",
        "chat_member",
    }
)


def _place(parameters: Parameters) -> str:
    scope = parameters.structure("scope", "can't parse BotCommandScope JSON object")
    scope = scope if isinstance(scope, dict) else {"type": "default"}
    if scope.get("type") not in SCOPES:
        raise bad_request("can't parse BotCommandScope: unsupported type specified")
    return json.dumps([scope, parameters.text("language_code")], sort_keys=True)


def set_my_commands(world: World, bot: Bot, parameters: Parameters) -> bool:
    commands = parameters.structure("commands", "can't parse commands JSON array")
    if not isinstance(commands, list):
        raise bad_request("expected an Array of BotCommand")
    if len(commands) > COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    bot.commands[_place(parameters)] = [_command(command) for command in commands]
    return True


def _command(command: object) -> Json:
    if not isinstance(command, dict):
        raise bad_request("expected an Object as BotCommand")
    name = str(command.get("command", "")).removeprefix("/")
    description = str(command.get("description", ""))
    if not COMMAND.fullmatch(name):
        raise bad_request("BOT_COMMAND_INVALID")
    if not 1 <= len(description) <= DESCRIPTION:
        raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    return {"command": name, "description": description}


def get_my_commands(world: World, bot: Bot, parameters: Parameters) -> list[Json]:
    return bot.commands.get(_place(parameters), [])


def delete_my_commands(world: World, bot: Bot, parameters: Parameters) -> bool:
    bot.commands.pop(_place(parameters), None)
    return True


def shown_commands(bot: Bot, language: str) -> list[Json]:
    """The menu a person with this language sees in a private chat."""
    for scope in ({"type": "all_private_chats"}, {"type": "default"}):
        for code in (language, ""):
            commands = bot.commands.get(json.dumps([scope, code], sort_keys=True))
            if commands:
                return commands
    return []


def shown_text(bot: Bot, what: str, language: str) -> str:
    """The name or description a person with this language sees."""
    return bot.texts.get((what, language)) or bot.texts.get((what, "")) or ""


def _setter(what: str) -> Method:
    def change(world: World, bot: Bot, parameters: Parameters) -> bool:
        text = parameters.text(what)
        if len(text) > LIMITS[what]:
            raise bad_request(f"bot {what.replace('_', ' ')} is too long")
        bot.texts[what, parameters.text("language_code")] = text
        return True

    return change


def _getter(what: str) -> Method:
    def tell(world: World, bot: Bot, parameters: Parameters) -> Json:
        return {what: shown_text(bot, what, parameters.text("language_code"))}

    return tell


def set_chat_menu_button(world: World, bot: Bot, parameters: Parameters) -> bool:
    return True


def get_chat_menu_button(world: World, bot: Bot, parameters: Parameters) -> Json:
    return {"type": "commands" if bot.commands else "default"}


PROFILE_METHODS: dict[str, Method] = {
    "setmycommands": set_my_commands,
    "getmycommands": get_my_commands,
    "deletemycommands": delete_my_commands,
    "setmyname": _setter("name"),
    "getmyname": _getter("name"),
    "setmydescription": _setter("description"),
    "getmydescription": _getter("description"),
    "setmyshortdescription": _setter("short_description"),
    "getmyshortdescription": _getter("short_description"),
    "setchatmenubutton": set_chat_menu_button,
    "getchatmenubutton": get_chat_menu_button,
}
