"""From a citizen's words to their meaning."""

import os

# Read by numpy when it is loaded, so here, before it is. Our matrices are small: on a busy machine with two cores its
# threads wait for each other, and an eigenvalue problem took 730 ms instead of 30.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
