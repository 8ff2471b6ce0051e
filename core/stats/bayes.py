"""How much more likely the data are if the groups differ than if they do not."""

from __future__ import annotations

import math

WIDTH = 0.707  # What JASP, jamovi and BayesFactor call medium.


def log_bayes_factor(t: float, n1: int, n2: int, width: float = WIDTH) -> float:
    """Natural logarithm of the JZS Bayes factor for a difference of two means (BF10). Above 0 speaks for a difference.

    Args:
        t: Student's t statistic with one variance.
        n1: posts in the first group.
        n2: posts in the second.
        width: scale of the Cauchy prior on the standardised difference.

    Source: Rouder et al. (2009), Psychon. Bull. Rev. 16, 225-237, equation 1 with the effective n of two groups.
    """
    from scipy import integrate, optimize

    df, n = n1 + n2 - 2, n1 * n2 / (n1 + n2)
    scaled = n * width * width

    def log_density(log_g: float) -> float:
        """The integrand, g = exp(log_g), against the density where the groups do not differ."""
        g = math.exp(log_g)
        spread = 1 + scaled * g
        fit = -0.5 * (df + 1) * (math.log1p(t * t / spread / df) - math.log1p(t * t / df))
        return fit - 0.5 * math.log(spread) - 0.5 * math.log(2 * math.pi) - 0.5 * log_g - 0.5 / g

    peak = optimize.minimize_scalar(lambda x: -log_density(x), bounds=(-8, 60), method="bounded").x
    top = log_density(peak)
    area, _ = integrate.quad(lambda x: math.exp(log_density(x) - top), -8, 60, points=[peak], limit=400)
    return top + math.log(area)
