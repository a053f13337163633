"""The Bot API's methods over a World, with the refusals of the real one."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from tests.fakes.telegram_world import (
    CAPTION_MAX,
    DOCUMENT_BYTES_MAX,
    DOWNLOAD_BYTES_MAX,
    JSON,
    TEXT_MAX,
    ApiError,
    Chat,
    World,
    bad,
    check_markup,
    check_photo,
    entities_in,
    units,
)

NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
ANSWER_TEXT_MAX = 200
_RIGHTS = (
    "can_be_edited",
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
)
# What Telegram tells of a member beside the status.
RIGHTS: dict[str, JSON] = {
    "creator": {"is_anonymous": False},
    "administrator": {"is_anonymous": False, **dict.fromkeys(_RIGHTS, True)},
    "kicked": {"until_date": 0},
}


@dataclass(frozen=True)
class Uploaded:
    """A file part of a multipart request."""

    name: str
    data: bytes
    mime: str


class Methods:
    """One public coroutine-free function per method, in snake case; each returns the result."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.answered_twice: list[str] = []

    def find(self, method: str) -> Callable[[JSON, dict[str, Uploaded]], object]:
        """The function behind a method's name."""
        name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", method).lower()
        found: Callable[[JSON, dict[str, Uploaded]], object] | None = None
        if not name.startswith("_") and name != "find":
            found = getattr(self, name, None)
        if found is None:
            raise ApiError(404, "Not Found: method not found")
        return found

    # --- about the bot -------------------------------------------------------------------------

    def get_me(self, params: JSON, files: dict[str, Uploaded]) -> object:
        return self.world.bot

    def set_my_commands(self, params: JSON, files: dict[str, Uploaded]) -> object:
        commands = params["commands"]
        if len(commands) > 100:
            raise bad("BOT_COMMANDS_TOO_MUCH")
        for item in commands:
            if not re.fullmatch(r"[a-z0-9_]{1,32}", item["command"]):
                raise bad("BOT_COMMAND_INVALID")
            if not 1 <= units(item["description"]) <= 256:
                raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
        self.world.commands[_scope(params)] = commands
        return True

    def get_my_commands(self, params: JSON, files: dict[str, Uploaded]) -> object:
        return self.world.commands.get(_scope(params), [])

    def delete_my_commands(self, params: JSON, files: dict[str, Uploaded]) -> object:
        self.world.commands.pop(_scope(params), None)
        return True

    # --- sending -------------------------------------------------------------------------------

    def send_message(self, params: JSON, files: dict[str, Uploaded]) -> object:
        chat, thread, reply = self._target(params)
        return self._post(chat, thread, reply, params, _text(params))

    def send_photo(self, params: JSON, files: dict[str, Uploaded]) -> object:
        chat, thread, reply = self._target(params)
        media = {**params, "type": "photo", "media": params.get("photo")}
        return self._post(chat, thread, reply, params, self._media(media, files, "photo"))

    def send_document(self, params: JSON, files: dict[str, Uploaded]) -> object:
        chat, thread, reply = self._target(params)
        media = {**params, "type": "document", "media": params.get("document")}
        return self._post(chat, thread, reply, params, self._media(media, files, "document"))

    def send_media_group(self, params: JSON, files: dict[str, Uploaded]) -> object:
        chat, thread, reply = self._target(params)
        items = params["media"]
        if not 2 <= len(items) <= 10:
            raise bad("there must be 2-10 media in the group")
        if len({item["type"] == "document" for item in items}) != 1:
            raise bad("Document can't be mixed with other media types")
        group = {"media_group_id": str(13_000_000 + self.world.serial())}
        contents = [self._media(item, files, "") for item in items]
        return [self._post(chat, thread, reply, {}, {**item, **group}) for item in contents]

    def send_chat_action(self, params: JSON, files: dict[str, Uploaded]) -> object:
        self._target(params)
        self.world.actions.append(params)
        return True

    def set_message_reaction(self, params: JSON, files: dict[str, Uploaded]) -> object:
        chat = self.world.chat(params["chat_id"])
        if params["message_id"] not in chat.messages:
            raise bad("message to react not found")
        self.world.reactions.append(params)
        return True

    # --- editing -------------------------------------------------------------------------------

    def edit_message_text(self, params: JSON, files: dict[str, Uploaded]) -> object:
        message = self._editable(params)
        if "text" not in message:
            raise bad("there is no text in the message to edit")
        return self._change(message, params, _text(params), ("text", "entities"))

    def edit_message_caption(self, params: JSON, files: dict[str, Uploaded]) -> object:
        message = self._editable(params)
        if "photo" not in message and "document" not in message:
            raise bad("there is no caption in the message to edit")
        return self._change(message, params, _caption(params), ("caption", "caption_entities"))

    def edit_message_media(self, params: JSON, files: dict[str, Uploaded]) -> object:
        message = self._editable(params)
        content = self._media(params["media"], files, "")
        gone = ("text", "entities", "photo", "document", "caption", "caption_entities")
        return self._change(message, params, content, gone)

    def edit_message_reply_markup(self, params: JSON, files: dict[str, Uploaded]) -> object:
        message = self._editable(params)
        return self._change(message, params, {}, ())

    def delete_message(self, params: JSON, files: dict[str, Uploaded]) -> object:
        chat = self.world.chat(params["chat_id"])
        if chat.messages.pop(params["message_id"], None) is None:
            raise bad("message to delete not found")
        self.world.deleted.append((chat.id, params["message_id"]))
        return True

    # --- asking --------------------------------------------------------------------------------

    def answer_callback_query(self, params: JSON, files: dict[str, Uploaded]) -> object:
        wanted = params["callback_query_id"]
        if wanted not in self.world.queries:
            raise bad("query is too old and response timeout expired or query ID is invalid")
        if units(params.get("text") or "") > ANSWER_TEXT_MAX:
            raise bad("MESSAGE_TOO_LONG")
        if self.world.queries[wanted] is not None:
            self.answered_twice.append(wanted)
        self.world.queries[wanted] = params
        return True

    def get_file(self, params: JSON, files: dict[str, Uploaded]) -> object:
        file = self.world.files.get(params["file_id"])
        if file is None:
            raise bad("wrong file_id or the file is temporarily unavailable")
        if len(file.data) > DOWNLOAD_BYTES_MAX:
            raise bad("file is too big")
        return {
            "file_id": file.id,
            "file_unique_id": file.unique,
            "file_size": len(file.data),
            "file_path": file.path,
        }

    def get_chat(self, params: JSON, files: dict[str, Uploaded]) -> object:
        chat = self.world.chat(params["chat_id"])
        kinds = {"unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription"}
        return {
            **chat.view(),
            "accent_color_id": 1,
            "max_reaction_count": 11,
            "accepted_gift_types": dict.fromkeys([*kinds, "gifts_from_channels"], False),
        }

    def get_chat_member(self, params: JSON, files: dict[str, Uploaded]) -> object:
        chat = self.world.chat(params["chat_id"])
        user = self.world.users.get(params["user_id"])
        if user is None:
            raise bad("user not found")
        status = chat.members.get(user.id, "left")
        return {"status": status, "user": user.view(), **RIGHTS.get(status, {})}

    def get_chat_administrators(self, params: JSON, files: dict[str, Uploaded]) -> object:
        chat = self.world.chat(params["chat_id"])
        return [
            {"status": status, "user": self.world.users[user].view(), **RIGHTS[status]}
            for user, status in chat.members.items()
            if status in {"creator", "administrator"}
        ]

    # --- the rules they share ------------------------------------------------------------------

    def _target(self, params: JSON) -> tuple[Chat, int | None, JSON | None]:
        chat = self.world.chat(params["chat_id"])
        thread = params.get("message_thread_id")
        if thread is not None:
            state = chat.topics.get(thread) if chat.forum else None
            if state is None:
                raise bad("message thread not found")
            if state == "closed":
                raise bad("TOPIC_CLOSED")
        elif chat.forum and chat.topics.get(1) == "closed":
            raise bad("TOPIC_CLOSED")
        asked = params.get("reply_parameters")
        reply = None
        if asked is not None:
            reply = chat.messages.get(asked["message_id"])
            if reply is None and not asked.get("allow_sending_without_reply"):
                raise bad("message to be replied not found")
        return chat, thread, reply

    def _post(
        self, chat: Chat, thread: int | None, reply: JSON | None, params: JSON, content: JSON
    ) -> JSON:
        content = dict(content)
        markup = check_markup(params.get("reply_markup"))
        if markup and "inline_keyboard" in markup:
            content["reply_markup"] = markup
        if reply is not None:
            content["reply_to_message"] = {
                key: value for key, value in reply.items() if key != "reply_to_message"
            }
        posted = self.world.post(chat, self.world.bot, content, thread)
        if markup and "force_reply" in markup:
            self.world.forced[chat.id, posted["message_id"]] = markup
        return posted

    def _editable(self, params: JSON) -> JSON:
        chat = self.world.chat(params["chat_id"])
        message = chat.messages.get(params["message_id"])
        if message is None:
            raise bad("message to edit not found")
        if message["from"]["id"] != self.world.bot["id"]:
            raise bad("message can't be edited")
        return message

    def _change(self, message: JSON, params: JSON, content: JSON, gone: tuple[str, ...]) -> JSON:
        markup = check_markup(params.get("reply_markup"))
        after = {key: value for key, value in message.items() if key not in gone}
        after.update(content)
        after.pop("reply_markup", None)
        if markup and markup.get("inline_keyboard"):
            after["reply_markup"] = markup
        before = {key: value for key, value in message.items() if key != "edit_date"}
        if {key: value for key, value in after.items() if key != "edit_date"} == before:
            raise bad(NOT_MODIFIED)
        message.clear()
        message.update(after, edit_date=after["date"] + self.world.serial())
        return message

    def _media(self, media: JSON, files: dict[str, Uploaded], field: str) -> JSON:
        source, kind = media.get("media"), media["type"]
        if kind not in {"photo", "document"}:
            raise bad(f"the fake takes photos and documents, not {kind}")
        upload = files.get(field)
        if isinstance(source, str) and source.startswith("attach://"):
            upload = files.get(source.removeprefix("attach://"))
            if upload is None:
                raise bad("attached file not found")
        known = self.world.files.get(source) if isinstance(source, str) else None
        if upload is None and known is not None:
            upload = Uploaded(name=known.path, data=known.data, mime="application/octet-stream")
        if upload is None:
            raise bad(f"there is no {kind} in the request")
        if not upload.data:
            raise bad("file must be non-empty")
        content = _caption(media)
        if kind == "photo":
            check_photo(upload.data)
            content["photo"] = self.world.photo(upload.data)
        else:
            if len(upload.data) > DOCUMENT_BYTES_MAX:
                raise ApiError(413, "Request Entity Too Large")
            content["document"] = self.world.document(upload.name, upload.data, upload.mime)
        return content


def _scope(params: JSON) -> str:
    scope = params.get("scope") or {"type": "default"}
    return "|".join([scope["type"], str(scope.get("chat_id", "")), params.get("language_code", "")])


def _formatted(text: str, params: JSON, key: str) -> list[JSON]:
    if params.get("parse_mode"):
        raise bad("the fake parses no formatting; send entities")
    given = params.get(key) or []
    for item in given:
        if item["offset"] < 0 or item["offset"] + item["length"] > units(text):
            raise bad("entity beyond the end of the text")
    return entities_in(text, given)


def _text(params: JSON) -> JSON:
    text = str(params.get("text", "")).strip()
    if not text:
        raise bad("message text is empty")
    if units(text) > TEXT_MAX:
        raise bad("message is too long")
    entities = _formatted(text, params, "entities")
    return {"text": text, "entities": entities} if entities else {"text": text}


def _caption(params: JSON) -> JSON:
    caption = str(params.get("caption") or "").strip()
    if not caption:
        return {}
    if units(caption) > CAPTION_MAX:
        raise bad("message caption is too long")
    entities = _formatted(caption, params, "caption_entities")
    return {"caption": caption, "caption_entities": entities} if entities else {"caption": caption}
