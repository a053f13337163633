"""What the transport reads and tells: secrets, waits, pictures in text."""

from __future__ import annotations

import base64
import html
import json
import time
from collections.abc import Callable, Mapping
from email.utils import format_datetime
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers import transport
from providers.base import Fault, OutcomeUnknown
from providers.transport import Answer, Wire, data_uri, decoded, is_picture, retry_after_s
from tests.fakes.vendor import picture
from tests.providers.wires import KEY, keyed

PNG = picture()

SECRETS = (KEY, "a\"b$c'd<e>f&g h%i", "sk-proj_ABCdef-123456", "me:pass/word+=", "x" * 400)
FORMS: Mapping[str, Callable[[str], str]] = {
    "raw": str,
    "URL": quote,
    "URL, all of it": lambda key: quote(key, safe=""),
    "a form": quote_plus,
    "URL, in small letters": lambda key: quote(key, safe="").replace("%2F", "%2f"),
    "JSON": json.dumps,
    "PHP's JSON": lambda key: json.dumps(key).replace("/", "\\/"),
    ".NET's JSON": lambda key: "".join(f"\\u{ord(c):04X}" if c in "\"&'+<>`" else c for c in key),
    "Go's JSON": lambda key: json.dumps(key).translate(
        {ord(mark): f"\\u{ord(mark):04x}" for mark in "&<>"}
    ),
    "a literal": repr,
    "headers": lambda key: str({"X-Api-Key": key, "Authorization": f"Bearer {key}"}),
    "HTML": html.escape,
    "base64": lambda key: base64.b64encode(key.encode()).decode(),
    "base64 after 1": lambda key: base64.b64encode(b"u" + key.encode()).decode(),
    "base64 after 2": lambda key: base64.b64encode(b"u:" + key.encode() + b"!").decode(),
    "base64 for URLs": lambda key: base64.urlsafe_b64encode(b"me:" + key.encode()).decode(),
    "base64 in a URL": lambda key: quote(base64.b64encode(key.encode()).decode(), safe=""),
}


def core_of(secret: str, form: str) -> str:
    """What of a form nobody may see: its middle, as its ends may be quotes or half of a letter."""
    text = FORMS[form](secret)
    return text[4:-4] if "base64" in form or form in {"JSON", "a literal"} else text


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("secret", SECRETS, ids=range(len(SECRETS)))
def test_a_secret_is_hidden_in_each_form(secret: str, form: str) -> None:
    wire = Wire("http://127.0.0.1:9", secrets=[secret, "other-secret"])
    told = wire.redacted(f"before {FORMS[form](secret)} after other-secret")
    assert told.startswith("before ")
    assert " after [key]" in told
    assert "[key]" in told
    if form != "headers":
        assert core_of(secret, form) not in told
        assert told != f"before {FORMS[form](secret)} after [key]"
    assert secret not in told


@pytest.mark.parametrize("secret", SECRETS, ids=range(len(SECRETS)))
def test_a_secret_that_a_cut_runs_through_is_hidden(secret: str) -> None:
    wire = Wire("http://127.0.0.1:9", secrets=[secret])
    for length in range(transport.SECRET_LENGTH_MIN, len(secret)):
        assert wire.redacted(f"no: {secret[:length]}") == "no: [key]"
    for before in range(200):
        body = (b"." * before + secret.encode()) * 500
        error = wire.refusal(Answer(status=400, headers={}, body=body))
        rest = error.detail.replace("[key]", "").replace(".", "")
        assert len(rest.removeprefix("400 ")) < transport.SECRET_LENGTH_MIN, rest


@pytest.mark.parametrize("form", [str, quote, json.dumps, repr, lambda key: repr({"key": key})])
def test_a_secret_with_backslashes_is_hidden(form: Callable[[str], str]) -> None:
    secret = "back\\slash\\\\twice\\end"
    told = Wire("http://h", secrets=[secret]).redacted(f"no {form(secret)} yes")
    assert "slash" not in told
    assert told.endswith(" yes")


def test_hiding_takes_no_age() -> None:
    began = time.process_time()
    for secret in ("\\" * 60, "/" * 60, "%25" * 40, "&#x2f;" * 20, "\\u002f" * 20):
        wire = Wire("http://h", secrets=[secret])
        for mark in (secret[:-1], "\\", "%25", "/", "&#", "\\/"):
            wire.refusal(Answer(status=400, headers={}, body=mark.encode() * 10**5))
    assert time.process_time() - began < 5


def test_a_short_secret_does_not_blot_out_words() -> None:
    assert Wire("http://h", secrets=["", "at"]).redacted("that cat") == "that cat"


def test_what_is_told_is_short_and_can_be_written() -> None:
    wire = keyed("http://h")
    for detail in ("x" * 10**6, "\ud800 \udfff", ""):
        error = wire.refusal(Answer(status=400, headers={}, body=b"\xff" * 10**6), detail=detail)
        assert len(error.detail) <= transport.DETAIL_LENGTH_MAX
        error.detail.encode()


