"""Grants from the outside door of Telegram: who is an administrator is asked at each command and press."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from core import communities
from core.app import GrantRules, Rules
from storage.database import Connection
from storage.people import person
from tests.bot.telegram.conftest import House, house
from tests.fakes.communities import state, verbs
from tests.fakes.telegram_people import callbacks
from tests.fakes.telegram_server import refused
from tests.fakes.telegram_world import JSON, Chat, User

ACTIONS = ("grant", "revoke", "pool", "audit", "approve")
LIMITS = GrantRules(per_moderator=100_000, per_recipient=100_000, approve_above=100)


def community(chat: Chat) -> str:
    return f"telegram:{chat.id}"


class Towns:
    """Two groups with pools, and what can be done in them."""

    def __init__(self, opened: House) -> None:
        self.house = opened
        self.server = opened.server
        self.own = self.server.group("Painters")
        self.other = self.server.group("Sculptors")
        self.chief = self.server.user("Chief", username="chief")
        self.bob = self.server.user("Bob", username="Bob_paints")
        for chat in (self.own, self.other):
            chat.members[self.chief.id] = "creator"
            chat.members[self.bob.id] = "member"

    async def open(self) -> None:
        """Fill both pools, and let Bob be seen."""
        for chat in (self.own, self.other):
            await communities.fund(self.house.studio.app, community(chat), 50_000)
        await self.says("/queue", self.bob, self.server.private(self.bob))

    async def says(
        self, text: str, user: User, chat: Chat, *, anonymous: bool = False, **more: object
    ) -> str:
        """Write something; what the bot answers, in the chat or in private."""
        places = {chat.id: chat, user.id: self.server.private(user)}
        before = {id_: len(self.server.shown(place)) for id_, place in places.items()}
        await self.server.message(text, user=user, chat=chat, anonymous=anonymous, **more)  # type: ignore[arg-type]
        await self.server.until(lambda: len(self.server.shown(chat)) > before[chat.id])
        new = [self.server.shown(place)[before[id_] :] for id_, place in places.items()]
        return "\n".join(item["text"] for shown in new for item in shown)

    async def waiting(self, chat: Chat) -> JSON:
        """A grant of the chief's that waits for a second one."""
        before = len(self.server.shown(chat))
        await self.says("/grant @bob_paints 101 much", self.chief, chat)
        return self.server.shown(chat)[before]

    async def press(self, user: User, chat: Chat, data: str) -> str:
        """Press a button, as anybody can who makes up what it says."""
        stood = self.server.world.post(chat, self.server.world.bot, {"text": "?"})
        query = await self.server.press(stood, data, user, forged=True)
        return str((await self.server.answer_to(query)).get("text", ""))

    async def act(
        self, action: str, user: User, chat: Chat, aim: Chat, *, anonymous: bool = False
    ) -> str:
        """Do something in a chat to what is in `aim`."""
        if action == "grant":
            return await self.says("/grant @Bob_Paints 10 a test", user, chat, anonymous=anonymous)
        if action == "approve":
            packed = callbacks(await self.waiting(aim))[0]
            return await self.press(user, chat, packed)
        if action == "revoke":
            text = await self.says("/grant @bob_paints 10 x", self.chief, aim)
            number = text.split("(grant ")[1].rstrip(")")
            return await self.says(f"/revoke {number} no", user, chat, anonymous=anonymous)
        return await self.says(f"/{action}", user, chat, anonymous=anonymous)


@pytest.fixture
async def towns(tmp_path: Path, database_url: str) -> AsyncIterator[Towns]:
    async with house(tmp_path, database_url) as opened:
        rules = Rules(vendor_order=("sketch",), grants=LIMITS)
        app = dataclasses.replace(opened.studio.app, rules=rules)
        opened.studio = dataclasses.replace(
            opened.studio,
            app=app,
            dispatch=dataclasses.replace(opened.studio.dispatch, app=app),
        )
        await opened.start()
        made = Towns(opened)
        await made.open()
        yield made


def _people(connection: Connection) -> int:
    return int(connection.execute(select(func.count()).select_from(person)).scalar_one())


