"""What the generated request classes build on: exact validation, and the body for the wire."""

from __future__ import annotations

from dataclasses import dataclass
from typing import (
    TYPE_CHECKING,
    Any,
    ClassVar,
    Final,
    Literal,
    TypeVar,
    cast,
    overload,
)

from pydantic import BaseModel, ConfigDict, ValidationError, ValidationInfo
from pydantic_core import InitErrorDetails, PydanticCustomError

from get3w_core.errors import ConfigurationError, FieldError, RequestValidationError
from get3w_core.local_files import file_key, is_local_file
from get3w_core.types import CONSTRUCTING, NotNull

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema

    from get3w_core.rules import Rule

T = TypeVar("T")

# What goes on the wire as it is. Asking pydantic's classes whether a value is theirs is slow.
_PLAIN: Final = frozenset({str, int, float, bool, type(None)})

# Stands, with a number behind it, for a file that has no URL yet while a body is judged.
_URL_TO_COME: Final = "https://cdn.get3w.com/uploads/pending/"

# The validation context of a body that holds such.
_PENDING: Final = object()


class ServerDefault:
    """Stands in a signature for a value that the server, not the client, fills in."""

    __slots__ = ("value",)

    def __init__(self, value: object) -> None:
        self.value: object = value

    def __repr__(self) -> str:
        return repr(self.value)


@overload
def server_default(value: list[T]) -> list[T]: ...
@overload
def server_default(value: T) -> T: ...
def server_default(value: T) -> T:
    """Show *value* as a parameter's default without ever sending it.

    The server's defaults stay the server's: what a caller does not give is not on the wire, so a
    default that changes there changes nothing here.

    Args:
        value: The default that the model's schema states, or None.

    Returns:
        A marker that prints as *value* and that request classes drop.
    """
    return cast("T", ServerDefault(value))


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What a request class knows of its model beside the fields.

    Attributes:
        model_id: The model's id, as in the path of a submit.
        documented: Whether Get3W's own documentation names the model.
        surface: The API surface the model is documented on, where it is only one.
        rule: The conditions across fields, where the schema has any.
    """

    model_id: str
    documented: bool = True
    surface: Literal["v3", "v1"] | None = None
    rule: Rule | None = None


class RequestObject(BaseModel, frozen=True):
    """Base of request classes and of the objects inside them.

    The constructor takes Python names; None and `server_default(...)` mean "not given" unless the
    schema allows null. `model_validate` takes a body as it goes on the wire. Both accept exactly
    what the schema accepts, and both raise `pydantic.ValidationError` otherwise.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(
        strict=True,
        extra="forbid",
        allow_inf_nan=False,
        regex_engine="python-re",
        protected_namespaces=(),
        arbitrary_types_allowed=True,
    )

    __further__: ClassVar[object] = None
    """The type of the values under names that are not listed; None where they may be any."""

    __omittable__: ClassVar[frozenset[str]] = frozenset()
    __wire_names__: ClassVar[tuple[tuple[str, str], ...]] = ()

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: type[BaseModel], handler: GetCoreSchemaHandler, /
    ) -> CoreSchema:
        schema = handler(source)
        if cls.__further__ is not None:
            # Checkers refuse pydantic's own way, which narrows an attribute of its base class.
            model = cast("dict[str, Any]", handler.resolve_ref_schema(schema))
            model["schema"]["extras_schema"] = handler.generate_schema(cls.__further__)
        return schema

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        cls.__omittable__ = frozenset(
            name
            for name, field in cls.__pydantic_fields__.items()
            if any(isinstance(mark, NotNull) for mark in field.metadata)
        )
        cls.__wire_names__ = ()

    # Type checkers derive the constructor from the fields; this is how it behaves.
    if not TYPE_CHECKING:

        def __init__(self, /, **data: Any) -> None:
            __tracebackhide__ = True
            given = data
            for value in data.values():
                if value is None or type(value) is ServerDefault:
                    given = _without_omitted(data, self.__omittable__)
                    break
            try:
                self.__pydantic_validator__.validate_python(
                    given,
                    self_instance=self,
                    context=CONSTRUCTING,
                    by_name=True,
                    by_alias=False,
                )
            except ValidationError as error:
                raise _explained(type(self), error, by_name=True) from None

        # Tells pydantic, as its own RootModel does, that validation need not call `__init__`:
        # `model_validate` is for wire bodies and must not see Python names or local files.
        __init__.__pydantic_base_init__ = True

        @classmethod
        def model_validate(cls, obj: Any, **options: Any) -> Any:
            """Take a body as it goes on the wire; see `pydantic.BaseModel.model_validate`."""
            __tracebackhide__ = True
            try:
                return super().model_validate(obj, **options)
            except ValidationError as error:
                raise _explained(cls, error, by_name=False) from None

        @classmethod
        def model_validate_json(cls, json_data: str | bytes | bytearray, **options: Any) -> Any:
            """Take a body as the text of JSON; see `pydantic.BaseModel.model_validate_json`."""
            __tracebackhide__ = True
            try:
                return super().model_validate_json(json_data, **options)
            except ValidationError as error:
                raise _explained(cls, error, by_name=False) from None


