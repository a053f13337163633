"""The composition root: from Settings to App; the only place where the concrete parts meet."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

import structlog

from bot import catalogue
from bot.circuits import RedisCircuits
from bot.discord.messenger import open_messenger
from bot.dispatch import Dispatch
from bot.links import Links
from bot.news import News
from bot.settings import Settings
from bot.stripe.client import StripeTill
from bot.web.messenger import PageMessenger
from bot.worker import RedisBell
from core import accounts, failpoints
from core.app import App, GrantRules, Rules
from core.clock import SystemClock
from core.images import Images
from core.messenger import Messenger
from core.offers import Pack, Plan
from core.operations.base import discover as discover_operations
from core.operations.base import offered
from core.sealing import Seals
from core.tills import Till
from providers.base import Credentials, Provider, Vendor, load_models
from providers.base import discover as discover_vendors
from storage import blobs, database

log = structlog.get_logger(__name__)

BEATS_PER_LEASE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a process runs on: the app for the rules, and the edge's own pieces."""

    app: App
    dispatch: Dispatch
    news: News
    links: Links
    settings: Settings
    redis_url: str


def vendor_names() -> tuple[str, ...]:
    """The environment names that vendors read."""
    return tuple(name for vendor in discover_vendors().values() for name in vendor.settings)


@contextlib.asynccontextmanager
async def open_parts(settings: Settings, redis_url: str) -> AsyncIterator[Parts]:
    """Open everything a process needs, and close it in reverse order."""
    if settings.atelier_failpoint:
        failpoints.arm(settings.atelier_failpoint)
    vendors = discover_vendors()
    assert settings.master_key is not None
    clock = SystemClock()
    links = Links(settings.page_url, settings.master_key.get_secret_value(), clock)
    async with contextlib.AsyncExitStack() as stack:
        opened = database.connect(settings.database)
        stack.push_async_callback(opened.close)
        news = News(redis_url)
        stack.push_async_callback(news.close)
        bell = RedisBell(redis_url, news)
        stack.push_async_callback(bell.close)
        circuits = RedisCircuits(redis_url)
        stack.push_async_callback(circuits.close)
        images = Images()
        stack.push_async_callback(images.close)
        providers = _providers(settings, vendors)
        for provider in providers.values():
            stack.push_async_callback(provider.close)
        models = load_models(settings.models)
        operations = offered(discover_operations(), models.values(), providers)
        store = blobs.connect(settings.blobs)
        messengers: dict[str, Messenger] = {}
        tills: dict[str, Till] = {}
        app = App(
            database=opened,
            blobs=store,
            images=images,
            vendors=vendors,
            providers=providers,
            addresses=_addresses(settings, vendors),
            models=models,
            operations=operations,
            messengers=messengers,
            tills=tills,
            bell=bell,
            circuits=circuits,
            clock=clock,
            seals=_seals(settings),
            rules=_rules(settings),
        )
        tills.update(_tills(settings, app))
        for till in tills.values():
            stack.push_async_callback(till.close)
        messengers.update(_messengers(settings, app, links))
        for messenger in messengers.values():
            stack.push_async_callback(messenger.close)
        dispatch = Dispatch(app, catalogue.build(operations))
        yield Parts(
            app=app,
            dispatch=dispatch,
            news=news,
            links=links,
            settings=settings,
            redis_url=redis_url,
        )


def _rules(settings: Settings) -> Rules:
    return Rules(
        signup_credits=settings.credits.signup,
        signup_pool=settings.credits.signup_pool,
        packs=tuple(Pack(**item.model_dump()) for item in settings.packs),
        plans=tuple(Plan(**item.model_dump()) for item in settings.plans),
        support=settings.payments.support,
        terms=settings.payments.terms,
        queued_max=settings.jobs.queued_max,
        running_max=settings.jobs.running_max,
        lease_s=settings.jobs.lease_s,
        beat_s=settings.jobs.lease_s / BEATS_PER_LEASE,
        vendor_order=settings.providers.order,
        vendor_orders=settings.providers.orders,
        fall_back=settings.providers.fall_back,
        own_key_fee=settings.providers.own_key_fee,
        vendor_weights=settings.providers.weights,
        vendor_limits=settings.providers.limits,
        cache_s=settings.providers.cache_s,
        moderate=settings.providers.moderate,
        page_url=settings.page_url,
        hooks_url=_hooks_url(settings),
        grants=GrantRules(
            per_moderator=settings.grants.per_moderator,
            per_recipient=settings.grants.per_recipient,
            approve_above=settings.grants.approve_above,
            operators=settings.grants.operators,
        ),
    )


def _hooks_url(settings: Settings) -> str | None:
    """Where vendors may call: they send nothing to an address without TLS."""
    url = settings.public_url
    return url if url is not None and url.startswith("https://") else None


def _providers(settings: Settings, vendors: Mapping[str, Vendor]) -> dict[str, Provider]:
    """The vendors that are configured, opened; no SDK is imported by that."""
    opened = {}
    addresses = _addresses(settings, vendors)
    for name, vendor in vendors.items():
        key = settings.vendors.get(vendor.key_setting or "")
        file = settings.vendors.get(vendor.file_setting or "")
        provider = vendor.open(
            Credentials(
                key=key.get_secret_value() if key is not None else None,
                base_url=addresses.get(name),
                file=file.get_secret_value() if file is not None else None,
            )
        )
        if provider is not None:
            opened[name] = provider
    return opened


def _addresses(settings: Settings, vendors: Mapping[str, Vendor]) -> dict[str, str]:
    """Where vendors are reached, as far as the operator has set it."""
    told = {
        name: settings.vendors.get(vendor.url_setting or "") for name, vendor in vendors.items()
    }
    return {name: url.get_secret_value() for name, url in told.items() if url is not None}


def _seals(settings: Settings) -> Seals:
    assert settings.master_key is not None
    return Seals(settings.master_key.get_secret_value(), settings.old_master_keys)


def _tills(settings: Settings, app: App) -> dict[str, Till]:
    """Where people can pay; no SDK is imported by that."""
    if settings.stripe_secret_key is None:
        return {}
    platforms = {"discord", "web"}
    if settings.payments.stripe_in_telegram:
        platforms.add("telegram")
    stripe = StripeTill(
        app,
        settings.stripe_secret_key.get_secret_value(),
        live=settings.stripe_is_live,
        api_url=settings.stripe_api_url,
        platforms=frozenset(platforms),
    )
    return {accounts.STRIPE: stripe}


def _messengers(settings: Settings, app: App, links: Links) -> dict[str, Messenger]:
    """A messenger for each platform whose token is set; the page is always there."""
    messengers: dict[str, Messenger] = {"web": PageMessenger(app)}
    if settings.discord_token is not None:
        messengers["discord"] = open_messenger(
            token=settings.discord_token.get_secret_value(),
            api_url=settings.discord_api_url,
            links=links,
            clock=app.clock,
        )
    if settings.telegram_token is not None:
        # A heavy SDK, only where it is set up.
        from bot.telegram.messenger import TelegramMessenger

        messengers["telegram"] = TelegramMessenger(
            settings.telegram_token.get_secret_value(), settings.telegram_api_url
        )
    return messengers
