"""settings: what a person wants to be so wherever they do not say it, and who pays first."""

from __future__ import annotations

from dataclasses import dataclass

from bot import i18n, looks, own_keys
from bot.catalogue import SUGGESTIONS_MAX, model_suggestion
from bot.command import Button, Call, Command, Reply, Suggestion
from core import keys, preferences, purse, routing, styles
from core.app import App
from core.errors import Value
from core.messenger import Say
from core.options import option
from core.preferences import Preferences

AUTO = "auto"
ANSWERS = ("public", "private")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The options of settings."""

    do: str = option(
        "Without it your settings are shown, or changed; reset forgets them all",
        default="show",
        choices=("show", "reset"),
    )
    model: str | None = option(
        "Which model works where you name none; auto: the first that can",
        default=None,
        suggest="models",
        length_max=100,
    )
    ratio: str | None = option(
        "Width to height where you name none; auto: as usual",
        default=None,
        suggest="ratios",
        length_max=20,
    )
    count: int | None = option(
        "How many pictures where you name no number", default=None, min=1, max=4
    )
    style: str | None = option(
        "A look where you name none: /styles; auto: none",
        default=None,
        suggest="styles",
        length_max=40,
    )
    answers: str | None = option(
        "Who sees your results where others read along", default=None, choices=ANSWERS
    )
    language: str | None = option(
        "In what language you are answered; auto: that of the app you write with",
        default=None,
        choices=(AUTO, *i18n.languages()),
    )
    prefer: str | None = option(
        "Who pays where you have a key: your own key first, credits first, or only your own",
        default=None,
        choices=keys.PREFER,
    )


async def _run(app: App, call: Call, params: Settings) -> Reply:
    # All is checked before any of it is kept.
    changes = await _checked(app, call, params)
    done = []
    if params.do == "reset":
        await preferences.reset(app, call.person)
        await keys.prefer(app, call.person, "own", fall_back=False)
        done = [Say(key="settings-reset")]
    if changes:
        await preferences.put(app, call.person, **changes)
    if params.prefer is not None:
        before = await keys.preference(app, call.person)
        await keys.prefer(app, call.person, params.prefer, before.fall_back)
    if changes or params.prefer is not None:
        done = [Say(key="settings-kept")]
    chosen = await preferences.of_person(app, call.person)
    paying = await keys.preference(app, call.person)
    return Reply(
        lines=(*(done or [Say(key="settings-title")]), *_lines(chosen), own_keys.preferred(paying)),
        buttons=()
        if chosen == preferences.NONE
        else (Button(command="settings", given=("do", "reset")),),
        language=chosen.language or "",
    )


async def _checked(app: App, call: Call, params: Settings) -> dict[str, object]:
    """What is to be chosen anew; raises UserError."""
    changes: dict[str, object] = {}
    if params.model is not None:
        changes["model"] = None
        if params.model.lower() != AUTO:
            changes["model"] = await preferences.check_model(app, call.person, params.model)
    if params.ratio is not None:
        changes["ratio"] = None
        if params.ratio.lower() != AUTO:
            changes["ratio"] = await preferences.check_ratio(app, call.person, params.ratio)
    if params.count is not None:
        changes["count"] = params.count
    if params.style is not None:
        changes["style"] = None
        if params.style.lower() != AUTO:
            found = await styles.named(app, params.style, call.person, call.community)
            changes["style"] = found.name
    if params.answers is not None:
        changes["private"] = params.answers == "private"
    if params.language is not None:
        changes["language"] = None if params.language == AUTO else params.language
    return changes


def _lines(chosen: Preferences) -> list[Say]:
    values: dict[str, Value] = {
        "model": chosen.model or "none",
        "ratio": chosen.ratio or "none",
        "count": chosen.count or 0,
        "style": chosen.style or "none",
        "answers": ANSWERS[bool(chosen.private)],
        "language": chosen.language or AUTO,
    }
    return [Say(key=f"settings-{name}", values={name: value}) for name, value in values.items()]


def _suggest(app: App, option: str, typed: str) -> tuple[Suggestion, ...]:
    if option == "model":
        operations = [item for item in app.operations.values() if item.request is not None]
        does = {model.id: item for item in operations for model in routing.available(app, item)}
        fitting = routing.like([app.models[name] for name in does], typed)
        return tuple(model_suggestion(does[model.id], model) for model in fitting[:SUGGESTIONS_MAX])
    if option == "ratio":
        return tuple(
            Suggestion(value=ratio, text=Say(key="settings-suggestion", values={"ratio": ratio}))
            for ratio in preferences.ratios(app, purse.CREDITS)
            if ratio.startswith(typed)
        )
    return looks.common(typed) if option == "style" else ()


async def _suggest_own(app: App, person: str, option: str, typed: str) -> tuple[Suggestion, ...]:
    return await looks.own(app, person, typed) if option == "style" else ()


COMMAND = Command(
    name="settings",
    summary="Your usual model, ratio, count and style, your language, and who sees your results",
    params=Settings,
    run=_run,
    private=True,
    suggest=_suggest,
    suggest_own=_suggest_own,
)
