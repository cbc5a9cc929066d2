"""Cut a stylesheet down to the rules that can match our pages.

Knows as much of CSS as a minified, valid stylesheet needs (nested at-rules, strings, parentheses). Where in doubt, a
rule stays.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

# At-rules that hold rules, so that an empty one can go.
CONDITIONAL = ("@media", "@supports", "@container", "@layer")

COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
STRING = r""""(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'"""
PIECE = re.compile(rf"(?:{STRING}|\\.|[^{{}};\"'\\])+|[{{}};]", re.DOTALL)
CLASS = re.compile(r"\.((?:[\w-]|\\.)+)")
FUNCTIONAL = re.compile(r":(?:not|is|where|has)\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)")
TOP_LEVEL_COMMA = re.compile(rf"(?:{STRING}|\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)|\[[^]]*\]|[^,])+")
USED_PROPERTY = re.compile(r"var\(\s*(--[\w-]+)")
DEFINITION = re.compile(r"\s*(--[\w-]+)\s*:(.*)", re.DOTALL)


@dataclass
class Statement:
    """A rule, or an at-rule; `rules` for one that holds rules, `declarations` for the others."""

    prelude: str
    declarations: list[str]
    rules: list["Statement"]

    def __str__(self) -> str:
        if self.prelude.startswith("@") and not self.declarations and not self.rules:
            return f"{self.prelude};"
        return f"{self.prelude}{{{';'.join(self.declarations)}{''.join(map(str, self.rules))}}}"

    def walk(self) -> Iterator["Statement"]:
        """Yield this statement and all that it holds."""
        yield self
        for rule in self.rules:
            yield from rule.walk()


def parse(css: str) -> list[Statement]:
    """Read a stylesheet. Raises ValueError where the braces don't match."""
    pieces = [piece.strip() for piece in PIECE.findall(COMMENT.sub("", css))]
    if pieces.count("{") != pieces.count("}"):
        raise ValueError("the braces of the stylesheet do not match")
    statements, rules = read_block(iter([*pieces, ";"]))
    return [Statement(statement, [], []) for statement in statements] + rules


def read_block(pieces: Iterator[str]) -> tuple[list[str], list[Statement]]:
    """Read up to the end of a block; return its declarations and its rules."""
    declarations: list[str] = []
    rules: list[Statement] = []
    text = ""
    for piece in pieces:
        if piece == "{":
            rules.append(Statement(text, *read_block(pieces)))
        elif text and piece in {";", "}"}:
            declarations.append(text)
        if piece == "}":
            break
        text = "" if piece in {"{", ";"} else piece
    return declarations, rules


def cut(css: str, has_class: Callable[[str], bool], properties_kept: frozenset[str] = frozenset()) -> str:
    """Return `css` without the selectors whose classes no element carries and the custom properties no one reads.

    `properties_kept` are those that other stylesheets read. Raises ValueError on a stylesheet that is not valid.
    """
    rules = [rule for rule in parse(css) if keep(rule, has_class)]
    drop_unread_properties(rules, properties_kept)
    return "".join(str(rule) for rule in rules if rule.rules or rule.declarations or rule.prelude.startswith("@"))


def keep(rule: Statement, has_class: Callable[[str], bool]) -> bool:
    """Cut one rule in place; say whether anything is left of it."""
    if rule.prelude.startswith(CONDITIONAL):
        rule.rules = [inner for inner in rule.rules if keep(inner, has_class)]
        return bool(rule.rules)
    if rule.prelude.startswith("@"):
        return True
    selectors = [one for one in TOP_LEVEL_COMMA.findall(rule.prelude) if can_match(one, has_class)]
    rule.prelude = ",".join(selectors)
    return bool(selectors)


def can_match(selector: str, has_class: Callable[[str], bool]) -> bool:
    """Say whether a selector may match; what stands within `:not()` and its like is given the benefit of the doubt."""
    return all(has_class(name.replace("\\", "")) for name in CLASS.findall(FUNCTIONAL.sub("", selector)))


def drop_unread_properties(rules: list[Statement], properties_kept: frozenset[str]) -> None:
    """Drop, in place, each definition of a custom property that no declaration reads, not even through another one."""
    statements = [statement for rule in rules for statement in rule.walk()]
    reads: dict[str, set[str]] = {}
    pending = set(properties_kept)
    for declaration in (declaration for statement in statements for declaration in statement.declarations):
        if definition := DEFINITION.fullmatch(declaration):
            reads.setdefault(definition[1], set()).update(USED_PROPERTY.findall(definition[2]))
        else:
            pending.update(USED_PROPERTY.findall(declaration))
    read: set[str] = set()
    while pending:
        name = pending.pop()
        read.add(name)
        pending |= reads.get(name, set()) - read
    for statement in statements:
        statement.declarations = [
            declaration
            for declaration in statement.declarations
            if not (definition := DEFINITION.fullmatch(declaration)) or definition[1] in read
        ]
