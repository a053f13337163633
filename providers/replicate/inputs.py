"""What each model at Replicate takes: their fields differ by name, and this table says how."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from providers.base import Fault, ImageRequest, ProviderError, SourceImage
from providers.pictures import size_of
from providers.transport import data_uri

# Replicate wants data URIs below 1 MB, here all of a call together, and the rest as files.
DATA_URIS_LENGTH_MAX = 1_000_000
SEED_MAX = 2**31 - 1
# Runway takes references that are at most twice as long as they are wide, or the other way round.
REFERENCE_RATIO_MAX = 2.0

_TAG = re.compile(r"(?<![\w@.])@([A-Za-z][A-Za-z0-9]{2,14})(?![\w@])", re.ASCII)
_OPAQUE = object()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One model's input: the names of its fields, and what is always sent.

    `version` is of a community model: the one that is used where the latest cannot be asked for.
    `instructed` models follow a sentence, so it may say what to avoid. `like_picture` is the ratio
    that keeps the first picture's; without it an edit takes the nearest of `ratios`. Of the pairs, the
    second is the bounds. `strength` tells how much may change, `fidelity` how much stays.
    """

    prompted: bool = True
    instructed: bool = False
    picture: str | None = None
    pictures: str | None = None
    pictures_min: int = 0
    pictures_max: int = 0
    tagged: bool = False
    mask: bool = False
    ratios: tuple[str, ...] = ()
    like_picture: str | None = None
    seed: bool = True
    count_max: int = 1
    steps: tuple[str, tuple[int, int]] | None = None
    guidance: tuple[str, tuple[float, float]] | None = None
    strength: str | None = None
    fidelity: str | None = None
    faces: str | None = None
    scale: str | None = None
    fixed: Mapping[str, object] = field(default_factory=dict)
    version: str | None = None


_FLUX_RATIOS = ("1:1", "16:9", "3:2", "2:3", "4:5", "5:4", "9:16", "3:4", "4:3")
_WIDE_RATIOS = (*_FLUX_RATIOS, "21:9", "9:21")
_RUNWAY_RATIOS = ("1:1", "16:9", "9:16", "4:3", "3:4", "21:9")
_PNG: Mapping[str, object] = {"output_format": "png"}
_RUNWAY: Mapping[str, object] = {"resolution": "720p"}

SHAPES: Mapping[str, Shape] = {
    "black-forest-labs/flux-1.1-pro": Shape(ratios=_FLUX_RATIOS, fixed=_PNG),
    "black-forest-labs/flux-schnell": Shape(
        ratios=_WIDE_RATIOS, count_max=4, steps=("num_inference_steps", (1, 4)), fixed=_PNG
    ),
    "black-forest-labs/flux-dev": Shape(
        picture="image",
        pictures_max=1,
        ratios=_WIDE_RATIOS,
        count_max=4,
        steps=("num_inference_steps", (1, 50)),
        guidance=("guidance", (0, 10)),
        strength="prompt_strength",
        fixed=_PNG,
    ),
    "black-forest-labs/flux-kontext-pro": Shape(
        instructed=True,
        picture="input_image",
        pictures_min=1,
        pictures_max=1,
        ratios=_WIDE_RATIOS,
        like_picture="match_input_image",
        fixed=_PNG,
    ),
    "black-forest-labs/flux-fill-pro": Shape(
        picture="image",
        pictures_min=1,
        pictures_max=1,
        mask=True,
        steps=("steps", (15, 50)),
        fixed=_PNG,
    ),
    "black-forest-labs/flux-2-pro": Shape(
        instructed=True,
        pictures="input_images",
        pictures_max=8,
        ratios=_FLUX_RATIOS,
        like_picture="match_input_image",
        fixed={"output_format": "png", "resolution": "1 MP"},
    ),
    "runwayml/gen4-image": Shape(
        instructed=True,
        pictures="reference_images",
        pictures_max=3,
        tagged=True,
        ratios=_RUNWAY_RATIOS,
        fixed=_RUNWAY,
    ),
    "runwayml/gen4-image-turbo": Shape(
        instructed=True,
        pictures="reference_images",
        pictures_min=1,
        pictures_max=3,
        tagged=True,
        ratios=_RUNWAY_RATIOS,
        fixed=_RUNWAY,
    ),
    "nightmareai/real-esrgan": Shape(
        prompted=False,
        picture="image",
        pictures_min=1,
        pictures_max=1,
        seed=False,
        scale="scale",
        faces="face_enhance",
        version="42fed1c4974146d4d2414e2be2c5277c7fcf05fcc3a73abf41610695738c1d7b",
    ),
    "sczhou/codeformer": Shape(
        prompted=False,
        picture="image",
        pictures_min=1,
        pictures_max=1,
        seed=False,
        fidelity="codeformer_fidelity",
        fixed={
            "codeformer_fidelity": 0.7,
            "background_enhance": True,
            "face_upsample": True,
            "upscale": 2,
        },
        version="cc4956dd26fa5a7185d5660cc9100fab1b8070a1d1654a8bb5eb6d443b020bb2",
    ),
    "851-labs/background-remover": Shape(
        prompted=False,
        picture="image",
        pictures_min=1,
        pictures_max=1,
        seed=False,
        fixed={"format": "png", "background_type": "rgba"},
        version="a029dff38972b5fda4ec5d75d7d1cd25aeff621d2cf4946a41055d7db66b80bc",
    ),
    "bria/remove-background": Shape(
        prompted=False, picture="image", pictures_min=1, pictures_max=1, seed=False
    ),
}


