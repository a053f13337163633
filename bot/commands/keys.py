"""keys: a person's own keys for vendors: which there are, one more, one tried or forgotten, who pays."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot import own_keys
from bot.command import Call, Command, Reply, Suggestion
from core import keys
from core.app import App
from core.errors import NotFound, UserError
from core.messenger import Say
from core.options import option


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """The options of keys."""

    do: str = option(
        "What to do; without it you see your keys",
        default="list",
        choices=("list", "add", "test", "remove", "prefer"),
    )
    vendor: str | None = option("Whose key", default=None, suggest="vendors", length_max=40)
    prefer: str | None = option(
        "Who pays where you have a key: your own key first, credits first, or only your own",
        default=None,
        choices=keys.PREFER,
    )
    fallback: bool | None = option("Credits may pay where your own key cannot", default=None)


async def _run(app: App, call: Call, params: Keys) -> Reply:
    vendor = None if params.vendor is None else params.vendor.lower()
    return await _DO[params.do](app, call, params, vendor)


async def _list(app: App, call: Call, _: Keys, __: str | None) -> Reply:
    mine = await keys.listed(app, call.person)
    if not mine and not keys.vendors(app):
        raise UserError("keys-nowhere")
    chosen = await keys.preference(app, call.person)
    titles = ", ".join(vendor.title for vendor in keys.vendors(app))
    lines = [own_keys.line(own) for own in mine]
    if not mine:
        lines.append(Say(key="keys-none", values={"vendors": titles}))
    lines.append(own_keys.preferred(chosen))
    return Reply(lines=tuple(lines), buttons=own_keys.buttons(call, mine))


async def _add(app: App, call: Call, _: Keys, vendor: str | None) -> Reply:
    return await own_keys.asking(app, call, vendor)


async def _test(app: App, call: Call, _: Keys, vendor: str | None) -> Reply:
    return await _with_one(app, call, vendor, "keys-test", own_keys.tried)


async def _remove(app: App, call: Call, _: Keys, vendor: str | None) -> Reply:
    return await _with_one(app, call, vendor, "keys-remove", own_keys.removed)


async def _with_one(
    app: App,
    call: Call,
    vendor: str | None,
    command: str,
    act: Callable[[App, Call, str], Awaitable[Reply]],
) -> Reply:
    """Do it to the key that is named, or to the only one; ask where there are several."""
    if vendor is not None:
        return await act(app, call, vendor)
    mine = await keys.listed(app, call.person)
    if not mine:
        raise NotFound("keys-none-yet")
    if len(mine) > 1:
        return own_keys.which(call, command, mine)
    return await act(app, call, mine[0].vendor)


async def _prefer(app: App, call: Call, params: Keys, vendor: str | None) -> Reply:
    before = await keys.preference(app, call.person)
    # Typed without names, `/keys prefer only` has its word where the vendor stands.
    prefer = params.prefer or vendor
    if prefer is None and params.fallback is None:
        return Reply(lines=(own_keys.preferred(before), Say(key="keys-prefer-how")))
    fall_back = before.fall_back if params.fallback is None else params.fallback
    await keys.prefer(app, call.person, prefer or before.prefer, fall_back)
    return Reply(lines=(own_keys.preferred(await keys.preference(app, call.person)),))


_DO: dict[str, Callable[[App, Call, Keys, str | None], Awaitable[Reply]]] = {
    "list": _list,
    "add": _add,
    "test": _test,
    "remove": _remove,
    "prefer": _prefer,
}


def _suggest(app: App, option: str, typed: str) -> tuple[Suggestion, ...]:
    found = keys.vendors(app) if option == "vendor" else []
    return tuple(
        Suggestion(value=item.name, text=Say(key="keys-vendor", values={"vendor": item.title}))
        for item in found
        if typed.lower() in item.name or typed.lower() in item.title.lower()
    )


COMMAND = Command(
    name="keys",
    summary="Use your own keys of image vendors",
    params=Keys,
    run=_run,
    private=True,
    suggest=_suggest,
)
