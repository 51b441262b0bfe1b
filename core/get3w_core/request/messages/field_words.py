"""Collect the docstrings of a class's fields, for its JSON Schema."""

from __future__ import annotations

import ast
import inspect
from functools import cache
from itertools import pairwise


@cache
def field_words(cls: type[object]) -> dict[str, str]:
    """Return what stands below each field of *cls*; nothing where there is no source to read.

    Python does not keep these texts, and a program that needs no JSON Schema need not read them.
    """
    words: dict[str, str] = {}
    for base in reversed(cls.__mro__[:-1]):
        for field, text in pairwise(_body(base)):
            if (
                isinstance(field, ast.AnnAssign)
                and isinstance(field.target, ast.Name)
                and isinstance(text, ast.Expr)
                and isinstance(text.value, ast.Constant)
                and isinstance(text.value.value, str)
            ):
                words[field.target.id] = inspect.cleandoc(text.value.value)
    return words


def _body(cls: type[object]) -> list[ast.stmt]:
    try:
        module = inspect.getmodule(cls)
        tree = ast.parse(inspect.getsource(module)) if module else None
    except (OSError, SyntaxError):
        return []
    for node in tree.body if tree else []:
        if isinstance(node, ast.ClassDef) and node.name == cls.__qualname__:
            return node.body
    return []
