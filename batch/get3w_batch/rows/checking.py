"""Check all rows before the first is sent, and keep them in a temporary file meanwhile."""

from __future__ import annotations

import hashlib
import json
import tempfile
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Self

from get3w_batch.errors import BatchError, RowProblem, RowsError
from get3w_batch.rows.bodies import BodyMaker, Columns, body_of
from get3w_batch.rows.readers import UnreadableRowError, format_of, read_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from get3w_core import ModelRequest

_KEPT_PROBLEMS = 100
_LONGEST_KEY = 500  # PostgreSQL's indexes take no text of any length


@dataclass(frozen=True, slots=True)
class Row:
    """A row that was checked.

    Attributes:
        position: Its place in the input, from 0.
        key: What names it.
        model: The model id.
        body: The input as JSON, with marks in place of local files.
        content: A digest of the model and the input.
        error: Why it cannot be sent, or None.
    """

    position: int
    key: str
    model: str
    body: str
    content: str
    error: str | None = None


class CheckedRows:
    """The rows of an input, checked and kept in a temporary file.

    Args:
        key: The column that names the rows; None where their content does.

    Attributes:
        key: The same.
        count: How many there are.
        invalid: How many cannot be sent.
        problems: The first problems.
        digest: A digest of all keys in their order: whether two inputs are the same.
        sizes: How many rows each model has.
        parameters: Which parameters some row gives, by model.
        types: The classes of typed requests, by model.
    """

    def __init__(self, key: str | None = None) -> None:
        self.key = key
        self._file = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 - closed by exit
        self._digest = hashlib.sha256()
        self._seen: dict[bytes, int] = {}
        self.count = 0
        self.invalid = 0
        self.problems: list[RowProblem] = []
        self.sizes: dict[str, int] = {}
        self.parameters: dict[str, set[str]] = {}
        self.types: dict[str, type[ModelRequest]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Delete the temporary file."""
        self._file.close()

    @property
    def digest(self) -> str:
        """A digest of all rows in their order: whether two inputs are the same."""
        return self._digest.hexdigest()

    def __iter__(self) -> Iterator[Row]:
        self._seen.clear()  # no longer needed, and large where there are many rows
        try:
            self._file.seek(0)
        except OSError as error:  # what was not written yet is written now
            raise _no_room(error) from error
        for line in self._file:
            yield Row(**json.loads(line))

    def add(self, model: str, body: dict[str, Any], key: str | None, why: list[RowProblem]) -> None:
        """Keep a row.

        Raises:
            BatchError: The disk is full.
        """
        try:
            text = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
            text.encode()
        except (RecursionError, TypeError, ValueError) as wrong:
            text = "{}"  # it is in a row that is not sent
            why = why or [RowProblem(self.count, "", f"it cannot be sent: {wrong}")]
        content = hashlib.sha256(f"{model}\n{text}".encode()).hexdigest()
        if key is not None and (bad := _wrong_key(key)):
            why = [*why, RowProblem(self.count, "", bad)]
            key = f"without a usable key, row {self.count}"
        times = self._times(content if key is None else f"key {key}")
        if key is None:
            # Equal rows are rows all the same: the second one is the second picture that is wanted.
            key = content[:32] if times == 1 else f"{content[:32]}-{times}"
        elif times > 1:
            why = [*why, RowProblem(self.count, "", f"another row has the key {key!r} too")]
            while self._times(f"key {key}") > 1:  # another row may be named as this one is now
                key = f"{key} (row {self.count})"
        if why:
            self.invalid += 1
            self.problems += why[: _KEPT_PROBLEMS - len(self.problems)]
        error = "; ".join(map(str, why)) or None
        row = Row(self.count, key, model, text, content, error)
        try:
            self._file.write(json.dumps(asdict(row)) + "\n")
        except OSError as full:
            raise _no_room(full) from full
        self._digest.update(f"{key}\n{content}\n{error is None}\n".encode())
        self.count += 1
        if not why:
            self.sizes[model] = self.sizes.get(model, 0) + 1
            self.parameters.setdefault(model, set()).update(body)

    def raise_problems(self) -> None:
        """Refuse the input if something is wrong with a row.

        Raises:
            RowsError: It is.
        """
        if self.invalid:
            raise RowsError(self.problems, self.invalid)

    def _times(self, name: str) -> int:
        digest = hashlib.sha256(name.encode()).digest()[:16]
        self._seen[digest] = self._seen.get(digest, 0) + 1
        return self._seen[digest]


def _no_room(error: OSError) -> BatchError:
    return BatchError(
        f"The rows cannot be kept in a temporary file: {error}; TMPDIR names another folder for it"
    )


def _wrong_key(key: str) -> str | None:
    """Return why a journal cannot have rows of this key, or None."""
    if len(key) > _LONGEST_KEY:
        return f"the key has {len(key)} characters, and at most {_LONGEST_KEY} are taken"
    if "\0" in key or key != key.encode("utf-8", "replace").decode():
        return f"the key {key!a} is not text"
    return None


def check_file(source: str, columns: Columns, given_format: str | None = None) -> CheckedRows:
    """Return the rows of a file, each checked against its model.

    Raises:
        BatchError: The file cannot be read, or an option names what is not there.
        UnknownModelError: There is no such model.
    """
    kind = format_of(source, given_format)
    maker, rows = BodyMaker(columns), CheckedRows(columns.key)
    try:
        _fill(rows, maker, columns, source, kind)
    except BaseException:
        rows.close()
        raise
    return rows


def _fill(rows: CheckedRows, maker: BodyMaker, columns: Columns, source: str, kind: str) -> None:
    for cells in read_rows(source, kind):
        if isinstance(cells, UnreadableRowError):
            problem = RowProblem(rows.count, "", str(cells))
            rows.add(columns.model_id, {}, f"unreadable row {rows.count}", [problem])
            continue
        body, problems = maker.make(rows.count, cells, text=kind == "csv")
        key = None
        if columns.key is not None:
            named = cells.get(columns.key)
            key = str(named)
            if named is None or named == "":
                key = f"without a key, row {rows.count}"
                problems = [*problems, RowProblem(rows.count, columns.key, "the key is missing")]
        rows.add(columns.model_id, body, key, problems)


def check_requests(requests: Iterable[ModelRequest]) -> CheckedRows:
    """Return typed requests as rows."""
    rows = CheckedRows()
    try:
        for request in requests:
            body: dict[str, Any] = {}
            problems: list[RowProblem] = []
            try:
                body = body_of(request)
                type(request).model_validate(body)
            except (OSError, ValueError) as error:
                problems = [RowProblem(rows.count, "", str(error))]
            rows.types[request.__model__.model_id] = type(request)
            rows.add(request.__model__.model_id, body, None, problems)
    except BaseException:
        rows.close()
        raise
    return rows
