"""Wrap the validators of unions, so that an error reports the best-matching branch alone.

Pydantic reports every mistake of every branch, under names of its own validators.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast
from weakref import WeakValueDictionary

from pydantic import BaseModel, ValidationError
from pydantic_core import core_schema

from get3w_core.request.values.types import CONSTRUCTING

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, ValidationInfo, ValidatorFunctionWrapHandler
    from pydantic_core import CoreSchema, ErrorDetails

# Where a core schema holds others that belong to the same class.
_INNER: Final = (
    *("schema", "items_schema", "values_schema", "extras_schema", "lax_schema", "strict_schema"),
    *("json_schema", "python_schema"),
)

# A class that is still being made is only referred to.
_classes: WeakValueDictionary[str, type[BaseModel]] = WeakValueDictionary()


def explain_unions(cls: type[BaseModel], schema: CoreSchema, handler: GetCoreSchemaHandler) -> None:
    """Let each union in the schema of *cls* report its best branch alone."""
    made = cast("dict[str, Any]", schema)
    model = cast("dict[str, Any]", handler.resolve_ref_schema(schema))
    for reference in (made.get("schema_ref"), model.get("ref")):
        if reference is not None:
            _classes[reference] = cls
    if "schema" in model:
        _wrap_unions(model["schema"])


def _wrap_unions(schema: dict[str, Any]) -> None:
    if schema["type"] == "model":
        return  # another class, which does this by itself
    if schema["type"] == "model-fields":
        for field in schema["fields"].values():
            _wrap_unions(field["schema"])
    for key in _INNER:
        if isinstance(schema.get(key), dict):
            _wrap_unions(schema[key])
    for each in schema.get("steps", ()):
        _wrap_unions(each)
    if schema["type"] == "union":
        branches = [_unlabelled(each) for each in schema["choices"]]
        for each in branches:
            _wrap_unions(each)
        _wrap_union(schema, branches)


def _unlabelled(branch: Any) -> dict[str, Any]:
    return cast("dict[str, Any]", branch[0] if isinstance(branch, tuple) else branch)


def _wrap_union(schema: dict[str, Any], branches: list[dict[str, Any]]) -> None:
    # Two branches may have the same label, and pydantic's are names of validators.
    union = {**schema, "choices": [(each, str(n)) for n, each in enumerate(branches)]}

    def validate(value: object, handler: ValidatorFunctionWrapHandler, info: ValidationInfo) -> Any:
        try:
            return handler(value)
        except ValidationError as error:
            by_name = info.context is CONSTRUCTING
            raise _best(error, branches, by_name=by_name) from None

    schema.clear()
    schema.update(
        core_schema.with_info_wrap_validator_function(validate, cast("CoreSchema", union))
    )


def _best(
    error: ValidationError, branches: list[dict[str, Any]], *, by_name: bool
) -> ValidationError:
    # Only a mistake needs these.
    from get3w_core.request.messages.best_branch import best_branch, rebuilt
    from get3w_core.request.messages.known_names import known_names

    found: dict[str, list[ErrorDetails]] = {}
    for detail in error.errors(include_url=False):
        label, *inner = detail["loc"]
        found.setdefault(str(label), []).append({**detail, "loc": tuple(inner)})
    for label, details in found.items():
        for detail in details:
            if detail["type"] == "extra_forbidden" and "known" not in detail.get("ctx", {}):
                owner, depth = _owner(branches[int(label)])
                place = detail["loc"][depth:-1]
                known = [*known_names(owner, place, by_name=by_name)] if owner else []
                detail["ctx"] = {"known": known}
    lines = best_branch(list(found.values()))
    return ValidationError.from_exception_data(error.title, [rebuilt(line) for line in lines])


def _owner(schema: dict[str, Any], depth: int = 0) -> tuple[type[BaseModel] | None, int]:
    """Return the class of the objects in a branch, and how many lists and mappings deep it is."""
    kind = schema["type"]
    if kind == "model":
        return schema["cls"], depth
    if kind == "definition-ref":
        return _classes.get(schema["schema_ref"]), depth
    for key, deeper in (("schema", 0), ("items_schema", 1), ("values_schema", 1)):
        if isinstance(schema.get(key), dict):
            return _owner(schema[key], depth + deeper)
    return None, depth
