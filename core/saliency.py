"""Where a picture draws the eye, on a small grid: what differs from the border, and fine detail."""

from __future__ import annotations

import numpy as np
from numpy.fft import fft2, ifft2  # imported by name: numpy finds it lazily else
from numpy.typing import NDArray
from PIL import Image

from core.colours import oklab
from core.ranks import ranked

Map = NDArray[np.float64]

SIDE_CELLS = 64
BORDER_SHARE = 0.08
COLOUR_WEIGHTS = np.array([1.0, 2.0, 2.0])  # OKLab's a and b span less than its lightness
EVEN_SPREAD = 0.03  # what a border of one colour is taken to vary by
SWEEPS = 2
STEP_ROOM = 1.5  # steps below so many medians of all steps are texture
LOW, HIGH = 0.2, 0.995  # what is taken for nothing and for all
MIDDLE_SPREAD = 0.45  # of a side: how fast interest falls off from the middle
ABOVE_SPREADS = 0.5


def colour_grid(picture: Image.Image) -> Map:
    """The picture as at most 64 x 64 cells of OKLab, shape (rows, columns, 3)."""
    scale = SIDE_CELLS / max(picture.size)
    columns, rows = (max(8, round(side * scale)) for side in picture.size)
    small = picture.convert("RGB").resize((columns, rows), Image.Resampling.BOX)
    pixels = np.asarray(small, np.float64)
    return np.asarray(oklab(pixels.reshape(-1, 3)).reshape(pixels.shape) * COLOUR_WEIGHTS)


def saliency(grid: Map) -> Map:
    """How much each cell draws the eye, shape (rows, columns); 0 for the dull most of it."""
    parts = (_off_border(grid), _behind_edges(grid), _unlike_around(grid))
    total = _smooth(sum(map(_spread_out, parts), np.zeros(grid.shape[:2])), 1)
    total *= _middle(*total.shape)
    return np.asarray(np.clip(total - total.mean() - ABOVE_SPREADS * total.std(), 0, None))


def _off_border(grid: Map) -> Map:
    """How far each colour is from those of the border side that is most like it."""
    thick = max(2, round(min(grid.shape[:2]) * BORDER_SHARE))
    sides = (grid[:thick], grid[-thick:], grid[:, :thick], grid[:, -thick:])
    return np.asarray(np.min([_distance(grid, side.reshape(-1, 3)) for side in sides], axis=0))


def _distance(grid: Map, colours: Map) -> Map:
    """Distance from a cloud of colours, in its own spreads (Mahalanobis)."""
    spread = np.cov(colours.T) + np.eye(3) * EVEN_SPREAD**2
    off = grid - ranked(colours, 0.5)
    return np.asarray(np.sqrt(np.einsum("rci,ij,rcj->rc", off, np.linalg.inv(spread), off)))


def _behind_edges(grid: Map) -> Map:
    """How much change of colour lies on the easiest way to each cell from the border."""
    across = np.sqrt((np.diff(grid, axis=1) ** 2).sum(axis=2))
    down = np.sqrt((np.diff(grid, axis=0) ** 2).sum(axis=2))
    texture = STEP_ROOM * ranked(np.concatenate([across.ravel(), down.ravel()]), 0.5)
    across, down = np.maximum(across - texture, 0), np.maximum(down - texture, 0)
    cost = np.full(grid.shape[:2], np.inf)
    cost[[0, -1]], cost[:, [0, -1]] = 0, 0
    for _ in range(SWEEPS):
        _sweep(cost, down)
        _sweep(cost.T, across.T)
        _sweep(cost[::-1], down[::-1])
        _sweep(cost.T[::-1], across.T[::-1])
    return cost


def _sweep(cost: Map, step: Map) -> None:
    """Carry costs from each row to the next, in place."""
    for row in range(1, len(cost)):
        np.minimum(cost[row], cost[row - 1] + step[row - 1], out=cost[row])


def _unlike_around(grid: Map) -> Map:
    """Spectral residual (Hou and Zhang, 2007): what a picture's smooth spectrum does not tell."""
    waves = fft2(grid, axes=(0, 1))
    heights = np.log(np.abs(waves) + 1e-6)
    left = np.exp(heights - _smooth(heights, 1) + 1j * np.angle(waves))
    return _smooth(_smooth((np.abs(ifft2(left, axes=(0, 1))) ** 2).sum(axis=2), 2), 2)


def _spread_out(part: Map) -> Map:
    low, high = (float(ranked(part.ravel(), share)) for share in (LOW, HIGH))
    return np.asarray(np.clip((part - low) / max(high - low, 1e-9), 0, 1))


def _middle(rows: int, columns: int) -> Map:
    down, across = np.mgrid[0:rows, 0:columns]
    far = ((across + 0.5) / columns - 0.5) ** 2 + ((down + 0.5) / rows - 0.5) ** 2
    return np.asarray(np.exp(-far / (2 * MIDDLE_SPREAD**2)))


def _smooth(values: Map, radius: int) -> Map:
    """The mean of each cell's square of neighbours."""
    for axis in (0, 1):
        room = [(radius + 1, radius) if at == axis else (0, 0) for at in range(values.ndim)]
        sums = np.cumsum(np.pad(values, room, mode="edge"), axis=axis)
        size = 2 * radius + 1
        upper, lower = (
            np.split(sums, [size], axis)[1],
            np.split(sums, [sums.shape[axis] - size], axis)[0],
        )
        values = (upper - lower) / size
    return values
