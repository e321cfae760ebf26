# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Small mistakes in a source, one at a time: a comparison the other way round, a line left out, a text that is another.

Left alone is what no test of behaviour can see: docstrings, annotations, decorators, and the bodies of classes outside
their methods, which are declarations.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
_OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.FloorDiv: ast.Mult,
    ast.Div: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
MARK = "XX"


@dataclass(frozen=True)
class Mutant:
    """One mistake: where, and what stands there before and after; ``make`` makes it in the tree that it comes from."""

    key: str
    function: str  # its qualified name; empty at the level of the module
    line: int
    before: str
    after: str
    make: Callable[[], None]


def compiled(source: str, path: str, key: str) -> Any:
    """Return the code of a module with one mistake in it."""
    tree = ast.parse(source)
    mistake = next(one for one in mutants(tree) if one.key == key)
    for node in ast.walk(tree):
        # The code of a function can take the place of another one's only if both know their class, or neither.
        if isinstance(node, _FUNCTIONS) and "super" in {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}:
            node.body += ast.parse("if False: super()").body
    mistake.make()
    return compile(ast.fix_missing_locations(tree), path, "exec")


def mutants(tree: ast.Module) -> list[Mutant]:
    """Return all mistakes that can be made in a module, each with a name that other lines do not change."""
    seen: Counter[str] = Counter()
    found = []
    for function, node, new, put in _sites(tree, ""):
        before, after = _shown(node), _shown(new)
        name = f"{function}: {before} -> {after}"
        seen[name] += 1
        key = name if seen[name] == 1 else f"{name} ({seen[name]})"
        found.append(Mutant(key, function, node.lineno, before, after, put))
    return found


def _shown(node: ast.AST) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 150 else f"{text[:149]}…"


_Site = tuple[str, Any, ast.AST, Callable[[], None]]


def _sites(node: ast.AST, function: str) -> Iterator[_Site]:
    for name, value in ast.iter_fields(node):
        if _is_declaration(node, name):
            continue
        for number, child in enumerate(value) if isinstance(value, list) else ((None, value),):
            if not isinstance(child, ast.AST) or _is_docstring(node, name, number):
                continue
            within = (
                f"{function}.{child.name}".lstrip(".") if isinstance(child, (*_FUNCTIONS, ast.ClassDef)) else function
            )
            if not (isinstance(node, ast.ClassDef) and not isinstance(child, (*_FUNCTIONS, ast.ClassDef))):
                for new in _others(child, node, name):
                    yield within, child, new, _put(node, name, number, new)
                yield from _sites(child, within)


def _is_declaration(node: ast.AST, name: str) -> bool:
    if name in ("annotation", "returns", "decorator_list", "type_params", "bases", "keywords") and not isinstance(
        node, ast.Call
    ):
        return True
    told = isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in ("__all__", "__metaclass__")
    cast = isinstance(node, ast.Call) and ast.unparse(node.func) in ("cast", "TypeVar", "NamedTuple")
    return told or (cast and name == "args")


def _is_docstring(node: ast.AST, name: str, number: int | None) -> bool:
    if name != "body" or number is None:
        return False
    child = getattr(node, name)[number]
    return isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)


def _put(node: ast.AST, name: str, number: int | None, new: ast.AST) -> Callable[[], None]:
    def put() -> None:
        if number is None:
            setattr(node, name, new)
        else:
            getattr(node, name)[number] = new

    return put


def _others(node: ast.AST, parent: ast.AST, name: str) -> Iterator[ast.AST]:
    """Yield what may stand in place of a node."""
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        for kind in _COMPARISONS[type(node.ops[0])]:
            yield ast.copy_location(ast.Compare(node.left, [kind()], node.comparators), node)
    elif isinstance(node, ast.BoolOp):
        other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield ast.copy_location(ast.BoolOp(other, node.values), node)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield node.operand
    elif isinstance(node, (ast.BinOp, ast.AugAssign)) and type(node.op) in _OPERATORS:
        yield _with_operator(node, _OPERATORS[type(node.op)]())
    elif isinstance(node, ast.Constant):
        yield from _constants(node)
    elif isinstance(node, ast.stmt):
        yield from _statements(node)
    if (
        isinstance(parent, (ast.If, ast.IfExp, ast.While))
        and name == "test"
        and not isinstance(node, (ast.Compare, ast.UnaryOp))
    ):
        yield ast.copy_location(ast.UnaryOp(ast.Not(), node), node)  # type: ignore[arg-type]
    if isinstance(parent, ast.comprehension) and name == "ifs":
        yield ast.copy_location(ast.Constant(True), node)


def _with_operator(node: ast.BinOp | ast.AugAssign, operator: ast.operator) -> ast.AST:
    if isinstance(node, ast.BinOp):
        return ast.copy_location(ast.BinOp(node.left, operator, node.right), node)
    return ast.copy_location(ast.AugAssign(node.target, operator, node.value), node)


def _constants(node: ast.Constant) -> Iterator[ast.AST]:
    value = node.value
    new: Any = None
    if isinstance(value, bool):
        new = not value
    elif isinstance(value, (int, float)):
        new = value + 1
    elif isinstance(value, str):
        new = value + MARK
    elif isinstance(value, bytes):
        new = value + MARK.encode()
    if new is not None:
        yield ast.copy_location(ast.Constant(new), node)


def _statements(node: ast.stmt) -> Iterator[ast.AST]:
    """Yield what may stand in place of a statement; assignments stay, since what they name is needed."""
    if (
        isinstance(node, ast.Return)
        and node.value
        and not (isinstance(node.value, ast.Constant) and node.value.value is None)
    ):
        yield ast.copy_location(ast.Return(ast.Constant(None)), node)
    elif isinstance(node, ast.Break):
        yield ast.copy_location(ast.Continue(), node)
    elif isinstance(node, ast.Continue):
        yield ast.copy_location(ast.Break(), node)
    elif isinstance(node, ast.Raise) or (
        isinstance(node, ast.Expr) and not isinstance(node.value, (ast.Yield, ast.YieldFrom))
    ):
        yield ast.copy_location(ast.Pass(), node)
