"""A film's 4:2:0 planes to light and back, a vector at a time: what the fused path's runs begin and end with.

Light by polynomials (a hundredth of an 8-bit code off the curve) in place of tables, pixels in scratch of a size known
when compiled, even ones first, so that the compiler knows that nothing overlaps and no loop needs a branch.
"""

import numpy as np

from compositing.devices import kernel


@kernel
def coded_of(light):  # type: ignore[no-untyped-def]
    """The sRGB code, 0..255 and unrounded, of linear light, clipped, within 0.012 of the curve."""
    light = min(max(light, np.float32(0.0)), np.float32(1.0))
    root = np.sqrt(np.sqrt(light))
    rest = np.float32(0.23880121) - np.float32(0.05261125) * root
    rest = np.float32(1.2172867) + root * (np.float32(-0.5138266) + root * rest)
    power = np.float32(-0.06249459) + root * (np.float32(0.17284065) + root * rest)
    value = power if light > np.float32(0.0031308) else light * np.float32(12.92)
    return value * np.float32(255.0)


@kernel
def code_of(light):  # type: ignore[no-untyped-def]
    """The 8-bit sRGB code of linear light."""
    return np.int32(coded_of(light) + np.float32(0.5))
