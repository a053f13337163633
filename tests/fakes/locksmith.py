"""A vendor in the test's own hands that people bring keys for: which it takes is up to the test."""

from __future__ import annotations

import asyncio
import dataclasses

from core import keys
from core.app import App
from providers.base import (
    Accepted,
    Checked,
    Credentials,
    Fault,
    ImageRequest,
    ImageResult,
    OutcomeUnknown,
    Partial,
    ProviderError,
    Vendor,
)
from tests.fakes.providers import png

GOOD = "lock-0123456789abcdef-canary"
OTHER = "lock-fedcba9876543210-second"


class Locksmith:
    """Takes the keys in `good`; `fault` comes instead while it is set. `tried` and `open` are its record."""

    def __init__(self, name: str = "lock") -> None:
        self.good = {GOOD, OTHER}
        self.fault: Fault | None = None
        self.tried: list[Credentials] = []
        self.open = 0
        self.wait_s: float | None = None
        # What comes instead of a picture, and of a look at an earlier call.
        self.made: bytes | None = None
        self.resumes: ProviderError | None = None
        self.vendor = Vendor(
            name=name,
            title=f"The {name}smith",
            own_keys=True,
            keys_url=f"https://{name}.test/keys",
            key_pattern=rf"{name}-[0-9a-f]{{16}}-[a-z]+",
            open=self._open,
        )

    def _open(self, credentials: Credentials) -> Opened | None:
        if credentials.key is None:
            return None
        self.open += 1
        return Opened(self, credentials)

    def beside(self, app: App, **addresses: str) -> App:
        """The app with this vendor too."""
        return dataclasses.replace(
            app,
            vendors={**app.vendors, self.vendor.name: self.vendor},
            addresses={**app.addresses, **addresses},
        )

    def among(self, app: App) -> None:
        """Put this vendor among those of an app that runs already."""
        assert isinstance(app.vendors, dict)
        app.vendors[self.vendor.name] = self.vendor


class Opened:
    """The vendor with a key."""

    def __init__(self, locksmith: Locksmith, credentials: Credentials) -> None:
        self._locksmith = locksmith
        self._credentials = credentials

    def _try(self) -> None:
        self._locksmith.tried.append(self._credentials)
        if self._locksmith.fault is Fault.UNKNOWN:
            raise OutcomeUnknown("cut")
        if self._locksmith.fault is not None:
            raise ProviderError(self._locksmith.fault, retry_after_s=self._locksmith.wait_s)
        if self._credentials.key not in self._locksmith.good:
            raise ProviderError(Fault.BAD_KEY)

    async def check(self) -> Checked:
        """One model, and some funds."""
        self._try()
        return Checked(models=frozenset({"model-1"}), funds="$5")

    async def run(
        self, request: ImageRequest, *, partial: Partial, accepted: Accepted
    ) -> ImageResult:
        """Pictures, for who has a good key."""
        self._try()
        made = self._locksmith.made
        return ImageResult(images=tuple(made or png(number) for number in range(request.count)))

    async def resume(
        self, vendor_id: str, request: ImageRequest, *, partial: Partial
    ) -> ImageResult:
        """What the test wants it to say."""
        if self._locksmith.resumes is None:
            raise OutcomeUnknown("its worker died")
        raise self._locksmith.resumes

    async def close(self) -> None:
        """One less is open."""
        self._locksmith.open -= 1


async def call(app: App, person_id: str, vendor: str = "lock") -> int:
    """One call on the own key; how many pictures came."""

    async def nothing(_: object) -> None:
        await asyncio.sleep(0)

    async with keys.opened(app, person_id, vendor) as provider:
        request = ImageRequest(operation="imagine", model="model-1", prompt="a fox")
        result = await provider.run(request, partial=nothing, accepted=nothing)
    return len(result.images)
