"""Medians and the like; numpy's own load more of numpy when first called, which a child may not."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Number = TypeVar("Number", np.uint8, np.float32)


def ranked(values: NDArray[Number], part: float) -> NDArray[Number]:
    """Along the first axis, the value that `part` (0..1) of the values do not exceed."""
    place = int(part * (len(values) - 1))
    found: NDArray[Number] = np.partition(values, place, axis=0)[place]
    return found
