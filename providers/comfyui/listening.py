"""The web socket: it brings previews, steps, and the news that a job ended; all else comes by asking."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import aiohttp

from providers.base import Partial, Step
from providers.comfyui import answers


async def listen(
    opening: Callable[[], AbstractAsyncContextManager[aiohttp.ClientWebSocketResponse]],
    show: Partial,
    *,
    connected: asyncio.Event,
    woken: asyncio.Event,
) -> None:
    """Listen until the socket ends; `connected` is set when it is open, or will never be."""
    try:
        async with opening() as socket:
            connected.set()
            async for message in socket:
                if message.type is aiohttp.WSMsgType.TEXT:
                    part = answers.part_of(message.data)
                    if part is not None:
                        await show(Step(part=part))
                    elif answers.is_ending(message.data):
                        woken.set()
                elif message.type is aiohttp.WSMsgType.BINARY:
                    preview = answers.preview_of(message.data)
                    if preview is not None:
                        await show(preview)
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
        pass  # polling goes on
    finally:
        connected.set()
