"""Memory that a large letter took goes back to the machine when it is done with."""

import ctypes
import sys

LARGE = 512 * 1024
_M_MMAP_THRESHOLD = -3


def give_back_what_is_large() -> None:
    """Tells glibc, which else learns from the first large piece to keep the next ones, in each thread; nobody else."""
    if sys.platform == "linux" and hasattr(libc := ctypes.CDLL(None), "mallopt"):
        libc.mallopt(_M_MMAP_THRESHOLD, LARGE)