def shape_of(request: ImageRequest) -> Shape:
    """The model's shape, with the request found fit for it; raises ProviderError."""
    shape = SHAPES.get(request.model)
    if shape is None:
        raise ProviderError(Fault.MODEL_GONE, f"no model {request.model!r} is known here")
    count = len(request.images)
    least = max(shape.pictures_min, 0 if request.operation == "imagine" else 1)
    if not least <= count <= shape.pictures_max:
        raise ProviderError(Fault.BAD_INPUT, f"{request.model} takes no {count} pictures")
    if shape.mask and request.mask is None:
        raise ProviderError(Fault.BAD_INPUT, f"{request.model} needs a mask")
    if shape.prompted and not request.prompt.strip():
        raise ProviderError(Fault.BAD_INPUT, "the prompt is empty")
    kept = request.operation == "edit"
    if shape.ratios and not kept and request.ratio not in shape.ratios:
        raise ProviderError(Fault.BAD_INPUT, f"no size for ratio {request.ratio}")
    for image in request.images if shape.tagged else ():
        if not 1 / REFERENCE_RATIO_MAX <= _ratio(image) <= REFERENCE_RATIO_MAX:
            raise ProviderError(Fault.BAD_INPUT, "a reference is too long or too wide")
    return shape


def sources(request: ImageRequest) -> tuple[SourceImage, ...]:
    """The pictures that go to the vendor: the references, then the mask."""
    shape = SHAPES[request.model]
    masks = (request.mask,) if shape.mask and request.mask is not None else ()
    return (*request.images, *masks)


def inlined(request: ImageRequest) -> list[str | None]:
    """For each of `sources(request)` its data URI, as many as fit; None of those to be uploaded."""
    texts: list[str | None] = []
    left = DATA_URIS_LENGTH_MAX
    for image in sources(request):
        length = len(image.data) * 4 // 3 + 64
        texts.append(data_uri(image.data, image.media_type) if length <= left else None)
        left -= length if length <= left else 0
    return texts


def seed_of(request: ImageRequest) -> int | None:
    """The person's seed, or one that only this call has and that can be told again from its id."""
    if request.seed is not None or not request.id:
        return request.seed
    digest = hashlib.sha256(request.id.encode()).digest()
    return int.from_bytes(digest[:8], "big") & SEED_MAX


def input_of(request: ImageRequest, pictures: Sequence[object]) -> dict[str, object]:
    """The model's input; `pictures` stand for `sources(request)`, each a data URI or an address."""
    shape = SHAPES[request.model]
    made: dict[str, object] = dict(shape.fixed)
    if shape.prompted:
        made["prompt"] = _prompt(request, shape)
    if shape.mask:
        made["mask"] = pictures[-1]
    references = list(pictures[: len(request.images)])
    if shape.picture is not None and references:
        made[shape.picture] = references[0]
    if shape.pictures is not None and references:
        made[shape.pictures] = references
    if shape.tagged and references:
        made["reference_tags"] = tags(request.prompt, len(references))
    if shape.ratios:
        made["aspect_ratio"] = _aspect_ratio(request, shape)
    seed = seed_of(request) if shape.seed else None
    if seed is not None:
        made["seed"] = seed
    if shape.count_max > 1:
        made["num_outputs"] = max(1, min(request.count, shape.count_max))
    if shape.scale is not None:
        made[shape.scale] = request.scale
    return made | _tuned(request, shape)


