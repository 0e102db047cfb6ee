# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""A tree of bounds about solids, split where its halves are cheapest to look through."""

import numpy as np

from compositing.plates.kernels import kernel


def tree(geo: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Order of the solids, bounds (M, 6) and links (M, 2), see `trace.Scene`. Source: MacDonald and Booth (1990), the
    surface area heuristic."""
    cos, sin = np.abs(geo[:, 7]), np.abs(geo[:, 8])
    half = np.stack([cos * geo[:, 4] + sin * geo[:, 6], geo[:, 5], sin * geo[:, 4] + cos * geo[:, 6]], 1) + 1e-6
    order = np.arange(len(geo))
    bounds, links = np.zeros((2 * len(geo), 6)), np.zeros((2 * len(geo), 2), np.int32)
    made = _split(np.ascontiguousarray(geo[:, 1:4]), geo[:, 1:4] - half, geo[:, 1:4] + half, order, bounds, links)
    return order, bounds[:made].copy(), links[:made].copy()


@kernel
def _area(box):
    x = box[3] - box[0]
    y = box[4] - box[1]
    z = box[5] - box[2]
    return x * y + y * z + x * z


@kernel
def _grow(box, low, high, i):
    for axis in range(3):
        box[axis] = min(box[axis], low[i, axis])
        box[axis + 3] = max(box[axis + 3], high[i, axis])


@kernel
def _none(box):
    for axis in range(3):
        box[axis] = 1e30
        box[axis + 3] = -1e30


@kernel
def _split(centre, low, high, order, bounds, links):
    """Nodes as one walks them, the left child next to its parent; gives how many there are."""
    count = order.shape[0]
    todo = np.zeros((2 * count + 2, 3), np.int64)  # from, to, whose right child
    ranked, best = np.empty(count, np.int64), np.empty(count, np.int64)
    left = np.empty(count)
    box = np.empty(6)
    todo[0, 0], todo[0, 1], todo[0, 2] = 0, count, -1
    top, made = 0, 0
    while top >= 0:
        begin, end, parent = todo[top, 0], todo[top, 1], todo[top, 2]
        top -= 1
        node = made
        made += 1
        if parent >= 0:
            links[parent, 1] = node
        _none(box)
        for k in range(begin, end):
            _grow(box, low, high, order[k])
        bounds[node] = box
        if end - begin <= 2:
            links[node, 0], links[node, 1] = begin, end - begin
            continue
        cheapest, cut, across = 1e300, begin + 1, 0
        for axis in range(3):
            keys = np.empty(end - begin)
            for k in range(begin, end):
                keys[k - begin] = centre[order[k], axis]
            sorted_ = np.argsort(keys, kind="mergesort")
            _none(box)
            for k in range(end - begin):
                ranked[k] = order[begin + sorted_[k]]
                _grow(box, low, high, ranked[k])
                left[k] = _area(box) * (k + 1)
            _none(box)
            won, price = -1, cheapest
            for k in range(end - begin - 1, 0, -1):
                _grow(box, low, high, ranked[k])
                cost = left[k - 1] + _area(box) * (end - begin - k)
                # of equal ones the first, as one reads them from the left
                if cost < price or (won >= 0 and cost == price):
                    won, price = k, cost
            if won >= 0:
                cheapest, cut, across = price, begin + won, axis
                best[: end - begin] = ranked[: end - begin]
        order[begin:end] = best[: end - begin]
        links[node, 0] = -1 - across
        todo[top + 1, 0], todo[top + 1, 1], todo[top + 1, 2] = cut, end, node
        todo[top + 2, 0], todo[top + 2, 1], todo[top + 2, 2] = begin, cut, -1
        top += 2
    return made