@pytest.mark.timeout(240)
async def test_who_may_do_what_where(towns: Towns) -> None:
    """The matrix: nobody has an effect but an administrator, and none but in their own group."""
    server, app = towns.server, towns.house.studio.app
    standing = {
        "owner": "creator",
        "admin": "administrator",
        "demoted": "administrator",
        "plain member": "member",
        "admin of another": "member",
    }
    actors = {name: server.user(name.replace(" ", "_").title()) for name in standing}
    for name, user in actors.items():
        towns.own.members[user.id] = standing[name]
        towns.other.members[user.id] = "member"
        server.private(user)
    towns.other.members[actors["admin of another"].id] = "administrator"
    demoted = actors["demoted"]
    assert "gets 10" in await towns.says("/grant @bob_paints 10 x", demoted, towns.own)
    towns.own.members[demoted.id] = "member"
    effects = 0
    for (name, user), action in itertools.product(actors.items(), ACTIONS):
        for place in (towns.own, towns.other, server.private(user)):
            home = towns.other if name == "admin of another" else towns.own
            away = towns.own if home is towns.other else towns.other
            allowed = place is home and name not in {"plain member", "demoted"}
            aim = home if place.kind == "private" else place
            before = {item.id: await state(app, community(item)) for item in (home, away)}
            text = await towns.act(action, user, place, aim)
            after = {item.id: await state(app, community(item)) for item in (home, away)}
            told = f"{name}, {action}, {place.title}: {text}"
            if not allowed:
                wanted = "Here there is none" if place.kind == "private" else "Only moderators"
                assert wanted in text, told
            elsewhere = away if aim is home else home
            assert before[elsewhere.id] == after[elsewhere.id], told
            changed = {"grant": 1, "revoke": 2, "approve": 3, "pool": 0, "audit": 0}[action]
            prepared = {"revoke": 1, "approve": 1}.get(action, 0)
            grown = after[aim.id][2] - before[aim.id][2]
            assert grown == (changed if allowed else prepared), told
            effects += allowed and changed > 0
    assert effects == 3 * 3


async def test_an_anonymous_administrator(towns: Towns) -> None:
    server, app = towns.server, towns.house.studio.app
    ann = server.user("Ann")
    towns.own.members[ann.id] = "administrator"
    people = await app.database.read(_people)
    told = await towns.act("grant", ann, towns.own, towns.own, anonymous=True)
    assert told == "Bob gets 10 credits. Reason: a test (grant 2)"
    told = await towns.says("/grant @bob_paints 101 much", ann, towns.own, anonymous=True)
    assert "two moderators who can be told apart" in told
    written = await server.message("it is me", user=ann, chat=towns.own)
    told = await towns.says("/grant 5 x", ann, towns.own, anonymous=True, reply_to=written)
    assert "I cannot tell that this is not for you" in told
    people += 1  # Ann herself, whom the refused grant named
    for action in ("/pool", "/audit"):
        told = await towns.says(action, ann, towns.own, anonymous=True)
        assert "for one moderator alone" in told
    told = await towns.says("/revoke 2", ann, towns.own, anonymous=True)
    assert told.startswith("10 credits of grant 2 to Bob (telegram:")
    told = await towns.says("/gift @bob_paints 1", ann, towns.own, anonymous=True)
    assert "I cannot tell who you are" in told
    assert await app.database.read(_people) == people
    done = await verbs(app, community(towns.own))
    assert [who for who, _, _ in done] == ["operator", *["anonymous administrator"] * 2]
    # Whoever writes as another chat, as its channel, is nobody at all.
    channel = Chat(-1_009_000_000_001, "channel", "News")
    told = await towns.says(
        "/grant @bob_paints 1 x", ann, towns.own, anonymous=True, sender_chat=channel
    )
    assert "I cannot tell who you are" in told
    assert len(await verbs(app, community(towns.own))) == 3


async def test_demoted_between_showing_and_pressing(towns: Towns) -> None:
    server, app = towns.server, towns.house.studio.app
    eve, ann = server.user("Eve"), server.user("Ann")
    towns.own.members[eve.id] = towns.own.members[ann.id] = "administrator"
    approve = callbacks(await towns.waiting(towns.own))[0]
    towns.own.members[eve.id] = "member"
    before = await state(app, community(towns.own))
    assert "Only moderators" in await towns.press(eve, towns.own, approve)
    assert "you asked for it yourself" in await towns.press(towns.chief, towns.own, approve)
    server.fail("getChatMember", refused(400, "Bad Request: CHAT_ADMIN_REQUIRED"))
    assert "does not tell me" in await towns.press(ann, towns.own, approve)
    assert await state(app, community(towns.own)) == before
    shown = len(server.shown(towns.own))
    assert "Bob gets 101 credits." in await towns.press(ann, towns.own, approve)
    await server.until(lambda: len(server.shown(towns.own)) > shown + 1)
    assert "Bob gets 101 credits." in server.shown(towns.own)[-1]["text"]
    assert "decided already" in await towns.press(ann, towns.own, approve)
    assert (await state(app, community(towns.own)))[0] == before[0] - 101


