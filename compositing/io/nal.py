"""Coded pictures that cannot be what their encoder wrote: damage that a decoder shows without a word.

FFmpeg's HEVC decoder shows a picture whose bytes were lost as if it were whole, and nothing in the stream counts them
(H.264's flags it). But within a NAL unit no three zero bytes may follow each other (ISO/IEC 23008-2, 7.4.2), and the
units of a sample fill it to the byte. What a card, a disk or a broken copy leaves is mostly runs of zeros, or whole
blocks of something else: those are found here. A few bytes changed to other lawful ones are not.
"""

from __future__ import annotations

PICTURES = range(0, 32)  # the types of units that hold parts of a picture


def length_size(codec: str, extradata: bytes | None) -> int:
    """Bytes of the length before each unit, as an MP4's or Matroska's `hvcC` says; 0 where units are parted by start
    codes, and for any codec but HEVC."""
    if codec != "hevc" or not extradata or len(extradata) < 23 or extradata[0] != 1:
        return 0
    return (extradata[21] & 3) + 1


def hurt(prefix: int, sample: bytes) -> bool:
    """Whether one sample of length-prefixed units breaks the rules above. prefix: see `length_size`.

    Zeros at a unit's or the sample's end are padding that some encoders leave.
    """
    at, end, seen = 0, len(sample), False
    while at + prefix < end:
        size = int.from_bytes(sample[at : at + prefix], "big")
        at += prefix
        if at + size > end:
            return True
        if size and (sample[at] >> 1) & 63 in PICTURES:
            seen = True
            hole = sample.find(b"\0\0\0", at, at + size)
            if hole >= 0 and any(sample[hole : at + size]):
                return True
        at += size
    return not seen or any(sample[at:])
