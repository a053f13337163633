"""Values by their rank. NumPy's own median and percentile import more, which no confined child can."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Number = TypeVar("Number", bound=np.number)


def ranked(values: NDArray[Number], share: float) -> NDArray[Number]:
    """What `share` (0..1) of the values do not exceed, along the first axis: 0.5 is the median."""
    place = round(share * (len(values) - 1))
    found: NDArray[Number] = np.asarray(np.partition(values, place, axis=0)[place])
    return found
