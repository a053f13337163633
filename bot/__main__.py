"""The command line: `atelier up` is everything in one process; the others are its parts."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine
from typing import Annotated, Any

import typer

from bot import desk, office, processes, showroom
from bot.redis_server import RedisFailed, RedisMissing
from bot.settings import Settings, SettingsError, load, with_master_key
from bot.vendor_settings import check
from bot.wiring import vendor_names

cli = typer.Typer(
    help="Atelier, an image studio for Discord, Telegram and the browser.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    add_completion=False,
)
FAILURES = (
    SettingsError,
    RedisMissing,
    RedisFailed,
    processes.CannotStartError,
    processes.BooksWrongError,
    processes.KeysLeftError,
    processes.ModelsWrongError,
)
credits_cli = typer.Typer(help="Credits of people.", no_args_is_help=True)
cli.add_typer(credits_cli, name="credits")
plans_cli = typer.Typer(help="Plans of people.", no_args_is_help=True)
cli.add_typer(plans_cli, name="plans")
people_cli = typer.Typer(help="People and their accounts.", no_args_is_help=True)
cli.add_typer(people_cli, name="people")
ledger_cli = typer.Typer(help="The books of all credits.", no_args_is_help=True)
cli.add_typer(ledger_cli, name="ledger")


@ledger_cli.callback()
def _ledger() -> None:
    """Keeps the one command under its name."""


coupons_cli = typer.Typer(help="Codes that are worth credits.", no_args_is_help=True)
cli.add_typer(coupons_cli, name="coupons")
models_cli = typer.Typer(help="Models that are offered.", no_args_is_help=True)
cli.add_typer(models_cli, name="models")
keys_cli = typer.Typer(help="People's own keys for vendors.", no_args_is_help=True)
cli.add_typer(keys_cli, name="keys")


@keys_cli.callback()
def _keys() -> None:
    """Keeps the one command under its name."""


payments_cli = typer.Typer(help="Payments of people.", no_args_is_help=True)
cli.add_typer(payments_cli, name="payments")


def _settings() -> Settings:
    try:
        settings = load(vendor_names())
        check(settings)
        return with_master_key(settings)
    except SettingsError as error:
        typer.echo(f"The settings are not right:\n{error}", err=True)
        raise typer.Exit(2) from error


def _run(process: Callable[[Settings], Coroutine[Any, Any, None]]) -> None:
    settings = _settings()
    try:
        asyncio.run(process(settings))
    except FAILURES as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    except KeyboardInterrupt:
        sys.exit(130)


@cli.command()
def up() -> None:
    """Start everything in one process: page, worker, and Discord and Telegram if their tokens are set."""
    _run(processes.up)


@cli.command()
def discord() -> None:
    """Start the Discord frontend alone."""
    _run(processes.discord)


@cli.command()
def telegram() -> None:
    """Start the Telegram frontend alone (long polling; with PUBLIC_URL the web process takes over)."""
    _run(processes.telegram)


@cli.command()
def web() -> None:
    """Start the page, its files and the webhooks alone."""
    _run(processes.web)


@cli.command()
def worker() -> None:
    """Start a worker alone; any number may run."""
    _run(processes.worker)


@cli.command()
def migrate() -> None:
    """Bring the database up to date; `up` and the others do it by themselves."""
    _run(processes.migrate)


@credits_cli.command()
def grant(
    platform: Annotated[str, typer.Argument(help="discord, telegram or web")],
    user: Annotated[str, typer.Argument(help="The platform's id of the person")],
    amount: Annotated[int, typer.Argument(help="How many credits")],
) -> None:
    """Give credits to a person."""

    async def process(settings: Settings) -> None:
        typer.echo(await office.grant(settings, platform, user, amount))

    _run(process)


@plans_cli.command("set")
def set_plan(
    platform: Annotated[str, typer.Argument(help="discord, telegram or web")],
    user: Annotated[str, typer.Argument(help="The platform's id of the person")],
    plan: Annotated[str, typer.Argument(help="The plan's id in atelier.toml")],
    *,
    once: Annotated[bool, typer.Option("--once", help="For one month only")] = False,
) -> None:
    """Put a person on a plan; it is renewed each month until another is set."""

    async def process(settings: Settings) -> None:
        typer.echo(await office.set_plan(settings, platform, user, plan, renews=not once))

    _run(process)


@credits_cli.command()
def fund(
    pool: Annotated[str, typer.Argument(help="signup, promotion, discord:ID or telegram:ID")],
    amount: Annotated[int, typer.Argument(help="How many credits; 0 only decides")],
    is_open: Annotated[
        bool | None, typer.Option("--open/--funded", help="Filled up on demand, or not")
    ] = None,
    anywhere: Annotated[
        bool | None, typer.Option("--anywhere/--here", help="Where granted credits are good")
    ] = None,
) -> None:
    """Put credits into a pool, and decide about it."""

    async def process(settings: Settings) -> None:
        typer.echo(await office.fund(settings, pool, amount, is_open, anywhere))

    _run(process)


@credits_cli.command()
def show(
    platform: Annotated[str, typer.Argument(help="discord, telegram or web")],
    user: Annotated[str, typer.Argument(help="The platform's id of the person")],
) -> None:
    """Show a person's balance, lots and last transfers."""

    async def process(settings: Settings) -> None:
        typer.echo(await office.show(settings, platform, user))

    _run(process)


