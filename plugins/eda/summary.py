"""What each column and each metric is like: counts, quantiles and moments, from value counts wherever values are whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from postlens import Column, Schema, stats

BINS = 40
EXACT = 1_000_000  # Posts up to which different values of text are counted exactly; beyond, about (HyperLogLog).
KEYS = ("n", "mean", "sd", "min", "q1", "median", "q3", "max", "zeros", "skew")
_HIDDEN = {"source_row", "source_file", "post_key", "post_type_raw", "published_precision"}
_QUARTILES = [0.25, 0.5, 0.75]


def questions(posts: pl.LazyFrame, schema: Schema) -> dict[str, pl.LazyFrame]:
    """What has to be asked of the posts, to be collected together: one table each.

    `missing` and `different` of columns, `levels NAME` of each category, `floats` of metrics that are no whole numbers, and `metric NAME`, the value counts of each
    that is.
    """
    whole = _whole(posts, schema)
    floats = [c.name for c in schema.metrics if c.name not in whole]
    asked = {
        "missing": _missing(posts, schema, whole),
        "different": _different(posts, schema, whole),
        "floats": posts.select(_of_floats(floats)),
    }
    groups = [c.name for c in shown_columns(schema) if c.kind == "category"]
    # By groups, not by n_unique, which would hold every value of a hundred million posts.
    asked |= {f"levels {c}": posts.select(c).drop_nulls().group_by(c).agg() for c in groups}
    return asked | {f"metric {m}": _counts(posts, m) for m in whole}


def _whole(posts: pl.LazyFrame, schema: Schema) -> list[str]:
    dtypes = posts.collect_schema()
    return [c.name for c in schema.metrics if dtypes[c.name].is_integer()]


def _counts(posts: pl.LazyFrame, metric: str) -> pl.LazyFrame:
    return posts.select(value=metric).drop_nulls().group_by("value").agg(posts=pl.len())


def shown_columns(schema: Schema) -> list[Column]:
    """The columns of the data that a reader of the report knows."""
    return [c for c in schema.columns if c.name not in _HIDDEN and not (c.computed and c.kind == "category")]


def _missing(posts: pl.LazyFrame, schema: Schema, whole: Sequence[str]) -> pl.LazyFrame:
    """How many posts there are, and the nulls of columns whose values are not counted one by one."""
    others = [c.name for c in shown_columns(schema) if c.name not in whole]
    return posts.select(pl.len().alias("|posts"), pl.col(others).null_count())


def _different(posts: pl.LazyFrame, schema: Schema, whole: Sequence[str]) -> pl.LazyFrame:
    exact = schema.posts <= EXACT
    return posts.select(
        (pl.col(c.name).drop_nulls().n_unique() if exact else pl.col(c.name).approx_n_unique())
        .cast(pl.Int64)
        .alias(c.name)
        for c in shown_columns(schema)
        if c.name not in whole and c.kind != "category"
    )


def column_quality(told: Mapping[str, pl.DataFrame], schema: Schema) -> pl.DataFrame:
    """How complete and how varied every column is."""
    nulls = told["missing"].row(0, named=True)
    different = told["different"].row(0, named=True) if told["different"].height else {}
    rows = []
    for c in shown_columns(schema):
        values = told.get(f"metric {c.name}")
        counted = values if values is not None else told.get(f"levels {c.name}")
        missing = nulls[c.name] if values is None else nulls["|posts"] - int(values["posts"].sum())
        distinct = different[c.name] if counted is None else counted.height
        known = nulls["|posts"] - missing
        rows.append(
            {
                "column": c.name,
                "label": c.label,
                "kind": "computed metric" if c.computed else c.kind,
                "known": known,
                "missing": missing,
                "distinct": min(distinct, known),
                "constant": "yes" if distinct == 1 and not missing else "",
            }
        )
    return pl.DataFrame(rows).with_columns(pl.col("known", "missing", "distinct").cast(pl.Int64))


def metric_summary(told: Mapping[str, pl.DataFrame], schema: Schema) -> pl.DataFrame:
    """One row a metric. Quartiles by linear interpolation; `skew` is the third standardised moment; no outliers yet."""
    floats = told["floats"].row(0, named=True) if told["floats"].width else {}
    rows = []
    for c in schema.metrics:
        counted = told.get(f"metric {c.name}")
        found = _from_counts(counted) if counted is not None else _from_row(floats, c.name)
        rows.append({"metric": c.name, "label": c.label, **found})
    table = pl.DataFrame(rows, infer_schema_length=None).with_columns(
        pl.col("n").cast(pl.Int64), pl.col([k for k in KEYS if k != "n"]).cast(pl.Float64)
    )
    return table.with_columns(
        low_fence=pl.col("q1") - 1.5 * (pl.col("q3") - pl.col("q1")),
        high_fence=pl.col("q3") + 1.5 * (pl.col("q3") - pl.col("q1")),
    )


def _of_floats(names: Sequence[str]) -> list[pl.Expr]:
    found = []
    for name in names:
        v = pl.col(name).cast(pl.Float64)
        parts = {
            "n": v.count(),
            "mean": v.mean(),
            "sd": v.std(),
            "min": v.min(),
            "quartiles": v.quantile(_QUARTILES, "linear"),
            "max": v.max(),
            "zeros": (v == 0).mean(),
            "skew": v.skew(),
        }
        found += [part.alias(f"{name}|{key}") for key, part in parts.items()]
    return found


def _from_row(row: Mapping[str, object], name: str) -> dict[str, object]:
    quartiles: Sequence[object] = row[f"{name}|quartiles"] or [None] * 3  # type: ignore[assignment]
    named = dict(zip(("q1", "median", "q3"), quartiles, strict=True))
    return {key: named[key] if key in named else row[f"{name}|{key}"] for key in KEYS}


def _from_counts(counts: pl.DataFrame) -> dict[str, object]:
    if counts.is_empty():
        return {key: 0 if key == "n" else None for key in KEYS}
    table = counts.sort("value")
    at, many = table["value"].to_numpy().astype(float), table["posts"].to_numpy().astype(float)
    n = int(many.sum())
    mean = float((at * many).sum() / n)
    second, third = (float((many * (at - mean) ** power).sum()) for power in (2, 3))
    after = np.cumsum(many)
    q1, median, q3 = (_quantile(at, after, n, share) for share in _QUARTILES)
    return {
        "n": n,
        "mean": mean,
        "sd": (second / (n - 1)) ** 0.5 if n > 1 else None,
        "min": at[0],
        "q1": q1,
        "median": median,
        "q3": q3,
        "max": at[-1],
        "zeros": float(many[at == 0].sum() / n),
        "skew": third / n / (second / n) ** 1.5 if second > 0 else None,
    }


def _quantile(at: np.ndarray, after: np.ndarray, n: int, share: float) -> float:
    """By linear interpolation between order statistics, as in R's type 7."""
    place = (n - 1) * share
    low, high = (at[np.searchsorted(after, rank, side="right")] for rank in (np.floor(place), np.ceil(place)))
    return float(low + (high - low) * (place - np.floor(place)))