@pytest.mark.parametrize(
    ("status", "fault"),
    [
        (400, Fault.BAD_INPUT),
        (401, Fault.BAD_KEY),
        (402, Fault.NO_FUNDS),
        (403, Fault.BAD_KEY),
        (404, Fault.MODEL_GONE),
        (408, Fault.UNAVAILABLE),
        (410, Fault.MODEL_GONE),
        (418, Fault.BAD_INPUT),
        (429, Fault.RATE_LIMITED),
        (302, Fault.UNAVAILABLE),
        (500, Fault.UNAVAILABLE),
        (502, Fault.UNKNOWN),
        (503, Fault.UNAVAILABLE),
        (504, Fault.UNKNOWN),
        (520, Fault.UNKNOWN),
        (524, Fault.UNKNOWN),
        (999, Fault.UNAVAILABLE),
    ],
)
def test_a_status_alone_tells_a_fault(status: int, fault: Fault) -> None:
    wire = keyed("http://h")
    said = Answer(status=status, headers={"Retry-After": "3"}, body=f"no {KEY}".encode())
    error = wire.refusal(said)
    assert error.fault is fault
    assert isinstance(error, OutcomeUnknown) == (fault is Fault.UNKNOWN)
    waitable = fault in {Fault.RATE_LIMITED, Fault.UNAVAILABLE}
    assert error.retry_after_s == (3 if waitable else None)
    assert KEY not in str(error)
    named = wire.refusal(said, Fault.REFUSED, "flagged")
    assert (named.fault, named.detail) == (Fault.REFUSED, f"{status} flagged")


@pytest.mark.parametrize("body", [b"", b"no", b"\xff", b"{", b"[" * 10**5, b"1" * 10**5])
def test_json_that_is_none_is_told(body: bytes) -> None:
    with pytest.raises(OutcomeUnknown):
        Answer(status=200, headers={}, body=body).json()


def test_an_answer_s_body_is_not_printed() -> None:
    assert "secret" not in repr(Answer(status=200, headers={}, body=b"secret"))


NOW = "Wed, 21 Oct 2026 07:28:00 GMT"
DAY_S = transport.RETRY_AFTER_MAX_S


@pytest.mark.parametrize(
    ("told", "date", "wait_s"),
    [
        ("17", None, 17),
        (" 17 ", None, 17),
        ("0", None, 0),
        ("1.5", None, 1.5),
        ("999999", None, DAY_S),
        ("9" * 20, None, DAY_S),
        ("9" * 400, None, None),
        ("-5", NOW, None),
        ("+5", NOW, None),
        ("1e5", NOW, None),
        ("nan", NOW, None),
        ("inf", NOW, None),
        ("٣", NOW, None),
        ("", NOW, None),
        ("soon", NOW, None),
        ("17 seconds", NOW, None),
        ("Wed, 21 Oct 2026 07:28:30 GMT", NOW, 30),
        ("Wed, 21 Oct 2026 07:28:30 -0000", NOW, 30),
        ("Wed, 21 Oct 2026 09:28:30 +0200", NOW, 30),
        ("Wed, 21 Oct 2026 07:27:00 GMT", NOW, 0),
        ("Wed, 21 Oct 2099 07:27:00 GMT", NOW, DAY_S),
        ("Wed, 21 Oct 2026 07:28:30 GMT", None, None),
        ("Wed, 21 Oct 2026 07:28:30 GMT", "now", None),
        ("Wed, 21 Oct 99999999999999999999 07:28:00 GMT", NOW, None),
        ("Wed, 21 Oct 2026 07:28:00 +99999999999999", NOW, None),
        ("Wed, 99 Foo 2026 07:28:00 GMT", NOW, None),
        (NOW, "Wed, 21 Oct 99999999999999999999 07:28:00 GMT", None),
    ],
)
def test_a_wait_that_is_asked_for(told: str, date: str | None, wait_s: float | None) -> None:
    headers = {"Retry-After": told} | ({"Date": date} if date is not None else {})
    assert retry_after_s(headers) == wait_s


def test_no_wait_is_asked_for() -> None:
    assert retry_after_s({}) is None


@given(told=st.text() | st.datetimes().map(format_datetime), date=st.text())
def test_a_wait_of_any_text_is_bounded(told: str, date: str) -> None:
    for now in (date, NOW):
        wait_s = retry_after_s({"Retry-After": told, "Date": now})
        assert wait_s is None or 0 <= wait_s <= DAY_S


# Pictures in text


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_goes_into_text_and_back(kind: str) -> None:
    data = picture(3, kind=kind)
    uri = data_uri(data, f"image/{kind.lower()}")
    assert uri.startswith(f"data:image/{kind.lower()};base64,")
    assert decoded(uri) == data
    assert decoded(uri.partition(",")[2]) == data


BASE64 = base64.b64encode(PNG).decode()


@pytest.mark.parametrize(
    "text",
    [
        None,
        7,
        PNG,
        BASE64.encode(),
        [BASE64],
        {},
        "",
        "data:",
        "data:image/png;base64",
        "data:image/png;base64,",
        f"data:image/png;base64,,{BASE64}",
        f"{BASE64[:40]}\n{BASE64[40:]}",
        f"{BASE64}!",
        BASE64[:-3],
        "ü" * 40,
        "\ud800",
        base64.b64encode(b"<svg onload=alert(1)>").decode(),
        base64.b64encode(b"GIF89a").decode(),
        base64.b64encode(b"RIFF0000WAVE").decode(),
    ],
    ids=lambda text: repr(text)[:30],
)
def test_text_that_is_no_picture(text: object) -> None:
    assert decoded(text) is None


def test_a_picture_in_text_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "IMAGE_BYTES_MAX", len(PNG))
    assert decoded(BASE64) == PNG
    for text in (BASE64 + BASE64, data_uri(PNG + bytes(9), "image/png")):
        assert decoded(text) is None


@given(st.binary())
def test_bytes_are_a_picture_by_their_beginning(data: bytes) -> None:
    assert not is_picture(data) or data[:4] in {b"\x89PNG", b"RIFF"} or data[:3] == b"\xff\xd8\xff"
    for magic in (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF1234WEBP"):
        assert is_picture(magic + data)
        assert decoded(base64.b64encode(magic + data).decode()) == magic + data
