"""Whether a call to our webhook comes from Replicate: its signature over id, time and body."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping

TOLERANCE_S = 300
SECRET_PREFIX = "whsec_"  # noqa: S105 - what every secret begins with
SIGNATURES_MAX = 10

_SECONDS = re.compile(r"\d{1,12}", re.ASCII)


def verify_webhook(headers: Mapping[str, str], body: bytes, secret: str, now: float) -> bool:
    """Whether one of the signatures is made with `secret`, and not long before or after `now`."""
    named = {name.lower(): value for name, value in headers.items()}
    message, moment = named.get("webhook-id", ""), named.get("webhook-timestamp", "")
    if not message or not _SECONDS.fullmatch(moment) or abs(now - int(moment)) > TOLERANCE_S:
        return False
    try:
        key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except ValueError:
        return False
    if not key:
        return False
    # A header that is no UTF-8 comes with surrogates in it.
    signed = f"{message}.{moment}.".encode("utf-8", "replace") + body
    expected = b"v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest())
    found = False
    for signature in named.get("webhook-signature", "").split(" ")[:SIGNATURES_MAX]:
        found |= hmac.compare_digest(signature.encode("utf-8", "replace"), expected)
    return found
