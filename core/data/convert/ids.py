"""Ids that a spreadsheet or a script has rounded: they must never make two posts one."""

from __future__ import annotations

import polars as pl

# 6.49E+17, and numbers whose digits beyond the 15th are all zeros: what a spreadsheet leaves of a long id.
_POWER = r"^\d([.,]\d+)?[eE]\+?\d{1,3}$"
MANGLED = rf"{_POWER}|^\d{{15}}0{{2,}}(\.0)?$"
PERHAPS_ROUNDED = r"^\d(?:[.,]\d+)?[eE]\+?\d{1,3}$|\d0{3,}(?:\.0)?$"
_LONG = r"^\d{17,}(\.0)?$"
_SIXTEEN, _SIXTEEN_ROUNDED = r"^\d{16}(\.0)?$", r"^\d{15}0(\.0)?$"
# A browser's numbers keep sixteen or seventeen digits: what a script wrote as JSON ends in zeros, row for row.
_BY_SCRIPTS = r"^\d{16,18}00$"
_FEW, _FEW_LONG = 5, 3


# The package rtweet writes an x before ids, so that no spreadsheet rounds them.
_KEPT_BY_R = r"^x(\d{15,20})$"


def unquoted(ids: pl.Series) -> pl.Series:
    """Ids without the signs that keep spreadsheets from rounding them: `="179..."`, `'179...` and `'179...'`."""
    return ids.str.replace(r'^="?(.*?)"?$', "$1").str.replace(r"^'(.*?)'?$", "$1")


def cleaned(ids: pl.Series) -> pl.Series:
    """Ids without what keeps spreadsheets from rounding them, and without the `.0` of whole numbers beside gaps."""
    bare = unquoted(ids).str.replace(_KEPT_BY_R, "$1")
    bare = bare.set(bare.str.to_lowercase().is_in(["nan", "none", "null", "n/a", "-"]).fill_null(False), None)
    pointed = bare.drop_nulls().str.contains(r"^\d{1,15}\.0$").all()
    return bare.str.strip_suffix(".0") if pointed else bare


def rounded(ids: pl.Series) -> pl.Series | None:
    """Which ids are no longer what they were; None where nothing speaks for it.

    Args:
        ids: of one column.
    """
    floats = _floats(ids)
    sixteen = ids.filter(ids.str.contains(_SIXTEEN).fill_null(False))
    if len(sixteen) >= _FEW and bool(sixteen.str.contains(_SIXTEEN_ROUNDED).all()):
        return ids.str.contains(rf"{MANGLED}|{_SIXTEEN_ROUNDED}").fill_null(False)
    long = ids.filter(ids.str.contains(_LONG).fill_null(False))
    if len(long) >= _FEW_LONG and bool(long.str.contains(_BY_SCRIPTS).all()):
        return ids.str.contains(_BY_SCRIPTS).fill_null(False)
    most = len(long) > 1 and bool((long.str.contains(MANGLED).mean() or 0.0) > 0.5)  # type: ignore[operator]
    if not (most or ids.str.contains(_POWER).any() or floats):
        return None
    return ids.str.contains(_LONG if floats else MANGLED).fill_null(False)


def _floats(ids: pl.Series) -> bool:
    """Whether ids were floating numbers: each long one is exactly such a number, and not by much.

    A double keeps 53 bits. Of ids of 17 digits and more one in eight or fewer is exact by chance; those of X, which often end in
    many bits of zero, would be so with fewer bits, too.
    """
    long = ids.drop_nulls().filter(ids.drop_nulls().str.contains(_LONG)).str.strip_suffix(".0").unique()
    numbers = [int(i) for i in long.head(100)]
    if len(numbers) < _FEW or not all(int(float(n)) == n for n in numbers):
        return False
    coarser = sum(n % 2 ** (n.bit_length() - _BITS + 1) == 0 for n in numbers)
    return bool(coarser < _BY_NATURE * len(numbers))


_BITS, _BY_NATURE = 53, 0.9
