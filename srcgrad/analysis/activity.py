"""Which variables vary with the arguments that are differentiated by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import gast

from srcgrad import runtime
from srcgrad.kinds import Kind, Record, may_be_active, numeric
from srcgrad.lower.base.join import describe
from srcgrad.lower.base.program import Callee, Typed
from srcgrad.lower.containers.dicts import changes_structure
from srcgrad.lower.inference.evaluate import ast_operator
from srcgrad.lower.inference.instances import written_defaults
from srcgrad.lower.memory.aliases import sources, summarise
from srcgrad.lower.memory.sharing import sharing
from srcgrad.rules.registry import lookup
from srcgrad.syntax.flow import stores
from srcgrad.syntax.lives import user_name
from srcgrad.syntax.walk import walk

FLAT = (print, len, range, isinstance, runtime.zeros_like)

STANDARD = {
    "normal": "Shift and scale what is drawn: mu + sigma * rng.normal(size=...).",
    "uniform": "Shift and scale what is drawn: low + (high - low) * rng.random(size=...).",
    "exponential": "Scale what is drawn: scale * rng.exponential(size=...).",
    "lognormal": "Shift and scale what is drawn: np.exp(mu + sigma * rng.normal(size=...)).",
    "": "Draw from the standard distribution; scale and shift what is drawn.",
}


class Activity:
    """The variables and expressions of one function that vary.

    Attributes:
        varied: names of variables.

    Args:
        typed: the function in normal form.
        varied: the parameters that vary.
        inner: the activities of callees, shared by those that call them.
        mirror: whether all names of memory that is written vary together.

    Raises:
        Unsupported: where a value that varies would be lost: it joins a value of another kind.
    """

    def __init__(
        self,
        typed: Typed,
        varied: Iterable[str],
        inner: dict[tuple[Typed, frozenset[str]], Activity] | None = None,
        *,
        mirror: bool = False,
    ) -> None:
        self.typed = typed
        self.varied = set(varied)
        if not typed.switches.activity:
            self.varied |= {n for n, k in typed.variables.items() if may_be_active(k)}
        self._inner = {} if inner is None else inner
        self._mirror = mirror
        self._known: dict[gast.AST, bool] = {}
        self._nodes = list(walk(typed.function.node))
        self._statements = [s for s in self._nodes if isinstance(s, gast.stmt)]
        self._calls = [n for n in self._nodes if n.__class__ is gast.Call and n in typed.callees]
        self._settled = self._waits = self._result = False
        if inner is None:
            self._settle()
            self._settle_others()

    def _settle(self) -> None:
        """Find what varies; final unless a function is called that is not settled itself."""
        self._grow()
        if not self._waits:
            self._close()

    def _settle_others(self) -> None:
        """Settle functions that call themselves, directly or through others, all at once."""
        size, grown = -1, True
        while grown or size != len(self._inner):
            size = len(self._inner)
            waiting = [a for a in (self, *self._inner.values()) if not a._settled]
            grown = sum(a._grow() for a in waiting) > 0
        for a in waiting:
            a._close()

    def _grow(self) -> bool:
        """Add what varies with what is known to vary; whether callers see a difference."""
        before = (len(self.varied), self._result)
        size = -1
        while size != len(self.varied):
            size = len(self.varied)
            for c in sharing(self.typed).paired:
                if c & self.varied:
                    kinds = self.typed.variables
                    self.varied |= {m for m in c if may_be_active(kinds.get(m))}
            for s in self._statements:
                self.varied |= self._effects(s)
            for n in self._calls:
                self.varied |= self._changes(n)
            if self._mirror:
                self.varied |= self._shared()
        self._result = self._returned()
        return before != (len(self.varied), self._result)

    def _close(self) -> None:
        """Note that nothing more will vary."""
        self._settled = True
        self._refuse_lost(self._nodes)

    def inside(self, callee: Callee) -> Activity:
        """The activity inside a function of the user's, for the arguments of one call."""
        typed: Typed = callee.target
        varied = frozenset(
            p
            for p, o in callee.operands
            if isinstance(o, gast.AST) and self.depends(o) and may_be_active(typed.parameters[p])
        )
        key = typed, varied
        found = self._inner.get(key)
        if found is None:
            found = Activity(typed, sorted(varied), self._inner, mirror=self._mirror)
            self._inner[key] = found
            found._settle()
        self._waits |= not found._settled
        return found

    def _changes(self, n: gast.Call) -> set[str]:
        """Variables that begin to vary because a call changes what they refer to."""
        callee = self.typed.callees[n]
        if callee.tag == "method":
            adds = callee.target in ("append", "extend", "insert")
            varies = adds and any(map(self.depends, n.args))
            return set(sources(self.typed, n.func.value)) if varies else set()
        if callee.tag == "scatter":
            return set(self._written(n.args[0])) if self.depends(n.args[2]) else set()
        operands = {p: o for p, o in callee.operands if isinstance(o, gast.AST)}
        if callee.tag != "user" or not any(map(self.depends, operands.values())):
            return set()
        varied, aliases = self.inside(callee).varied, summarise(callee.target)
        out: set[str] = set()
        for p, o in operands.items():
            if p in varied and p in aliases.parent and aliases.is_written(p):
                out |= set(sources(self.typed, o))
        return out

    def _shared(self) -> set[str]:
        """All names of memory that is written, if one of them varies."""
        aliases = summarise(self.typed)
        out: set[str] = set()
        for representative in aliases.changed():
            members = aliases.members(representative)
            if any(m in self.varied for m in members):
                out |= {m for m in members if may_be_active(self.typed.variables.get(m))}
        return out

    def _check_structure(self, n: gast.AST) -> None:
        """Refuse an entry of a dict that is built otherwise than what it replaces."""
        old = changes_structure(self.typed, n)
        if old is not None:
            new = describe(self.typed.kinds[n.value])
            what = f"{new} takes the place of {describe(old)} in a dict"
            hint = "Put it at a key of its own, or make a new dict."
            raise self.typed.function.refuse(n.targets[0], what, hint)

    def _refuse_lost(self, nodes: list[gast.AST]) -> None:
        """Refuse values that vary where no tangent or adjoint could follow them."""
        refuse = self.typed.function.refuse
        for n in nodes:
            self._check_structure(n)
            callee = self.typed.callees.get(n) if isinstance(n, gast.Call) else None
            if callee is not None and callee.tag == "user":
                for p in written_defaults(callee):
                    f = callee.target.function.object.__name__
                    what = f"`{f}` changes the default of its parameter `{p}`"
                    raise refuse(n, what, f"Pass `{p}`, or make it anew in `{f}`.")
            if callee is not None and callee.tag == "draw":
                for o in filter(self.depends, (o for _, o in callee.operands)):
                    what = f"the distribution of `{callee.target}` depends on a value that varies"
                    hint = STANDARD.get(callee.target, STANDARD[""])
                    raise refuse(o, what, hint)
            match n:
                case gast.Assign(targets=targets, value=value) if self.depends(value):
                    self._refuse_vague(targets)
                case gast.For(target=t, iter=value) if self.depends(value):
                    self._refuse_vague([t])
                case gast.Call() if (name := self._whole(n)) is not None:
                    what = f"{name} of a value that varies has no derivative"
                    raise refuse(
                        n, what, "If 0 is meant, take np.floor or np.round of the value first."
                    )

    def _refuse_vague(self, targets: list[gast.expr]) -> None:
        """Refuse to bind a value that varies to a variable that is no number elsewhere."""
        for n in (n for t in targets for n in walk(t) if isinstance(n, gast.Name)):
            kind = self.typed.variables.get(n.id)
            if kind is None or isinstance(n.ctx, gast.Load) or may_be_active(kind):
                continue
            if may_be_active(self.typed.kinds.get(n)):
                what = f"`{user_name(n.id)}` varies, but is {describe(kind)}"
                raise self.typed.function.refuse(n, what, "Use values of one kind.")

    def _whole(self, n: gast.Call) -> str | None:
        """What makes an int of a value that varies in a call; None if nothing does."""
        callee = self.typed.callees.get(n)
        if callee is None or callee.tag not in ("rule", "astype"):
            return None
        if not any(self.depends(o) for _, o in callee.operands if isinstance(o, gast.AST)):
            return None
        if not is_whole(self.typed.kinds.get(n)):
            return None
        if callee.tag == "astype":
            return f"astype({callee.target})"
        if self._flat(callee.target):
            return None
        return f"{callee.target.__name__}(dtype={getattr(self.typed.kinds[n], 'dtype', '?')})"

    def _effects(self, s: gast.stmt) -> set[str]:
        match s:
            case gast.Assign() if self.depends(s.value):
                return {n for t in s.targets for n in self._written(t)}
            case gast.AugAssign() if self.depends(s.value):
                return set(self._written(s.target))
            case gast.For() if self.depends(s.iter):
                return set(self._written(s.target))
        return set()

    def _written(self, t: gast.expr) -> Iterator[str]:
        match t:
            case gast.Name(id=name):
                if may_be_active(self.typed.variables.get(name)):
                    yield name
            case gast.Tuple() | gast.List():
                for e in t.elts:
                    yield from self._written(e)
            case gast.Starred():
                yield from self._written(t.value)
            case gast.Subscript() | gast.Attribute():
                yield from self._written(t.value)
            case _:
                yield from stores(t)

    def depends(self, node: gast.AST) -> bool:
        """Whether the value of an expression varies."""
        if self._settled:
            if node not in self._known:
                self._known[node] = self._depends(node)
            return self._known[node]
        return self._depends(node)

    def _depends(self, node: gast.AST) -> bool:
        kind = self.typed.kinds.get(node)
        if kind is not None and not may_be_active(kind):
            return False
        match node:
            case gast.Name(id=name):
                return name in self.varied
            case gast.BinOp():
                while isinstance(node, gast.BinOp):
                    if self.depends(node.right) and not self._flat(ast_operator(node.op)):
                        return True
                    if self._flat(ast_operator(node.op)):
                        return False
                    node = node.left
                return self.depends(node)
            case gast.UnaryOp():
                return self.depends(node.operand)
            case gast.Attribute() if isinstance(self.typed.kinds.get(node.value), Record):
                return False
            case gast.Subscript() | gast.Attribute():
                return self.depends(node.value)
            case gast.IfExp():
                return self.depends(node.body) or self.depends(node.orelse)
            case gast.BoolOp():
                return any(map(self.depends, node.values))
            case gast.Tuple() | gast.List():
                return any(map(self.depends, node.elts))
            case gast.Starred():
                return self.depends(node.value)
            case gast.Dict():
                return any(map(self.depends, node.values))
            case gast.Call():
                return self._call(node)
        return False

    def _flat(self, function: object) -> bool:
        rule = lookup(function)
        return rule is None or rule.zero

    def _call(self, node: gast.Call) -> bool:
        callee: Callee | None = self.typed.callees.get(node)
        if callee is None or (callee.tag == "rule" and self._flat(callee.target)):
            return False
        if callee.tag == "scatter" or callee.target in FLAT:
            return False
        operands = [o for _, o in callee.operands if isinstance(o, gast.AST)] or node.args
        if callee.tag == "user":
            return any(map(self.depends, operands)) and self.inside(callee).result_varies()
        return any(map(self.depends, operands))

    def result_varies(self) -> bool:
        """Whether the result of the function varies, as far as is known."""
        return self._result

    def _returned(self) -> bool:
        """Whether a result varies."""
        if not may_be_active(self.typed.returns):
            return False
        returns = [s for s in self._nodes if isinstance(s, gast.Return)]
        return any(s.value is not None and self.depends(s.value) for s in returns)


def is_whole(kind: Kind | None) -> bool:
    """Whether a value is an int, or an array of ints."""
    number = numeric(kind) if kind is not None else None
    return number is not None and number.dtype.kind in "iu"