class ModelRequest(RequestObject, frozen=True):
    """Base of the generated request classes: the input of one model."""

    __model__: ClassVar[ModelInfo]

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: type[BaseModel], handler: GetCoreSchemaHandler, /
    ) -> CoreSchema:
        schema = super().__get_pydantic_core_schema__(source, handler)
        info = getattr(cls, "__model__", None)
        if info is None or info.rule is None:
            return schema
        from pydantic_core import core_schema

        return core_schema.with_info_after_validator_function(_check_rule, schema)


def checked_request(request: object) -> ModelRequest:
    """Return *request*.

    Raises:
        ConfigurationError: It is no request of a model.
    """
    if isinstance(request, ModelRequest) and hasattr(request, "__model__"):
        return request
    shown = request if isinstance(request, type) else type(request)
    raise ConfigurationError(
        "submit takes the request of a model, such as FluxDevRequest(prompt=...), not"
        f" {'the class ' if isinstance(request, type) else ''}{shown.__name__}. Nothing was sent."
    )


def wire_body(request: RequestObject) -> dict[str, Any]:
    """Return what the caller gave, by wire names; local files are still files in it."""
    return _wire_body(request, lambda value: value)


def pending_body(request: RequestObject) -> dict[str, Any]:
    """Return the body for the wire, with an address for each file that has none yet."""
    numbers: dict[object, int] = {}

    def sent(value: Any) -> Any:
        if not is_local_file(value):
            return value
        return f"{_URL_TO_COME}{numbers.setdefault(file_key(value), len(numbers))}"

    return _wire_body(request, sent)


def _is_pending(value: object) -> bool:
    return isinstance(value, str) and value.startswith(_URL_TO_COME)


def _wire_body(request: RequestObject, sent: Callable[[Any], Any]) -> dict[str, Any]:
    # Not `model_dump`: it takes an open file for an iterator, and warns of values that were put
    # in later, which the check before sending tells properly.
    cls, values = type(request), request.__dict__
    given, extra = request.__pydantic_fields_set__, request.__pydantic_extra__
    if extra:
        # A further name may be spelt like a field's Python name; pydantic then counts both as set.
        fields = cls.__pydantic_fields__
        given = {
            name
            for name in given & fields.keys()
            if name not in extra or values[name] is not fields[name].default
        }
    body: dict[str, Any] = {}
    for name, wire_name in cls.__wire_names__ or _name_fields(cls):
        if name in given:
            value = values[name]
            body[wire_name] = value if type(value) in _PLAIN else _wire_value(value, sent)
    if extra:
        body.update((name, _wire_value(value, sent)) for name, value in extra.items())
    return body


