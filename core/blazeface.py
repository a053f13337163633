"""BlazeFace, full range: Google's small network that finds faces, worked out with numpy alone.

Shapes are (channels, rows, columns). `blazeface.f16` holds the weights in the order in which they
are taken here; `scripts/face_weights.py` makes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

Plane = NDArray[np.float32]

STEP_PX = 32  # sides that the network takes are multiples of it
CELL_PX = 4  # one answer stands for a cell of the input that is so wide and high
STEM = 32
# (channels inside, channels out) of each block; the first of each group but the first halves sides
GROUPS = (
    ((8, 32), (8, 32)),
    ((12, 48), (12, 48), (16, 64)),
    ((24, 96), (32, 128), (32, 128)),
    ((36, 144), (48, 192), (64, 256)),
    ((96, 384), (96, 384), (96, 384), (96, 384)),
)
# (group that is joined, channels, channels inside, blocks) on the way back up
JOINS = ((3, 96, 48, 2), (2, 64, 32, 2), (1, 48, 24, 1))
VALUES = 16  # centre, size, and six points: eyes, nose, mouth, ears


@dataclass(frozen=True, slots=True)
class _Pointwise:
    """A convolution of 1 x 1: each channel out is a mix of those in."""

    weights: Plane
    bias: Plane

    def __call__(self, plane: Plane) -> Plane:
        channels, rows, columns = plane.shape
        mixed = self.weights @ plane.reshape(channels, rows * columns)
        mixed += self.bias
        return mixed.reshape(-1, rows, columns)


@dataclass(frozen=True, slots=True)
class _Depthwise:
    """A convolution of 3 x 3 on each channel alone."""

    weights: Plane
    bias: Plane

    def __call__(self, plane: Plane, *, halve: bool = False) -> Plane:
        channels, rows, columns = plane.shape
        near = _framed(plane, before=0 if halve else 1)
        channel, row, column = near.strides
        # Without steps, runs go over the ends of rows, since long ones are quicker: what they bring
        # from there is left out at the end.
        width = columns // 2 if halve else near.shape[2]
        places: tuple[int, ...] = (rows // 2, width) if halve else (rows * width,)
        steps = (2 * row, 2 * column) if halve else (column,)
        windows = as_strided(near, (channels, 3, 3, *places), (channel, row, column, *steps))
        total = self.weights[:, None, :] @ windows.reshape(channels, 9, -1)
        total += self.bias[:, :, None]
        return total.reshape(channels, -1, width)[:, :, : columns // 2 if halve else columns]


@dataclass(frozen=True, slots=True)
class _Block:
    """Squeeze the channels, spread them again, and add what came in."""

    before: _Depthwise
    squeeze: _Pointwise
    between: _Depthwise
    spread: _Pointwise

    def __call__(self, plane: Plane, *, halve: bool = False) -> Plane:
        squeezed = _positive(self.squeeze(self.before(plane, halve=halve)))
        out = self.spread(self.between(squeezed))
        out[: len(plane)] += _halved(plane) if halve else plane
        return _positive(out)


class _Weights:
    """The file of weights, taken piece by piece."""

    def __init__(self, path: Path) -> None:
        self._left = np.frombuffer(path.read_bytes(), "<f2").astype(np.float32)

    def _take(self, rows: int, columns: int) -> Plane:
        taken, self._left = np.split(self._left, [rows * columns])
        return taken.reshape(rows, columns)

    def pointwise(self, inside: int, out: int) -> _Pointwise:
        return _Pointwise(self._take(out, inside), self._take(out, 1))

    def depthwise(self, channels: int) -> _Depthwise:
        return _Depthwise(self._take(channels, 9), self._take(channels, 1))

    def block(self, channels: int, inside: int, out: int) -> _Block:
        return _Block(
            self.depthwise(channels),
            self.pointwise(channels, inside),
            self.depthwise(inside),
            self.pointwise(inside, out),
        )


class Network:
    """The network with its weights, read once."""

    def __init__(self, path: Path) -> None:
        weights = _Weights(path)
        self._stem = weights.pointwise(27, STEM)
        channels = STEM
        self._groups: list[list[_Block]] = []
        for group in GROUPS:
            blocks = []
            for inside, out in group:
                blocks.append(weights.block(channels, inside, out))
                channels = out
            self._groups.append(blocks)
        self._joins: list[tuple[_Pointwise, _Pointwise, list[_Block]]] = []
        for joined, out, inside, count in JOINS:
            above, beside = (
                weights.pointwise(channels, out),
                weights.pointwise(GROUPS[joined][-1][1], out),
            )
            blocks = [weights.block(out, inside, out) for _ in range(count)]
            self._joins.append((above, beside, blocks))
            channels = out
        self._score = weights.pointwise(channels, 1)
        self._values = weights.pointwise(channels, VALUES)

    def __call__(self, pixels: NDArray[np.uint8]) -> tuple[Plane, Plane]:
        """Scores (log odds), shape (cells,), and values in pixels, shape (cells, 16), row by row.

        `pixels` is sRGB, shape (rows, columns, 3), both multiples of STEP_PX.
        """
        plane = _positive(self._stem(_patches(pixels)))
        beside = []
        for index, group in enumerate(self._groups):
            for place, block in enumerate(group):
                plane = block(plane, halve=index > 0 and place == 0)
            beside.append(plane)
        for (above, joined, blocks), (index, *_) in zip(self._joins, JOINS, strict=True):
            plane = _doubled(_positive(above(plane))) + _positive(joined(beside[index]))
            for block in blocks:
                plane = block(plane)
        values = self._values(plane).reshape(VALUES, -1).T
        return self._score(plane).ravel(), values + _centres(plane)


def _positive(plane: Plane) -> Plane:
    return np.maximum(plane, 0, out=plane)


def _framed(plane: Plane, *, before: int) -> Plane:
    """With zeros around, and a row more, so that windows can be read in runs over the line ends.

    Strided convolutions have zeros at the right and below alone.
    """
    channels, rows, columns = plane.shape
    frame = np.zeros((channels, rows + before + 2, columns + before + 1), np.float32)
    frame[:, before : before + rows, before : before + columns] = plane
    return frame


def _patches(pixels: NDArray[np.uint8]) -> Plane:
    """What the stem sees of the picture: 3 x 3 pixels at every second one, shape (27, …)."""
    rows, columns, _ = pixels.shape
    light = pixels.transpose(2, 0, 1).astype(np.float32) / 127.5 - 1
    frame = _framed(light, before=0)
    taps = [
        frame[:, top : top + rows : 2, left : left + columns : 2]
        for top in range(3)
        for left in range(3)
    ]
    return np.concatenate(taps)


def _halved(plane: Plane) -> Plane:
    """The largest of each 2 x 2."""
    rows = np.maximum(plane[:, ::2], plane[:, 1::2])
    return np.maximum(rows[:, :, ::2], rows[:, :, 1::2])


def _doubled(plane: Plane) -> Plane:
    """Twice as many rows and columns, linear in between."""
    return _longer(_longer(plane, 1), 2)


def _longer(plane: Plane, axis: int) -> Plane:
    """Two for each along one axis, each a quarter of the way to its neighbour."""
    last = plane.shape[axis] - 1
    here = plane * np.float32(0.75)
    near = plane * np.float32(0.25)
    before = here + np.take(near, [0, *range(last)], axis)
    after = here + np.take(near, [*range(1, last + 1), last], axis)
    shape = [side * 2 if at == axis else side for at, side in enumerate(plane.shape)]
    return np.stack([before, after], axis + 1).reshape(shape)


def _centres(plane: Plane) -> Plane:
    """Where each cell is, for each of its values; sizes are told as they are."""
    _, rows, columns = plane.shape
    down, across = np.mgrid[0:rows, 0:columns].astype(np.float32) * CELL_PX + CELL_PX / 2
    centres = np.tile(np.stack([across.ravel(), down.ravel()], axis=1), VALUES // 2)
    centres[:, 2:4] = 0
    return centres
