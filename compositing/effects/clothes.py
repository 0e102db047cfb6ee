"""What people of a time wear, and how they hold themselves: palettes and shares. sRGB throughout."""

from dataclasses import dataclass

Colour = tuple[float, float, float]
# Kinds of dress; what each is drawn from stands in `figures`.
JACKET, COAT, SKIRT, SHIRT = 0, 1, 2, 3
GOWN, QIPAO, TUNIC, SUIT = 4, 5, 6, 7
ROBE, RUQUN, SERVANT, OFFICIAL = 8, 9, 10, 11
# Poses of who stands: arms hanging, hands joined before the body, a hand at the ear, hands on the back, talking.
HANG, JOINED, PHONE, BACK, TALK = range(5)


@dataclass(frozen=True)
class Wardrobe:
    """men, women: (kind, share) of what they wear; upper, lower, trim: colours; poses: (pose, share) of who stands."""

    men: tuple[tuple[int, float], ...]
    women: tuple[tuple[int, float], ...]
    upper: tuple[Colour, ...]
    ladies: tuple[Colour, ...]
    lower: tuple[Colour, ...]
    trim: tuple[Colour, ...]
    poses: tuple[tuple[int, float], ...]


PERIODS = {
    "modern": Wardrobe(
        ((JACKET, 0.50), (SHIRT, 0.28), (COAT, 0.22)),
        ((SKIRT, 0.34), (JACKET, 0.26), (COAT, 0.24), (SHIRT, 0.16)),
        ((0.12, 0.13, 0.15), (0.20, 0.22, 0.27), (0.34, 0.31, 0.28), (0.55, 0.53, 0.50), (0.24, 0.16, 0.14),
         (0.16, 0.21, 0.31), (0.42, 0.20, 0.18), (0.70, 0.68, 0.64), (0.30, 0.36, 0.30)),
        ((0.62, 0.56, 0.50), (0.70, 0.66, 0.62), (0.46, 0.20, 0.22), (0.20, 0.26, 0.36), (0.16, 0.15, 0.17),
         (0.66, 0.52, 0.46), (0.36, 0.42, 0.40)),
        ((0.09, 0.09, 0.11), (0.15, 0.18, 0.25), (0.20, 0.18, 0.16), (0.28, 0.28, 0.30)),
        ((0.72, 0.71, 0.70), (0.62, 0.66, 0.72), (0.30, 0.12, 0.12)),
        ((HANG, 0.40), (PHONE, 0.28), (JOINED, 0.20), (BACK, 0.12)),
    ),
    "eighties": Wardrobe(
        ((JACKET, 0.62), (SHIRT, 0.38)),
        ((SHIRT, 0.40), (JACKET, 0.32), (SKIRT, 0.28)),
        ((0.16, 0.22, 0.34), (0.22, 0.28, 0.38), (0.30, 0.34, 0.28), (0.36, 0.38, 0.38), (0.62, 0.62, 0.60)),
        ((0.66, 0.62, 0.56), (0.50, 0.26, 0.24), (0.24, 0.32, 0.44), (0.64, 0.56, 0.40), (0.40, 0.46, 0.42)),
        ((0.14, 0.17, 0.24), (0.20, 0.22, 0.22), (0.24, 0.24, 0.25)),
        ((0.68, 0.68, 0.66), (0.56, 0.60, 0.64)),
        ((HANG, 0.55), (JOINED, 0.22), (BACK, 0.23)),
    ),
    "republican": Wardrobe(
        ((GOWN, 0.48), (TUNIC, 0.30), (SUIT, 0.22)),
        ((QIPAO, 0.72), (TUNIC, 0.28)),
        ((0.20, 0.24, 0.31), (0.14, 0.17, 0.24), (0.33, 0.33, 0.32), (0.25, 0.20, 0.17), (0.44, 0.43, 0.38),
         (0.20, 0.27, 0.26)),
        ((0.30, 0.42, 0.44), (0.50, 0.20, 0.24), (0.62, 0.58, 0.50), (0.24, 0.28, 0.42), (0.42, 0.34, 0.46),
         (0.26, 0.36, 0.28)),
        ((0.10, 0.10, 0.11), (0.18, 0.17, 0.16), (0.16, 0.18, 0.22)),
        ((0.10, 0.10, 0.11), (0.34, 0.32, 0.28), (0.55, 0.53, 0.48)),
        ((HANG, 0.36), (BACK, 0.32), (JOINED, 0.32)),
    ),
    "ancient": Wardrobe(
        ((ROBE, 0.52), (SERVANT, 0.24), (OFFICIAL, 0.24)),
        ((RUQUN, 1.0),),
        ((0.42, 0.37, 0.29), (0.27, 0.33, 0.34), (0.22, 0.20, 0.22), (0.40, 0.21, 0.17), (0.20, 0.27, 0.38),
         (0.56, 0.53, 0.45), (0.30, 0.34, 0.24), (0.46, 0.36, 0.22)),
        ((0.66, 0.46, 0.44), (0.52, 0.60, 0.52), (0.68, 0.62, 0.50), (0.46, 0.52, 0.64), (0.58, 0.42, 0.54),
         (0.62, 0.30, 0.26)),
        ((0.24, 0.20, 0.17), (0.34, 0.30, 0.24), (0.18, 0.20, 0.24)),
        ((0.62, 0.50, 0.24), (0.20, 0.16, 0.15), (0.60, 0.56, 0.48), (0.40, 0.14, 0.12)),
        ((JOINED, 0.62), (HANG, 0.20), (BACK, 0.18)),
    ),
}  # fmt: skip
SKIN: tuple[Colour, ...] = ((0.80, 0.62, 0.51), (0.75, 0.57, 0.46), (0.66, 0.49, 0.39))
HAIR: tuple[Colour, ...] = ((0.07, 0.06, 0.06), (0.10, 0.08, 0.07), (0.16, 0.13, 0.12), (0.34, 0.33, 0.33))
HAIR_SHARES = (0.52, 0.28, 0.12, 0.08)
