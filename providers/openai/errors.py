"""How a call ends without an answer, in OpenAI's own terms."""

from __future__ import annotations

from collections.abc import Mapping


class Unreached(Exception):
    """The request never went out."""


class Lost(Exception):
    """The request went out, and no answer came that can be read."""


class Refused(Exception):
    """The server said no; `status` is 0 where it said so inside a stream."""

    def __init__(
        self, *, status: int, code: str, kind: str, message: str, headers: Mapping[str, str]
    ) -> None:
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code
        self.kind = kind
        self.message = message
        self.headers = headers
