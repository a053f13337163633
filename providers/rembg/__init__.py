"""Backgrounds taken away on this machine, by a U²-Net model in a file (REMBG_MODEL)."""

from __future__ import annotations

import asyncio
import importlib.util
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from providers.base import (
    Accepted,
    Credentials,
    Fault,
    ImageRequest,
    ImageResult,
    Partial,
    ProviderError,
    Vendor,
)

if TYPE_CHECKING:
    from providers.rembg.matting import Matting

CALL_TIMEOUT_S = 120.0
# What computes the model; it comes with the extra local-background.
PACKAGE = "onnxruntime"


class Rembg:
    """One model, opened at its first use; pictures take turns in a thread of their own.

    Nothing of it runs in the event loop, and two at once would need twice the memory.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="rembg")
        self._matting: Matting | None = None

    async def run(
        self, request: ImageRequest, *, partial: Partial, accepted: Accepted
    ) -> ImageResult:
        """Cut out the first picture's subject; raises ProviderError."""
        if request.operation != "background" or not request.images:
            raise ProviderError(Fault.BAD_INPUT, "this model takes a picture's background away")
        work = asyncio.get_running_loop().run_in_executor(
            self._thread, self._cut_out, request.images[0].data
        )
        try:
            # A picture that waits is taken back; one that is worked on is let finish, unheard.
            async with asyncio.timeout(CALL_TIMEOUT_S):
                data = await work
        except TimeoutError as error:
            raise ProviderError(Fault.UNAVAILABLE, f"not done in {CALL_TIMEOUT_S:g} s") from error
        return ImageResult(images=(data,), cost_usd=0.0)

    async def close(self) -> None:
        """Let go of the thread; what it works on is not waited for."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _cut_out(self, data: bytes) -> bytes:
        # The import takes most of a second, and the model a second or more.
        from providers.rembg import matting

        try:
            if self._matting is None:
                self._matting = matting.Matting(self._path)
            return self._matting.cut_out(data)
        except matting.Broken as error:
            raise ProviderError(Fault.MODEL_GONE, str(error)) from error
        except matting.Unfit as error:
            raise ProviderError(Fault.BAD_INPUT, str(error)) from error


def _open(credentials: Credentials) -> Rembg | None:
    """The model in the file, where both it and what computes it are there."""
    if not credentials.file or importlib.util.find_spec(PACKAGE) is None:
        return None
    path = Path(credentials.file)
    return Rembg(path) if path.is_file() else None


PROVIDER = Vendor(
    name="rembg",
    title="Local background remover",
    file_setting="REMBG_MODEL",
    package=PACKAGE,
    free_to_repeat=True,
    open=_open,
)
