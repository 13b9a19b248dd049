"""How a guard is taken out: one node of one function's syntax tree is found by what it names, and
changed.

Spacing, quotes and the wording of what stands around it are no matter; a guard that is not found,
or found twice, is an error.
"""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")
FunctionLike = ast.FunctionDef | ast.AsyncFunctionDef
Edit = Callable[[ast.AST], None]
"""Takes the guard out of the node of a symbol."""


class NotFound(Exception):
    """No guard is where it is looked for, or more than one is."""


@dataclass(frozen=True)
class Place:
    """Where a node hangs in the tree."""

    parent: ast.AST
    field: str
    at: int | None = None

    @property
    def node(self) -> ast.AST:
        held = getattr(self.parent, self.field)
        found: ast.AST = held if self.at is None else held[self.at]
        return found

    def put(self, node: ast.AST) -> None:
        if self.at is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.at] = node

    def remove(self) -> None:
        del getattr(self.parent, self.field)[self.at]


@dataclass(frozen=True)
class Guard:
    """Stands in a module, in the function, class or constant of this qualified name."""

    module: str
    symbol: str
    edit: Edit


@dataclass(frozen=True)
class PageGuard:
    """Stands in a file of the page, which has no syntax tree here: a piece that is there once."""

    file: str
    piece: str
    other: str


at, on_the_page = Guard, PageGuard
Guards = dict[str, tuple[Guard | PageGuard, str]]
"""By what would be lost: where and how the guard is taken out, and the name of the test that fails
without it, with its parameters where one of them does."""


def never(*names: str) -> Edit:
    """The one condition that names all of these is never met."""
    return lambda symbol: _only(_conditions(symbol), names).put(ast.Constant(value=False))


def always(*names: str) -> Edit:
    """The one condition that names all of these is always met."""
    return lambda symbol: _only(_conditions(symbol), names).put(ast.Constant(value=True))


def drop(*names: str) -> Edit:
    """The one operand of an `and` or `or`, keyword of a call, or member of a list that names all of
    these is gone."""

    def edit(symbol: ast.AST) -> None:
        place = _only(_parts(symbol), names)
        place.remove()
        if isinstance(place.parent, ast.BoolOp) and len(place.parent.values) == 1:
            place.parent.values *= 2  # `a and a` is `a`

    return edit


def skip(*names: str) -> Edit:
    """The one plain statement that names all of these is not run."""
    return lambda symbol: _only(_statements(symbol), names).put(ast.Pass())


def answer(expression: str) -> Edit:
    """The function returns this, and does nothing else."""

    def edit(symbol: ast.AST) -> None:
        if not isinstance(symbol, FunctionLike):
            raise NotFound("no function")
        symbol.body = [ast.Return(value=_parsed(expression))]

    return edit


def instead(expression: str, other: str) -> Edit:
    """The one expression like this is another."""
    wanted = ast.dump(_parsed(expression))

    def edit(symbol: ast.AST) -> None:
        alike = [place for place in _places(symbol) if ast.dump(place.node) == wanted]
        _one(alike, expression).put(_parsed(other))

    return edit


def sql(piece: str, other: str = "") -> Edit:
    """The one string that holds this piece, once, holds another in its place."""

    def edit(symbol: ast.AST) -> None:
        texts = [node for node in ast.walk(symbol) if _holds(node, piece)]
        text = _one(texts, piece)
        assert isinstance(text, ast.Constant)
        if text.value.count(piece) != 1:
            raise NotFound(f"{piece!r} stands there {text.value.count(piece)} times")
        text.value = text.value.replace(piece, other)

    return edit


def without(source: str, symbol: str, edit: Edit) -> str:
    """The module's source with the guard taken out of the function, class or constant of that
    qualified name."""
    tree = ast.parse(source)
    edit(find(tree, symbol))
    return ast.unparse(ast.fix_missing_locations(tree))


def find(tree: ast.AST, symbol: str) -> ast.AST:
    """What a qualified name stands for; `outer.inner` is a function in another too."""
    for name in symbol.split("."):
        named = [node for node in _scope(tree) if name in _defined(node)]
        tree = _one(named, symbol)
    return tree


def _scope(tree: ast.AST) -> Iterator[ast.AST]:
    """The statements of a module, class or function, those in its blocks too."""
    for node in ast.iter_child_nodes(tree):
        yield node
        if not isinstance(node, FunctionLike | ast.ClassDef):
            yield from _scope(node)


def _defined(node: ast.AST) -> list[str]:
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return [node.name]
        case ast.Assign():
            return [target.id for target in node.targets if isinstance(target, ast.Name)]
        case ast.AnnAssign(target=ast.Name(id=name)):
            return [name]
    return []


def _places(symbol: ast.AST) -> Iterator[Place]:
    for parent in ast.walk(symbol):
        for field, held in ast.iter_fields(parent):
            if isinstance(held, ast.AST):
                yield Place(parent, field)
            elif isinstance(held, list):
                for at, each in enumerate(held):
                    if isinstance(each, ast.AST):
                        yield Place(parent, field, at)


def _conditions(symbol: ast.AST) -> Iterator[Place]:
    for place in _places(symbol):
        tests = isinstance(place.parent, ast.If | ast.IfExp | ast.While) and place.field == "test"
        if tests or (isinstance(place.parent, ast.comprehension) and place.field == "ifs"):
            yield place


def _parts(symbol: ast.AST) -> Iterator[Place]:
    for place in _places(symbol):
        operand = isinstance(place.parent, ast.BoolOp) and place.field == "values"
        member = isinstance(place.parent, ast.List | ast.Tuple) and place.field == "elts"
        if operand or member or isinstance(place.node, ast.keyword):
            yield place


def _statements(symbol: ast.AST) -> Iterator[Place]:
    plain = ast.Expr | ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Raise
    for place in _places(symbol):
        if place.at is not None and isinstance(place.node, plain):
            yield place


def _only(places: Iterator[Place], names: tuple[str, ...]) -> Place:
    """The innermost: what names the same, but only in a part that is a candidate itself, is not
    meant. Of several, the one that names nothing else."""
    naming = [place for place in places if set(names) <= _names(place.node)]
    inner = [
        place
        for place in naming
        if not any(
            other is not place and other.node in set(ast.walk(place.node)) - {place.node}
            for other in naming
        )
    ]
    bare = [place for place in inner if _names(place.node) == set(names)]
    return _one(bare or inner, " and ".join(names))


def _names(tree: ast.AST) -> set[str]:
    """Variables, attributes, keywords and short strings."""
    found = set()
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.keyword(arg=str(name)):
                found.add(name)
            case ast.Constant(value=str(text)):
                found.add(text)
    return found


def _parsed(expression: str) -> ast.expr:
    return ast.parse(expression, mode="eval").body


def _holds(node: ast.AST, piece: str) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and piece in node.value


def _one(found: list[T], wanted: str) -> T:
    if len(found) != 1:
        raise NotFound(f"{wanted} is found {len(found)} times")
    return found[0]