def _name_fields(cls: type[RequestObject]) -> tuple[tuple[str, str], ...]:
    # Not when the class is made: what stands in it may be known only after all classes are.
    cls.__wire_names__ = tuple(
        (name, name if field.serialization_alias is None else field.serialization_alias)
        for name, field in cls.__pydantic_fields__.items()
    )
    return cls.__wire_names__


def _wire_value(value: Any, sent: Callable[[Any], Any]) -> Any:
    if type(value) in _PLAIN:
        return value
    if isinstance(value, RequestObject):
        return _wire_body(value, sent)
    if isinstance(value, list):
        items = cast("list[object]", value)
        return [_wire_value(item, sent) for item in items]
    if isinstance(value, dict):
        entries = cast("dict[str, Any]", value)
        return {key: _wire_value(item, sent) for key, item in entries.items()}
    return sent(value)


def check_wire_body(request: ModelRequest, body: Mapping[str, Any]) -> None:
    """Check *body* against the model's schema, just before it is sent.

    Raises:
        RequestValidationError: A list or object inside the request was changed after it was made.
    """
    with validation_errors(type(request)):
        type(request).model_validate(body)


def check_pending_body(request: ModelRequest, body: Mapping[str, Any]) -> None:
    """Check what `pending_body` returned, as far as it can be judged without the URLs.

    Raises:
        RequestValidationError: As `check_wire_body`.
    """
    with validation_errors(type(request)):
        type(request).model_validate(body, context=_PENDING)


class validation_errors:  # noqa: N801 - reads as a statement: `with validation_errors(...)`
    """Turn pydantic's `ValidationError` inside the block into `RequestValidationError`."""

    __slots__ = ("_request_type",)

    def __init__(self, request_type: type[ModelRequest]) -> None:
        self._request_type = request_type

    def __enter__(self) -> None:
        return None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if isinstance(error, ValidationError):
            raise _refusal(self._request_type.__model__.model_id, error) from None


def _refusal(model_id: str, error: ValidationError) -> RequestValidationError:
    details = error.errors(include_url=False, include_context=False, include_input=True)
    fields = [
        FieldError(location=_dotted(detail["loc"]), message=_sentence(detail["msg"], detail))
        for detail in details
    ]
    lines = [
        f"{field.location}: {field.message}" if field.location else field.message
        for field in fields
    ]
    text = "\n  ".join([f"Invalid input for {model_id}; nothing was sent.", *lines])
    return RequestValidationError(text, model_id=model_id, errors=fields)


def _sentence(message: str, detail: Mapping[str, Any]) -> str:
    if detail["type"] in {"missing", "extra_forbidden", "condition"}:
        return message
    try:
        shown = repr(detail["input"])
    except Exception:  # noqa: BLE001 - a number of 5,000 digits has no repr, and others misbehave
        return message
    return f"{message} (got {shown if len(shown) <= 80 else shown[:77] + '...'})"


def _dotted(location: tuple[str | int, ...]) -> str:
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def _without_omitted(data: dict[str, Any], omittable: frozenset[str]) -> dict[str, Any]:
    return {
        name: value
        for name, value in data.items()
        if type(value) is not ServerDefault and (value is not None or name not in omittable)
    }


def _check_rule(request: ModelRequest, info: ValidationInfo) -> ModelRequest:
    rule = request.__model__.rule
    body = pending_body(request)
    if rule is None or rule.allows(body):
        return request
    to_come = _is_pending if info.context is CONSTRUCTING or info.context is _PENDING else None
    lines = [
        InitErrorDetails(
            type=PydanticCustomError("condition", "{reason}", {"reason": reason}),
            loc=place,
            input=body,
        )
        for place, reason in rule.violations(body, to_come)
    ]
    if lines:
        raise ValidationError.from_exception_data(type(request).__name__, lines)
    return request


def _explained(
    request_type: type[RequestObject], error: ValidationError, *, by_name: bool
) -> ValidationError:
    from get3w_core.explaining import explain  # only a mistake needs it

    return explain(request_type, error, by_name=by_name)
