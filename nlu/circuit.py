"""A circuit breaker: whoever failed again and again is left alone for a while."""

import threading
import time
from collections.abc import Callable


class Circuit:
    """Closed (all may call) until `failures` in a row, then open for `pause` seconds, then one call tries. Thread-safe.

    >>> circuit = Circuit(failures=1, pause=30, clock=lambda: 0.0)
    >>> circuit.failed()
    True
    >>> circuit.allows()
    False
    """

    def __init__(self, failures: int = 3, pause: float = 30.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit, self._pause, self._clock = failures, pause, clock
        self._lock = threading.Lock()
        self._failures = 0
        self._try_again_at: float | None = None

    @property
    def is_open(self) -> bool:
        with self._lock:
            return self._try_again_at is not None

    def allows(self) -> bool:
        """Whether to call now. While open, one caller in each pause is let through to try.

        The trial takes the whole pause for itself, so that a caller who never reports back cannot keep it open.
        """
        with self._lock:
            if self._try_again_at is None:
                return True
            if self._clock() < self._try_again_at:
                return False
            self._try_again_at = self._clock() + self._pause
            return True

    def succeeded(self) -> bool:
        """Closes the circuit. True where it was open."""
        with self._lock:
            was_open = self._try_again_at is not None
            self._failures, self._try_again_at = 0, None
            return was_open

    def failed(self) -> bool:
        """Counts a failure. True where this one has opened the circuit."""
        with self._lock:
            self._failures += 1
            if self._failures < self._limit:
                return False
            was_open = self._try_again_at is not None
            self._try_again_at = self._clock() + self._pause
            return not was_open
