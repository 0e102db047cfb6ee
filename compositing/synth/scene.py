"""What a clip shows, as plain numbers: the named cases, and random ones without end."""

from dataclasses import dataclass, replace

import numpy as np

from compositing.errors import Refused

GREEN, BLUE, YELLOW_GREEN = (0.045, 0.37, 0.075), (0.035, 0.08, 0.42), (0.30, 0.42, 0.05)
TEAL, WEAK_GREEN = (0.03, 0.24, 0.17), (0.14, 0.34, 0.16)
DARK, BROWN, BLONDE, RED, SILVER = (
    (0.012, 0.009, 0.008), (0.06, 0.033, 0.018), (0.42, 0.30, 0.15), (0.22, 0.07, 0.03), (0.40, 0.39, 0.38),
)  # fmt: skip
SKINS = ((0.55, 0.31, 0.22), (0.42, 0.23, 0.15), (0.28, 0.14, 0.085), (0.13, 0.065, 0.042))
STYLES = ("curly", "long", "wavy", "short", "bun")


@dataclass(frozen=True)
class Scene:
    """One clip. Colours are linear; lengths in frame widths; angles in degrees; speeds per frame."""

    name: str
    seed: int
    words: str
    screen: tuple[float, float, float] = GREEN
    # the set
    uneven: float = 0.15  # how far the light falls off over the screen
    wrinkles: float = 0.0  # depth of the cloth's folds as a part of its light
    shadow: float = 0.0  # darkness of the actor's soft shadow on the screen
    markers: int = 0  # tracking crosses per row
    spill: float = 0.5  # strength of the screen's light on the actor
    rim: float = 0.5  # the same, mirrored at grazing angles
    # the actor
    skin: tuple[float, float, float] = SKINS[0]
    garment: tuple[float, float, float] = (0.35, 0.33, 0.31)
    wool: float = 0.0  # length of the garment's fibres
    hair: tuple[float, float, float] = DARK
    style: str = "long"
    strands: int = 9000
    hair_length: float = 0.5
    curl: float = 0.0  # radius of the curls
    thickness: float = 0.00028  # of a strand: 0.12 pixels at 432 wide
    flyaways: float = 0.05  # part of the strands that stand off
    hand: bool = False
    prop: tuple[float, float, float] | None = None  # colour of what the hand holds
    glass: float = 0.0  # optical depth of a glass in the hand
    veil: float = 0.0  # optical depth of a veil over the head
    veil_colour: tuple[float, float, float] = (0.7, 0.68, 0.66)
    zoom: float = 1.45
    # movement
    turn: float = 6.0  # of the head, from side to side
    turn_frames: float = 24.0  # there and back
    wave: float = 0.0  # reach of the hand
    wave_frames: float = 9.0
    sway: float = 0.006
    shutter: float = 0.5
    # light and camera
    exposure: float = 1.0
    key: tuple[float, float, float] = (1.0, 0.96, 0.9)
    fill: float = 0.35
    defocus: float = 0.0  # radius in pixels at 432 wide
    hand_defocus: float = 0.0
    softness: float = 0.55  # sigma of the lens in pixels
    shot_noise: float = 0.00012  # variance per unit of light
    read_noise: float = 0.0010  # standard deviation
    crf: int = 19
    preset: str = "medium"
    bits: int = 8
    whole_chroma: bool = False  # 4:4:4 instead of 4:2:0
    ground: str = "room"


