"""Mutate modules: the operators of cosmic-ray, and four of our own for what it leaves alone."""

from __future__ import annotations

import ast
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import parso
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.operators.operator import Operator
from cosmic_ray.operators.provider import OperatorProvider

Position = tuple[tuple[int, int], tuple[int, int]]
# The first two change no program by themselves: they need the names of variables. The others write `==` for `is`: None,
# members of enumerations and objects of ours equal only themselves.
WITHOUT = {
    *("VariableReplacer", "VariableInserter"),
    *("ReplaceComparisonOperator_Is_Eq", "ReplaceComparisonOperator_IsNot_NotEq"),
}
MARK = "'mutated'"
# How much is read, written or remembered at once: another number changes only time and memory.
SIZES = {
    *("_AT_ONCE", "_BATCH", "_BUFFER", "_CACHED", "_DISTINCT, _SPANS", "_ENTRIES_AT_ONCE", "_GROUP_OCTETS"),
    *("_IN_MEMORY", "_MANY", "_MOST", "_MOST_ORIGINS", "_PAGE", "_PIECE", "_REMEMBERED"),
}
NAMED = {"TypeVar", "ContextVar", "cast"}  # the first argument is a name for people, or a type


@dataclass(frozen=True)
class Mutant:
    """One change of one module. `occurrence` counts the places that `operator` could change, from 0."""

    module: str
    operator: str
    occurrence: int
    line: int
    column: int


class _Ours(Operator):
    """Change one kind of node in one way."""

    def mutation_positions(self, node: Any) -> Iterator[Position]:
        if self.fits(node):
            yield node.start_pos, node.end_pos

    def fits(self, node: Any) -> bool:
        raise NotImplementedError

    def mutate(self, node: Any, index: int) -> Any:
        return parso.python.tree.Name(self.text(node), node.start_pos, prefix=_prefix(node))

    def text(self, node: Any) -> str:
        raise NotImplementedError

    @classmethod
    def examples(cls) -> tuple[()]:
        return ()


class LeaveOutStatement(_Ours):
    """Replace a call that stands alone, as `fsync_directory(path)`, with `pass`."""

    def fits(self, node: Any) -> bool:
        kind = node.children[0].type if node.type == "simple_stmt" else None
        return kind in {"atom_expr", "await_expr"}

    def mutate(self, node: Any, index: int) -> Any:
        node.children[0] = parso.python.tree.Name("pass", node.start_pos, prefix=_prefix(node))
        return node


class ReplaceString(_Ours):
    """Replace a string that is neither a docstring nor the message of an error."""

    def fits(self, node: Any) -> bool:
        return node.type == "string" and node.parent.type != "simple_stmt" and not _within(node, "raise_stmt")

    def text(self, node: Any) -> str:
        return "b" + MARK if "b" in re.split("['\"]", node.value)[0].lower() else MARK


class ReturnNone(_Ours):
    """Return None instead of a value that is not false already."""

    def fits(self, node: Any) -> bool:
        return node.type == "return_stmt" and node.children[1].get_code().strip() not in {"None", "False"}

    def text(self, node: Any) -> str:
        return "return None"


class RaiseAnother(_Ours):
    """Raise another error instead of the named one."""

    def fits(self, node: Any) -> bool:
        return node.type == "raise_stmt" and len(node.children) > 1

    def text(self, node: Any) -> str:
        return "raise ZeroDivisionError"


def _prefix(node: Any) -> str:
    return str(node.get_first_leaf().prefix)


def _within(node: Any, kind: str) -> bool:
    while (node := node.parent) is not None:
        if node.type == kind:
            return True
    return False


def operators() -> dict[str, Operator]:
    """Return every operator by its name."""
    provider = OperatorProvider()
    theirs = {name: provider[name]() for name in provider if name not in WITHOUT}
    return theirs | {
        type(own).__name__: own for own in (LeaveOutStatement(), ReplaceString(), ReturnNone(), RaiseAnother())
    }


OPERATORS = operators()


def mutants(root: Path, module: str) -> list[Mutant]:
    """Return all mutants of `module`, a path below `root`."""
    nodes = list(ast_nodes(get_ast((root / module).read_text())))
    found = []
    for name, operator in OPERATORS.items():
        places = [start for node in nodes for start, _ in operator.mutation_positions(node)]
        found += [Mutant(module, name, nth, line, column) for nth, (line, column) in enumerate(places)]
    return found


def mutated(root: Path, mutant: Mutant) -> str | None:
    """Return the module's changed text; None if it is not Python, or nothing changed that a test can hold."""
    text = (root / mutant.module).read_text()
    changed: str = mutate_code(text, OPERATORS[mutant.operator], mutant.occurrence)
    try:
        return changed if _runs(changed) != _runs(text) else None
    except SyntaxError:
        return None


@lru_cache(maxsize=64)
def _runs(text: str) -> str:
    """Return what a test can hold: no types, names of types, messages, log entries, sizes, options of dataclasses."""
    return ast.dump(_Bare().visit(ast.parse(text)))


class _Bare(ast.NodeTransformer):
    def visit_arguments(self, node: ast.arguments) -> ast.arguments:
        node.args = [*node.posonlyargs, *node.args, *node.kwonlyargs]
        node.defaults = [*node.defaults, *(default for default in node.kw_defaults if default is not None)]
        node.posonlyargs, node.kwonlyargs, node.kw_defaults = [], [], []
        self.generic_visit(node)
        return node

    def visit_Expr(self, node: ast.Expr) -> ast.Expr | ast.Pass:
        self.generic_visit(node)
        return ast.Pass() if ast.unparse(node).startswith(("logger.", "log.")) else node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.ClassDef:
        node.decorator_list = [each for each in node.decorator_list if "dataclass" not in ast.unparse(each)]
        self.generic_visit(node)
        return node

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AnnAssign:
        node.annotation = ast.Constant(None)
        self.generic_visit(node)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        node.returns = None
        self.generic_visit(node)
        return node

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AsyncFunctionDef:
        node.returns = None
        self.generic_visit(node)
        return node

    def visit_If(self, node: ast.If) -> ast.If | None:
        self.generic_visit(node)
        return None if "TYPE_CHECKING" in ast.unparse(node.test) else node

    def visit_Assign(self, node: ast.Assign) -> ast.Assign | None:
        self.generic_visit(node)
        target, _, value = ast.unparse(node).partition(" = ")
        return None if target in {"__all__", *SIZES} or value.startswith("Literal[") else node

    def visit_Call(self, node: ast.Call) -> ast.Call:
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id in NAMED:
            node.args = node.args[1:]
        return node

    def visit_Raise(self, node: ast.Raise) -> ast.Raise:
        for message in ast.walk(node):
            if isinstance(message, ast.JoinedStr):
                message.values = []
        return node


def sample(root: Path, modules: list[str], count: int, seed: int) -> Iterator[Mutant]:
    """Draw up to `count` mutants: a place first, then one of its mutants, so that no operator prevails."""
    places: dict[tuple[str, int, int], list[Mutant]] = {}
    for module in modules:
        for mutant in mutants(root, module):
            places.setdefault((module, mutant.line, mutant.column), []).append(mutant)
    drawn = random.Random(seed)
    order = sorted(places)
    drawn.shuffle(order)
    given = 0
    for place in order:
        choices = places[place]
        drawn.shuffle(choices)
        fit = next((mutant for mutant in choices if mutated(root, mutant) is not None), None)
        if fit is not None:
            yield fit
            given += 1
        if given == count:
            return
