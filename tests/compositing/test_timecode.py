"""Frames and timecode agree with each other and with the published drop-frame table."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compositing.errors import Refused
from compositing.timecode import Rate, frames_to_timecode, timecode_to_frames

RATES = [Rate(24000, 1001), Rate(24), Rate(25), Rate(30000, 1001), Rate(30), Rate(60000, 1001)]


@pytest.mark.parametrize(
    ("frame", "label"),
    [
        (0, "00:00:00;00"),
        (1799, "00:00:59;29"),
        (1800, "00:01:00;02"),
        (17981, "00:09:59;29"),
        (17982, "00:10:00;00"),
        (107892, "01:00:00;00"),
    ],
)
def test_drop_frame_skips_two_labels_each_minute_but_the_tenth(frame, label):
    assert frames_to_timecode(frame, Rate(30000, 1001)) == label
    assert timecode_to_frames(label, Rate(30000, 1001)) == frame


@given(rate=st.sampled_from(RATES), frame=st.integers(0, 2_000_000))
def test_a_timecode_leads_back_to_its_frame(rate, frame):
    assert timecode_to_frames(frames_to_timecode(frame, rate), rate) == frame


def test_film_pulled_to_23976_counts_24_and_never_drops():
    assert frames_to_timecode(24, Rate(24000, 1001)) == "00:00:01:00"


def test_a_skipped_label_is_refused():
    with pytest.raises(Refused) as refused:
        timecode_to_frames("00:01:00;00", Rate(30000, 1001))
    assert refused.value.code == "dropped_timecode"


@pytest.mark.parametrize("text", ["", "1:2:3", "00:00:60:00", "00:00:00:24", "00:00:01;00"])
def test_what_is_no_timecode_at_24_is_refused(text):
    with pytest.raises(Refused):
        timecode_to_frames(text, Rate(24))


def test_spoken_rates_are_exact():
    assert Rate.parse("23.976") == Rate(24000, 1001)
    assert Rate.parse("29.97").fraction == Fraction(30000, 1001)
    assert Rate(50, 2) == Rate(25)
    assert [str(rate) for rate in RATES] == ["23.976", "24", "25", "29.97", "30", "59.94"]


@pytest.mark.parametrize("text", ["0", "-24", "abc", "24/0", "5000"])
def test_what_is_no_rate_is_refused(text):
    with pytest.raises(Refused):
        Rate.parse(text)


def test_two_seconds_take_enough_frames_at_every_rate():
    for rate in RATES:
        assert rate.seconds(rate.frames_in(2)) >= 2 > rate.seconds(rate.frames_in(2) - 1)