CASES = {
    scene.name: scene
    for scene in (
        Scene(
            "even_curly", 101, "even green, dark curly hair, gentle movement", style="curly", strands=15000,
            hair_length=0.21, curl=0.011, thickness=0.0003, skin=SKINS[2], spill=0.3, bits=10, crf=18,
        ),
        Scene(
            "wrinkled_blonde", 202, "uneven, wrinkled green close behind, blonde hair, strong spill", hair=BLONDE,
            uneven=0.4, wrinkles=0.16, shadow=0.2, spill=1.3, rim=1.2, style="long", hair_length=0.62, flyaways=0.08,
            garment=(0.45, 0.44, 0.43), ground="night",
        ),
        Scene(
            "fast_motion", 303, "fast head turn and waving hand, heavy motion blur", hair=BROWN, style="wavy",
            hair_length=0.5, curl=0.008, garment=(0.45, 0.05, 0.06), hand=True, turn=38, turn_frames=13, wave=0.16,
            wave_frames=7, sway=0.02, uneven=0.2,
        ),
        Scene(
            "blue_greyblue", 404, "blue screen, grey-blue garment, brown wavy hair", screen=BLUE, hair=BROWN,
            style="wavy", curl=0.006, garment=(0.13, 0.17, 0.25), skin=SKINS[1], uneven=0.2, spill=0.7, crf=21,
        ),
        Scene(
            "veil_defocus", 505, "shallow focus, translucent veil and a glass", veil=0.22, defocus=2.2, glass=0.16,
            hand=True, hand_defocus=4.0, hair=RED, style="wavy", curl=0.005, garment=(0.7, 0.69, 0.66), wave=0.03,
            wave_frames=22, crf=20, bits=10,
        ),
        Scene(
            "props_dark", 606, "underexposed and noisy, a prop near the screen's colour, black wool", exposure=0.38,
            shot_noise=0.0005, read_noise=0.0022, prop=(0.06, 0.22, 0.08), hand=True, garment=(0.02, 0.02, 0.021),
            wool=0.012, style="short", hair_length=0.1, strands=9000, wave=0.05, wave_frames=16, crf=22, uneven=0.3,
        ),
        Scene(
            "markers", 707, "tracking crosses on an uneven green screen, white garment, curls", markers=4, uneven=0.35,
            hair=BLONDE, style="curly", hair_length=0.26, curl=0.02, strands=8000, garment=(0.75, 0.74, 0.72),
            wool=0.008, shadow=0.25, spill=0.9,
        ),
        Scene(
            "yellow_green", 808, "yellow-green wall, silver bun, grey garment", screen=YELLOW_GREEN, hair=SILVER,
            style="bun", hair_length=0.16, flyaways=0.12, garment=(0.2, 0.2, 0.21), uneven=0.25, spill=0.8,
            skin=SKINS[1], ground="night",
        ),
        Scene(
            "blue_blonde", 909, "wrinkled blue close behind, blonde hair, white garment, strong spill", screen=BLUE,
            hair=BLONDE, uneven=0.35, wrinkles=0.12, shadow=0.15, spill=1.2, rim=1.1, style="long", hair_length=0.6,
            flyaways=0.09, garment=(0.66, 0.65, 0.64), crf=20,
        ),
        Scene(
            "low_light", 1010, "low light: strong noise, H.264 at a low rate, brown curls", exposure=0.5,
            shot_noise=0.0009, read_noise=0.0030, hair=BROWN, style="curly", hair_length=0.24, curl=0.014, strands=9000,
            garment=(0.25, 0.22, 0.2), spill=0.6, uneven=0.25, hand=True, wave=0.04, wave_frames=14, crf=24,
            ground="night",
        ),
        Scene(
            "teal_motion", 1111, "teal wall, fast turn and waving hand, motion blur, dark long hair", screen=TEAL,
            hair=DARK, style="long", hair_length=0.5, hand=True, turn=34, turn_frames=13, wave=0.15, wave_frames=7,
            sway=0.02, garment=(0.3, 0.12, 0.1), skin=SKINS[2], ground="street",
        ),
        Scene(
            "clean_444", 1212, "10 bits 4:4:4, hardly compressed: red wavy hair with many loose strands", bits=10,
            whole_chroma=True, crf=4, hair=RED, style="wavy", curl=0.006, hair_length=0.4, flyaways=0.1, spill=0.6,
            zoom=1.2, uneven=0.2, read_noise=0.0007, shot_noise=0.00008, garment=(0.06, 0.06, 0.09),
        ),
        Scene(
            "weak_green", 1313, "pale, weakly coloured green wall, shadow, silver hair, glass in the hand",
            screen=WEAK_GREEN, hair=SILVER, style="wavy", curl=0.005, hair_length=0.45, hand=True, glass=0.15,
            wave=0.04, wave_frames=18, shadow=0.25, uneven=0.3, spill=0.8, garment=(0.1, 0.13, 0.3), crf=21,
        ),
    )
}  # fmt: skip


def case(name: str, seed: int | None = None) -> Scene:
    """The named case, drawn anew by another seed where one is given. Raises Refused."""
    if name not in CASES:
        raise Refused(f"There is no case {name!r}: the cases are {', '.join(CASES)}.")
    return CASES[name] if seed is None else replace(CASES[name], seed=CASES[name].seed + 7919 * seed)


