"""What is logged, how it looks, and what never appears in it."""

from __future__ import annotations

import base64
import io
import json
import logging
import sys
import warnings
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
import structlog

from bot.log import Redaction, Style, configure, hidden, prompt_hash

TELEGRAM = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw4"
DISCORD = "MTk4NjIyNDgzNDcxOTI1MjQ4.Cl2FMQ.ZnCjm1XVW7vRze4b7Cq4se7kKWs"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def leave_logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level, hook = root.handlers[:], root.level, sys.excepthook
    yield
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()
    logging.captureWarnings(capture=False)
    root.handlers[:] = handlers
    root.setLevel(level)
    sys.excepthook = hook


def lines(out: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_json_where_nobody_looks() -> None:
    out = io.StringIO()
    configure(stream=out)
    structlog.get_logger("bot.worker").info("claimed", job="j1", count=2)
    (line,) = lines(out)
    told = datetime.fromisoformat(line.pop("timestamp"))
    assert told.utcoffset() == timedelta(0)
    assert line == {
        "message": "claimed",
        "job": "j1",
        "count": 2,
        "level": "info",
        "logger": "bot.worker",
    }


@pytest.mark.parametrize(
    ("out", "style", "is_json"),
    [
        (Terminal(), "auto", False),
        (io.StringIO(), "auto", True),
        (Terminal(), "json", True),
        (io.StringIO(), "console", False),
    ],
)
def test_the_style_follows_the_terminal_unless_told(
    out: io.StringIO, style: Style, *, is_json: bool
) -> None:
    configure(stream=out, style=style)
    structlog.get_logger().info("ready")
    assert out.getvalue().startswith("{") is is_json
    assert ("\x1b[" in out.getvalue()) is (out.isatty() and not is_json)


def test_a_persons_line_breaks_cannot_forge_a_line() -> None:
    out = io.StringIO()
    configure(stream=out, style="console")
    structlog.get_logger().info("joined", name="x\n2026-01-01 [error] forged")
    assert len(out.getvalue().splitlines()) == 1


def test_the_job_follows_through_every_library() -> None:
    out = io.StringIO()
    configure(stream=out)
    with structlog.contextvars.bound_contextvars(job="j7"):
        structlog.get_logger("a").info("ours")
        logging.getLogger("discord.client").warning("theirs %s", 1, extra={"shard": 3})
    first, second = lines(out)
    assert (first["job"], second["job"]) == ("j7", "j7")
    assert (second["message"], second["logger"], second["shard"]) == (
        "theirs 1",
        "discord.client",
        3,
    )


def test_levels() -> None:
    out = io.StringIO()
    configure(stream=out, level="debug")
    for name in ("httpx", "httpcore.connection", "aiohttp.access", "alembic.runtime", "arq.worker"):
        logging.getLogger(name).info("no")
        logging.getLogger(name).warning("yes")
    for name in ("discord.http", "telegram.ext", "openai._base_client"):
        logging.getLogger(name).debug("no")
        logging.getLogger(name).info("yes")
    structlog.get_logger().debug("yes")
    assert [line["message"] for line in lines(out)] == ["yes"] * 9

    configure(stream=out, level="ERROR")
    before = out.getvalue()
    structlog.get_logger().warning("no")
    logging.getLogger("telegram").warning("no")
    assert out.getvalue() == before
    with pytest.raises(ValueError, match="loud"):
        configure(level="loud")


def test_warnings_and_uncaught_errors_are_logged() -> None:
    out = io.StringIO()
    configure(stream=out, secrets=["hush-hush"])
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("old thing", stacklevel=1)
    try:
        raise RuntimeError("hush-hush")
    except RuntimeError as error:
        sys.excepthook(RuntimeError, error, error.__traceback__)
    first, second = lines(out)
    assert first["logger"] == "py.warnings"
    assert second["level"] == "critical"
    assert f"RuntimeError: {hidden}" in second["exception"]


def test_setting_up_twice_writes_once() -> None:
    out = io.StringIO()
    configure(stream=out)
    configure(stream=out)
    structlog.get_logger().info("once")
    assert len(lines(out)) == 1


SECRET = 'pä"ss\\wö/rd+&:=1'


@pytest.mark.parametrize("style", ["json", "console"])
@pytest.mark.parametrize(
    "text",
    [
        SECRET,
        f"https://x.test/?key={quote(SECRET)}&b",
        f"https://x.test/?key={quote(SECRET, safe='')}",
        *(
            "Proxy " + base64.b64encode((user + SECRET).encode()).decode()
            for user in ("", "u", "us", "user:")
        ),
        base64.urlsafe_b64encode(SECRET.encode()).decode().rstrip("="),
    ],
)
def test_a_known_secret_is_hidden_however_it_is_written(text: str, style: Style) -> None:
    out = Terminal()
    configure(stream=out, style=style, secrets=[SECRET, "", "abc"])
    log = structlog.get_logger()
    log.info(text, value=text, nested={"deep": [text]}, abc="abc")
    try:
        raise ValueError(text)
    except ValueError:
        log.exception("failed")
        logging.getLogger("openai").exception("failed too %s", text)
    written = out.getvalue()
    encoded = base64.b64encode(SECRET.encode()).decode()
    for part in ("pä", "p\\u00e4", "rd+", "rd%2B", "p%C3%A4", encoded[4:12]):
        assert part not in written
    assert written.count(hidden) >= 6
    assert "abc" in written, "three letters are no secret"


@pytest.mark.parametrize(
    ("text", "token"),
    [
        (f"POST https://api.telegram.org/bot{TELEGRAM}/sendPhoto", TELEGRAM),
        (f"https://api.telegram.org/file/bot{quote(TELEGRAM, safe='')}/a.jpg", "AAHdqTcvCH1v"),
        (f"token {TELEGRAM}.", TELEGRAM),
        ("PATCH /api/v10/webhooks/123456/aW50ZXJhY3Rpb246_-MTIz/messages/@original", "aW50ZXJh"),
        ("POST /api/v10/interactions/123456/aW50ZXJhY3Rpb246/callback", "aW50ZXJh"),
        (f"login with {DISCORD}", DISCORD),
        ("Incorrect API key provided: sk-proj-abc_DEF-12345", "abc_DEF"),
        ("headers={'Authorization': 'Bot tok.en.123'}", "tok.en"),
        ('{"authorization": "Token t0k3n=="}', "t0k3n"),
        ("(b'Authorization', b'Key k3y')", "k3y"),
        ("authorization: Bearer t0k.en/x+", "t0k"),
        ("sent Bearer abcd1234", "abcd1234"),
        ("postgresql+asyncpg://me:pa55w0rd@db:5432/atelier", "pa55w0rd"),
        ("redis://:pa55w0rd@cache:6379/0", "pa55w0rd"),
    ],
)
def test_what_looks_like_a_secret_is_hidden(text: str, token: str) -> None:
    cleaned = Redaction([]).clean(text)
    assert token not in cleaned
    assert hidden in cleaned


def test_a_coloured_authorization_is_hidden() -> None:
    out = Terminal()
    configure(stream=out)
    structlog.get_logger().info("sent", authorization="Bot t0k3n", headers={"Authorization": "q9z"})
    assert "t0k3n" not in out.getvalue()
    assert "q9z" not in out.getvalue()


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-23T23:54:52.123456Z ready at http://127.0.0.1:8080/files/ab12",
        "job 019a0b1c-6a5f-7c3e-8f00-1234567890ab took 1:30 at 12:45:01",
        "sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "the bot says: a basic task, desk-lamp on a risk-free, task-oriented day",
        "core.operations.imagine.run failed; storage.database.transaction retried",
    ],
)
def test_ordinary_lines_stay_as_they_are(text: str) -> None:
    assert Redaction(["hush-hush"]).clean(text) == text


def test_a_prompt_is_logged_as_a_hash() -> None:
    assert prompt_hash("a red fox") == prompt_hash("a red fox")
    assert prompt_hash("a red fox") != prompt_hash("a red fox ")
    assert prompt_hash("a red fox", b"key") != prompt_hash("a red fox")
    assert len(prompt_hash("")) == 12
    assert int(prompt_hash("ü"), 16) >= 0
