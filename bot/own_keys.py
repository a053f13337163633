"""People's own keys in words and buttons: what one is good for, which there are, where one is put in."""

from __future__ import annotations

from bot import i18n
from bot.command import Button, Call, Reply
from bot.links import takes_secrets
from core import keys
from core.app import App
from core.errors import BadOption, NotFound, UserError, Value
from core.keys import Checked, OwnKey, Preference, Vendor
from core.messenger import Say

# The only place that asks for a text in a window of its own, which no chat keeps.
WITH_WINDOW = "discord"
WITH_SESSION = "web"
PAGE = "/keys"


def good_for(vendor: str, checked: Checked) -> list[Say]:
    """What the vendor has told of a key that it takes."""
    lines = []
    if checked.models is not None:
        lines.append(Say(key="key-models", values={"count": len(checked.models)}))
    if checked.funds == "0":
        lines.append(Say(key="key-no-funds", values={"vendor": vendor}))
    elif checked.funds is not None:
        lines.append(Say(key="key-funds", values={"vendor": vendor, "funds": checked.funds}))
    return lines


def added(found: keys.Added) -> tuple[Say, ...]:
    """A key is kept."""
    values: dict[str, Value] = {
        "vendor": found.title,
        "last4": found.last4,
        "replaced": "yes" if found.replaced else "no",
    }
    return (Say(key="key-added", values=values), *good_for(found.title, found.checked))


def line(own: OwnKey) -> Say:
    """One key as its owner sees it."""
    values: dict[str, Value] = {
        "vendor": own.title,
        "last4": own.last4,
        "state": own.state,
        "reason": own.reason or "",
        "date": own.last_ok_at.date().isoformat() if own.last_ok_at is not None else "-",
        "used": own.used,
    }
    return Say(key="key-line", values=values)


def preferred(chosen: Preference) -> Say:
    """Who pays."""
    fall_back = "yes" if chosen.fall_back else "no"
    return Say(key="keys-prefer", values={"prefer": chosen.prefer, "fallback": fall_back})


def buttons(call: Call, mine: list[OwnKey]) -> tuple[Button, ...]:
    """Add one; test or remove each."""
    made = [Button(command="keys", given=("do", "add"), label=_label(call, "button-keys-add"))]
    for command in ("keys-test", "keys-remove"):
        made += _each(call, command, mine)
    return tuple(made)


def which(call: Call, command: str, mine: list[OwnKey]) -> Reply:
    """Ask which of several keys is meant."""
    return Reply(lines=(Say(key="keys-which"),), buttons=tuple(_each(call, command, mine)))


def _each(call: Call, command: str, mine: list[OwnKey]) -> list[Button]:
    return [
        Button(
            command=command,
            given=("vendor", own.vendor),
            label=_label(call, f"button-{command}", vendor=own.title),
        )
        for own in mine
    ]


def _label(call: Call, key: str, **values: Value) -> str:
    return i18n.translate(call.language, key, values)


async def asking(app: App, call: Call, vendor_name: str | None) -> Reply:
    """Where a key is put in: never in the chat. Raises UserError."""
    found = keys.vendors(app)
    if vendor_name is not None:
        found = [vendor for vendor in found if vendor.name == vendor_name]
        if not found:
            raise _unknown(app, vendor_name)
    if not found:
        raise UserError("keys-nowhere")
    chosen = f"?vendor={vendor_name}" if vendor_name is not None else ""
    if call.identity.platform == WITH_SESSION:
        if not takes_secrets(app.rules.page_url):
            raise UserError("keys-page-not-safe")
        # Who is there is known: no ticket has to stand in an address or in the page's rows.
        button = Button(command="keys-page", url=f"{PAGE}{chosen}")
        return Reply(lines=(Say(key="keys-add-here"),), buttons=(button,))
    windows = _windows(found) if call.identity.platform == WITH_WINDOW else ()
    page = app.rules.page_url
    if page is None or not takes_secrets(page):
        if not windows:
            raise UserError("keys-no-page" if page is None else "keys-page-not-safe")
        return Reply(lines=(Say(key="keys-add-window"),), buttons=windows)
    ticket = await keys.make_ticket(app, call.person)
    link = Button(command="keys-page", url=f"{page}{PAGE}/{ticket}{chosen}")
    minutes: dict[str, Value] = {"minutes": int(keys.TICKET_S_MAX // 60)}
    lines = [Say(key="keys-add-window")] if windows else []
    lines.append(Say(key="keys-add-link", values=minutes))
    return Reply(lines=tuple(lines), buttons=(*windows, link))


def _windows(found: list[Vendor]) -> tuple[Button, ...]:
    return tuple(
        Button(command="keys-add", given=("vendor", vendor.name), label=vendor.title)
        for vendor in found
    )


async def tried(app: App, call: Call, vendor_name: str) -> Reply:
    """Try a key again; raises UserError."""
    checked = await keys.test(app, call.person, vendor_name)
    title = app.vendors[vendor_name].title
    works = Say(key="key-works", values={"vendor": title})
    return Reply(lines=(works, *good_for(title, checked)))


async def removed(app: App, call: Call, vendor_name: str) -> Reply:
    """Forget a key; raises UserError."""
    vendor = app.vendors.get(vendor_name)
    title = vendor_name[:40] if vendor is None else vendor.title
    if not await keys.remove(app, call.person, vendor_name):
        raise NotFound("key-none", vendor=title) if vendor else _unknown(app, vendor_name)
    return Reply(lines=(Say(key="key-removed", values={"vendor": title}),))


def _unknown(app: App, name: str) -> UserError:
    known = ", ".join(vendor.name for vendor in keys.vendors(app)) or "-"
    return BadOption("option-not-choice", option="vendor", choices=known, value=name[:40])
