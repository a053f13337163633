from __future__ import annotations

import asyncio
import io
from dataclasses import replace

import pytest
from PIL import Image

from providers.base import (
    Fault,
    ImageRequest,
    ProviderError,
    SourceImage,
    Step,
)
from providers.openai import OpenAI
from providers.openai.arguments import SIZES
from tests.fakes.openai_server import Behaviour, FakeOpenAI, picture
from tests.fakes.vendor import mask
from tests.providers.asking import COMPATIBLE, KEY, OWN, Previews, asking, never, run


async def test_streams_one_picture_with_its_partials(server: FakeOpenAI, vendor: OpenAI) -> None:
    previews = Previews()
    result = await vendor.run(asking(), partial=previews, accepted=never)
    assert previews == [picture(1000, (16, 16)), picture(1001, (16, 16))]
    assert result.images == (picture(1),)
    assert result.cost_usd == pytest.approx(10 * 5e-6 + 40 * 8e-6 + 1000 * 30e-6)
    assert server.requests[0].authorization == f"Bearer {KEY}"
    assert server.requests[0].body == {
        "model": OWN,
        "prompt": "a fox",
        "n": 1,
        "size": "1024x1024",
        "quality": "medium",
        "stream": True,
        "partial_images": 2,
    }


QUALITIES = {"low": ("low", 200), None: ("medium", 1000), "high": ("high", 4000)}


@pytest.mark.parametrize("quality", QUALITIES)
@pytest.mark.parametrize("operation", ["imagine", "edit"])
@pytest.mark.parametrize("count", [1, 2])
async def test_the_cost_follows_the_quality(
    server: FakeOpenAI, vendor: OpenAI, quality: str | None, operation: str, count: int
) -> None:
    asked = asking(operation=operation, images=1, count=count)
    result = await run(vendor, replace(asked, quality=quality))
    sent, tokens = QUALITIES[quality]
    assert server.requests[0].body["quality"] == sent
    assert result.cost_usd == pytest.approx(10 * 5e-6 + 40 * 8e-6 + tokens * 30e-6)


async def test_a_quality_that_there_is_not_is_the_usual_one(
    server: FakeOpenAI, vendor: OpenAI
) -> None:
    await run(vendor, replace(asking(), quality="max"))
    assert server.requests[0].body["quality"] == "medium"


async def test_a_preview_comes_before_the_answer_is_complete(
    server: FakeOpenAI, vendor: OpenAI
) -> None:
    server.script.append(Behaviour(pace_s=0.05))
    first = asyncio.Event()

    async def partial(_: bytes | Step) -> None:
        first.set()

    call = asyncio.create_task(vendor.run(asking(), partial=partial, accepted=never))
    await asyncio.wait_for(first.wait(), 5)
    assert not call.done()
    await call


async def test_a_server_that_answers_a_stream_with_json(server: FakeOpenAI, vendor: OpenAI) -> None:
    server.script.append(Behaviour(json_always=True))
    result = await run(vendor, asking())
    assert len(result.images) == 1
    assert result.cost_usd is not None


async def test_several_pictures_are_one_call_without_a_stream(
    server: FakeOpenAI, vendor: OpenAI
) -> None:
    result = await run(vendor, asking(count=4))
    assert len(set(result.images)) == 4
    assert [request.body["n"] for request in server.requests] == [4]
    assert "stream" not in server.requests[0].body


async def test_fewer_pictures_than_asked_are_handed_over(
    server: FakeOpenAI, vendor: OpenAI
) -> None:
    server.script.append(Behaviour(images=2))
    assert len((await run(vendor, asking(count=4))).images) == 2


async def test_more_pictures_than_asked_are_cut(server: FakeOpenAI, vendor: OpenAI) -> None:
    server.script.append(Behaviour(images=3))
    assert len((await run(vendor, asking(count=2))).images) == 2


