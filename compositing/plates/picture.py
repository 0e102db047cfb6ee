# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""From a scene to linear light at every pixel: one ray each, more where neighbours differ; mirrors apart."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from compositing.plates.bands import in_bands
from compositing.plates.kernels import kernel
from compositing.plates.noise import hash3
from compositing.plates.rides import round_again
from compositing.plates.scene import LIVE, RAIN_ON_GLASS, SWAY, TIME
from compositing.plates.shade import drop_bend, fresnel, pane_before, ripple, seen, through_air
from compositing.plates.trace import FAR, Scene, face_at, first_hit

SKY_DEPTH = 1.0e9
WEAK_EDGE, STRONG_EDGE = 0.05, 0.3  # differences of light / (light + 0.35)
ALIKE = 0.06  # of the light: so far apart neighbours may be for what lies between them to be guessed


@dataclass(frozen=True)
class Camera:
    """Where the picture is taken from; the film stands upright (verticals stay vertical), shifted up or down instead.

    place: metres. turn: radians to the right. lens_mm: on film 36 mm tall. horizon: where it lies, 0 top .. 1 bottom.
    """

    place: tuple[float, float, float]
    turn: float
    lens_mm: float
    horizon: float

    def array(self, width: int, height: int) -> np.ndarray:
        """place xyz, cos and sin of the turn, pixels per tangent, centre x, horizon y."""
        focal = self.lens_mm / 36.0 * height
        return np.array(
            [*self.place, math.cos(self.turn), math.sin(self.turn), focal, width / 2, self.horizon * height]
        )


@dataclass
class Exposure:
    """What the rays brought. direct, mirrored (H, W, 3) float32 linear; mirror (H, W): where mirrored counts, 0..1;
    smear (H, W): pixels by which that mirror blurs; depth (H, W): metres along the lens axis; normal (H, W, 3): of what
    is met, x right, y up, z towards the camera, of length one, 0 for the sky; solid (H, W): which one, -1 the sky."""

    direct: np.ndarray
    mirrored: np.ndarray
    mirror: np.ndarray
    smear: np.ndarray
    depth: np.ndarray
    normal: np.ndarray
    solid: np.ndarray


def expose(
    scene: Scene, camera: Camera, width: int, height: int, rays: int, report: Callable[[float], None]
) -> Exposure:
    """Take the picture; `rays` for each pixel at a strong edge, a third of them where neighbours differ a little. Of
    two pixels one is seen; the other is only where its neighbours do not agree on what is there."""
    cam = camera.array(width, height)
    film = np.zeros((height, width, 12), np.float32)  # rgb, mirrored rgb, mirror, smear, depth, normal
    solid = np.zeros((height, width), np.int32)
    in_bands(height, 32, lambda a, b: _first_pass(scene, cam, film, solid, a, b), lambda k: report(0.4 * k))
    in_bands(height, 32, lambda a, b: _between(scene, cam, film, solid, a, b), lambda k: report(0.4 + 0.2 * k))
    busy = _busy(film, rays)
    in_bands(height, 32, lambda a, b: _second_pass(scene, cam, film, busy, a, b), lambda k: report(0.6 + 0.4 * k))
    return Exposure(film[..., :3], film[..., 3:6], film[..., 6], film[..., 7], film[..., 8], film[..., 9:], solid)


def in_full(scene: Scene, camera: Camera, got: Exposure, width: int, height: int) -> tuple[np.ndarray, np.ndarray]:
    """(depth, normal) at width x height, about twice the size that `got` was taken at: asked of the scene once more
    wherever edges run or forms are round."""
    depth, normal = np.empty((height, width), np.float32), np.empty((height, width, 3), np.float32)
    cam = camera.array(width, height)
    small = got.solid, got.depth, np.ascontiguousarray(got.normal)
    in_bands(height, 32, lambda low, high: _finer(scene, cam, *small, depth, normal, low, high))
    return depth, normal


