"""The command line: `atelier up` is everything in one process; the others are its parts."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine
from typing import Annotated, Any

import typer

from bot import desk, processes
from bot.redis_server import RedisFailed, RedisMissing
from bot.settings import Settings, SettingsError, load, with_master_key
from bot.wiring import vendor_names

cli = typer.Typer(
    help="Atelier, an image studio for Discord, Telegram and the browser.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    add_completion=False,
)
credits_cli = typer.Typer(help="Credits of people.", no_args_is_help=True)
cli.add_typer(credits_cli, name="credits")
payments_cli = typer.Typer(help="Payments of people.", no_args_is_help=True)
cli.add_typer(payments_cli, name="payments")


def _settings() -> Settings:
    try:
        return with_master_key(load(vendor_names()))
    except SettingsError as error:
        typer.echo(f"The settings are not right:\n{error}", err=True)
        raise typer.Exit(2) from error


def _run(process: Callable[[Settings], Coroutine[Any, Any, None]]) -> None:
    settings = _settings()
    try:
        asyncio.run(process(settings))
    except (SettingsError, RedisMissing, RedisFailed, processes.CannotStartError) as error:
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
        typer.echo(await processes.grant(settings, platform, user, amount))

    _run(process)


@credits_cli.command()
def refund(
    payment: Annotated[str, typer.Argument(help="The payment, as stripe:pi_… or stripe:in_…")],
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


def main() -> None:
    """The console script."""
    cli()


if __name__ == "__main__":
    main()
