"""The input schemas of Replicate's models, as strict as theirs, and the versions of community models."""

from __future__ import annotations

from typing import Any

import jsonschema_rs

JSON = dict[str, Any]

TEXT: JSON = {"type": "string"}
SEED: JSON = {"type": "integer", "minimum": 0, "maximum": 2**32 - 1}
PICTURE: JSON = {
    "type": "string",
    "pattern": "^(data:image/(png|jpeg|webp);base64,[A-Za-z0-9+/]+=*|https?://.+)$",
}
TAG: JSON = {"type": "string", "pattern": "^[A-Za-z][A-Za-z0-9]{2,14}$"}
FLUX_RATIOS = ["1:1", "16:9", "3:2", "2:3", "4:5", "5:4", "9:16", "3:4", "4:3"]
RUNWAY_RATIOS = ["16:9", "9:16", "4:3", "3:4", "1:1", "21:9"]


def between(least: float, most: float, kind: str = "integer") -> JSON:
    return {"type": kind, "minimum": least, "maximum": most}


def one_of(*values: str) -> JSON:
    return {"enum": list(values)}


def runway(least: int) -> JSON:
    many: JSON = {"type": "array", "items": PICTURE, "minItems": least, "maxItems": 3}
    return {
        "prompt": TEXT,
        "seed": SEED,
        "aspect_ratio": one_of(*RUNWAY_RATIOS),
        "resolution": one_of("720p", "1080p"),
        "reference_images": many,
        "reference_tags": {"type": "array", "items": TAG, "maxItems": 3, "uniqueItems": True},
    }


# The fields of each model and those that it needs.
INPUTS: dict[str, tuple[JSON, list[str]]] = {
    "black-forest-labs/flux-1.1-pro": (
        {
            "prompt": TEXT,
            "image_prompt": PICTURE,
            "aspect_ratio": one_of(*FLUX_RATIOS, "custom"),
            "width": between(256, 1440),
            "height": between(256, 1440),
            "seed": SEED,
            "safety_tolerance": between(1, 6),
            "prompt_upsampling": {"type": "boolean"},
            "output_format": one_of("webp", "jpg", "png"),
            "output_quality": between(0, 100),
        },
        ["prompt"],
    ),
    "black-forest-labs/flux-schnell": (
        {
            "prompt": TEXT,
            "aspect_ratio": one_of(*FLUX_RATIOS, "21:9", "9:21"),
            "num_outputs": between(1, 4),
            "num_inference_steps": between(1, 4),
            "seed": SEED,
            "output_format": one_of("webp", "jpg", "png"),
            "output_quality": between(0, 100),
            "disable_safety_checker": {"type": "boolean"},
            "go_fast": {"type": "boolean"},
            "megapixels": one_of("1", "0.25"),
        },
        ["prompt"],
    ),
    "black-forest-labs/flux-dev": (
        {
            "prompt": TEXT,
            "image": PICTURE,
            "prompt_strength": between(0, 1, "number"),
            "aspect_ratio": one_of(*FLUX_RATIOS, "21:9", "9:21"),
            "num_outputs": between(1, 4),
            "num_inference_steps": between(1, 50),
            "guidance": between(0, 10, "number"),
            "seed": SEED,
            "output_format": one_of("webp", "jpg", "png"),
            "output_quality": between(0, 100),
            "disable_safety_checker": {"type": "boolean"},
            "go_fast": {"type": "boolean"},
            "megapixels": one_of("1", "0.25"),
        },
        ["prompt"],
    ),
    "black-forest-labs/flux-kontext-pro": (
        {
            "prompt": TEXT,
            "input_image": PICTURE,
            "aspect_ratio": one_of("match_input_image", *FLUX_RATIOS, "21:9", "9:21"),
            "seed": SEED,
            "output_format": one_of("jpg", "png"),
            "safety_tolerance": between(0, 6),
            "prompt_upsampling": {"type": "boolean"},
        },
        ["prompt"],
    ),
    "black-forest-labs/flux-fill-pro": (
        {
            "prompt": TEXT,
            "image": PICTURE,
            "mask": PICTURE,
            "seed": SEED,
            "steps": between(15, 50),
            "guidance": between(2, 5, "number"),
            "safety_tolerance": between(1, 6),
            "prompt_upsampling": {"type": "boolean"},
            "output_format": one_of("jpg", "png"),
        },
        ["prompt", "image"],
    ),
    "black-forest-labs/flux-2-pro": (
        {
            "prompt": TEXT,
            "input_images": {"type": "array", "items": PICTURE, "maxItems": 8},
            "aspect_ratio": one_of("match_input_image", *FLUX_RATIOS, "custom"),
            "resolution": one_of("match_input_image", "0.5 MP", "1 MP", "2 MP", "4 MP"),
            "seed": SEED,
            "safety_tolerance": between(1, 5),
            "output_format": one_of("webp", "jpg", "png"),
            "output_quality": between(0, 100),
        },
        ["prompt"],
    ),
    "runwayml/gen4-image": (runway(0), ["prompt"]),
    "runwayml/gen4-image-turbo": (runway(1), ["prompt", "reference_images"]),
    "nightmareai/real-esrgan": (
        {
            "image": PICTURE,
            "scale": between(0, 10, "number"),
            "face_enhance": {"type": "boolean"},
        },
        ["image"],
    ),
    "sczhou/codeformer": (
        {
            "image": PICTURE,
            "codeformer_fidelity": between(0, 1, "number"),
            "background_enhance": {"type": "boolean"},
            "face_upsample": {"type": "boolean"},
            "upscale": {"type": "integer"},
        },
        ["image"],
    ),
    "851-labs/background-remover": (
        {
            "image": PICTURE,
            "format": one_of("png", "jpg"),
            "background_type": TEXT,
            "threshold": between(0, 1, "number"),
            "reverse": {"type": "boolean"},
        },
        ["image"],
    ),
    "bria/remove-background": (
        {
            "image": PICTURE,
            "image_url": PICTURE,
            "content_moderation": {"type": "boolean"},
            "preserve_partial_alpha": {"type": "boolean"},
        },
        [],
    ),
}

# What a community model ran as when its version was pinned; the latest is another one.
PINNED = {
    "nightmareai/real-esrgan": "42fed1c4974146d4d2414e2be2c5277c7fcf05fcc3a73abf41610695738c1d7b",
    "sczhou/codeformer": "cc4956dd26fa5a7185d5660cc9100fab1b8070a1d1654a8bb5eb6d443b020bb2",
    "851-labs/background-remover": (
        "a029dff38972b5fda4ec5d75d7d1cd25aeff621d2cf4946a41055d7db66b80bc"
    ),
}
LATEST = {model: f"{number:x}" * 64 for number, model in enumerate(PINNED, start=10)}


def problems(model: str, given: object) -> list[JSON]:
    """The invalid fields of an input, as Replicate tells them."""
    fields, needed = INPUTS[model]
    schema = {
        "type": "object",
        "properties": fields,
        "required": needed,
        "additionalProperties": False,
    }
    validator = jsonschema_rs.Draft202012Validator(schema)
    return [
        {
            "field": ".".join(["input", *(str(part) for part in error.instance_path)]),
            "type": "invalid",
            "description": error.message[:200],
        }
        for error in validator.iter_errors(given)
    ]


def model_of_version(version: object) -> str | None:
    """The community model that a version belongs to."""
    for table in (PINNED, LATEST):
        for model, known in table.items():
            if version in (known, f"{model}:{known}"):
                return model
    return None
