"""Turn the cells of a row into the input of a model."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, field
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from get3w_models import request_class
from pydantic import ValidationError

from get3w_batch.errors import BatchError, RowProblem
from get3w_batch.rows.media import map_media, mark_local_file
from get3w_batch.rows.text import value_of_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from get3w_core import ModelRequest


@dataclass(frozen=True)
class Columns:
    """How columns become the parameters of one model.

    Attributes:
        model_id: The model.
        mapped: Parameters by column; an empty name leaves the column out.
        constants: What every row gets, as text; a row's own value counts instead.
        key: The column that names the row, or None.
        folder: What relative paths begin at.
        blobs: Where bytes are written to.
    """

    model_id: str
    mapped: Mapping[str, str] = field(default_factory=dict[str, str])
    constants: Mapping[str, str] = field(default_factory=dict[str, str])
    key: str | None = None
    folder: Path = Path()
    blobs: Path | None = None


class BodyMaker:
    """Makes the body of each row, for one model.

    Raises:
        BatchError: `mapped` or `constants` name a parameter that the model does not have.
        UnknownModelError: There is no such model.
    """

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._type: type[ModelRequest] = request_class(columns.model_id)
        self._schemas: dict[str, Any] = self._type.model_json_schema()["properties"]
        for name in (*columns.mapped.values(), *columns.constants):
            if name and name not in self._schemas:
                near = get_close_matches(name, self._schemas, n=1)
                guess = f": did you mean {near[0]!r}?" if near else "."
                raise BatchError(
                    f"{columns.model_id} has no parameter {name!r}{guess} It has"
                    f" {', '.join(sorted(self._schemas))}."
                )

    def make(
        self, number: int, cells: Mapping[str, object], *, text: bool
    ) -> tuple[dict[str, Any], list[RowProblem]]:
        """Return the body of a row, and what is wrong with it.

        Args:
            number: The row's number.
            cells: Its cells by column.
            text: Whether the cells are texts that stand for values, as in CSV.
        """
        columns, problems = self._columns, list[RowProblem]()
        body: dict[str, Any] = {
            name: value_of_text(value, self._schemas[name])
            for name, value in columns.constants.items()
        }
        sources: dict[str, str] = {name: f"--set {name}" for name in body}
        for column, cell in cells.items():
            own = column if column != columns.key or column in self._schemas else ""
            name = columns.mapped.get(column, own)
            if not name or cell is None:
                continue
            if sources.get(name) in cells:
                other = sources[name]
                problems.append(RowProblem(number, column, f"{other!r} gives {name!r} too"))
            sources[name] = column
            body[name] = (
                value_of_text(cell, self._schemas.get(name))
                if text and isinstance(cell, str)
                else cell
            )
        for name in body.keys() & self._schemas.keys():
            try:
                body |= map_media({name: body[name]}, self._type, self._mark)
            except (OSError, ValueError) as error:
                problems.append(RowProblem(number, sources[name], str(error)))
        try:
            body = _mapped(body, _plain)
            wrong = {name: words for name, value in body.items() if (words := _not_json(value))}
            problems += [RowProblem(number, sources[name], wrong[name]) for name in wrong]
            if not wrong:
                self._type.model_validate(body)
        except ValidationError as error:
            for each in error.errors(include_url=False, include_context=False, include_input=False):
                place = [str(part) for part in each["loc"]]
                column = ".".join([sources.get(place[0], place[0]), *place[1:]]) if place else ""
                problems.append(RowProblem(number, column, each["msg"]))
        except RecursionError:
            problems.append(RowProblem(number, "", "it is nested too deeply"))
        except ValueError as error:
            problems.append(RowProblem(number, "", str(error)))
        return body, problems

    def _mark(self, value: object) -> object:
        return mark_local_file(value, self._columns.folder, self._columns.blobs)


def _not_json(value: object) -> str | None:
    """Return why *value* cannot be written as JSON, or None."""
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError) as error:
        return str(error)
    return None


def body_of(request: ModelRequest) -> dict[str, Any]:
    """Return the body of a typed request, with a mark for each local file.

    Raises:
        ValueError: An open file is in it, which no later process could read again.
        FileNotFoundError: There is no such file.
    """
    dumped = request.model_dump(by_alias=True)
    return {name: _mapped(value, _marked) for name, value in dumped.items()}


def _mapped(value: Any, change: Callable[[Any], Any]) -> Any:
    if isinstance(value, dict):
        return {name: _mapped(each, change) for name, each in value.items()}  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, list):
        return [_mapped(each, change) for each in value]  # pyright: ignore[reportUnknownVariableType]
    return change(value)


def _plain(value: Any) -> Any:
    """Return *value* as JSON has it: what Parquet knows beside that are dates and decimals."""
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


def _marked(value: Any) -> Any:
    return mark_local_file(value, Path(), None) if isinstance(value, Path) else value