def random_scene(seed: int) -> Scene:
    """A scene whose every number is drawn: what a learned part sees while it learns. The same seed, the same scene."""
    rng = np.random.Generator(np.random.PCG64(seed))

    def between(low: float, high: float) -> float:
        return float(rng.uniform(low, high))

    def tint(colour: tuple[float, ...], by: float) -> tuple[float, float, float]:
        red, green, blue = (float(v) for v in np.clip(np.array(colour) * np.exp(rng.normal(0, by, 3)), 0.004, 0.85))
        return red, green, blue

    def pick(*values: object, p: tuple[float, ...] | None = None) -> object:
        return values[int(rng.choice(len(values), p=p))]

    screen = tint((GREEN, BLUE, YELLOW_GREEN)[int(rng.choice(3, p=(0.68, 0.22, 0.10)))], 0.12)
    style = STYLES[int(rng.choice(len(STYLES), p=(0.3, 0.25, 0.25, 0.1, 0.1)))]
    curl = {"curly": between(0.006, 0.026), "wavy": between(0.003, 0.012)}.get(style, between(0, 0.002))
    length = {"short": between(0.05, 0.14), "bun": between(0.1, 0.2), "curly": between(0.12, 0.34)}.get(
        style, between(0.35, 0.8)
    )
    fast = rng.random() < 0.3
    hand = rng.random() < 0.55
    greys = tint((0.3, 0.3, 0.3), 0.7)
    mean = sum(greys) / 3
    level = between(0.15, 1.0)
    garment = tuple(float(np.clip(mean + (v - mean) * level, 0.006, 0.8)) for v in tint(greys, 0.35))
    return Scene(
        f"random_{seed}", seed, "drawn at random", screen=screen, uneven=between(0.05, 0.45),
        wrinkles=between(0.03, 0.2) if rng.random() < 0.4 else 0.0,
        shadow=between(0.05, 0.35) if rng.random() < 0.4 else 0,
        markers=int(rng.integers(3, 6)) if rng.random() < 0.12 else 0, spill=between(0.15, 1.4), rim=between(0.1, 1.3),
        skin=tint(SKINS[int(rng.integers(len(SKINS)))], 0.1), garment=(garment[0], garment[1], garment[2]),
        wool=between(0.004, 0.016) if rng.random() < 0.35 else 0.0,
        hair=tint((DARK, BROWN, BLONDE, RED, SILVER)[int(rng.choice(5, p=(0.32, 0.25, 0.25, 0.08, 0.1)))], 0.3),
        style=style, strands=int(rng.integers(4000, 14000)), hair_length=length, curl=curl,
        thickness=between(0.00016, 0.00045), flyaways=between(0.02, 0.15), hand=hand,
        prop=tint((0.2, 0.2, 0.2), 0.8) if hand and rng.random() < 0.3 else None,
        glass=between(0.08, 0.3) if hand and rng.random() < 0.2 else 0.0,
        veil=between(0.08, 0.4) if rng.random() < 0.12 else 0.0, zoom=between(1.0, 1.8),
        turn=between(20, 45) if fast else between(2, 12), turn_frames=between(9, 16) if fast else between(18, 40),
        wave=between(0.06, 0.2) if fast else between(0.0, 0.05),
        wave_frames=between(6, 12) if fast else between(14, 30),
        sway=between(0.01, 0.03) if fast else between(0, 0.01), shutter=between(0.35, 0.6),
        exposure=between(0.35, 0.7) if rng.random() < 0.25 else between(0.75, 1.15),
        key=tint((1.0, 0.95, 0.9), 0.08), fill=between(0.15, 0.6),
        defocus=between(0.6, 3.0) if rng.random() < 0.25 else 0.0,
        hand_defocus=between(0, 5) if rng.random() < 0.3 else 0.0,
        softness=between(0.35, 0.85), shot_noise=between(0.00004, 0.0005), read_noise=between(0.0005, 0.0022),
        crf=int(rng.integers(14, 25)), preset="veryfast", bits=10 if rng.random() < 0.3 else 8,
        ground=str(pick("room", "night", "street")),
    )  # fmt: skip
