"""Grants from the outside door of Discord: what its events say decides, at that moment."""

from __future__ import annotations

import itertools

import pytest

from core import communities
from core.app import GrantRules, Rules
from tests.bot.discord.conftest import MODERATOR_ROLE, House
from tests.fakes.communities import state, verbs
from tests.fakes.discord_world import ALL_PERMISSIONS, Channel, Interaction, Message, User

MANAGE_GUILD, ADMINISTRATOR, SEND_MESSAGES = 1 << 5, 1 << 3, 1 << 11
ACTIONS = ("grant", "revoke", "pool", "audit", "approve")
CHANGING = {"grant", "revoke", "approve"}
MODERATING: dict[str, tuple[int, tuple[str, ...]]] = {
    "owner": (ALL_PERMISSIONS, ()),
    "admin": (ADMINISTRATOR, ()),
    "moderator by permission": (MANAGE_GUILD, ()),
    "moderator by role": (SEND_MESSAGES, ("123", MODERATOR_ROLE)),
}
PLAIN = (SEND_MESSAGES, ("123",))
LIMITS = GrantRules(per_moderator=100_000, per_recipient=100_000, approve_above=100)


async def answer(house: House, asked: Interaction) -> tuple[str, bool]:
    """What an interaction is told in the end, and whether for one person alone."""

    def told() -> Message | None:
        if asked.followups:
            return asked.followups[-1]
        original = asked.original
        ready = original is not None and not original.loading and not original.deleted
        return original if ready else None

    await house.server.until(lambda: told() is not None)
    message = told()
    assert message is not None
    return message.text, message.ephemeral


class Towns:
    """Two servers with pools, and what can be done in them."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.server = house.server
        self.own = self.server.general
        self.other = self.server.add_channel(guild_id=self.server.snowflake())
        self.chief = self.server.add_user("chief")

    async def open(self) -> None:
        """Fill both pools."""
        for place in (self.own, self.other):
            await communities.fund(self.house.studio.app, community(place), 50_000)

    def stands(
        self, user: User, place: Channel, permissions: int, roles: tuple[str, ...] = ()
    ) -> None:
        """What somebody may do in a server."""
        assert place.guild_id is not None
        self.server.members[place.guild_id, user.id] = (permissions, roles)

    async def grant(
        self, user: User, place: Channel, amount: int = 10, to: User | None = None
    ) -> tuple[str, bool]:
        """Give something to somebody."""
        asked = await self.server.command(
            "grant",
            {"person": to or self.server.bob, "amount": amount, "reason": "a test"},
            user=user,
            channel=place,
        )
        return await answer(self.house, asked)

    async def waiting(self, place: Channel) -> Message:
        """A grant of the chief's that waits for a second one."""
        asked = await self.server.command(
            "grant",
            {"person": self.server.bob, "amount": 101, "reason": "much"},
            user=self.chief,
            channel=place,
        )
        return await self.server.shown(asked, "need a second moderator")

    async def press(self, user: User, place: Channel, packed: str) -> tuple[str, bool]:
        """Press a button, as anybody can who makes up what it says."""
        stood = Message(id=self.server.snowflake(), channel=place, author=self.server.bot)
        self.server.messages[stood.id] = stood
        pressed = await self.server.press(stood, "", user=user, custom_id=packed)
        return await answer(self.house, pressed)

    async def act(self, action: str, user: User, place: Channel, aim: Channel) -> tuple[str, bool]:
        """Do something in a place to what is in `aim`."""
        if action == "grant":
            return await self.grant(user, place)
        if action == "approve":
            return await self.press(user, place, (await self.waiting(aim)).buttons["Approve"])
        options: dict[str, object] = {}
        if action == "revoke":
            text, _ = await self.grant(self.chief, aim)
            options = {"grant": int(text.split("(grant ")[1].rstrip(")"))}
        asked = await self.server.command(action, options, user=user, channel=place)
        return await answer(self.house, asked)


def community(place: Channel) -> str:
    return f"discord:{place.guild_id}"


@pytest.fixture
async def towns(house: House) -> Towns:
    made = Towns(house)
    await made.open()
    return made


