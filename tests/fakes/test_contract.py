"""The checks against the official descriptions: right requests pass, wrong ones are told."""

from __future__ import annotations

import json

import pytest

from tests.fakes import contract
from tests.fakes.contract import BINARY, OpenApi, TelegramApi

pytestmark = [
    pytest.mark.specs,
    pytest.mark.skipif(contract.specs_folder() is None, reason="ATELIER_SPECS is not set"),
]

CARD = {
    "flags": 32768,
    "components": [
        {
            "type": 17,
            "components": [
                {"type": 10, "content": "hi"},
                {"type": 12, "items": [{"media": {"url": "attachment://a.png"}}]},
                {
                    "type": 1,
                    "components": [{"type": 2, "style": 2, "label": "x", "custom_id": "y"}],
                },
            ],
        }
    ],
    "attachments": [{"id": "0", "filename": "a.png"}],
}
ORIGINAL = "/api/v10/webhooks/1/token/messages/@original"


@pytest.fixture
def discord() -> OpenApi:
    found = contract.openapi("discord")
    assert found is not None
    return found


@pytest.fixture
def openai() -> OpenApi:
    found = contract.openapi("openai")
    assert found is not None
    return found


@pytest.fixture
def telegram() -> TelegramApi:
    found = contract.telegram()
    assert found is not None
    return found


def test_discord_takes_a_card(discord: OpenApi) -> None:
    assert discord.check("PATCH", ORIGINAL, CARD) == []
    sent = {"payload_json": json.dumps(CARD), "files[0]": BINARY}
    assert discord.check("PATCH", ORIGINAL, sent) == []


@pytest.mark.parametrize(
    ("method", "path", "body", "problem"),
    [
        ("PATCH", ORIGINAL, {**CARD, "nope": 1}, "'nope' was unexpected"),
        ("PATCH", ORIGINAL, {"payload_json": "{}", "files[10]": BINARY}, "files[10]"),
        ("PATCH", ORIGINAL, {"content": "x" * 2001}, "longer than 2000"),
        (
            "PATCH",
            ORIGINAL,
            {"components": [{"type": 10, "content": "x", "contant": "x"}]},
            "contant",
        ),
        ("PATCH", ORIGINAL, None, "needs a body"),
        ("POST", "/api/v10/users/@me/nothing", {}, "no such path"),
        ("DELETE", "/api/v10/gateway/bot", None, "no such method"),
        ("DELETE", ORIGINAL, {"a": 1}, "takes no body"),
    ],
)
def test_discord_refuses(
    discord: OpenApi, method: str, path: str, body: object, problem: str
) -> None:
    told = discord.check(method, path, body)
    assert told
    assert problem in " ".join(told)


def test_openai(openai: OpenApi) -> None:
    asked = {"prompt": "x", "n": 2, "model": "gpt-image-1"}
    assert openai.check("POST", "/v1/images/generations", asked) == []
    form = {"prompt": "x", "n": "2", "image[]": [BINARY, BINARY]}
    assert openai.check("POST", "/v1/images/edits", form) == []
    for wrong in ({"n": 11}, {"modal": "x"}, {"prompt": 5}):
        assert openai.check("POST", "/v1/images/generations", {**asked, **wrong})
    assert openai.check("POST", "/v1/images/edits", {**form, "n": "two"})


def test_telegram(telegram: TelegramApi) -> None:
    keyboard = {"inline_keyboard": [[{"text": "a", "callback_data": "b"}]]}
    asked: dict[str, object] = {
        "chat_id": "12",
        "photo": BINARY,
        "reply_parameters": '{"message_id":5,"allow_sending_without_reply":true}',
        "reply_markup": json.dumps(keyboard),
    }
    assert telegram.check("sendPhoto", asked) == []
    for wrong in (
        {"chat_id": None},
        {"foo": 1},
        {"caption": 5},
        {"reply_parameters": '{"message_id":"5"}'},
        {"reply_markup": '{"inline_keyboard":[[{"text":"a","callbackdata":"b"}]]}'},
        {"reply_markup": "{"},
    ):
        assert telegram.check("sendPhoto", {**asked, **wrong})
    assert telegram.check("sendNothing", {})


def test_telegram_media(telegram: TelegramApi) -> None:
    media = {"type": "photo", "media": "attach://file1", "caption": "x"}
    asked = {"chat_id": 12, "message_id": 3, "media": json.dumps(media), "file1": BINARY}
    assert telegram.check("editMessageMedia", asked) == []
    assert telegram.check("editMessageMedia", {**asked, "file2": BINARY})
    del asked["file1"]
    assert telegram.check("editMessageMedia", asked)


@pytest.mark.parametrize(
    ("params", "wrong"),
    [
        ({"payment_intent": "pi_1", "amount": "500", "metadata": {"a": "b"}}, 0),
        ({"payment_intent": "pi_1", "amount": "much"}, 1),
        ({"payment_intent": "pi_1", "sum": "500"}, 1),
    ],
)
def test_a_form_of_stripes_is_read_as_its_schema_means(
    params: dict[str, object], wrong: int
) -> None:
    described = contract.stripe()
    assert described is not None
    assert len(described.check("POST", "/v1/refunds", params)) == wrong
