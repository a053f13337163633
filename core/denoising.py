"""Noise taken out of a picture: small coefficients of many overlapping cosine blocks are dropped."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.ranks import ranked

Floats = NDArray[np.float32]

BLOCK_PX = 8
# Where the grids of blocks begin: two of each, spread over a block, for fine and for quick work.
FINE = ((0, 0), (0, 4), (2, 2), (2, 6), (4, 0), (4, 4), (6, 2), (6, 6))
QUICK = ((0, 0), (2, 5), (5, 2))
# Luma, and the two differences that a camera's colour noise lies in.
TO_YCC = np.array(
    [[0.299, 0.587, 0.114], [-0.168736, -0.331264, 0.5], [0.5, -0.418688, -0.081312]], np.float32
)
TO_RGB = np.linalg.inv(TO_YCC.astype(np.float64)).astype(np.float32)
LIMIT_MIN = 0.5
PATCH_PX = 16
PATCH_ROWS_MAX = 64
QUIET_PART = 0.25
MAD_TO_SIGMA = 1 / 0.6745
DARKEST, BRIGHTEST = 8, 247


def noise_of(picture: Image.Image) -> tuple[float, float, float]:
    """The noise of luma and of both colour differences, as standard deviations in levels.

    It is measured in the quietest quarter of the picture, where no texture is taken for noise, and not
    where black or white cut it off.
    """
    rows = picture.height // PATCH_PX
    if not rows or picture.width < PATCH_PX:
        return 0.0, 0.0, 0.0
    step = -(-rows // PATCH_ROWS_MAX)
    found = [_patches(picture, row * PATCH_PX) for row in range(0, rows, step)]
    quiet = np.concatenate(found)
    if not len(quiet):
        return 0.0, 0.0, 0.0
    luma, blue, red = (float(value) for value in ranked(quiet, QUIET_PART))
    return luma, blue, red


def cleaned(rgb: NDArray[np.uint8], limits: Sequence[float], *, quick: bool) -> NDArray[np.uint8]:
    """The pixels, shape (rows, columns, 3), without what is smaller than each channel's limit."""
    ycc = rgb.astype(np.float32) @ TO_YCC.T
    for channel, limit in enumerate(limits):
        if limit >= LIMIT_MIN:
            grids = QUICK if quick or channel else FINE
            ycc[..., channel] = _without_small(ycc[..., channel], limit, grids)
    return np.clip(ycc @ TO_RGB.T + 0.5, 0, 255).astype(np.uint8)


def _patches(picture: Image.Image, top: int) -> Floats:
    """The noise of each patch in one row of them that black or white do not cut off."""
    width = picture.width // PATCH_PX * PATCH_PX
    pixels = np.asarray(picture.crop((0, top, width, top + PATCH_PX)).convert("RGB"))
    ycc = pixels.astype(np.float32) @ TO_YCC.T
    ycc = ycc.reshape(PATCH_PX, -1, PATCH_PX, 3).swapaxes(0, 1)
    # the finest diagonal: what is left of a picture there is hardly ever the picture
    fine = (ycc[:, ::2, ::2] - ycc[:, 1::2, ::2] - ycc[:, ::2, 1::2] + ycc[:, 1::2, 1::2]) / 2
    sizes = np.abs(fine).reshape(len(fine), -1, 3).swapaxes(0, 1)
    noise = ranked(sizes, 0.5) * np.float32(MAD_TO_SIGMA)
    light = ycc[..., 0].mean(axis=(1, 2))
    return np.asarray(noise[(light > DARKEST) & (light < BRIGHTEST)])


def _without_small(plane: Floats, limit: float, grids: Sequence[tuple[int, int]]) -> Floats:
    """The mean over all grids of blocks, each block weighted by how few coefficients it needs."""
    height, width = plane.shape
    tall, wide = (-(-side // BLOCK_PX) * BLOCK_PX for side in plane.shape)
    rim = ((BLOCK_PX, tall - height + BLOCK_PX), (BLOCK_PX, wide - width + BLOCK_PX))
    padded = np.pad(plane, rim, mode="symmetric")
    sums, weights = np.zeros_like(padded), np.zeros_like(padded)
    for down, across in grids:
        area = np.s_[down : down + tall + BLOCK_PX, across : across + wide + BLOCK_PX]
        _add_blocks(padded[area], sums[area], weights[area], limit)
    inner = np.s_[BLOCK_PX : BLOCK_PX + height, BLOCK_PX : BLOCK_PX + width]
    return np.asarray(sums[inner] / weights[inner])


def _add_blocks(plane: Floats, sums: Floats, weights: Floats, limit: float) -> None:
    blocks = _blocks(plane).reshape(-1, BLOCK_PX**2)
    waves = blocks @ WAVES.T
    kept = np.abs(waves) > limit
    kept[:, 0] = True
    waves *= kept
    weight = 1 / np.count_nonzero(kept, axis=1).astype(np.float32)
    shape = (plane.shape[0] // BLOCK_PX, plane.shape[1] // BLOCK_PX, BLOCK_PX, BLOCK_PX)
    _blocks(sums)[:] += ((waves @ WAVES) * weight[:, None]).reshape(shape)
    _blocks(weights)[:] += weight.reshape(*shape[:2], 1, 1)


def _blocks(plane: Floats) -> Floats:
    """A view of the plane as rows and columns of blocks; it can be written to."""
    rows, columns = (side // BLOCK_PX for side in plane.shape)
    return plane.reshape(rows, BLOCK_PX, columns, BLOCK_PX).swapaxes(1, 2)


def _waves() -> Floats:
    """The cosine transform of a flattened block, an orthonormal matrix."""
    order, place = np.ogrid[:BLOCK_PX, :BLOCK_PX]
    lines = np.cos(np.pi * (2 * place + 1) * order / (2 * BLOCK_PX)) * np.sqrt(2 / BLOCK_PX)
    lines[0] /= np.sqrt(2)
    return np.kron(lines, lines).astype(np.float32)


WAVES = _waves()
