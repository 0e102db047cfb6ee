"""What stands behind the actor: the lit cloth with its folds, markers and shadow, and the pictures to comp over."""

import cv2
import numpy as np
from numpy.typing import NDArray

from compositing.colour import Picture, Plane
from compositing.synth.scene import Scene


def _plane(values: object) -> NDArray[np.float32]:
    return np.asarray(values, np.float32)


def smooth_noise(rng: np.random.Generator, height: int, width: int, size_x: float, size_y: float) -> Plane:
    """(H, W) noise of standard deviation 1 whose bumps are about size_x by size_y pixels."""
    small = (max(4, round(width / size_x * 2)), max(4, round(height / size_y * 2)))
    rough = rng.standard_normal((small[1], small[0])).astype(np.float32)
    soft = cv2.GaussianBlur(rough, (0, 0), 1.0)
    soft = cv2.resize(soft, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray((soft - soft.mean()) / (soft.std() + 1e-6), np.float32)


def empty_screen(scene: Scene, width: int, height: int) -> Picture:
    """(H, W, 3) linear: the screen as the camera sees it without anybody before it."""
    rng = np.random.Generator(np.random.PCG64(scene.seed + 3))
    y, x = np.mgrid[0:height, 0:width].astype(np.float32) / width
    hot = rng.uniform((0.1, 0.1), (0.9, 0.9))
    light = 1.12 - scene.uneven * ((x - hot[0]) ** 2 + 0.6 * (y - hot[1]) ** 2) / 0.6
    light *= 1 + 0.12 * scene.uneven * smooth_noise(rng, height, width, width * 0.6, width * 0.6)
    gloss = np.zeros_like(light)
    if scene.wrinkles > 0:  # hanging folds: long downwards, bent, some sharp
        bent = 0.03 * smooth_noise(rng, height, width, width * 0.3, width * 0.3)
        for size, part in ((0.16, 0.7), (0.06, 0.45), (0.028, 0.2)):
            fold = smooth_noise(rng, height, width, width * size, width * size * 7)
            at_x = ((x + bent) * width).astype(np.float32)
            fold = _plane(
                cv2.remap(fold, at_x, (y * width).astype(np.float32), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
            )
            light *= np.exp(scene.wrinkles * part * np.clip(fold, -2.2, 2.2)).astype(np.float32)
            gloss += 0.012 * scene.wrinkles * np.maximum(fold, 0)
    weave = 1 + 0.012 * rng.standard_normal((height, width)).astype(np.float32)
    picture = np.clip(light * weave, 0.08, None)[..., None] * np.array(scene.screen, np.float32)
    picture = picture + gloss[..., None]
    if scene.markers:
        picture = _markers(picture, scene, rng, light)
    return np.asarray(np.clip(picture, 0, None) * scene.exposure, np.float32)


def _markers(picture: Picture, scene: Scene, rng: np.random.Generator, light: Plane) -> Picture:
    """Crosses of tape: darker or lighter paint of the screen's own hue, or white."""
    height, width = light.shape
    mask = np.zeros((height * 4, width * 4), np.uint8)
    rows = round(scene.markers * height / width)
    arm = width * 0.022
    for j in range(rows):
        for i in range(scene.markers):
            at = np.array([(i + 0.5) / scene.markers * width, (j + 0.5) / rows * height]) + rng.uniform(-4, 4, 2)
            for way in ((1, 0), (0, 1)):
                ends = [tuple(int(v * 4) for v in at + sign * arm * np.array(way)) for sign in (-1, 1)]
                cv2.line(mask, ends[0], ends[1], 255, max(2, round(width * 0.007 * 4)), cv2.LINE_AA)
    share = cv2.resize(mask, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32)[..., None] / 255
    paints = (np.array([0.6, 0.6, 0.58]), np.array(scene.screen) * 0.35, np.array([0.03, 0.03, 0.03]))
    paint = (light[..., None] * paints[int(rng.integers(3))]).astype(np.float32)
    return picture + share * (paint - picture)


def shadow_on(scene: Scene, screen: Picture, alpha: Plane) -> Picture:
    """The screen with the actor's soft shadow: the silhouette, moved aside and blurred."""
    if scene.shadow <= 0:
        return screen
    height, width = alpha.shape
    rng = np.random.Generator(np.random.PCG64(scene.seed + 4))
    move = rng.uniform((-0.12, -0.02), (0.12, 0.10)) * width
    matrix = np.array([[1, 0, move[0]], [0, 1, move[1]]], np.float32)
    thrown = cv2.warpAffine(alpha, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)
    thrown = cv2.GaussianBlur(thrown, (0, 0), width * 0.05)
    return np.asarray(screen * (1 - scene.shadow * thrown[..., None]), np.float32)


def ground(scene: Scene, width: int, height: int) -> Picture:
    """(H, W, 3) linear: something to comp over, drawn by kind: a room, a night, a street."""
    rng = np.random.Generator(np.random.PCG64(scene.seed + 8))
    y, x = np.mgrid[0:height, 0:width].astype(np.float32) / width
    if scene.ground == "night":
        picture = np.dstack([0.012 + 0.01 * y, 0.014 + 0.01 * y, 0.035 + 0.02 * (1.8 - y)]).astype(np.float32)
        for _ in range(26):
            at, radius = rng.uniform((0, 0.1), (1, 1.5)), rng.uniform(0.012, 0.05)
            disc = np.clip((radius - np.hypot(x - at[0], y - at[1])) * width / 2 + 0.5, 0, 1)[..., None]
            picture += disc * (rng.uniform(0.05, 0.9, 3) * rng.uniform(0.1, 0.8)).astype(np.float32)
    elif scene.ground == "street":
        picture = np.repeat((0.5 - 0.22 * y)[..., None], 3, 2) * np.array([0.9, 0.95, 1.05], np.float32)
        for _ in range(14):
            left, top = rng.uniform(-0.1, 0.9), rng.uniform(0.0, 0.9)
            inside = (x > left) & (x < left + rng.uniform(0.1, 0.35)) & (y > top)
            picture[inside] = rng.uniform(0.04, 0.45) * np.exp(rng.normal(0, 0.1, 3))
        picture = _plane(cv2.GaussianBlur(picture, (0, 0), width * 0.012))
    else:
        picture = np.dstack([0.34 - 0.1 * y, 0.37 - 0.1 * y, 0.42 - 0.08 * y]).astype(np.float32)
        picture += 0.05 * np.sin(x * 40 + 1.5 * np.sin(y * 2))[..., None].astype(np.float32)
        window = np.clip(1 - np.hypot((x - 0.55) / 0.22, (y - 0.35) / 0.45) ** 4, 0, 1)
        picture += 0.7 * window[..., None]
        picture = _plane(cv2.GaussianBlur(picture, (0, 0), width * 0.01))
    picture += 0.01 * smooth_noise(rng, height, width, 9, 9)[..., None]
    return np.asarray(np.clip(picture, 0, 1), np.float32)


def bounce_light(scene: Scene, screen: Picture) -> NDArray[np.float32]:
    """(3,) the screen's mean light, which falls back on the actor."""
    return np.asarray(screen.reshape(-1, 3).mean(0), np.float32)