def _busy(film: np.ndarray, rays: int) -> np.ndarray:
    """(H, W) uint8: how many rays more a pixel takes, by how much its neighbours differ as the eye sees them."""
    tone = film[..., :3] + film[..., 3:6]
    tone = tone / (tone + 0.35)
    few = max(2, rays // 3)  # one is seen already
    out = np.zeros(film.shape[:2], np.uint8)
    edges = np.array([WEAK_EDGE, STRONG_EDGE], np.float32)
    in_bands(film.shape[0], 64, lambda low, high: _differ(tone, edges, few, rays, out, low, high))
    return out


@kernel
def _differ(tone, edges, few, many, out, low, high):
    height, width = out.shape
    for y in range(low, high):
        for x in range(width):
            most = np.float32(0.0)
            for c in range(3):
                here = tone[y, x, c]
                if x > 0:
                    most = max(most, abs(here - tone[y, x - 1, c]))
                if x < width - 1:
                    most = max(most, abs(here - tone[y, x + 1, c]))
                if y > 0:
                    most = max(most, abs(here - tone[y - 1, x, c]))
                if y < height - 1:
                    most = max(most, abs(here - tone[y + 1, x, c]))
            if most > edges[1]:
                out[y, x] = many
            elif most > edges[0]:
                out[y, x] = few


@kernel
def _sample(scene, cam, px, py, out):
    """Into out: rgb, mirrored rgb, mirror, smear, depth, normal; gives the solid met."""
    vx = (px - cam[6]) / cam[5]
    vy = (cam[7] - py) / cam[5]
    norm = 1.0 / math.sqrt(vx * vx + vy * vy + 1.0)
    dx = (cam[3] * vx + cam[4]) * norm
    dy = vy * norm
    dz = (-cam[4] * vx + cam[3]) * norm
    ox = cam[0]
    oy = cam[1]
    oz = cam[2]
    spread = norm / cam[5]
    t_pane, pane = pane_before(scene, ox, oy, oz, dx, dy, dz, FAR)
    r, g, b, t, i, nx, ny, nz, shine, rough = seen(scene, ox, oy, oz, dx, dy, dz, spread, True)
    depth = t * norm if i >= 0 else SKY_DEPTH
    out[9] = cam[3] * nx - cam[4] * nz
    out[10] = ny
    out[11] = -(cam[4] * nx + cam[3] * nz)
    if pane >= 0 and t_pane < t:
        amount = scene.air[RAIN_ON_GLASS]
        light = 1.0
        across = scene.panes[pane, 0] == 0.0
        if amount > 0:
            p = oz + t_pane * dz if across else ox + t_pane * dx
            bend_p, bend_q, light = drop_bend(p, oy + t_pane * dy, amount)
            if bend_p != 0.0 or bend_q != 0.0:
                ex = dx if across else dx + bend_p
                ez = dz + bend_p if across else dz
                ey = dy + bend_q
                q = 1.0 / math.sqrt(ex * ex + ey * ey + ez * ez)
                r, g, b, _, _, _, _, _, _, _ = seen(
                    scene,
                    ox + t_pane * dx,
                    oy + t_pane * dy,
                    oz + t_pane * dz,
                    ex * q,
                    ey * q,
                    ez * q,
                    spread * 8,
                    False,
                )
        facing = abs(dx) if across else abs(dz)
        tint = scene.panes[pane, 6] * light
        k = fresnel(0.07, facing)
        mx = -dx if across else dx
        mz = dz if across else -dz
        mr, mg, mb, _, _, _, _, _, _, _ = seen(
            scene, ox + t_pane * dx, oy + t_pane * dy, oz + t_pane * dz, mx, dy, mz, spread, False
        )
        out[0] = r * tint * (1 - k) + mr * k
        out[1] = g * tint * (1 - k) + mg * k
        out[2] = b * tint * (1 - k) + mb * k
        out[3] = out[4] = out[5] = out[6] = out[7] = 0.0
        out[8] = depth
        return i
    out[0] = r
    out[1] = g
    out[2] = b
    out[8] = depth
    out[3] = out[4] = out[5] = out[6] = out[7] = 0.0
    if i >= 0 and shine > 0.004:
        x = ox + t * dx
        y = oy + t * dy
        z = oz + t * dz
        if ny > 0.9:
            sx, sz = ripple(x, z, t, rough * 0.06)
            nx = sx
            nz = sz
            q = 1.0 / math.sqrt(nx * nx + 1.0 + nz * nz)
            nx *= q
            ny = q
            nz *= q
        dot = dx * nx + dy * ny + dz * nz
        mx = dx - 2 * dot * nx
        my = dy - 2 * dot * ny
        mz = dz - 2 * dot * nz
        if ny > 0.9:
            my = max(my, 1e-3)
        k = fresnel(shine, -dot)
        k *= min(1.0, max(0.0, 2.2 - 2.6 * rough))  # a rough floor scatters most of what it mirrors
        mr, mg, mb, mt, _, _, _, _, _, _ = seen(
            scene, x + nx * 1e-3, y + ny * 1e-3, z + nz * 1e-3, mx, my, mz, spread * (1 + 6 * rough), False
        )
        passes, _, _, _ = through_air(scene.air, t, dx, dy, dz)
        k *= passes
        # one very bright thing in a mirror must not become a lone white pixel
        peak = max(mr, mg, mb)
        if peak > 12.0:
            mr *= 12.0 / peak
            mg *= 12.0 / peak
            mb *= 12.0 / peak
        out[3] = mr * k
        out[4] = mg * k
        out[5] = mb * k
        out[6] = 1.0
        out[7] = rough * 0.16 * cam[5] * min(1.0, mt / (mt + t))
    return i


@kernel
def _first_pass(scene, cam, film, solid, low, high):
    out = np.empty(12)
    for y in range(low, high):
        for x in range(y % 2, film.shape[1], 2):
            solid[y, x] = _sample(scene, cam, x + 0.5, y + 0.5, out)
            for k in range(12):
                film[y, x, k] = out[k]


@kernel
def _agree(film, solid, y, x, yy, xx):
    """Whether two pixels show the same side of the same solid in about the same light."""
    if solid[y, x] != solid[yy, xx]:
        return False
    for c in range(3):
        a = film[y, x, c] + film[y, x, 3 + c]
        b = film[yy, xx, c] + film[yy, xx, 3 + c]
        if abs(a - b) > ALIKE * (min(a, b) + 0.05):
            return False
        if abs(film[y, x, 9 + c] - film[yy, xx, 9 + c]) > 0.05:
            return False
    return film[y, x, 6] == film[yy, xx, 6]


@kernel
def _between(scene, cam, film, solid, low, high):
    """The other half of the pixels: as their four neighbours where those agree, else seen."""
    height, width = solid.shape
    out = np.empty(12)
    for y in range(low, high):
        for x in range(1 - y % 2, width, 2):
            within = y > 0 and y < height - 1 and x > 0 and x < width - 1
            if (
                within
                and _agree(film, solid, y - 1, x, y + 1, x)
                and _agree(film, solid, y, x - 1, y, x + 1)
                and _agree(film, solid, y - 1, x, y, x - 1)
            ):
                solid[y, x] = solid[y - 1, x]
                for k in range(12):
                    film[y, x, k] = np.float32(0.25) * (
                        film[y - 1, x, k] + film[y + 1, x, k] + film[y, x - 1, k] + film[y, x + 1, k]
                    )
                continue
            solid[y, x] = _sample(scene, cam, x + 0.5, y + 0.5, out)
            for k in range(12):
                film[y, x, k] = out[k]


@kernel
def _finer(scene, cam, solid, small, turned, depth, normal, low, high):
    rows, columns = solid.shape
    height, width = depth.shape
    for y in range(low, high):
        sy = min(max((y + 0.5) * rows / height - 0.5, 0.0), rows - 1.0)
        y0 = min(int(sy), rows - 2)
        fy = sy - y0
        for x in range(width):
            sx = min(max((x + 0.5) * columns / width - 0.5, 0.0), columns - 1.0)
            x0 = min(int(sx), columns - 2)
            fx = sx - x0
            i = solid[y0, x0]
            flat = i == solid[y0, x0 + 1] and i == solid[y0 + 1, x0] and i == solid[y0 + 1, x0 + 1]
            for c in range(3):
                n = turned[y0, x0, c]
                if (
                    abs(turned[y0, x0 + 1, c] - n) > 1e-3
                    or abs(turned[y0 + 1, x0, c] - n) > 1e-3
                    or abs(turned[y0 + 1, x0 + 1, c] - n) > 1e-3
                ):
                    flat = False
            if flat:
                for c in range(3):
                    normal[y, x, c] = turned[y0, x0, c]
                # on a plane it is 1 / depth that grows evenly across the picture
                depth[y, x] = (
                    SKY_DEPTH
                    if i < 0
                    else 1.0
                    / (
                        (1 - fy) * ((1 - fx) / small[y0, x0] + fx / small[y0, x0 + 1])
                        + fy * ((1 - fx) / small[y0 + 1, x0] + fx / small[y0 + 1, x0 + 1])
                    )
                )
                continue
            vx = (x + 0.5 - cam[6]) / cam[5]
            vy = (cam[7] - y - 0.5) / cam[5]
            norm = 1.0 / math.sqrt(vx * vx + vy * vy + 1.0)
            dx = (cam[3] * vx + cam[4]) * norm
            dy = vy * norm
            dz = (-cam[4] * vx + cam[3]) * norm
            t, j = first_hit(scene, cam[0], cam[1], cam[2], dx, dy, dz, FAR, False)
            if j < 0:
                depth[y, x] = SKY_DEPTH
                for c in range(3):
                    normal[y, x, c] = 0.0
                continue
            depth[y, x] = t * norm
            _, _, _, nx, ny, nz, _, _ = face_at(scene.geo, j, cam[0] + t * dx, cam[1] + t * dy, cam[2] + t * dz)
            normal[y, x, 0] = cam[3] * nx - cam[4] * nz
            normal[y, x, 1] = ny
            normal[y, x, 2] = -(cam[4] * nx + cam[3] * nz)


@kernel
def _second_pass(scene, cam, film, busy, low, high):
    out = np.empty(12)
    total = np.empty(9)
    for y in range(low, high):
        for x in range(film.shape[1]):
            rays = busy[y, x]
            if rays == 0:
                continue
            # rays are averaged after a gentle squeeze, so that one lamp's edge does not stay a staircase
            # what was seen already counts as one of them
            w = 1.0 / (1.0 + max(film[y, x, 0], film[y, x, 1], film[y, x, 2]) * 0.5)
            for k in range(3):
                total[k] = film[y, x, k] * w
            for k in range(3, 8):
                total[k] = film[y, x, k]
            total[8] = w
            a = hash3(x, y, 601)
            b = hash3(x, y, 602)
            for n in range(1, rays):
                _sample(scene, cam, x + (a + 0.7548776662466927 * n) % 1.0, y + (b + 0.5698402909980532 * n) % 1.0, out)
                w = 1.0 / (1.0 + max(out[0], out[1], out[2]) * 0.5)
                total[0] += out[0] * w
                total[1] += out[1] * w
                total[2] += out[2] * w
                total[8] += w
                for k in range(3, 8):
                    total[k] += out[k]
            for k in range(3):
                film[y, x, k] = total[k] / total[8]
            for k in range(3, 8):
                film[y, x, k] = total[k] / rays


def with_mirrors(got: Exposure) -> np.ndarray:
    """(H, W, 3): direct light and mirrors, each mirror blurred by its own roughness, lights drawn out downward."""
    if not got.mirror.any():
        return got.direct.copy()
    layers = [got.mirrored]
    widest = float(got.smear.max())
    levels = [0.0]
    radius = 2.0
    while radius < max(2.0, widest) and len(levels) < 5:
        blurred = _blur(got.mirrored, radius)
        weight = _blur(got.mirror, radius)
        layers.append(blurred / np.maximum(weight, 1e-3)[..., None] * got.mirror[..., None])
        levels.append(radius)
        radius *= 2.2
    place = np.interp(got.smear, levels, range(len(levels))).astype(np.float32)
    out = got.direct.copy()
    for k, layer in enumerate(layers):
        out += layer * np.maximum(0.0, 1.0 - np.abs(place - k))[..., None]
    return out


def _blur(picture: np.ndarray, radius: float) -> np.ndarray:
    """Wider up and down than across, as on a floor seen at a slant; large radii at half size."""
    if radius > 4:
        h, w = picture.shape[:2]
        small = cv2.resize(picture, (w // 2, h // 2), interpolation=cv2.INTER_AREA)
        return cv2.resize(_blur(small, radius / 2), (w, h), interpolation=cv2.INTER_LINEAR)
    return cv2.GaussianBlur(picture, (0, 0), radius * 0.45, sigmaY=radius, borderType=cv2.BORDER_REPLICATE)


def add_points(
    linear: np.ndarray, depth: np.ndarray, camera: Camera, points: list[tuple[float, ...]], scene: Scene
) -> None:
    """Draw small lights into `linear` (rows as `Scenery.point` lays them), hidden by nearer things, dimmed by air."""
    if not points:
        return
    height, width = depth.shape
    _points(scene.air, camera.array(width, height), np.array(points, np.float64), linear, depth)


@kernel
def _points(air, cam, points, linear, depth):
    height, width = depth.shape
    for k in range(points.shape[0]):
        x = points[k, 0] - cam[0]
        y = points[k, 1] - cam[1]
        z = points[k, 2] - cam[2]
        beam = 1.0
        if air[LIVE] > 0.0:
            if points[k, 8] != 0.0:
                z += round_again(points[k, 9] + points[k, 8] * air[TIME]) - points[k, 9]
            if points[k, 7] > 0.0:
                swing = math.sin(air[SWAY] * points[k, 7] + 1.7 * k)
                beam = 1.3 if swing > 0.0 else 0.15
            else:
                beam = 0.93 + 0.07 * math.sin(air[SWAY] * (1 + k % 4) + 2.9 * k)
        ax = cam[3] * x - cam[4] * z
        az = cam[4] * x + cam[3] * z
        if az < 0.3:
            continue
        px = cam[6] + ax / az * cam[5]
        py = cam[7] - y / az * cam[5]
        size = max(points[k, 6] / az * cam[5], 0.75 * width / 1080.0 + 0.25)
        real = points[k, 6] / az * cam[5]
        power = min(1.0, (real / size) ** 2) + 0.02
        reach = int(size * 3) + 1
        if px < -reach or py < -reach or px > width + reach or py > height + reach:
            continue
        d = math.sqrt(x * x + y * y + z * z)
        passes, _, _, _ = through_air(air, d, x / d, y / d, z / d)
        power *= passes * beam
        for iy in range(max(0, int(py) - reach), min(height, int(py) + reach + 1)):
            for ix in range(max(0, int(px) - reach), min(width, int(px) + reach + 1)):
                if depth[iy, ix] < az - 0.35:
                    continue
                ex = ix + 0.5 - px
                ey = iy + 0.5 - py
                w = power * math.exp(-(ex * ex + ey * ey) / (size * size))
                for n in range(3):
                    linear[iy, ix, n] += points[k, 3 + n] * w
