"""PQ, HLG, tone mapping and gamuts, held against published values."""

import numpy as np
import pytest

from compositing import transfer
from compositing.colour import encode_srgb
from compositing.transfer import BT709, BT2020, P3_DCI, Conversion, to_sdr


# ITU-R BT.2408-7, table 1 and BT.2100: signal of 100, 203, 1000 and 10000 nits.
@pytest.mark.parametrize(("nits", "code"), [(0, 0.0), (100, 0.5081), (203, 0.5807), (1000, 0.7518), (10000, 1.0)])
def test_pq_meets_its_published_points(nits, code):
    assert transfer.pq_from_nits(np.float64(nits)) == pytest.approx(code, abs=1e-4)
    assert transfer.nits_from_pq(np.float64(code)) == pytest.approx(nits, rel=2e-3, abs=1e-3)


# ITU-R BT.2408-7, table 1: on a 1000-nit screen HLG 75 % is reference white (203 nits), 38 % an 18 % grey (26 nits).
@pytest.mark.parametrize(("code", "nits"), [(0.38, 26), (0.75, 203), (1.0, 1000)])
def test_hlg_shows_reference_white_and_grey_where_bt2408_says(code, nits):
    assert transfer.nits_from_hlg(np.full((1, 3), code))[0, 1] == pytest.approx(nits, rel=0.02)


def test_hlg_curves_are_each_others_inverse_and_meet_at_a_half():
    code = np.linspace(0, 1, 1001)
    assert np.abs(transfer.hlg_from_scene(transfer.scene_from_hlg(code)) - code).max() < 1e-6
    assert transfer.scene_from_hlg(np.float64(0.5)) == pytest.approx(1 / 12)


def test_the_tone_curve_keeps_the_dark_rises_always_and_ends_at_white():
    nits = np.linspace(0, 1000, 4001)
    mapped = transfer.tone_mapped(nits, 1000, 203)
    assert np.abs(mapped[nits < 80] - nits[nits < 80]).max() < 0.01
    assert (np.diff(mapped) > 0).all() and mapped[-1] == pytest.approx(203, rel=1e-3)
    assert (mapped <= nits + 1e-6).all()
    assert np.array_equal(transfer.tone_mapped(nits, 203, 1000), nits)


def test_the_2020_matrix_is_the_published_one():
    # ITU-R BT.2407-0, equation (2-3).
    published = [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]]
    assert np.abs(transfer.gamut_matrix(BT2020) - published).max() < 1e-4
    assert np.abs(transfer.xyz_from(BT709)[1] - [0.2126, 0.7152, 0.0722]).max() < 1e-4


def test_white_stays_white_from_any_primaries():
    assert np.abs(transfer.gamut_matrix(P3_DCI).sum(1) - 1).max() < 1e-3


@pytest.mark.parametrize("kind", ["pq", "hlg"])
def test_pictures_follow_the_pure_functions(kind):
    rng = np.random.default_rng(5)
    coded = rng.integers(0, 50_000, (40, 30, 3)).astype(np.uint16)
    got = to_sdr(coded, Conversion(kind, BT2020)).astype(float) / 65535
    code = coded / 65535
    nits = transfer.nits_from_pq(code) if kind == "pq" else transfer.nits_from_hlg(code)
    most = np.maximum(nits.max(-1, keepdims=True), 1e-9)
    light = nits / 203 * np.minimum(transfer.tone_mapped(np.minimum(most, 1000), 1000, 203) / np.minimum(most, 1000), 1)
    light = light * np.minimum(1, 1000 / most)
    expected = encode_srgb(light @ transfer.gamut_matrix(BT2020).T)
    assert np.abs(got - expected).max() < 0.5 / 255


def test_sdr_in_709_would_come_back_as_it_was():
    coded = np.arange(65536, dtype=np.uint16).reshape(256, 256)
    grey = np.stack([coded] * 3, -1)
    assert np.abs(to_sdr(grey, Conversion("sdr", BT709)).astype(int) - grey).max() <= 2
