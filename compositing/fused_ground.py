"""What stands behind the actor in the fused path, brought to the planes of the film that is made of it."""

import numpy as np

from compositing.devices import kernel
from compositing.fused_light import code_of, coded_of

FINE = 64  # steps of a code that a grained background's planes and the grain's tile are kept in
KR, KG, KB = np.float32(0.2126), np.float32(0.7152), np.float32(0.0722)
TO_Y, TO_U, TO_V = np.float32(219 / 255), np.float32(224 / 255 / 1.8556), np.float32(224 / 255 / 1.5748)


@kernel
def still_rows(linear, light, gy, gu, gv):  # type: ignore[no-untyped-def]
    """Write a linear picture (H, W, 3) as it is to light (3, H, W), and its 4:2:0 limited BT.709 planes in 64ths of a
    code (int16)."""
    height, width = linear.shape[:2]
    fine, half = np.float32(FINE), np.float32(0.5)
    sums = np.empty((3, width), np.float32)  # of two rows: luma, blue, red
    for y in range(height):
        if y % 2 == 0:
            sums[:] = np.float32(0.0)
        for x in range(width):
            r, g, b = linear[y, x, 0], linear[y, x, 1], linear[y, x, 2]
            light[0, y, x], light[1, y, x], light[2, y, x] = r, g, b
            red, green, blue = coded_of(r), coded_of(g), coded_of(b)
            luma = KR * red + KG * green + KB * blue
            sums[0, x] += luma
            sums[1, x] += blue
            sums[2, x] += red
            gy[y, x] = np.int16((TO_Y * luma + np.float32(16)) * fine + half)
        for c in range(width // 2 if y % 2 else 0):
            luma = sums[0, 2 * c] + sums[0, 2 * c + 1]
            u = TO_U * np.float32(0.25) * (sums[1, 2 * c] + sums[1, 2 * c + 1] - luma)
            v = TO_V * np.float32(0.25) * (sums[2, 2 * c] + sums[2, 2 * c + 1] - luma)
            gu[y // 2, c] = np.int16((u + np.float32(128)) * fine + half)
            gv[y // 2, c] = np.int16((v + np.float32(128)) * fine + half)


@kernel
def _slope(light):  # type: ignore[no-untyped-def]
    """How many codes, of 255, the curve of sRGB rises for a unit of linear light."""
    high = max(light, np.float32(0.0031308))
    power = (coded_of(high) + np.float32(0.055 * 255)) / (np.float32(2.4) * high)
    return power if light > np.float32(0.0031308) else np.float32(12.92 * 255)


@kernel
def grain_rows(light, amount, ky, ku, kv):  # type: ignore[no-untyped-def]
    """Write what a unit of noise adds to each plane's code, in 256ths (int16): by the curve's slope there; see
    `match.add_grain`. light (3, H, W)."""
    height, width = light.shape[1:]
    fine, half, most = np.float32(256), np.float32(0.5), np.float32(32767)
    sums = np.empty((3, width), np.float32)
    for y in range(height):
        if y % 2 == 0:
            sums[:] = np.float32(0.0)
        for x in range(width):
            r, g, b = light[0, y, x], light[1, y, x], light[2, y, x]
            bright = max(KR * r + KG * g + KB * b, np.float32(0.0)) * np.float32(5.5555556)
            deep = np.sqrt(bright) * amount
            red, green, blue = _slope(r) * deep, _slope(g) * deep, _slope(b) * deep
            luma = KR * red + KG * green + KB * blue
            sums[0, x] += luma
            sums[1, x] += blue
            sums[2, x] += red
            ky[y, x] = np.int16(min(TO_Y * luma * fine + half, most))
        for c in range(width // 2 if y % 2 else 0):
            luma = sums[0, 2 * c] + sums[0, 2 * c + 1]
            u = TO_U * np.float32(0.25) * (sums[1, 2 * c] + sums[1, 2 * c + 1] - luma)
            v = TO_V * np.float32(0.25) * (sums[2, 2 * c] + sums[2, 2 * c + 1] - luma)
            ku[y // 2, c] = np.int16(np.floor(min(max(u * fine, -most), most - half) + half))
            kv[y // 2, c] = np.int16(np.floor(min(max(v * fine, -most), most - half) + half))


@kernel
def rounded(fine, out):  # type: ignore[no-untyped-def]
    """Write a plane of 64ths of a code (h, w) as codes (h * w,)."""
    codes = fine.reshape(-1)
    for k in range(len(codes)):
        out[k] = np.uint8((np.int32(codes[k]) + np.int32(32)) >> 6)


@kernel
def moving_rows(linear, light, planar):  # type: ignore[no-untyped-def]
    """Write a linear picture (H, W, 3) as it is to light (3, H, W), and its 4:2:0 limited BT.709 codes to planar
    (H * 3 / 2, W): each pixel rounded to 8 bit first."""
    height, width = linear.shape[:2]
    flat, half_width = planar.reshape(-1), width // 2
    sums = np.empty((3, width), np.int32)
    level = np.int32(33554432 + 131072)  # 128 and a half, over four pixels
    for y in range(height):
        if y % 2 == 0:
            sums[:] = np.int32(0)
        for x in range(width):
            r, g, b = linear[y, x, 0], linear[y, x, 1], linear[y, x, 2]
            light[0, y, x], light[1, y, x], light[2, y, x] = r, g, b
            red, green, blue = code_of(r), code_of(g), code_of(b)
            sums[0, x] += red
            sums[1, x] += green
            sums[2, x] += blue
            luma = red * np.int32(11966) + green * np.int32(40254) + blue * np.int32(4064)
            planar[y, x] = np.uint8((luma + np.int32(1048576 + 32768)) >> 16)
        at = height * width + (y // 2) * half_width
        u, v = flat[at : at + half_width], flat[at + height * width // 4 :]
        for c in range(half_width if y % 2 else 0):
            r = sums[0, 2 * c] + sums[0, 2 * c + 1]
            g = sums[1, 2 * c] + sums[1, 2 * c + 1]
            b = sums[2, 2 * c] + sums[2, 2 * c + 1]
            u[c] = np.uint8((level - np.int32(6596) * r - np.int32(22188) * g + np.int32(28784) * b) >> 18)
            v[c] = np.uint8((level + np.int32(28784) * r - np.int32(26145) * g - np.int32(2639) * b) >> 18)
