"""What ComfyUI makes of a graph: the nodes that it has, and how it refuses what is wrong with one."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from tests.fakes.vendor import JSON

CHECKPOINTS = ["sd_xl_base_1.0.safetensors", "v1-5-pruned-emaonly.safetensors"]
UPSCALERS = ["RealESRGAN_x4plus.pth"]
NUMBER = (int, float)
LINK = list

SCALING = ["nearest-exact", "bilinear", "area", "bicubic", "lanczos"]
# The nodes that the server has: the required inputs of each, by type or by what may be chosen.
NODES: dict[str, dict[str, Any]] = {
    "CheckpointLoaderSimple": {"ckpt_name": CHECKPOINTS},
    "UpscaleModelLoader": {"model_name": UPSCALERS},
    "CLIPTextEncode": {"text": str, "clip": (LINK,)},
    "EmptyLatentImage": {"width": int, "height": int, "batch_size": int},
    "KSampler": {
        "model": (LINK,),
        "positive": (LINK,),
        "negative": (LINK,),
        "latent_image": (LINK,),
        "seed": int,
        "steps": int,
        "cfg": NUMBER,
        "sampler_name": ["euler", "dpmpp_2m"],
        "scheduler": ["normal", "karras"],
        "denoise": NUMBER,
    },
    "VAEDecode": {"samples": (LINK,), "vae": (LINK,)},
    "VAEEncode": {"pixels": (LINK,), "vae": (LINK,)},
    "LoadImage": {"image": str},
    "LoadImageMask": {"image": str, "channel": ["alpha", "red", "green", "blue"]},
    "ImageScale": {
        "image": (LINK,),
        "upscale_method": SCALING,
        "width": int,
        "height": int,
        "crop": ["disabled", "center"],
    },
    "SetLatentNoiseMask": {"samples": (LINK,), "mask": (LINK,)},
    "RepeatLatentBatch": {"samples": (LINK,), "amount": int},
    "RepeatImageBatch": {"image": (LINK,), "amount": int},
    "ImageCompositeMasked": {
        "destination": (LINK,),
        "source": (LINK,),
        "x": int,
        "y": int,
        "resize_source": bool,
    },
    "ImageUpscaleWithModel": {"upscale_model": (LINK,), "image": (LINK,)},
    "PreviewImage": {"images": (LINK,)},
    "SaveImage": {"images": (LINK,), "filename_prefix": str},
}
OUTPUTS = {"PreviewImage": "temp", "SaveImage": "output"}
COUNTS = {"EmptyLatentImage": "batch_size", "RepeatLatentBatch": "amount"}

FAILED = "prompt_outputs_failed_validation"


def problem(kind: str, details: str, message: str = "") -> JSON:
    """One error as ComfyUI writes it."""
    return {"type": kind, "message": message or kind, "details": details, "extra_info": {}}


def refusal(error: JSON, node_errors: JSON | None = None) -> JSON:
    """The body of a refused graph."""
    return {"error": error, "node_errors": node_errors or {}}


def of_node(class_type: str, error: JSON) -> JSON:
    """The body of a graph that one node's input spoils."""
    failed = problem(FAILED, "", "Prompt outputs failed validation")
    node = {"errors": [error], "dependent_outputs": ["result"], "class_type": class_type}
    return refusal(failed, {"4": node})


REFUSALS: dict[str, tuple[int, JSON]] = {
    "checkpoint-gone": (
        400,
        of_node("CheckpointLoaderSimple", problem("value_not_in_list", "ckpt_name: 'x' not in []")),
    ),
    "upscaler-gone": (
        400,
        of_node("UpscaleModelLoader", problem("value_not_in_list", "model_name: 'x' not in []")),
    ),
    "sampler": (
        400,
        of_node("KSampler", problem("value_not_in_list", "sampler_name: 'x' not in ['euler']")),
    ),
    "too-small": (400, of_node("KSampler", problem("value_smaller_than_min", "steps"))),
    "input-missing": (400, of_node("VAEDecode", problem("required_input_missing", "vae"))),
    "no-file": (400, of_node("LoadImage", problem("custom_validation_failed", "image - a.png"))),
    "no-node": (400, refusal(problem("missing_node_type", "Node ID '#4'", "Node 'X' not found"))),
    "no-outputs": (400, refusal(problem("prompt_no_outputs", "", "Prompt has no outputs"))),
    "no-prompt": (400, refusal(problem("no_prompt", "No prompt provided"))),
    "old-no-prompt": (400, {"error": "no prompt", "node_errors": []}),
}


def invalid(graph: JSON, uploads: Collection[str], violations: list[str]) -> JSON | None:
    """How the server refuses a graph, None: not at all; what is a mistake of ours goes to `violations`."""
    for node in graph.values():
        kind, inputs = node["class_type"], node["inputs"]
        if kind not in NODES:
            return refusal(problem("missing_node_type", "", f"Node {kind!r} not found"))
        for name, wanted in NODES[kind].items():
            found = _wrong(graph, name, wanted, inputs)
            value = inputs.get(name)
            if name == "image" and isinstance(value, str) and value not in uploads:
                text = f"image - Invalid image file: {value}"
                found = problem("custom_validation_failed", text)
            if found is not None:
                if found["type"] in ("required_input_missing", "invalid_input_type"):
                    violations.append(f"{kind}: {found}")
                return of_node(kind, found)
    if not any(node["class_type"] in OUTPUTS for node in graph.values()):
        return refusal(problem("prompt_no_outputs", ""))
    return None


def _wrong(graph: JSON, name: str, wanted: Any, inputs: JSON) -> JSON | None:  # noqa: ANN401
    """The error of one input; None where it is right."""
    if name not in inputs:
        return problem("required_input_missing", name)
    value = inputs[name]
    if wanted == (LINK,):
        linked = isinstance(value, list) and len(value) == 2 and value[0] in graph
        return None if linked else problem("bad_linked_input", name)
    if isinstance(wanted, list):
        listed = value in wanted
        return (
            None if listed else problem("value_not_in_list", f"{name}: '{value}' not in {wanted}")
        )
    if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
        return problem("invalid_input_type", f"{name}, {value}")
    return None


def count(graph: JSON) -> int:
    """How many pictures a graph makes."""
    counts = [
        node["inputs"][COUNTS[node["class_type"]]]
        for node in graph.values()
        if node["class_type"] in COUNTS
    ]
    return int(counts[0]) if counts else 1
