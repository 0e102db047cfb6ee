"""Times of day and weathers: what fills the air of a scene."""

import math

import numpy as np

from compositing.plates.scene import (
    AIR_SIZE,
    CLOUD_DARK,
    CLOUD_LIT,
    CLOUDS,
    COOL,
    GLOW,
    HAZE,
    HAZE_COLOUR,
    HORIZON,
    LIT_SHARE,
    RAIN_ON_GLASS,
    SKY_SEED,
    STARS,
    SUN_R,
    SUN_X,
    WARM,
    WET,
    ZENITH,
)

# sun height in degrees, sun, zenith, horizon, glow, cloud cover, lit clouds, dark clouds, haze colour, stars
_LIGHTS = {
    "day": (48, (3.2, 3.0, 2.7), (0.10, 0.24, 0.62), (0.55, 0.70, 0.88), (0.25, 0.22, 0.18), 0.50,
            (1.25, 1.24, 1.22), (0.42, 0.48, 0.58), (0.52, 0.64, 0.78), 0.0),
    "golden": (9, (3.4, 1.75, 0.72), (0.10, 0.17, 0.36), (0.95, 0.52, 0.26), (1.5, 0.68, 0.22), 0.55,
               (1.7, 0.86, 0.42), (0.26, 0.20, 0.27), (0.78, 0.42, 0.22), 0.0),
    "night": (35, (0.010, 0.014, 0.024), (0.004, 0.007, 0.017), (0.040, 0.031, 0.036), (0.120, 0.070, 0.052), 0.48,
              (0.044, 0.034, 0.036), (0.008, 0.009, 0.016), (0.044, 0.035, 0.038), 0.35),
    "storm": (50, (0.0, 0.0, 0.0), (0.050, 0.060, 0.072), (0.16, 0.185, 0.20), (0.02, 0.025, 0.03), 0.95,
              (0.20, 0.225, 0.24), (0.030, 0.037, 0.046), (0.115, 0.135, 0.15), 0.0),
}  # fmt: skip


def air(light: str, weather: str, haze: int, sun_turn: float, seed: int) -> np.ndarray:
    """The numbers of Scene.air. sun_turn: radians right of straight ahead where the sun (or moon) stands."""
    height, sun, zenith, horizon, glow, clouds, lit, dark, far, stars = _LIGHTS[light]
    out = np.zeros(AIR_SIZE)
    lift = math.radians(height)
    out[SUN_X : SUN_X + 3] = (math.cos(lift) * math.sin(sun_turn), math.sin(lift), math.cos(lift) * math.cos(sun_turn))
    out[SUN_R : SUN_R + 3] = sun
    out[ZENITH : ZENITH + 3], out[HORIZON : HORIZON + 3], out[GLOW : GLOW + 3] = zenith, horizon, glow
    out[CLOUD_LIT : CLOUD_LIT + 3], out[CLOUD_DARK : CLOUD_DARK + 3] = lit, dark
    out[HAZE_COLOUR : HAZE_COLOUR + 3] = far
    out[CLOUDS], out[STARS], out[SKY_SEED] = clouds, stars, seed % 1000
    clear = {"day": 0.35, "golden": 0.55, "night": 0.8, "storm": 0.9}[light]
    out[HAZE] = clear * (0.0004 + 0.00006 * haze) + (
        0.004 if weather == "mist" else 0.0012 if weather == "rain" else 0.0
    )
    if weather != "clear":
        out[CLOUDS] = max(clouds, 0.9)
        out[STARS] = 0.0
        if light in ("day", "golden"):
            grey = 0.35 if weather == "rain" else 0.5
            out[SUN_R : SUN_R + 3] *= 0.10
            for at in (ZENITH, HORIZON, CLOUD_LIT, CLOUD_DARK, HAZE_COLOUR):
                mean = float(out[at : at + 3].mean())
                out[at : at + 3] = 0.55 * out[at : at + 3] * (0.6 + grey) + 0.3 * mean
    out[RAIN_ON_GLASS] = 1.0 if weather == "rain" else 0.8 if light == "storm" else 0.0
    out[WET] = 1.0 if weather == "rain" else 0.8 if light == "storm" else 0.35 if weather == "mist" else 0.12
    dim = {"day": 0.55, "golden": 0.9, "night": 1.0, "storm": 0.9}[light]
    out[WARM : WARM + 3] = (1.25 * dim, 0.70 * dim, 0.30 * dim)
    out[COOL : COOL + 3] = (0.72 * dim, 0.92 * dim, 1.05 * dim)
    out[LIT_SHARE] = {"day": 0.12, "golden": 0.6, "night": 1.0, "storm": 0.75}[light]
    return out