@pytest.mark.parametrize(
    ("amount", "sentence"),
    [
        ("0", "amount must be from 1 to 1,000,000, not 0."),
        ("-5", "amount must be from 1 to 1,000,000, not -5."),
        ("1e18", "amount must be a whole number, not “1e18”."),
        ("NaN", "amount must be a whole number, not “NaN”."),
        ("１０", "amount must be a whole number, not “１０”."),
        ("9" * 30, f"amount must be a whole number, not “{'9' * 30}”."),
        ("1000001", "amount must be from 1 to 1,000,000, not 1,000,001."),
        ("", "Something is missing: amount. Say it and try again."),
        ("5", "Something is missing: reason. Say it and try again."),
    ],
)
async def test_bad_amounts(towns: Towns, amount: str, sentence: str) -> None:
    reason = "" if amount in {"", "5"} else "for nothing"
    told = await towns.says(f"/grant @bob_paints {amount} {reason}", towns.chief, towns.own)
    assert told == sentence
    assert (await state(towns.house.studio.app, community(towns.own)))[0] == 50_000


async def test_who_is_meant(towns: Towns) -> None:
    server, app = towns.server, towns.house.studio.app
    carl = server.user("Carl 7")
    written = await server.message("hello", user=carl, chat=towns.own)
    told = await towns.says("/grant 5 well said", towns.chief, towns.own, reply_to=written)
    assert told == "Carl 7 gets 5 credits. Reason: well said (grant 2)"
    told = await towns.says("/grant Carl 7 6 and 😀 on", towns.chief, towns.own, mention=carl)
    assert told == "Carl 7 gets 6 credits. Reason: and 😀 on (grant 3)"
    told = await towns.says("/grant @bob_paints 7 x", towns.chief, towns.own, reply_to=written)
    assert told.startswith("Bob gets 7")
    told = await towns.says(f"/grant telegram:{carl.id} 8 x", towns.chief, towns.own)
    assert told.startswith("Carl 7 gets 8")
    for unknown in ("@nobody", "telegram:1", "discord:1", "somebody"):
        told = await towns.says(f"/grant {unknown} 1 x", towns.chief, towns.own)
        assert told.startswith(f"I have not seen {unknown} here.")
    robot = {"id": 9, "is_bot": True, "first_name": "Robot"}
    posted = server.world.post(towns.own, robot, {"text": "beep"})
    told = await towns.says("/grant 5 x", towns.chief, towns.own, reply_to=posted)
    assert told.startswith("Bots and webhooks")
    spoken = await server.message("as the group", user=carl, chat=towns.own, anonymous=True)
    told = await towns.says("/grant 5 x", towns.chief, towns.own, reply_to=spoken)
    assert told.startswith("Bots and webhooks")
    told = await towns.says("/grant @chief 5 x", towns.chief, towns.own)
    assert told.startswith("You cannot grant credits to yourself.")
    assert len(await verbs(app, community(towns.own))) == 5


async def test_a_name_follows_whoever_has_it_now(towns: Towns) -> None:
    server = towns.server
    towns.bob.username = "bob_moved"
    await towns.says("/queue", towns.bob, server.private(towns.bob))
    told = await towns.says("/grant @bob_paints 1 x", towns.chief, towns.own)
    assert "I have not seen @bob_paints here." in told
    carl = server.user("Carl", username="BOB_moved")
    await towns.says("/queue", carl, server.private(carl))
    told = await towns.says("/grant @bob_moved 1 x", towns.chief, towns.own)
    assert told.startswith("Carl gets 1 credit.")


async def test_the_same_update_twice_is_one_grant(towns: Towns) -> None:
    server, app = towns.server, towns.house.studio.app
    written = await server.message("/grant @bob_paints 5 x", user=towns.chief, chat=towns.own)
    await server.see(towns.own, lambda item: "gets 5" in item["text"])
    await towns.house.crash()
    await server.again(server.update_of(written))
    await towns.house.start()
    await towns.says("/pool", towns.chief, towns.own)
    assert (await state(app, community(towns.own)))[0] == 49_995
