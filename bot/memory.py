"""Memory: what a large letter took goes back to the machine, and what stays for ever is not looked through again."""

import ctypes
import gc
import sys

LARGE = 512 * 1024
_M_MMAP_THRESHOLD = -3


def give_back_what_is_large() -> None:
    """Tells glibc, which else learns from the first large piece to keep the next ones, in each thread; nobody else."""
    if sys.platform == "linux" and hasattr(libc := ctypes.CDLL(None), "mallopt"):
        libc.mallopt(_M_MMAP_THRESHOLD, LARGE)


def keep_for_good() -> None:
    """What was made by now lives as long as the process: looking through it for garbage held up a page by 0.1 s."""
    gc.collect()
    gc.freeze()