@people_cli.command()
def unlink(
    link: Annotated[str, typer.Argument(help="The number that /link told, or the history shows")],
) -> None:
    """Part two accounts that were linked; what moved goes back, as far as it is still there."""

    async def process(settings: Settings) -> None:
        typer.echo(await office.unlink(settings, link))

    _run(process)


@ledger_cli.command()
def audit() -> None:
    """Check that the books are right: the first difference, with status 1, stops paid jobs."""

    async def process(settings: Settings) -> None:
        typer.echo(await office.audit(settings))

    _run(process)


@models_cli.command("check")
def check_models() -> None:
    """Ask each vendor what it has; warns of models that end within 30 days."""

    async def process(settings: Settings) -> None:
        typer.echo(await showroom.check(settings))

    _run(process)


@models_cli.command("stats")
def model_stats(
    days: Annotated[int, typer.Option(min=1, max=3650, help="Of how many days")] = 30,
) -> None:
    """Show how each model did: calls, successes, seconds and cost."""

    async def process(settings: Settings) -> None:
        typer.echo(await showroom.stats(settings, days))

    _run(process)


@coupons_cli.command()
def make(
    amount: Annotated[int, typer.Argument(metavar="CREDITS", help="What a code is worth")],
    uses: Annotated[int, typer.Option(help="How many people may use a code")] = 1,
    days: Annotated[int | None, typer.Option(min=1, max=36500, help="For how long")] = None,
    count: Annotated[int, typer.Option(help="How many codes")] = 1,
) -> None:
    """Make codes; they are shown this once."""

    async def process(settings: Settings) -> None:
        typer.echo(await office.make_coupons(settings, amount, uses, days, count))

    _run(process)


@credits_cli.command()
def refund(
    payment: Annotated[
        str, typer.Argument(help="The payment, as stripe:pi_…, stripe:in_… or stars:…")
    ],
    amount: Annotated[
        int | None, typer.Argument(help="A part, in the currency's smallest unit")
    ] = None,
) -> None:
    """Pay a payment back; its credits are taken back in proportion."""

    async def process(settings: Settings) -> None:
        typer.echo(await desk.refund(settings, payment, amount))

    _run(process)


@payments_cli.command()
def reconcile() -> None:
    """Take in what the tills told while nobody listened."""

    async def process(settings: Settings) -> None:
        typer.echo(await desk.reconcile(settings))

    _run(process)


@payments_cli.command()
def quarantined() -> None:
    """Show the events that were held back, and why."""

    async def process(settings: Settings) -> None:
        typer.echo(await desk.quarantined(settings))

    _run(process)


@keys_cli.command()
def rotate() -> None:
    """Wrap people's data keys by MASTER_KEY that one of MASTER_KEY_OLD wraps, while Atelier runs."""

    async def process(settings: Settings) -> None:
        typer.echo(await office.rotate_keys(settings, typer.echo))

    _run(process)


def main() -> None:
    """The console script."""
    cli()


if __name__ == "__main__":
    main()