def with_outliers(posts: pl.LazyFrame, told: Mapping[str, pl.DataFrame], table: pl.DataFrame) -> pl.DataFrame:
    """The summary with how many posts lie beyond the fences."""
    found: dict[str, int] = {}
    asked = []
    for row in table.iter_rows(named=True):
        counted = told.get(f"metric {row['metric']}")
        if row["q1"] is None:
            continue
        if counted is None:
            value = pl.col(row["metric"])
            asked.append(((value < row["low_fence"]) | (value > row["high_fence"])).sum().alias(row["metric"]))
        else:
            beyond = counted.filter((pl.col("value") < row["low_fence"]) | (pl.col("value") > row["high_fence"]))
            found[row["metric"]] = int(beyond["posts"].sum())
    if asked:
        found |= posts.select(asked).collect(engine="streaming").row(0, named=True)
    return table.with_columns(outliers=pl.Series([found.get(name, 0) for name in table["metric"]], dtype=pl.Int64))


def distribution(posts: pl.LazyFrame, told: Mapping[str, pl.DataFrame], metric: Column, *, log: bool) -> pl.DataFrame:
    """Posts in bins of equal width on the chosen scale: `left`, `right`, `posts`."""
    counted = told.get(f"metric {metric.name}")
    scale: stats.Scale = "log" if log else "raw"
    if counted is None:
        values = posts.select(v=stats.on_scale(metric, scale), posts=pl.lit(1)).drop_nulls()
    else:
        values = counted.lazy().select(v=stats.on_scale("value", scale), posts="posts").drop_nulls()
    low, high = values.select(a=pl.col("v").min(), b=pl.col("v").max()).collect(engine="streaming").row(0)
    if low is None:
        return pl.DataFrame(schema={"left": pl.Float64, "right": pl.Float64, "posts": pl.Int64})
    width = (high - low) / BINS or 1.0
    place = ((pl.col("v") - low) / width).floor().clip(0, BINS - 1).cast(pl.Int64)
    binned = values.group_by(place.alias("bin")).agg(posts=pl.col("posts").sum().cast(pl.Int64))
    return (
        binned.sort("bin")
        .select(left=low + pl.col("bin") * width, right=low + (pl.col("bin") + 1) * width, posts="posts")
        .collect(engine="streaming")
    )