def _tuned(request: ImageRequest, shape: Shape) -> dict[str, object]:
    """The numbers that a request asks for, within what the model takes."""
    made: dict[str, object] = {}
    if shape.steps is not None and request.steps is not None:
        name, (fewest, most) = shape.steps
        made[name] = max(fewest, min(request.steps, most))
    if shape.guidance is not None and request.guidance is not None:
        name, (least, greatest) = shape.guidance
        made[name] = max(least, min(request.guidance, greatest))
    if shape.faces is not None:
        made[shape.faces] = request.faces
    if request.strength is not None:
        part = max(0.0, min(request.strength, 1.0))
        if shape.strength is not None and request.images:
            made[shape.strength] = part
        if shape.fidelity is not None:
            made[shape.fidelity] = round(1 - part, 4)
    return made


def tags(prompt: str, count: int) -> list[str]:
    """A tag for each reference: the prompt's own in their order, else image1, image2, image3."""
    plain = [f"image{number}" for number in range(1, count + 1)]
    named = list(dict.fromkeys(_TAG.findall(prompt)))
    own = iter([name for name in named if name not in plain])
    return [name if name in named else next(own, name) for name in plain]


def matches(request: ImageRequest, theirs: object) -> bool | None:
    """Whether an input of theirs is this call's; None where that cannot be told.

    Without a seed of its own a call is told by its pictures, and those may be gone from a list or
    be addresses: a guess would hand one person another one's picture.
    """
    if not isinstance(theirs, dict) or not theirs:
        return None
    sent = [text or _OPAQUE for text in inlined(request)]
    equal = [_equal(value, theirs.get(name)) for name, value in input_of(request, sent).items()]
    if False in equal:
        return False
    return True if None not in equal or is_unique(request) else None


def is_unique(request: ImageRequest) -> bool:
    """Whether no other call has this one's seed."""
    return SHAPES[request.model].seed and request.seed is None and bool(request.id)


def _equal(ours: object, theirs: object) -> bool | None:
    """Whether values are the same; None of pictures that are not at hand on both sides."""
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        both = [_equal(one, other) for one, other in zip(ours, theirs, strict=True)]
        return False if False in both else None if None in both else True
    if ours is _OPAQUE:
        return None
    if isinstance(ours, str) and ours.startswith("data:"):
        known = isinstance(theirs, str) and theirs.startswith("data:")
        return ours == theirs if known else None
    if isinstance(ours, list) and theirs is None and _has_pictures(ours):
        return None
    return ours == theirs


def _has_pictures(values: Sequence[object]) -> bool:
    return any(
        value is _OPAQUE or (isinstance(value, str) and value.startswith("data:"))
        for value in values
    )


def _prompt(request: ImageRequest, shape: Shape) -> str:
    prompt = request.prompt.strip()
    if request.negative and shape.instructed:
        return f"{prompt}\n\nAvoid: {request.negative}"
    return prompt


def _aspect_ratio(request: ImageRequest, shape: Shape) -> str:
    """What was asked for; an edit keeps the picture's own, or what comes nearest to it."""
    if request.operation != "edit" or not request.images:
        return request.ratio
    if shape.like_picture is not None:
        return shape.like_picture
    wanted = _ratio(request.images[0])
    return min(shape.ratios, key=lambda ratio: abs(_number(ratio) / wanted - 1))


def _number(ratio: str) -> float:
    width, _, height = ratio.partition(":")
    return int(width) / int(height)


def _ratio(image: SourceImage) -> float:
    """Width by height, read from the picture's beginning."""
    size = size_of(image.data)
    if size is None:
        raise ProviderError(Fault.BAD_INPUT, "a picture cannot be read")
    return size[0] / size[1]
