"""What is read from answers of any shape, and what several calls come to."""

from __future__ import annotations

import time
from typing import Any

import pytest

from providers.base import Fault, ImageResult, OutcomeUnknown, ProviderError
from providers.reading import gathered, json_in, object_in, objects, prompts, texts
from providers.transport import Answer
from tests.fakes.vendor import picture


def answer(body: bytes) -> Answer:
    return Answer(status=200, headers={}, body=body)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[" * 100_000, b"\xff"], ids=range(4))
def test_what_is_no_json_is_none(body: bytes) -> None:
    assert json_in(answer(body)) is None
    assert object_in(answer(body)) is None


def test_only_what_is_of_the_kind_is_kept() -> None:
    assert json_in(answer(b"[1]")) == [1]
    assert object_in(answer(b"[1]")) is None
    assert object_in(answer(b'{"a": 1}')) == {"a": 1}
    for strange in (None, 5, "text", {"a": 1}):
        assert objects(strange) == []
        assert texts(strange) == []
    mixed: list[Any] = [1, "a", {"b": 2}, None, [3]]
    assert objects(mixed) == [{"b": 2}]
    assert texts(mixed) == ["a"]


PROMPTS = {
    '["a", "b", "c", "d", "e"]': ("a", "b", "c", "d"),
    'Here:\n```json\n["a",\n "b"]\n```\nEnjoy!': ("a", "b"),
    '{"prompts": ["a", 7, ""]}': ("a",),
    "Here:\n1. one\n   in snow\n(2) **two**\n\nEnjoy!": ("one in snow", "two"),
    "1. a fox [1]\n- a cat [red]": ("a fox [1]", "a cat [red]"),
    "one\ntwo": (),
    "[1, 2]": (),
    "": (),
}


@pytest.mark.parametrize("told", PROMPTS)
def test_prompts_are_a_list_or_marked_items(told: str) -> None:
    assert prompts(told) == PROMPTS[told]


def test_lines_are_prompts_only_where_they_may_be() -> None:
    assert prompts('"one",\n\ntwo', by_line=True) == ("one", "two")
    assert prompts("1. one\ntwo", by_line=True) == ("one two",)


@pytest.mark.parametrize(
    "told", ["[" * 10**6, "1. a\n" + "\n" * 10**6, "- " * 10**6, " \t" * 10**6]
)
def test_no_text_takes_long_to_read(told: str) -> None:
    began = time.perf_counter()
    prompts(told, by_line=True)
    assert time.perf_counter() - began < 1


async def made(number: int, cost_usd: float | None = 0.5) -> ImageResult:
    return ImageResult(images=(picture(number),), cost_usd=cost_usd)


async def failed(error: Exception) -> ImageResult:
    raise error


async def test_what_was_made_counts_and_its_cost_where_all_of_it_is_told() -> None:
    refused, lost = ProviderError(Fault.REFUSED), OutcomeUnknown()
    result = await gathered([made(0), failed(refused), made(1)])
    assert result == ImageResult(images=(picture(0), picture(1)), cost_usd=1.0)
    assert (await gathered([made(0), made(1, None)])).cost_usd is None
    assert (await gathered([made(0), failed(lost)])).cost_usd is None


async def test_the_gravest_error_is_told_where_nothing_was_made() -> None:
    late, refused, lost = (
        ProviderError(Fault.UNAVAILABLE),
        ProviderError(Fault.REFUSED),
        OutcomeUnknown(),
    )
    for errors, gravest in (([late, refused], refused), ([late, lost, refused], lost)):
        with pytest.raises(ProviderError) as caught:
            await gathered([failed(error) for error in errors])
        assert caught.value is gravest
    with pytest.raises(KeyError):
        await gathered([made(0), failed(KeyError("a mistake of ours"))])
