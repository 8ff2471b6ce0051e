"""Worlds in which no type matters but days, stories or hours do: what posts of a day, a series or a weekend share."""

from __future__ import annotations

import numpy as np

from scripts.worlds import HALF_YEAR, SPREAD, Posts, Random, World, moments, wandering


def stories(rng: Random, posts: int, spread: float = 0.6) -> Posts:
    """Stories told in parts on one to five following days, all parts of one type, good or bad together."""
    many = posts // 3
    parts = rng.integers(1, 6, many)
    day = np.repeat(rng.uniform(0, HALF_YEAR - 6, many), parts) + np.concatenate([np.arange(k) for k in parts])
    group = np.repeat(rng.random(many) < 0.4, parts).astype(float)
    luck = np.repeat(rng.normal(0, spread, many), parts)
    level = 5 + wandering(rng, HALF_YEAR)[day.astype(int)]
    return Posts(np.zeros(len(day)), day, group, level + luck + rng.normal(0, 0.6, len(day)))


def seasons(rng: Random, posts: int, days: int, spread: float) -> Posts:
    """Each type is liked more or less for some days, anew after them."""
    day, group = moments(rng, posts), (rng.random(posts) < 0.5).astype(float)
    liked = rng.normal(0, spread, (2, HALF_YEAR // days + 1))
    level = 5 + wandering(rng, HALF_YEAR)[day.astype(int)] + liked[group.astype(int), (day // days).astype(int)]
    return Posts(np.zeros(posts), day, group, level + rng.normal(0, SPREAD, posts))


def heaps(rng: Random, posts: int, lift: float, lean: float, times: int = 25, more: int = 4) -> Posts:
    """Days with several posts more, mostly of one type; `lift` is what each of a day's posts gets (below 0: they share attention)."""
    days = rng.choice(HALF_YEAR, times, replace=False)
    added = np.repeat(days, rng.poisson(more, times)) + 0.5
    day = np.r_[rng.uniform(0, HALF_YEAR, posts), added]
    group = np.r_[rng.random(posts) < 0.25, rng.random(len(added)) < lean].astype(float)
    at = day.astype(int)
    of_day = np.bincount(at, minlength=HALF_YEAR)[at]
    busy = lift * np.log(of_day) if lift < 0 else lift * np.isin(at, days)
    level = 5 + wandering(rng, HALF_YEAR)[at] + busy
    return Posts(np.zeros(len(day)), day, group, level + rng.normal(0, SPREAD, len(day)))


def weekend_hours(rng: Random, accounts: int, posts: int, gain: float = 0.5) -> Posts:
    """Mornings are good at weekends and evenings on other days; one type is posted at good hours."""
    many = accounts * posts
    account, day = np.repeat(np.arange(accounts), posts).astype(float), rng.uniform(0, HALF_YEAR, many)
    hour, weekend = rng.choice([9, 14, 19], many), day.astype(int) % 7 >= 5
    good = np.where(weekend, hour == 9, hour == 19)
    bad = np.where(weekend, hour == 19, hour == 9)
    group = (rng.random(many) < np.where(good, 0.6, 0.25)).astype(float)
    own = np.stack([rng.normal(5, 1) + wandering(rng, HALF_YEAR) for _ in range(accounts)])
    level = own[account.astype(int), day.astype(int)] + gain * good - gain * bad
    return Posts(account, day, group, level + rng.normal(0, SPREAD, many), hour=hour.astype(float))


NULLS: dict[str, World] = {
    "one account, stories of one to five days": lambda rng: stories(rng, 300),
    "one account, 1,000 posts: stories of one to five days": lambda rng: stories(rng, 1000),
    "one account, 1,500 posts: types liked for a week": lambda rng: seasons(rng, 1500, 7, 0.3),
    "one account, 600 posts: types liked for three weeks": lambda rng: seasons(rng, 600, 21, 0.4),
    "one account, posts of busy days share attention": lambda rng: heaps(rng, 300, -0.5, 1.0),
    "one account, ten good days with more posts of a type": lambda rng: heaps(rng, 300, 1.0, 0.8, times=10, more=3),
    "one account, weekends have hours of their own": lambda rng: weekend_hours(rng, 1, 300),
    "6 accounts, weekends have hours of their own": lambda rng: weekend_hours(rng, 6, 150),
}
