"""Formulas of measures, such as `(reactions + comments) / reach`: from text to expressions, evaluating nothing."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from postlens.core.contract.problems import PostlensError, fail

MAX_LENGTH, MAX_DEPTH = 500, 6
_FUNCTIONS: dict[str, Callable[..., pl.Expr]] = {
    "total": lambda *parts: pl.when(pl.any_horizontal(p.is_not_null() for p in parts)).then(pl.sum_horizontal(parts)),
    "least": lambda *parts: pl.when(pl.all_horizontal(p.is_not_null() for p in parts)).then(pl.min_horizontal(parts)),
    "most": lambda *parts: pl.when(pl.all_horizontal(p.is_not_null() for p in parts)).then(pl.max_horizontal(parts)),
}


@dataclass(frozen=True, kw_only=True)
class Formula:
    """A formula read.

    Attributes:
        value: the whole, or what stands above the last fraction line.
        denominator: what stands below it; None where the formula is not one fraction.
    """

    value: pl.Expr
    denominator: pl.Expr | None = None


def parse(text: str) -> Formula:
    """Read a formula of column names, numbers, `+ - * /`, brackets, `total(...)`, `least(...)` and `most(...)`.

    A column whose name is no plain word stands in quotes: `"2nd clicks" / reach`.

    A value is null where any column of it is null, except inside `total`, which adds up what is known. A fraction is null
    where its denominator is null, 0 or below 0.

    >>> str(parse("clicks / 2").value)
    'col("clicks").strict_cast(Float64)'

    Raises:
        PostlensError: it is no such formula, with the place in it.
    """
    if len(text) > MAX_LENGTH:
        raise _wrong(f"It is longer than {MAX_LENGTH} characters.")
    if "#" in text or "\n" in text.strip():
        raise _wrong(f'"{text}" has a # or a line break in it.')
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        place = f" near character {error.offset}" if isinstance(error, SyntaxError) and error.offset else ""
        raise _wrong(f'"{text}" cannot be read{place}.') from error
    if not any(isinstance(node, ast.Name) or _quoted(node) for node in ast.walk(tree)):
        raise _wrong("It names no column.")
    if _depth(tree) > MAX_DEPTH:
        raise _wrong(f"Its fractions and functions are nested more than {MAX_DEPTH} deep.")
    if isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.Div):
        return Formula(value=_expression(tree.left, text), denominator=_expression(tree.right, text))
    return Formula(value=_expression(tree, text))


def _quoted(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(node.value)


def _depth(node: ast.AST) -> int:
    """How deep fractions and functions are nested; each level writes its parts twice."""
    own = isinstance(node, ast.Call) or (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div))
    return own + max((_depth(inner) for inner in ast.iter_child_nodes(node)), default=0)


def fraction(above: pl.Expr, below: pl.Expr) -> pl.Expr:
    """One value over another; null where the denominator is null, 0 or below 0."""
    return pl.when(below > 0).then(above / below)


def _expression(node: ast.expr, text: str) -> pl.Expr:
    match node:
        case ast.Constant(value=float() | int() as number) if not isinstance(number, bool):
            return pl.lit(_float(number))
        case ast.Constant(value=str(column)) if re.fullmatch(r"\w[\w ]*", column):
            return pl.col(column).cast(pl.Float64)
        case ast.Name(id=column):
            return pl.col(column).cast(pl.Float64)
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return -_expression(inner, text)
        case ast.BinOp(left=left, op=operator, right=right):
            return _combined(_expression(left, text), operator, _expression(right, text), node, text)
        case ast.Call(func=ast.Name(id=name), args=[_, *_] as parts, keywords=[]) if name in _FUNCTIONS:
            return _FUNCTIONS[name](*(_expression(part, text) for part in parts))
    raise _unknown(node, text)


def _float(number: float) -> float:
    try:
        return float(number)
    except OverflowError as error:
        raise _wrong("It has a number that is too large.") from error


def _combined(left: pl.Expr, operator: ast.operator, right: pl.Expr, node: ast.expr, text: str) -> pl.Expr:
    match operator:
        case ast.Add():
            return left + right
        case ast.Sub():
            return left - right
        case ast.Mult():
            return left * right
        case ast.Div():
            return fraction(left, right)
    raise _unknown(node, text)


def _unknown(node: ast.expr, text: str) -> PostlensError:
    part = ast.get_source_segment(text.strip(), node) or text
    return _wrong(f'"{part[:60]}", at character {node.col_offset + 1}, is not part of a formula.')


def _wrong(why: str) -> PostlensError:
    return fail(
        "This is not a formula.",
        why=why,
        hint=f"Use column names, numbers, + - * / and brackets, {', '.join(f'{n}(a, b)' for n in _FUNCTIONS)}.",
    )
