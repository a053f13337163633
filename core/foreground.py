"""What stands before a plain or softly shaded ground, told by the colours along the border."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.ranks import ranked

Map = NDArray[np.float64]

BORDER_SHARE = 0.06
ROUNDS = 5
KEPT_SPREADS = 2.5
NOISE_MIN = 0.006  # in weighted OKLab: less is not seen
OFF_SPREADS = 5.0
OFF_MIN = 0.035
SHADOW_SHARE = 0.35  # how much of a mere darkening counts
PLAIN_SPREAD_MAX = 0.012
SOFT_SPREAD_MAX = 0.045
GROUND_SHARE_MIN = 0.9  # of the border has to be ground
OBJECT_SHARE_MIN, OBJECT_SHARE_MAX = 0.003, 0.85
EDGE_MASS = 0.004  # of the object's mass may lie outside its box, at each side

Box = tuple[float, float, float, float]


def object_box(grid: Map, *, spread_max: float) -> Box | None:
    """The box (left, top, right, bottom; 0..1) of what is not ground.

    `grid` is OKLab, shape (rows, columns, 3). None where the border varies by more than
    `spread_max`, and where nothing, or nearly all, differs from it.
    """
    ground, spread, share = _ground(grid)
    if spread > spread_max or share < GROUND_SHARE_MIN:
        return None
    off = grid - ground
    off[..., 0] = np.where(off[..., 0] < 0, off[..., 0] * SHADOW_SHARE, off[..., 0])
    far = np.sqrt((off**2).sum(axis=2))
    there = _joined(far > max(OFF_MIN, OFF_SPREADS * spread))
    if not OBJECT_SHARE_MIN <= there.mean() <= OBJECT_SHARE_MAX:
        return None
    left, right = _span(there.sum(axis=0))
    top, bottom = _span(there.sum(axis=1))
    return left, top, right, bottom


def _ground(grid: Map) -> tuple[Map, float, float]:
    """The ground's colours everywhere, as bent surfaces through the border; its spread and share.

    What stands at the border does not fit, and is left out round by round.
    """
    rows, columns, _ = grid.shape
    down, across = np.mgrid[-1 : 1 : rows * 1j, -1 : 1 : columns * 1j]
    terms = np.stack([np.ones_like(down), down, across, down**2, across**2, down * across], axis=2)
    thick = max(1, round(min(rows, columns) * BORDER_SHARE))
    edge = np.ones((rows, columns), bool)
    edge[thick:-thick, thick:-thick] = False
    inside, colours = terms[edge], grid[edge]
    kept = np.ones(len(colours), bool)
    far = np.zeros(len(colours))
    bend = np.zeros((terms.shape[2], 3))
    spread = 0.0
    for _ in range(ROUNDS):
        bend = np.linalg.lstsq(inside[kept], colours[kept], rcond=None)[0]
        far = np.sqrt(((colours - inside @ bend) ** 2).sum(axis=1))
        spread = max(NOISE_MIN, float(ranked(far[kept], 0.5)))
        kept = far <= KEPT_SPREADS * spread
    return terms @ bend, spread, float(kept.mean())


def _joined(there: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Without single cells."""
    near = np.pad(there, 1).astype(np.int64)
    around = sum(
        near[1 + down : near.shape[0] - 1 + down, 1 + across : near.shape[1] - 1 + across]
        for down in (-1, 0, 1)
        for across in (-1, 0, 1)
    )
    return np.asarray(there & (around >= 4))


def _span(mass: NDArray[np.signedinteger]) -> tuple[float, float]:
    """From where to where (0..1) the mass lies, but for a little at each end."""
    part = np.cumsum(mass) / mass.sum()
    first = int(np.searchsorted(part, EDGE_MASS, side="right"))
    last = int(np.searchsorted(part, 1 - EDGE_MASS))
    return first / len(mass), min(len(mass), last + 1) / len(mass)