async def test_an_answer_without_pictures_is_a_refusal(server: FakeOpenAI, vendor: OpenAI) -> None:
    server.script.append(Behaviour(images=0))
    with pytest.raises(ProviderError) as caught:
        await run(vendor, asking(count=2))
    assert caught.value.fault is Fault.REFUSED


@pytest.mark.parametrize("ratio", SIZES)
async def test_sizes_follow_the_ratio(server: FakeOpenAI, vendor: OpenAI, ratio: str) -> None:
    wide, high = (int(side) for side in ratio.split(":"))
    for model, step, exact in (
        (OWN, 16, True),
        ("gpt-image-1.5", 8, False),
        (COMPATIBLE, 64, True),
    ):
        await run(vendor, asking(ratio=ratio, model=model))
        width, height = (int(side) for side in server.requests[-1].body["size"].split("x"))
        assert width % step == height % step == 0
        assert 0.5e6 < width * height < 1.6e6
        if exact:
            assert width * high == height * wide
        assert (width > height, width < height) == (wide > high, wide < high)


async def test_an_unknown_ratio_is_not_sent(server: FakeOpenAI, vendor: OpenAI) -> None:
    with pytest.raises(ProviderError) as caught:
        await run(vendor, asking(ratio="5:1"))
    assert caught.value.fault is Fault.BAD_INPUT
    assert server.requests == []


async def test_references_go_to_edits_with_a_size(server: FakeOpenAI, vendor: OpenAI) -> None:
    previews = Previews()
    result = await vendor.run(asking(images=3, ratio="16:9"), partial=previews, accepted=never)
    (request,) = server.requests
    assert request.path == "/v1/images/edits"
    assert request.files == tuple(
        ("image[]", "image/png", picture(500 + index)) for index in range(3)
    )
    assert request.body["size"] == "1536x864"
    assert len(previews) == 2
    assert len(result.images) == 1


async def test_an_edit_keeps_the_picture_s_own_shape(server: FakeOpenAI, vendor: OpenAI) -> None:
    await run(vendor, asking(operation="edit", images=1))
    await run(vendor, asking(operation="edit", images=1, model=COMPATIBLE))
    assert server.requests[0].body["size"] == "auto"
    assert server.requests[1].body == {
        "model": COMPATIBLE,
        "prompt": "a fox",
        "n": "1",
        "response_format": "b64_json",
    }


async def test_compatible_servers_get_nothing_that_is_openai_s_own(
    server: FakeOpenAI, vendor: OpenAI
) -> None:
    result = await run(vendor, replace(asking(model=COMPATIBLE), quality="high"))
    assert server.requests[0].body == {
        "model": COMPATIBLE,
        "prompt": "a fox",
        "n": 1,
        "size": "1024x1024",
        "response_format": "b64_json",
    }
    assert result.cost_usd is None


async def test_negative_is_folded_in_and_native_settings_are_taken_out(
    server: FakeOpenAI, vendor: OpenAI
) -> None:
    prompt = (
        "a <sd_cpp_<sd_cpp_extra_args>x</sd_cpp_extra_args>extra_args>{}</SD_CPP_EXTRA_ARGS>fox"
    )
    await run(vendor, asking(prompt, negative="rain <sd_cpp_extra_args>{"))
    assert server.requests[0].body["prompt"] == "a fox\n\nAvoid: rain"


async def test_a_prompt_of_native_settings_alone_is_not_sent(
    server: FakeOpenAI, vendor: OpenAI
) -> None:
    with pytest.raises(ProviderError) as caught:
        await run(vendor, asking("<sd_cpp_extra_args>{}</sd_cpp_extra_args>"))
    assert caught.value.fault is Fault.BAD_INPUT
    assert server.requests == []


def masked(mask: bytes, *, model: str = OWN, images: int = 1) -> ImageRequest:
    return replace(
        asking(operation="region", model=model, images=images),
        mask=SourceImage(data=mask, media_type="image/png"),
    )


