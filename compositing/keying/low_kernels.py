"""Loops over maps at the fit's resolution, where NumPy would walk them a dozen times. Each mirrors one of `plate`'s."""

import numpy as np

from compositing.devices import kernel


@kernel
def weigh(values, weight, out):  # type: ignore[no-untyped-def]
    """Write (h, w, 4): values (h, w, 3) times weight (h, w), and the weight."""
    for y in range(weight.shape[0]):
        for x in range(weight.shape[1]):
            w = weight[y, x]
            out[y, x, 0] = values[y, x, 0] * w
            out[y, x, 1] = values[y, x, 1] * w
            out[y, x, 2] = values[y, x, 2] * w
            out[y, x, 3] = w


@kernel
def trusted(filled, soft):  # type: ignore[no-untyped-def]
    """Mix the mean that `soft` (h, w, 4, weighed) holds into `filled` (h, w, 3), as far as it can be trusted."""
    for y in range(filled.shape[0]):
        for x in range(filled.shape[1]):
            share = soft[y, x, 3]
            trust = min(max(share * np.float32(5.0), np.float32(0.0)), np.float32(1.0))
            scale = np.float32(1.0) / max(share, np.float32(1e-6))
            for c in range(3):
                filled[y, x, c] += trust * (soft[y, x, c] * scale - filled[y, x, c])


@kernel
def bare_parts(linear, plate, along, across, wedge, low, high, floor, bare, light, share, ratio):  # type: ignore[no-untyped-def]
    """One walk for all that a frame's plate is judged by.

    bare (h, w) uint8: nothing but screen shows, as `bare_screen` has it; light (h, w, 2): log of the total light, and
    its square; share (h, w, 3): each colour's part of it; ratio (h, w, 4): frame over plate, and its mean.
    """
    third = np.float32(1.0 / 3.0)
    for y in range(linear.shape[0]):
        for x in range(linear.shape[1]):
            r, g, b = linear[y, x, 0], linear[y, x, 1], linear[y, x, 2]
            p, q, s = plate[y, x, 0], plate[y, x, 1], plate[y, x, 2]
            own = r * along[0] + g * along[1] + b * along[2]
            screen = max(p * along[0] + q * along[1] + s * along[2], floor)
            cross = r * across[0] + g * across[1] + b * across[2]
            cross -= own * ((p * across[0] + q * across[1] + s * across[2]) / screen)
            clear = (own - wedge * abs(cross)) / screen
            total = r + g + b
            bright = total / max(p + q + s, floor)
            bare[y, x] = clear > low and clear < high and bright > low and bright < high + np.float32(0.1)
            held = max(total, floor)
            value = np.log(held)
            light[y, x, 0] = value
            light[y, x, 1] = value * value
            part = np.float32(1.0) / held
            share[y, x, 0], share[y, x, 1], share[y, x, 2] = r * part, g * part, b * part
            i, j, k = r / p, g / q, b / s
            ratio[y, x, 0], ratio[y, x, 1], ratio[y, x, 2], ratio[y, x, 3] = i, j, k, (i + j + k) * third


@kernel
def rough_of(light, out):  # type: ignore[no-untyped-def]
    """Write (h, w): the deviation, from blurred means (h, w, 2) of a value and its square."""
    for y in range(out.shape[0]):
        for x in range(out.shape[1]):
            mean = light[y, x, 0]
            out[y, x] = np.sqrt(max(light[y, x, 1] - mean * mean, np.float32(0.0)))


@kernel
def calm_of(bare, soft, share, paint, rough, tint):  # type: ignore[no-untyped-def]
    """Clear `bare` (h, w) uint8 where the screen is rougher (soft) or further from its paint (share) than usual."""
    for y in range(bare.shape[0]):
        for x in range(bare.shape[1]):
            if bare[y, x]:
                stray = max(max(abs(share[y, x, 0] - paint[0]), abs(share[y, x, 1] - paint[1])),
                            abs(share[y, x, 2] - paint[2]))  # fmt: skip
                if soft[y, x] >= rough or stray >= tint:
                    bare[y, x] = 0


@kernel
def seen_of(bare, smooth, top, soft, ratio):  # type: ignore[no-untyped-def]
    """ratio (h, w, 4) becomes the ratios times how well each pixel shows the screen, and that; see `brightest`."""
    for y in range(bare.shape[0]):
        for x in range(bare.shape[1]):
            seen = np.float32(0.0)
            if bare[y, x]:
                seen = np.exp(min(smooth[y, x] - top[y, x] + soft, np.float32(0.0)) / soft)
            ratio[y, x, 0] *= seen
            ratio[y, x, 1] *= seen
            ratio[y, x, 2] *= seen
            ratio[y, x, 3] = seen


@kernel
def at_place(table, tint, out):  # type: ignore[no-untyped-def]
    """Write (h, w): a table (rows, columns, tints) at each pixel's place and tint -1..1, between eight neighbours."""
    rows, columns, tints = table.shape
    height, width = tint.shape
    for y in range(height):
        down = min(max((y + 0.5) * rows / height - 0.5, 0.0), rows - 1.0)
        a = min(int(down), rows - 2)
        dy = np.float32(down - a)
        for x in range(width):
            across = min(max((x + 0.5) * columns / width - 0.5, 0.0), columns - 1.0)
            b = min(int(across), columns - 2)
            dx = np.float32(across - b)
            place = (tint[y, x] * np.float32(0.5) + np.float32(0.5)) * np.float32(tints - 1)
            c = min(max(int(place), 0), tints - 2)
            dz = place - np.float32(c)
            near = table[a, b, c] + dz * (table[a, b, c + 1] - table[a, b, c])
            right = table[a, b + 1, c] + dz * (table[a, b + 1, c + 1] - table[a, b + 1, c])
            below = table[a + 1, b, c] + dz * (table[a + 1, b, c + 1] - table[a + 1, b, c])
            far = table[a + 1, b + 1, c] + dz * (table[a + 1, b + 1, c + 1] - table[a + 1, b + 1, c])
            near += dx * (right - near)
            below += dx * (far - below)
            out[y, x] = near + dy * (below - near)
