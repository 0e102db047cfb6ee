"""The keyer: screen, clean plate, mattes. `screen_check_op` is the operation of that name."""

from compositing.keying.check import screen_check_op
from compositing.keying.chroma import linear_from_planes
from compositing.keying.keyer import VERSION, Keyed, Keyer
from compositing.keying.screen import Screen, find_screen

__all__ = ["VERSION", "Keyed", "Keyer", "Screen", "find_screen", "linear_from_planes", "screen_check_op"]
