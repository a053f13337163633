"""The people of a local Telegram: they write, press, edit and look at what the bot answered."""

from __future__ import annotations

import asyncio
import mimetypes
from collections.abc import Callable, Sequence
from typing import TypeVar

from tests.fakes.telegram_world import JSON, Chat, User, World, entities_in, units

T = TypeVar("T")

WAIT_S = 10.0
ANONYMOUS_ADMIN: JSON = {
    "id": 1_087_968_824,
    "is_bot": True,
    "first_name": "Group",
    "username": "GroupAnonymousBot",
}


class People:
    """Drives the world as users would; every action is an update for the bot."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._news = asyncio.Condition()
        self._next_user = 5_000_001

    async def changed(self) -> None:
        """Tell everybody who waits that something happened."""
        async with self._news:
            self._news.notify_all()

    async def until(self, ready: Callable[[], bool], *, timeout_s: float | None = WAIT_S) -> None:
        """Wait until this holds; TimeoutError after so many seconds."""
        async with asyncio.timeout(timeout_s), self._news:
            await self._news.wait_for(ready)

    # --- places and people ---------------------------------------------------------------------

    def user(self, name: str = "Ann", *, username: str | None = None, language: str = "en") -> User:
        """A new person."""
        person = User(self._next_user, name, username, language)
        self._next_user += 1
        self.world.users[person.id] = person
        return person

    def private(self, user: User, *, started: bool = True) -> Chat:
        """The private chat of a person with the bot; made once."""
        chat = self.world.chats.get(user.id)
        if chat is None:
            chat = Chat(user.id, "private", user.first_name, user.username, started=started)
            chat.members[user.id] = "member"
            self.world.chats[chat.id] = chat
        return chat

    def group(self, title: str = "Painters", *, forum: bool = False, basic: bool = False) -> Chat:
        """A new group; `forum` has topics, `basic` is one that was not made a supergroup yet."""
        number = self.world.serial()
        kind = "group" if basic else "supergroup"
        chat = Chat(-(4_000_000 + number) if basic else -(1_002_000_000_000 + number), kind, title)
        chat.forum = forum
        chat.next_id = 2 if forum else 1  # 1 is the General topic
        self.world.chats[chat.id] = chat
        return chat

    def topic(self, chat: Chat) -> int:
        """A new topic in a forum."""
        thread = self.world.post(chat, self.world.bot, {})["message_id"]
        chat.topics[thread] = "open"
        return int(thread)

    async def migrate(self, chat: Chat) -> Chat:
        """A basic group becomes a supergroup with a new id; messages stay behind."""
        bigger = self.group(chat.title)
        bigger.members = dict(chat.members)
        chat.migrated_to = bigger.id
        sender = {"id": 777_000, "is_bot": False, "first_name": "Telegram"}
        told = self.world.post(chat, sender, {"migrate_to_chat_id": bigger.id})
        self.world.push("message", told)
        told = self.world.post(bigger, sender, {"migrate_from_chat_id": chat.id})
        self.world.push("message", told)
        await self.changed()
        return bigger

    # --- what they do --------------------------------------------------------------------------

    async def message(
        self,
        text: str | None = None,
        *,
        user: User,
        chat: Chat | None = None,
        photo: bytes | None = None,
        document: tuple[str, bytes] | None = None,
        caption: str | None = None,
        reply_to: JSON | None = None,
        thread: int | None = None,
        media_group: Sequence[bytes] = (),
        anonymous: bool = False,
        mention: User | None = None,
        sender_chat: Chat | None = None,
    ) -> JSON:
        """Write a message, or an album with its caption on the first part; returns the first."""
        chat = chat or self.private(user)
        chat.started = True
        chat.members.setdefault(user.id, "member")
        common: JSON = {}
        if reply_to is not None:
            shown = {key: value for key, value in reply_to.items() if key != "reply_to_message"}
            common["reply_to_message"] = shown
        if anonymous:
            common["sender_chat"] = chat.view()
        if sender_chat is not None:
            common["sender_chat"] = sender_chat.view()
        sender = ANONYMOUS_ADMIN if anonymous else user.view()
        contents = self._contents(text, photo, document, caption, media_group)
        if mention is not None:
            contents = [_mentioning(item, mention) for item in contents]
        posted = [self.world.post(chat, sender, {**common, **item}, thread) for item in contents]
        for item in posted:
            pushed = self.world.push("message", dict(item))
            self.world.update_of[item["chat"]["id"], item["message_id"]] = pushed
        await self.changed()
        return posted[0]

    def _contents(
        self,
        text: str | None,
        photo: bytes | None,
        document: tuple[str, bytes] | None,
        caption: str | None,
        album: Sequence[bytes],
    ) -> list[JSON]:
        captioned = _spoken(caption, "caption", "caption_entities")
        if album:
            group = str(14_000_000 + self.world.serial())
            shown = [{"media_group_id": group, "photo": self.world.photo(data)} for data in album]
            shown[0].update(captioned)
            return shown
        if photo is not None:
            return [{"photo": self.world.photo(photo), **captioned}]
        if document is not None:
            name, data = document
            mime = mimetypes.guess_type(name)[0] or "application/octet-stream"
            return [{"document": self.world.document(name, data, mime), **captioned}]
        return [_spoken(text, "text", "entities")]

    async def edit(self, message: JSON, text: str) -> None:
        """Change a text that was sent before."""
        message.update(_spoken(text, "text", "entities"), edit_date=message["date"] + 1)
        self.world.push("edited_message", dict(message))
        await self.changed()

    async def press(self, message: JSON, data: str, user: User, *, forged: bool = False) -> str:
        """Press a button under the bot's message; returns the query's id, see `answer_to`."""
        if not forged and data not in callbacks(message):
            raise AssertionError(f"no button {data!r} among {callbacks(message)}")
        query_id = str(88_000_000_000_000_000 + self.world.serial())
        self.world.queries[query_id] = None
        self.world.push(
            "callback_query",
            {
                "id": query_id,
                "from": user.view(),
                "chat_instance": str(message["chat"]["id"]),
                "message": dict(message),
                "data": data,
            },
        )
        await self.changed()
        return query_id

    async def leave(self, chat: Chat, user: User, *, blocked: bool = False) -> None:
        """Take the bot out of a chat, or block it in private."""
        kind = "blocked by the user" if blocked else f"kicked from the {chat.kind} chat"
        chat.gone = f"Forbidden: bot was {kind}"
        before, after = {"status": "member"}, {"status": "kicked", "until_date": 0}
        self.world.push(
            "my_chat_member",
            {
                "chat": chat.view(),
                "from": user.view(),
                "date": 1_790_000_000,
                "old_chat_member": {**before, "user": self.world.bot},
                "new_chat_member": {**after, "user": self.world.bot},
            },
        )
        await self.changed()

    def update_of(self, message: JSON) -> int:
        """The id of the update that brought a message to the bot."""
        return self.world.update_of[message["chat"]["id"], message["message_id"]]

    def remove(self, message: JSON) -> None:
        """Delete a message as a person would: the bot is not told."""
        self.world.chats[message["chat"]["id"]].messages.pop(message["message_id"], None)

    # --- what they see -------------------------------------------------------------------------

    def shown(self, chat: Chat) -> list[JSON]:
        """The bot's messages that stand in a chat now, oldest first."""
        bot = self.world.bot["id"]
        return [
            item
            for item in chat.messages.values()
            if item["from"]["id"] == bot and {"text", "photo", "document", "invoice"} & item.keys()
        ]

    async def see(
        self,
        chat: Chat,
        like: Callable[[JSON], bool] = bool,
        *,
        timeout_s: float = WAIT_S,
    ) -> JSON:
        """Wait for the newest of the bot's messages in a chat that is like this."""
        found: list[JSON] = []

        def ready() -> bool:
            found[:] = [item for item in self.shown(chat) if like(item)]
            return bool(found)

        try:
            await self.until(ready, timeout_s=timeout_s)
        except TimeoutError:
            shown = [item.get("text") or item.get("caption") or "?" for item in self.shown(chat)]
            raise AssertionError(f"nothing like it in {timeout_s} s; shown: {shown}") from None
        return found[-1]

    async def answer_to(self, query_id: str) -> JSON:
        """Wait for the answer to a press: `text`, `show_alert`."""
        await self.until(lambda: self.world.queries[query_id] is not None)
        answer = self.world.queries[query_id]
        assert answer is not None
        return answer

    def content(self, message: JSON) -> bytes:
        """The bytes of a message's largest photo or of its document."""
        kept = message["photo"][-1] if "photo" in message else message["document"]
        return self.world.files[kept["file_id"]].data


def callbacks(message: JSON) -> list[str]:
    """The data of a message's buttons, in order."""
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return [item["callback_data"] for row in rows for item in row if "callback_data" in item]


def _mentioning(content: JSON, user: User) -> JSON:
    """The text with the person's name in it as a mention of somebody without a @username."""
    before, name, _ = content["text"].partition(user.first_name)
    assert name, "the text does not name them"
    entity = {
        "type": "text_mention",
        "offset": units(before),
        "length": units(name),
        "user": user.view(),
    }
    return {**content, "entities": [*content.get("entities", []), entity]}


def _spoken(text: str | None, key: str, entities: str) -> JSON:
    if not text:
        return {}
    found = entities_in(text, [])
    return {key: text, entities: found} if found else {key: text}
