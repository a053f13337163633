"""Signed links to stored pictures: good for one object and a short time."""

from __future__ import annotations

import hashlib
import hmac

from core.clock import Clock

FILE_S_MAX = 900
STEP_S = 300
SIGNATURE_LENGTH = 32
UNTIL_LENGTH_MAX = 12


def takes_secrets(page_url: str | None) -> bool:
    """Whether nobody on the way can read what is typed at the page; None: it is this machine's alone."""
    return page_url is None or page_url.startswith("https://")


class Links:
    """Makes and checks the addresses below /files/."""

    def __init__(self, page_url: str | None, master_key: str, clock: Clock) -> None:
        self._base = page_url
        self._clock = clock
        self._key = hashlib.sha256(b"files:" + master_key.encode()).digest()

    def path(self, sha256: str, name: str) -> str:
        """A path that shows one stored file for 10 to 15 minutes; the same path within each step."""
        until = int(self._clock.now().timestamp() // STEP_S) * STEP_S + FILE_S_MAX
        return f"/files/{sha256}/{until}/{self._sign(sha256, until, name)}/{name}"

    def url(self, sha256: str, name: str) -> str | None:
        """The same as a whole address, where the page can be reached from elsewhere."""
        return None if self._base is None else self._base + self.path(sha256, name)

    def good(self, sha256: str, until: str, signature: str, name: str) -> bool:
        """Whether an address was made by us and is not over."""
        digits = until.isascii() and until.isdigit() and len(until) <= UNTIL_LENGTH_MAX
        if not digits or int(until) < self._clock.now().timestamp():
            return False
        return hmac.compare_digest(
            self._sign(sha256, int(until), name).encode(), signature.encode()
        )

    def _sign(self, sha256: str, until: int, name: str) -> str:
        text = f"{sha256}/{until}/{name}".encode()
        return hmac.new(self._key, text, hashlib.sha256).hexdigest()[:SIGNATURE_LENGTH]