@pytest.mark.parametrize("rules", [Rules(grants=LIMITS)])
@pytest.mark.timeout(180)
async def test_who_may_do_what_where(towns: Towns) -> None:
    """The matrix: nobody has an effect but a moderator, and none but in their own server."""
    server, app = towns.server, towns.house.studio.app
    actors = {name: server.add_user(name.replace(" ", "-")) for name in MODERATING}
    for name, user in actors.items():
        towns.stands(user, towns.own, *MODERATING[name])
        towns.stands(user, towns.other, *PLAIN)
    for name in ("plain member", "demoted", "admin of another"):
        actors[name] = server.add_user(name.replace(" ", "-"))
        towns.stands(actors[name], towns.own, *PLAIN)
        towns.stands(actors[name], towns.other, *PLAIN)
    towns.stands(actors["demoted"], towns.own, MANAGE_GUILD)
    assert (await towns.grant(actors["demoted"], towns.own))[0].startswith("Bob gets 10")
    towns.stands(actors["demoted"], towns.own, *PLAIN)
    towns.stands(actors["admin of another"], towns.other, ADMINISTRATOR)
    effects = 0
    for (name, user), action in itertools.product(actors.items(), ACTIONS):
        for place in (towns.own, towns.other, server.dm(user)):
            home = towns.other if name == "admin of another" else towns.own
            away = towns.own if home is towns.other else towns.other
            allowed = place is home and name not in {"plain member", "demoted"}
            aim = place if place.guild_id is not None else home
            before = {item.id: await state(app, community(item)) for item in (home, away)}
            text, private = await towns.act(action, user, place, aim)
            after = {item.id: await state(app, community(item)) for item in (home, away)}
            told = f"{name}, {action}, {place.guild_id}: {text}"
            mine = [item for item in (await verbs(app, community(aim))) if user.id in item[0]]
            if allowed:
                assert "Only moderators" not in text, told
                effects += action in CHANGING
            else:
                assert private, told
                wanted = "Only moderators" if place.guild_id else "Here there is none"
                assert wanted in text, told
                known = 1 if name == "demoted" and aim is towns.own else 0
                assert len(mine) == known or aim is home, told
            elsewhere = [item.id for item in (home, away) if item is not aim]
            assert [before[item] for item in elsewhere] == [after[item] for item in elsewhere], told
            changed = {"grant": 1, "revoke": 2, "approve": 3, "pool": 0, "audit": 0}[action]
            prepared = {"revoke": 1, "approve": 1}.get(action, 0)
            grown = after[aim.id][2] - before[aim.id][2]
            assert grown == (changed if allowed else prepared), told
    assert effects == 5 * len(CHANGING)


@pytest.mark.parametrize("rules", [Rules(grants=LIMITS)])
async def test_a_button_of_another_community_does_nothing(towns: Towns) -> None:
    app = towns.house.studio.app
    waiting = await towns.waiting(towns.other)
    before = await state(app, community(towns.other))
    eve = towns.server.add_user("eve")
    for forged in (
        waiting.buttons["Approve"],
        waiting.buttons["Refuse"],
        waiting.buttons["Approve"].partition("@")[0],
        f"approve:{'0' * 32}",
    ):
        text, private = await towns.press(eve, towns.own, forged)
        assert text == "There is no such grant waiting in this community."
        assert private
    for forged in ("approve:", "approve:1", f"grant:{'0' * 32}", f"pool:{'0' * 32}", "approve"):
        text, _ = await towns.press(eve, towns.own, forged)
        assert "no longer exists" in text
    assert await state(app, community(towns.other)) == before


@pytest.mark.parametrize("rules", [Rules(grants=LIMITS)])
async def test_a_second_moderator(towns: Towns) -> None:
    server, app = towns.server, towns.house.studio.app
    waiting = await towns.waiting(towns.own)
    assert not waiting.ephemeral
    approve = waiting.buttons["Approve"]
    text, private = await towns.press(towns.chief, towns.own, approve)
    assert (text, private) == (
        "Another moderator has to approve this: you asked for it yourself.",
        True,
    )
    text, private = await towns.press(server.bob, towns.own, approve)
    assert (text, private) == ("Another moderator has to approve this: it is for you.", True)
    # Shown while she moderates, pressed when she does no more.
    eve = server.add_user("eve")
    towns.stands(eve, towns.own, MANAGE_GUILD)
    towns.stands(eve, towns.own, *PLAIN)
    assert "Only moderators" in (await towns.press(eve, towns.own, approve))[0]
    pool, transfers, _ = await state(app, community(towns.own))
    text, private = await towns.press(server.ada, towns.own, approve)
    assert text == "Bob gets 101 credits. Reason: much (grant 3)"
    assert not private
    text, private = await towns.press(server.ada, towns.own, approve)
    assert (text, private) == ("This has been decided already.", True)
    after = await state(app, community(towns.own))
    assert after[0] == pool - 101
    assert len(after[1]) == len(transfers) + 1
    refused = await towns.waiting(towns.own)
    text, _ = await towns.press(server.ada, towns.own, refused.buttons["Refuse"])
    assert text == "The grant of 101 credits for Bob was refused."
    text, _ = await towns.press(server.ada, towns.own, refused.buttons["Approve"])
    assert text == "This has been decided already."
    assert (await state(app, community(towns.own)))[0] == pool - 101
    done = [verb for _, verb, _ in await verbs(app, community(towns.own))]
    assert done == ["fund", "ask", "grant", "approve", "ask", "refuse"]


