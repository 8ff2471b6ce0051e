"""The Dash app and the command line."""

import os

# Before NumPy is loaded. Among some thousand posts two cores wait for each other most of the time; where it pays,
# posts are shared out to threads. And sums do not depend on how many cores there are.
for _threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_threads, "1")
