"""What OpenAI's answers say: pictures, descriptions, models, flags; nothing in them is believed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from providers.openai.errors import Lost
from providers.reading import objects

TOKENS_MAX = 10**9

# USD per token of gpt-image-2 and later; the older ones end on 2026-12-01.
TEXT_IN_USD, IMAGE_IN_USD, IMAGE_OUT_USD = 5e-6, 8e-6, 30e-6
# USD per token of gpt-6-luna, which describes and enhances.
WORDS_IN_USD, WORDS_OUT_USD = 0.10e-6, 0.50e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Pictures:
    """Pictures as base64 or addresses, in order, and the cost where it is told."""

    base64s: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    cost_usd: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What a model said; nothing where it would not."""

    text: str = ""
    refused: bool = False
    cost_usd: float | None = None


def mapping(body: bytes) -> dict[str, Any]:
    """A body as a JSON object; raises Lost where it is none."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Lost("the answer is not JSON") from error
    if not isinstance(answer, dict):
        raise Lost("the answer is not an object")
    return answer


def pictures(answer: dict[str, Any]) -> Pictures:
    """What an image call answered at once."""
    data = objects(answer.get("data"))
    return Pictures(
        base64s=tuple(str(row["b64_json"]) for row in data if row.get("b64_json")),
        urls=tuple(str(row["url"]) for row in data if row.get("url") and not row.get("b64_json")),
        cost_usd=image_cost_usd(answer.get("usage")),
    )


def image_cost_usd(usage: object) -> float | None:
    """The cost of pictures by tokens, where the answer tells them."""
    match usage:
        case {
            "input_tokens_details": {"text_tokens": text, "image_tokens": image},
            "output_tokens": out,
        } if _counts(text, image, out):
            return float(text * TEXT_IN_USD + image * IMAGE_IN_USD + out * IMAGE_OUT_USD)
    return None


def words(answer: dict[str, Any]) -> Words:
    """What a model said; raises Lost where there is nothing to read."""
    choices = objects(answer.get("choices"))
    message = choices[0].get("message") if choices else None
    if not isinstance(message, dict):
        raise Lost("the answer holds no message")
    cost_usd = _words_cost_usd(answer.get("usage"))
    if message.get("refusal") or choices[0].get("finish_reason") == "content_filter":
        return Words(refused=True, cost_usd=cost_usd)
    content = message.get("content")
    if not isinstance(content, str) or not content.strip():
        raise Lost("the answer holds no text")
    return Words(text=content, cost_usd=cost_usd)


def models(answer: dict[str, Any]) -> dict[str, date | None]:
    """The models of a list, each with the day it ends where that is told; raises Lost."""
    if not isinstance(answer.get("data"), list):
        raise Lost("the answer is no list of models")
    return {
        row["id"]: day_of(row.get("shutdown_date"))
        for row in objects(answer.get("data"))
        if isinstance(row.get("id"), str)
    }


def day_of(told: object) -> date | None:
    """A day told as a date, or as seconds since 1970; None where it is neither."""
    try:
        if isinstance(told, str):
            return date.fromisoformat(told[:10])
        if isinstance(told, int | float) and not isinstance(told, bool):
            return datetime.fromtimestamp(told, UTC).date()
    except (ValueError, OverflowError, OSError):
        return None
    return None


def flagged(answer: dict[str, Any]) -> frozenset[str]:
    """The categories that a moderation flags; raises Lost where it judged nothing."""
    names: set[str] = set()
    results = objects(answer.get("results"))
    if not results:
        raise Lost("the answer holds no judgement")
    for result in results:
        categories = result.get("categories")
        if not isinstance(categories, dict):
            raise Lost("the answer holds no categories")
        own = {name for name, value in categories.items() if value is True}
        if result.get("flagged") is not bool(own):
            raise Lost("the answer contradicts itself")
        names |= own
    return frozenset(names)


def _words_cost_usd(usage: object) -> float | None:
    match usage:
        case {"prompt_tokens": asked, "completion_tokens": told} if _counts(asked, told):
            return float(asked * WORDS_IN_USD + told * WORDS_OUT_USD)
    return None


def _counts(*values: object) -> bool:
    """Whether these are plausible numbers of tokens."""
    return all(type(value) is int and 0 <= value < TOKENS_MAX for value in values)
