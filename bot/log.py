"""Structured logs: for eyes on a terminal, JSON elsewhere, and no secret in either.

Every record of every library passes the same handler, and what it writes is cleaned last, as text:
so a secret inside an exception, a URL or a nested value is found too.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
import re
import sys
from collections.abc import Iterable
from types import TracebackType
from typing import Any, Literal, TextIO
from urllib.parse import quote, quote_plus

import structlog
from structlog.typing import Processor, WrappedLogger

Style = Literal["auto", "console", "json"]

hidden = "[secret]"
secret_chars_min = 6  # a shorter one would blot out ordinary words

# Below these levels, libraries write requests, SQL and what people typed.
_floors = {
    "aiohttp.access": logging.WARNING,
    "aiosqlite": logging.WARNING,
    "alembic": logging.WARNING,
    "arq": logging.WARNING,
    "asyncio": logging.INFO,
    "discord": logging.INFO,
    "httpcore": logging.WARNING,
    "httpcore2": logging.WARNING,
    "httpx": logging.WARNING,
    "httpx2": logging.WARNING,
    "openai": logging.INFO,
    "PIL": logging.INFO,
    "stripe": logging.WARNING,
    "telegram": logging.INFO,
}

_between = (
    r"""(?:["']|\x1b\[[0-9;]*m)*"""  # quotes and colours around a key, an equals sign, a value
)
_patterns = [
    (re.compile(r"(bot)\d+(?::|%3A)[\w-]{30,}", re.IGNORECASE), rf"\1{hidden}"),
    (re.compile(r"\b\d{6,12}:[\w-]{30,}"), hidden),
    (re.compile(r"(/(?:webhooks|interactions)/\d+/)[\w%.~+-]+"), rf"\1{hidden}"),
    (re.compile(r"\b[\w-]{23,30}\.[\w-]{6}\.[\w-]{27,}"), hidden),
    (re.compile(r"\bsk-[\w-]{8,}"), hidden),
    (re.compile(r"\b(?:[sr]k_(?:live|test)|whsec)_\w{8,}"), hidden),
    (re.compile(r"\b(bearer|basic)\s+[\w.~+/=-]{8,}", re.IGNORECASE), rf"\1 {hidden}"),
    (
        re.compile(
            rf"(authorization{_between}\s*[:=,]\s*b?{_between})(?:\w+ )?[^\s\"'\x1b,}}\])]+",
            re.IGNORECASE,
        ),
        rf"\1{hidden}",
    ),
    (re.compile(r"(://[^/\s:@]*:)[^@\s/]+(@)"), rf"\1{hidden}\2"),
]


class Redaction:
    """The last processor: replaces secrets in the rendered line."""

    def __init__(self, secrets: Iterable[str]) -> None:
        forms = {form for secret in secrets for form in _forms(secret)}
        self._forms = sorted(forms, key=len, reverse=True)

    def clean(self, text: str) -> str:
        """The same text without known secrets and whatever looks like one."""
        for form in self._forms:
            if form in text:
                text = text.replace(form, hidden)
        for pattern, instead in _patterns:
            text = pattern.sub(instead, text)
        return text

    def __call__(self, logger: WrappedLogger, method: str, line: Any) -> str:  # noqa: ANN401
        """What structlog calls, with the line as the renderer made it."""
        return self.clean(str(line))


def configure(
    level: str = "info",
    style: Style = "auto",
    secrets: Iterable[str] = (),
    *,
    stream: TextIO | None = None,
) -> None:
    """Send every log of this process to `stream` (stderr); raises ValueError for a wrong level."""
    threshold = logging.getLevelNamesMapping().get(level.upper())
    if threshold is None:
        raise ValueError(f"unknown log level {level!r}")
    out = stream or sys.stderr
    on_terminal = out.isatty()
    for_eyes = style == "console" or (style == "auto" and on_terminal)
    every: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=every,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *_renderers(for_eyes=for_eyes, colours=on_terminal),
                Redaction(secrets),
            ],
        )
    )
    _take_over(handler, threshold)
    structlog.configure(
        processors=[*every, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.stdlib.LoggerFactory(),
    )
    sys.excepthook = _log_uncaught


def prompt_hash(text: str, key: bytes = b"") -> str:
    """12 hex digits that stand for a prompt in logs; with a key nobody can try guesses."""
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:12]


def _renderers(*, for_eyes: bool, colours: bool) -> list[Processor]:
    if for_eyes:
        return [
            structlog.dev.ConsoleRenderer(
                colors=colours,
                exception_formatter=structlog.dev.plain_traceback,
                repr_native_str=True,  # a person's line breaks stay inside their quotes
            )
        ]
    return [
        structlog.processors.format_exc_info,
        structlog.processors.EventRenamer("message"),
        structlog.processors.JSONRenderer(ensure_ascii=False),
    ]


def _take_over(handler: logging.Handler, threshold: int) -> None:
    """Make `handler` the only one there is, and hold talkative libraries above their floors."""
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(threshold)
    for name, floor in _floors.items():
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
        logger.setLevel(max(threshold, floor))
    logging.captureWarnings(capture=True)


def _log_uncaught(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    structlog.get_logger(__name__).critical("uncaught", exc_info=(kind, error, trace))


def _forms(secret: str) -> set[str]:
    """How a secret may stand in a line: as it is, escaped, URL-encoded, or inside base64."""
    if len(secret) < secret_chars_min:
        return set()
    forms = {secret, quote(secret), quote(secret, safe=""), quote_plus(secret)}
    forms |= {form.replace("%3A", ":") for form in forms}
    forms |= {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    forms.add(repr(secret)[1:-1])
    raw = secret.encode()
    for before in range(3):  # "user:secret" shifts the secret within groups of three bytes
        first, last = -(-before * 4 // 3), (before + len(raw)) * 4 // 3
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            forms.add(encode(bytes(before) + raw)[first:last].decode())
    return forms