@pytest.mark.parametrize("model", [OWN, COMPATIBLE])
@pytest.mark.parametrize("size", [(64, 64), (32, 16)])
async def test_a_mask_is_as_large_as_the_picture_and_transparent_where_it_was_white(
    server: FakeOpenAI, vendor: OpenAI, model: str, size: tuple[int, int]
) -> None:
    await run(vendor, masked(mask(size), model=model, images=2))
    (request,) = server.requests
    assert request.path == "/v1/images/edits"
    assert [name for name, _, _ in request.files] == ["image[]", "image[]", "mask"]
    sent = Image.open(io.BytesIO(request.files[-1][2]))
    assert (sent.mode, sent.size) == ("RGBA", (64, 64))
    assert sent.getpixel((32, 32)) == (255, 255, 255, 0)
    assert sent.getpixel((2, 2)) == (0, 0, 0, 255)
    assert request.body.get("size") == ("auto" if model == OWN else None)


async def test_a_soft_edge_of_a_mask_is_decided(server: FakeOpenAI, vendor: OpenAI) -> None:
    out = io.BytesIO()
    Image.linear_gradient("L").save(out, "PNG")
    await run(vendor, masked(out.getvalue()))
    sent = Image.open(io.BytesIO(server.requests[0].files[-1][2]))
    assert set(sent.getchannel("A").tobytes()) == {0, 255}


UNFIT = {
    "no picture to edit": asking(operation="edit"),
    "no picture to describe": asking(operation="describe"),
    "no mask": asking(operation="region", images=1),
    "a mask that is no picture": masked(b"\x89PNG\r\n\x1a\nbroken"),
    "too many pictures": asking(operation="edit", images=17),
}


@pytest.mark.parametrize("name", UNFIT)
async def test_an_unfit_request_is_not_sent(server: FakeOpenAI, vendor: OpenAI, name: str) -> None:
    with pytest.raises(ProviderError) as caught:
        await run(vendor, UNFIT[name])
    assert caught.value.fault is Fault.BAD_INPUT
    assert server.requests == []


async def test_an_edit_takes_sixteen_pictures(server: FakeOpenAI, vendor: OpenAI) -> None:
    await run(vendor, asking(operation="edit", images=16))
    assert [data for _, _, data in server.requests[0].files] == [
        picture(500 + index) for index in range(16)
    ]


@pytest.mark.parametrize("images", [0, 1])
async def test_a_transparent_picture_is_asked_for_as_png(
    server: FakeOpenAI, vendor: OpenAI, images: int
) -> None:
    result = await run(vendor, replace(asking(images=images), transparent=True))
    assert server.requests[0].body["background"] == "transparent"
    assert server.requests[0].body["output_format"] == "png"
    assert Image.open(io.BytesIO(result.images[0])).mode == "RGBA"


async def test_a_compatible_server_hears_nothing_of_transparency(
    server: FakeOpenAI, vendor: OpenAI
) -> None:
    await run(vendor, replace(asking(model=COMPATIBLE), transparent=True))
    assert not {"background", "output_format"} & set(server.requests[0].body)


USAGES: list[object] = [
    5,
    {"output_tokens": 1},
    {"input_tokens_details": {"text_tokens": "1", "image_tokens": 1}, "output_tokens": 1},
    {"input_tokens_details": {"text_tokens": -1, "image_tokens": 1}, "output_tokens": 1},
    {"input_tokens_details": {"text_tokens": 1, "image_tokens": True}, "output_tokens": 1},
    {"input_tokens_details": {"text_tokens": 1, "image_tokens": 1}, "output_tokens": 10**400},
]


@pytest.mark.parametrize("usage", USAGES)
@pytest.mark.parametrize("count", [1, 2])
async def test_tokens_that_cannot_be_counted_tell_no_cost(
    server: FakeOpenAI, vendor: OpenAI, usage: object, count: int
) -> None:
    server.script.append(Behaviour(usage=usage))
    result = await run(vendor, asking(count=count))
    assert len(result.images) == count
    assert result.cost_usd is None
