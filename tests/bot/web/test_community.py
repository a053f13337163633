"""The page and credits: it has no moderators; gifts and codes work as elsewhere."""

from __future__ import annotations

from core import communities, coupons
from core.people import recognise
from tests.bot.web.conftest import Door

NO_MODERATORS = "That is for moderators, in their own server or group. Here there is none."


async def test_no_moderators_here(quiet_door: Door) -> None:
    app = quiet_door.parts.app
    await recognise(app, "discord", "7", "Bea")
    await communities.fund(app, "discord:1", 100)
    for text in ("/grant discord:7 5 for fun", "/revoke 1", "/pool", "/audit"):
        assert NO_MODERATORS in await quiet_door.says(text)
    for packed in (f"approve:{'0' * 32}", f"refuse:{'0' * 32}"):
        _, told = await quiet_door.send("", path="/press", button=packed)
        assert NO_MODERATORS in str(told)
    assert "/grant" not in str(quiet_door.parts.dispatch.catalogue["help"].summary)
    assert '"grant"' not in await quiet_door.html()


async def test_gifts_and_codes(quiet_door: Door) -> None:
    app = quiet_door.parts.app
    await recognise(app, "telegram", "8", "Cleo", "Cleo_8")
    await communities.fund(app, "promotion", 100)
    (code,) = await coupons.make(app, 20)
    assert "The code is worth 20 credits. You have 120 now." in await quiet_door.says(
        f"/redeem {code}"
    )
    for person in ("telegram:8", "@cleo_8"):
        told = await quiet_door.says(f"/gift {person} 5")
        assert "You can give 0 credits, not 5" in told
    assert "I have not seen discord:99 here." in await quiet_door.says("/gift discord:99 5")
    assert "amount must be a whole number" in await quiet_door.says("/gift telegram:8 １０")
    assert "You cannot give credits to yourself." in await quiet_door.says("/gift web:operator 5")
