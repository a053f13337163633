"""A tiny model of U²-Net's shape, written by hand: the brighter a point, the more it is the subject's."""

from __future__ import annotations

FLOAT, INTS = 1, 7
IR_VERSION, OPSET = 8, 13


def _number(value: int) -> bytes:
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def _int(field: int, value: int) -> bytes:
    return _number(field << 3) + _number(value)


def _part(field: int, value: bytes | str) -> bytes:
    data = value.encode() if isinstance(value, str) else value
    return _number(field << 3 | 2) + _number(len(data)) + data


def _value(name: str, sides: tuple[int, ...]) -> bytes:
    """The name and shape of what goes in or comes out."""
    dims = b"".join(_part(1, _int(1, side)) for side in sides)
    tensor = _int(1, FLOAT) + _part(2, dims)
    return _part(1, name) + _part(2, _part(1, tensor))


def luminance(*, side: int = 320, planes: int = 3, kept: bool = True) -> bytes:
    """The file: mean of the planes, then a sigmoid; `kept` False leaves out the plane's own axis."""
    axes = _part(1, "axes") + _int(8, 1) + _int(20, INTS)
    keeps = _part(1, "keepdims") + _int(3, int(kept)) + _int(20, 2)
    mean = _part(1, "in") + _part(2, "mean") + _part(4, "ReduceMean")
    mean += _part(5, axes) + _part(5, keeps)
    sigmoid = _part(1, "mean") + _part(2, "out") + _part(4, "Sigmoid")
    shape = (1, 1, side, side) if kept else (1, side, side)
    graph = _part(1, mean) + _part(1, sigmoid) + _part(2, "luminance")
    graph += _part(11, _value("in", (1, planes, side, side))) + _part(12, _value("out", shape))
    return _int(1, IR_VERSION) + _part(8, _int(2, OPSET)) + _part(7, graph)
