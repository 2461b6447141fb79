"""The functions of domain/law with one operator, number or word changed."""

import ast
import copy
import importlib
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any, Final

from domain.law import binding, local_time, plan, selection, terms, weekly

MODULES: Final = (
    "binding",
    "checks.base",
    "checks.hours",
    "checks.leave",
    "checks.limits",
    "checks.making",
    "engine",
    "facts",
    "local_time",
    "plan",
    "readings",
    "request",
    "selection",
    "terms",
    "weekly",
)

LAW: Final = str(Path(plan.__file__).parent)
KEPT: Final = ("local_time", "terms", "weekly")
"""Modules whose work is kept from one test to the next: clocks are laid out slowly, and once."""

_COMPARED: Final[dict[type[ast.cmpop], type[ast.cmpop]]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_COUNTED: Final[dict[type[ast.operator], type[ast.operator]]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.Mult: ast.FloorDiv,
}
_CALLED: Final = {"min": "max", "max": "min", "any": "all", "all": "any"}

Change = tuple[str, Callable[[], None]]
"""Words for what changes, and the change itself, to be made in the tree."""


@dataclass(frozen=True)
class CodeMutant:
    """One function with one thing changed."""

    name: str
    function: FunctionType
    code: CodeType

    @property
    def group(self) -> str:
        """The module."""
        return self.name.partition(".")[0]

    @property
    def place(self) -> str:
        """The function."""
        return self.name.partition(" ")[0]

    @contextmanager
    def applied(self) -> Iterator[None]:
        """The function with its new code, for all who hold it, and with its own again."""
        before = self.function.__code__
        forgotten = forget if self.group in KEPT else forget_plans
        forgotten()
        self.function.__code__ = self.code
        try:
            yield
        finally:
            self.function.__code__ = before
            forgotten()


def forget() -> None:
    """Forget all that the law's code has worked out so far."""
    forget_plans()
    for kept in (
        binding._holidays,
        terms._seconds,
        weekly.minutes_of,
        local_time.week_table,
        local_time.timeline,
        local_time.spelt_date,
    ):
        kept.cache_clear()


def forget_plans() -> None:
    """Forget what was worked out of the packs."""
    plan._plans.clear()
    plan._packs.clear()
    plan._names.clear()
    selection.selection.cache_clear()


def mutants(within: str = "") -> Iterator[CodeMutant]:
    """All of them, module by module; or those of the functions whose name begins so."""
    for place_of in MODULES:
        module = importlib.import_module(f"domain.law.{place_of}")
        name = place_of.partition(".")[0]
        path = Path(inspect.getsourcefile(module) or "")
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for scope, node in _functions(tree):
            function = _found(module, scope)
            if function is None or not f"{name}.{scope}".startswith(within):
                continue
            for place in range(len(list(_changes(node)))):
                words, code = _compiled(tree, node, scope, place, str(path))
                if code is not None and code.co_freevars == function.__code__.co_freevars:
                    yield CodeMutant(f"{name}.{scope} #{place}: {words}", function, code)


def _functions(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef]]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, node
        if isinstance(node, ast.ClassDef):
            for inner in node.body:
                if isinstance(inner, ast.FunctionDef):
                    yield f"{node.name}.{inner.name}", inner


def _found(module: Any, scope: str) -> FunctionType | None:
    found: Any = module
    for part in scope.split("."):
        found = found.__dict__.get(part) if inspect.isclass(found) else getattr(found, part, None)
    if isinstance(found, cached_property):
        found = found.func
    if isinstance(found, property):
        found = found.fget
    if isinstance(found, staticmethod | classmethod):
        found = found.__func__
    found = inspect.unwrap(found) if callable(found) else found
    return found if isinstance(found, FunctionType) else None


def _compiled(
    tree: ast.Module, node: ast.FunctionDef, scope: str, place: int, path: str
) -> tuple[str, CodeType | None]:
    """The words of the change at this place, and the function's code with it."""
    memo: dict[int, Any] = {}
    changed = copy.deepcopy(tree, memo)
    words, change = list(_changes(memo[id(node)]))[place]
    change()
    ast.fix_missing_locations(changed)
    return words, _code_of(compile(changed, path, "exec"), scope)


def _code_of(code: CodeType, scope: str) -> CodeType | None:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            if constant.co_qualname == scope:
                return constant
            found = _code_of(constant, scope)
            if found is not None:
                return found
    return None


def _changes(function: ast.FunctionDef) -> Iterator[Change]:
    body = function.body[1:] if ast.get_docstring(function) else function.body
    for statement in body:
        for node in ast.walk(statement):
            yield from _changes_of(node)


def _changes_of(node: ast.AST) -> Iterator[Change]:
    match node:
        case ast.Compare():
            for place, op in enumerate(node.ops):
                other = _COMPARED[type(op)]
                words = f"{type(op).__name__} to {other.__name__}"
                yield words, lambda p=place, o=other: node.ops.__setitem__(p, o())  # type: ignore[misc]
        case ast.BinOp() if type(node.op) in _COUNTED:
            swapped = _COUNTED[type(node.op)]
            words = f"{type(node.op).__name__} to {swapped.__name__}"
            yield words, lambda: setattr(node, "op", swapped())
        case ast.BoolOp():
            joined = ast.Or if isinstance(node.op, ast.And) else ast.And
            words = f"{type(node.op).__name__} to {joined.__name__}"
            yield words, lambda: setattr(node, "op", joined())
        case ast.UnaryOp(op=ast.Not()):
            yield "not dropped", lambda: setattr(node, "op", ast.UAdd())
        case ast.Constant(value=bool()):
            yield f"{node.value!r} turned", lambda: setattr(node, "value", not node.value)
        case ast.Constant(value=int()):
            yield f"{node.value!r} plus 1", lambda: setattr(node, "value", int(str(node.value)) + 1)
        case ast.Call(func=ast.Name(id=called)) if called in _CALLED:
            name = node.func
            yield f"{called} to {_CALLED[called]}", lambda: setattr(name, "id", _CALLED[called])
