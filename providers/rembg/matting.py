"""The model itself; whoever imports this module pays half a second and 60 MB for ONNX Runtime."""

from __future__ import annotations

import io
import os
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as states
from PIL import Image, ImageChops

Floats = npt.NDArray[np.float32]

# What U²-Net was trained on: sides, and the mean and spread of red, green and blue.
SIDE = 320
MEAN = np.array([0.485, 0.456, 0.406], dtype=np.float32)
SPREAD = np.array([0.229, 0.224, 0.225], dtype=np.float32)
# Where no point is surer than this to be part of a subject, there is none.
SURE_MIN = 0.2
# What is nearly clear becomes clear, and what is nearly solid solid.
CLEAR_MAX, SOLID_MIN = 0.04, 0.96

# They have no class in common.
_FAILED = tuple(
    kind for kind in vars(states).values() if isinstance(kind, type) and issubclass(kind, Exception)
)


class Broken(Exception):
    """The file is no model of this kind."""


class Unfit(Exception):
    """The picture cannot be opened, or shows nothing that stands out."""


class Matting:
    """A U²-Net model: three planes of a picture in, one of how much each point is the subject's."""

    def __init__(self, path: Path) -> None:
        options = onnxruntime.SessionOptions()
        # Half of the cores, and none that spins while it waits: the others draw and deliver.
        options.intra_op_num_threads = max(1, (os.cpu_count() or 1) // 2)
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        # The memory of a picture is given back after it.
        options.enable_cpu_mem_arena = False
        try:
            self._session = onnxruntime.InferenceSession(
                path, options, providers=["CPUExecutionProvider"]
            )
        except _FAILED as error:
            raise Broken(f"the model cannot be opened: {type(error).__name__}") from error
        self._input = self._session.get_inputs()[0].name
        self._output = self._session.get_outputs()[0].name

    def cut_out(self, data: bytes) -> bytes:
        """The subject on nothing, as a PNG as large as the picture; raises Broken or Unfit."""
        image = _opened(data)
        matte = self._matte(image).resize(image.size, Image.Resampling.BICUBIC)
        if image.mode == "RGBA":
            # What was clear stays so.
            matte = ImageChops.multiply(matte, image.getchannel("A"))
        image.putalpha(matte)
        out = io.BytesIO()
        # It is written again, and smaller, where it is let in.
        image.save(out, "PNG", compress_level=1)
        return out.getvalue()

    def _matte(self, image: Image.Image) -> Image.Image:
        """How much of each point is the subject's, 0..255, in the model's own size."""
        try:
            (found,) = self._session.run([self._output], {self._input: _planes(image)})
        except _FAILED as error:
            raise Broken(f"the model does not run: {type(error).__name__}") from error
        plane = np.asarray(found, dtype=np.float32)
        if plane.ndim != 4 or plane.shape[:2] != (1, 1):
            raise Broken(f"the model answers {plane.shape}")
        return Image.fromarray(_levels(plane[0, 0]))


def _opened(data: bytes) -> Image.Image:
    try:
        with Image.open(io.BytesIO(data)) as file:
            return file.convert("RGBA" if file.has_transparency_data else "RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise Unfit("the picture cannot be read") from error


def _planes(image: Image.Image) -> Floats:
    """The picture as the model wants it: small, its brightest point at 1, three planes."""
    plain = image
    if image.mode == "RGBA":
        plain = Image.new("RGB", image.size, (255, 255, 255))
        plain.paste(image, mask=image.getchannel("A"))
    small = plain.resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    points = np.asarray(small, dtype=np.float32)
    points = points / max(float(points.max()), 1.0)
    planes: Floats = ((points - MEAN) / SPREAD).transpose(2, 0, 1)[np.newaxis]
    return np.ascontiguousarray(planes)


def _levels(plane: Floats) -> npt.NDArray[np.uint8]:
    """A plane stretched to all of 0..255; raises Unfit where nothing stands out."""
    low, high = float(plane.min()), float(plane.max())
    if not high >= SURE_MIN:
        raise Unfit("no subject is found")
    stretched = (plane - low) / (high - low) if high > low else np.ones_like(plane)
    clean = (stretched - CLEAR_MAX) / (SOLID_MIN - CLEAR_MAX)
    levels: npt.NDArray[np.uint8] = (np.clip(clean, 0, 1) * 255).round().astype(np.uint8)
    return levels
