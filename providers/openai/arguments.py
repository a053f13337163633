"""What an image call is made with: OpenAI's own models take more than compatible servers know."""

from __future__ import annotations

import asyncio
import re
from typing import Any

from providers.base import (
    QUALITIES,
    USUAL_QUALITY,
    Fault,
    ImageRequest,
    ProviderError,
    SourceImage,
)
from providers.reading import ENHANCE_PROMPT
from providers.transport import data_uri

# What is answered in words.
IN_WORDS = frozenset({"describe", "enhance"})
# Thinking counts too, so it is more than four prompts need; it bounds the cost to a fifth of a cent.
WORDS_TOKENS_MAX = 4000
DESCRIBE_PROMPT = (
    "Write four prompts, each of which would make an image model produce a picture like this one. "
    "Name subject, setting, composition, light, colours and style; vary the wording and the focus. "
    "Answer with a JSON list of four strings and nothing else."
)
IMAGES_MAX = 16
PARTIAL_IMAGES = 2

# By ratio: gpt-image-2 and later (any multiples of 16), the older ones (three sizes), and diffusion
# models on compatible servers (multiples of 64, at most 1 MP).
SIZES = {
    "1:1": ("1024x1024", "1024x1024", "1024x1024"),
    "16:9": ("1536x864", "1536x1024", "1024x576"),
    "9:16": ("864x1536", "1024x1536", "576x1024"),
    "4:3": ("1344x1008", "1536x1024", "1024x768"),
    "3:4": ("1008x1344", "1024x1536", "768x1024"),
    "3:2": ("1536x1024", "1536x1024", "1152x768"),
    "2:3": ("1024x1536", "1024x1536", "768x1152"),
    "5:4": ("1280x1024", "1536x1024", "960x768"),
    "4:5": ("1024x1280", "1024x1536", "768x960"),
    "21:9": ("1680x720", "1536x1024", "1344x576"),
}

_OWN_MODEL = re.compile(r"gpt-image-|chatgpt-image-")
_OLD_MODEL = re.compile(r"gpt-image-1\b|chatgpt-image-")
# stable-diffusion.cpp reads its native settings from inside the prompt; people may not set them.
_SERVER_ARGUMENTS = re.compile(
    r"<sd_cpp_extra_args>.*?(?:</sd_cpp_extra_args>|\Z)", re.DOTALL | re.IGNORECASE
)


def is_own(model: str) -> bool:
    """Whether a model is one of OpenAI's own for pictures."""
    return _OWN_MODEL.match(model) is not None


async def arguments_of(request: ImageRequest) -> dict[str, Any]:
    """The SDK's arguments; raises ProviderError for what no server of this kind takes."""
    own = is_own(request.model)
    arguments: dict[str, Any] = {
        "model": request.model,
        "prompt": _prompt(request),
        "n": request.count,
    }
    if request.operation == "imagine":
        arguments["size"] = _size(request.model, request.ratio)
    elif own:
        arguments["size"] = "auto"
    arguments |= await _files(request)
    if not own:
        arguments["response_format"] = "b64_json"
        return arguments
    # "auto" may choose one four times as dear as was told.
    arguments["quality"] = request.quality if request.quality in QUALITIES else USUAL_QUALITY
    if request.transparent:
        arguments |= {"background": "transparent", "output_format": "png"}
    if request.count == 1:
        arguments |= {"stream": True, "partial_images": PARTIAL_IMAGES}
    return arguments


def words_of(request: ImageRequest) -> dict[str, Any]:
    """The arguments of a call that describes or enhances; raises ProviderError."""
    if request.operation == "enhance":
        messages: list[dict[str, Any]] = [
            {"role": "system", "content": ENHANCE_PROMPT},
            {"role": "user", "content": _prompt(request)},
        ]
    elif request.images:
        parts = [{"type": "text", "text": DESCRIBE_PROMPT}, picture_part(request.images[0])]
        messages = [{"role": "user", "content": parts}]
    else:
        raise ProviderError(Fault.BAD_INPUT, "there is no picture to describe")
    return {
        "model": request.model,
        "messages": messages,
        "max_completion_tokens": WORDS_TOKENS_MAX,
    }


def picture_part(image: SourceImage) -> dict[str, Any]:
    """A picture as a part of a message."""
    return {"type": "image_url", "image_url": {"url": data_uri(image.data, image.media_type)}}


async def _files(request: ImageRequest) -> dict[str, Any]:
    """The pictures and the mask that go with a call."""
    images = request.images
    if request.operation != "imagine" and not images:
        raise ProviderError(Fault.BAD_INPUT, "there is no picture to edit")
    if len(images) > IMAGES_MAX:
        raise ProviderError(Fault.BAD_INPUT, f"more than {IMAGES_MAX} pictures")
    if request.operation == "region" and request.mask is None:
        raise ProviderError(Fault.BAD_INPUT, "there is no mask")
    files: dict[str, Any] = {}
    if images:
        files["image"] = [
            (f"image-{index}.{item.media_type.partition('/')[2]}", item.data, item.media_type)
            for index, item in enumerate(images, start=1)
        ]
    if images and request.mask is not None:
        mask = await asyncio.to_thread(_mask, request.mask.data, images[0].data)
        files["mask"] = ("mask.png", mask, "image/png")
    return files


def _mask(mask: bytes, picture: bytes) -> bytes:
    # Pillow is not needed before somebody sends a mask.
    from providers.openai import masks

    try:
        return masks.transparent_where_white(mask, picture)
    except masks.Unreadable as error:
        raise ProviderError(Fault.BAD_INPUT, str(error)) from error


def _size(model: str, ratio: str) -> str:
    if ratio not in SIZES:
        raise ProviderError(Fault.BAD_INPUT, f"no size for ratio {ratio}")
    current, old, compatible = SIZES[ratio]
    if not is_own(model):
        return compatible
    return old if _OLD_MODEL.match(model) else current


def _prompt(request: ImageRequest) -> str:
    """The prompt with the negative folded in, and without a server's native settings."""
    text = request.prompt
    if request.negative:
        text = f"{text}\n\nAvoid: {request.negative}"
    while (cleaned := _SERVER_ARGUMENTS.sub("", text)) != text:
        text = cleaned
    if not text.strip():
        raise ProviderError(Fault.BAD_INPUT, "the prompt is empty")
    return text.strip()
