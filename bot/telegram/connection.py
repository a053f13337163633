"""The connection to a Bot API server, and what its errors mean to us."""

from __future__ import annotations

from datetime import timedelta

import httpx
from telegram import Bot, LinkPreviewOptions
from telegram.error import RetryAfter, TelegramError
from telegram.request import HTTPXRequest

PUBLIC_API = "https://api.telegram.org"
CONNECTIONS_MAX = 64
CONNECT_S_MAX = 5.0
ANSWER_S_MAX = 20.0
UPLOAD_S_MAX = 60.0
POOL_S_MAX = 10.0

NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


def open_bot(token: str, api_url: str | None, *, connections: int = CONNECTIONS_MAX) -> Bot:
    """A client of the server at `api_url` (its root; None: Telegram's own); not yet initialized."""
    root = (api_url or PUBLIC_API).rstrip("/")
    # One pool also for long polls: the library would open a second client for them.
    request = _request(connections)
    return Bot(
        token,
        base_url=f"{root}/bot",
        base_file_url=f"{root}/file/bot",
        request=request,
        get_updates_request=request,
    )


async def close_bot(bot: Bot) -> None:
    """Give back the connections; the library's own way wants a bot that has been initialized."""
    await bot.request.shutdown()


def _request(connections: int) -> HTTPXRequest:
    return HTTPXRequest(
        connection_pool_size=connections,
        connect_timeout=CONNECT_S_MAX,
        read_timeout=ANSWER_S_MAX,
        write_timeout=ANSWER_S_MAX,
        media_write_timeout=UPLOAD_S_MAX,
        pool_timeout=POOL_S_MAX,
        # Neither a proxy nor credentials from the machine's surroundings: the operator names all.
        httpx_kwargs={"trust_env": False},
    )


def never_sent(error: TelegramError) -> bool:
    """Whether a failed request surely had no effect, so that it may be made again."""
    return isinstance(error.__cause__, _NOT_SENT)


def wait_s(error: RetryAfter) -> float:
    """How long a 429 asks to wait, in seconds."""
    asked = error.retry_after
    return asked.total_seconds() if isinstance(asked, timedelta) else float(asked)
