"""How often accounts that are equal are told apart, and how often the range of a percentile holds the true one."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from postlens.core.stats import ranked
from scripts.measured import Line


def rankings(repetitions: int) -> Iterator[Line]:
    """Accounts with equal levels, and with levels that differ as accounts' do, known with errors of their own."""
    for number in (8, 30):
        rng = np.random.default_rng([29, number])
        apart = 0
        for _ in range(repetitions):
            variances = rng.uniform(0.02, 0.3, number) ** 2
            found = ranked(list(rng.normal(0, np.sqrt(variances))), list(variances))
            apart += any(one.ahead or one.behind for one in found)
        name = f"{number} equal accounts, errors of 0.02 to 0.3 on the log scale"
        yield Line("a pair of accounts is told apart", name, repetitions, apart / repetitions, "at most 0.05")
    for spread in (0.1, 0.5):
        rng = np.random.default_rng([30, int(10 * spread)])
        held = told = right = ahead = 0
        for _ in range(repetitions):
            variances = rng.uniform(0.02, 0.3, 12) ** 2
            levels = rng.normal(0, spread, 12)
            found = ranked(list(rng.normal(levels, np.sqrt(variances))), list(variances))
            for i, one in enumerate(found):
                truth = float((np.delete(levels, i) < levels[i]).mean())
                held += one.percentile_low - 1e-9 <= truth <= one.percentile_high + 1e-9
                told += 1
                if one.ahead == len(levels) - 1:
                    ahead += 1
                    right += levels[i] == levels.max()
        name = f"12 accounts, levels {spread} apart on the log scale"
        yield Line("the range of a percentile holds it", name, told, held / told, "at least 0.93")
        if ahead:
            yield Line("who is ahead of all is the best", name, ahead, right / ahead, "at least 0.93")