async def test_whom_nothing_is_granted(towns: Towns) -> None:
    server = towns.server
    robot = User(id=server.snowflake(), name="robot", bot=True)
    hook = User(id=server.snowflake(), name="hook", discriminator="0000")
    for target in (robot, hook):
        told = await towns.grant(server.ada, towns.own, to=target)
        assert told == ("Bots and webhooks cannot have credits. Choose a person.", True)
    told = await towns.grant(server.ada, towns.own, to=server.ada)
    assert told == ("You cannot grant credits to yourself. Ask another moderator.", True)
    asked = await server.command("gift", {"person": robot, "amount": 1})
    assert "Bots and webhooks" in (await answer(towns.house, asked))[0]


@pytest.mark.parametrize(
    ("amount", "sentence"),
    [
        (0, "amount must be from 1 to 1,000,000, not 0."),
        (-5, "amount must be from 1 to 1,000,000, not -5."),
        (10**12, "amount must be from 1 to 1,000,000, not 1,000,000,000,000."),
        ("1e18", "amount must be a whole number, not “1e18”."),
        ("NaN", "amount must be a whole number, not “NaN”."),
        ("１０", "amount must be a whole number, not “１０”."),
    ],
)
async def test_bad_amounts(towns: Towns, amount: object, sentence: str) -> None:
    before = await state(towns.house.studio.app, community(towns.own))
    options = {"person": towns.server.bob, "amount": amount, "reason": "x"}
    asked = await towns.server.command("grant", options, raw=True)
    assert await answer(towns.house, asked) == (sentence, True)
    assert await state(towns.house.studio.app, community(towns.own)) == before


async def test_the_same_interaction_twice_is_one_grant(towns: Towns) -> None:
    server = towns.server
    options = {"person": server.bob, "amount": 50, "reason": "once"}
    first = await server.command("grant", options)
    told = await answer(towns.house, first)
    again = await server.command("grant", options, redelivered=first)
    assert await answer(towns.house, again) == told
    assert (await state(towns.house.studio.app, community(towns.own)))[0] == 50_000 - 50


async def test_revoke_takes_back_what_is_left(towns: Towns) -> None:
    server, house = towns.server, towns.house
    await towns.grant(server.ada, towns.own, 50)
    drawn = await server.command("imagine", {"prompt": "a fox", "count": 2}, user=server.bob)
    await server.shown(drawn, "Used 2 credits")
    asked = await server.command("revoke", {"grant": 2, "reason": "a mistake"})
    text, private = await answer(house, asked)
    assert text.startswith("48 credits of grant 2 to Bob (discord:")
    assert not private
    again = await server.command("revoke", {"grant": 2})
    assert "Nothing is left of grant 2" in (await answer(house, again))[0]
    never = await server.command("revoke", {"grant": 1})
    assert "There is no grant 1" in (await answer(house, never))[0]
    log = await server.command("audit")
    text, private = await answer(house, log)
    assert private
    lines = text.replace("\\", "").splitlines()
    assert [line.partition(".")[0] for line in lines] == ["3", "2", "1"]
    assert "took back 48" in lines[0]
    assert lines[0].endswith("#2 a mistake")
    pool = await server.command("pool")
    text, private = await answer(house, pool)
    assert private
    assert text.startswith("The pool has 49,998 credits. Only the operator adds more.")
    assert "Granted today: 50" in text


@pytest.mark.parametrize("rules", [Rules(grants=GrantRules(per_moderator=100, per_recipient=60))])
async def test_limits_of_a_day(towns: Towns) -> None:
    server = towns.server
    carl = server.add_user("carl")
    await towns.grant(server.ada, towns.own, 50)
    text, private = await towns.grant(server.ada, towns.own, 11)
    assert text == "One person can be granted 60 credits a day. 10 are left for them today."
    assert private
    await towns.grant(server.ada, towns.own, 45, to=carl)
    text, _ = await towns.grant(server.ada, towns.own, 6, to=carl)
    assert text == "One moderator can grant 100 credits a day. You have 5 left today."
    assert "gets 6" in (await towns.grant(towns.chief, towns.own, 6, to=carl))[0]
    assert "gets 11" in (await towns.grant(server.ada, towns.other, 11))[0]


async def test_an_empty_pool_and_an_open_one(towns: Towns) -> None:
    server, app = towns.server, towns.house.studio.app
    place = server.add_channel(guild_id=server.snowflake())
    text, private = await towns.grant(server.ada, place, 5)
    assert text.startswith("The pool of this community has 0 credits, not 5.")
    assert private
    await communities.fund(app, community(place), 3, open=True, anywhere=True)
    assert "gets 5" in (await towns.grant(server.ada, place, 5))[0]
    assert (await state(app, community(place)))[0] == 0
    balance = await server.command("balance", user=server.bob, channel=towns.own)
    assert (await answer(towns.house, balance))[0].startswith("You have 105 credits.")
