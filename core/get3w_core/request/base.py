"""The base classes of generated requests: what they accept, and how they are copied and dumped."""

from __future__ import annotations

from types import GenericAlias
from typing import TYPE_CHECKING, Any, ClassVar, Generic, cast

from pydantic import BaseModel, ConfigDict, ValidationError, ValidationInfo
from pydantic_core import core_schema

from get3w_core.request.dumping import dump, refuse_files
from get3w_core.request.messages.union_errors import explain_unions
from get3w_core.request.model_info import ModelInfo as ModelInfo
from get3w_core.request.values.plain_values import plain_value
from get3w_core.request.values.server_defaults import MARKERS
from get3w_core.request.values.types import CONSTRUCTING, PENDING
from get3w_core.request.wire import WireObject, is_pending, pending_body, unknown_names

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema

    from get3w_core.outputs.kinds import OutputT, OutputT_co

    class _TypedOutputs(Generic[OutputT_co]):
        """Tells type checkers which outputs a request leads to."""

else:

    class _TypedOutputs:
        """Stands for a generic class: pydantic would make a further class for each parameter."""

        def __class_getitem__(cls, output_type: object) -> object:
            return cls

    OutputT_co = None


class RequestObject(WireObject, frozen=True):
    """Base of request classes and of the objects inside them.

    The constructor takes Python names; None and `server_default(...)` mean "not given" unless the
    schema allows null. `model_validate` takes a body as it goes on the wire. Both accept exactly
    what the schema accepts, and both raise `pydantic.ValidationError` otherwise.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(
        strict=True,
        extra="forbid",
        allow_inf_nan=False,
        regex_engine="rust-regex",
        protected_namespaces=(),
        arbitrary_types_allowed=True,
        serialize_by_alias=True,
    )

    __further__: ClassVar[object] = None
    """The type of the values under names that are not listed; None where they may be any."""

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        if cls.model_config.get("extra") == "ignore":
            raise TypeError(
                f"{cls.__name__} has extra='ignore', which drops a misspelt name and pays for the"
                " rest; leave it out"
            )

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: type[BaseModel], handler: GetCoreSchemaHandler, /
    ) -> CoreSchema:
        schema = handler(source)
        node = cast("dict[str, Any]", handler.resolve_ref_schema(schema))
        if cls.__further__ is not None:
            # Checkers refuse pydantic's own way, which narrows an attribute of its base class.
            node["schema"]["extras_schema"] = handler.generate_schema(cls.__further__)
        explain_unions(cls, schema, handler)
        node["serialization"] = core_schema.wrap_serializer_function_ser_schema(
            dump, is_field_serializer=False, info_arg=True
        )
        return schema

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler, /
    ) -> JsonSchemaValue:
        from get3w_core.request.messages.field_words import (
            field_words,  # only whoever asks for a JSON Schema
        )

        found = handler(schema)
        properties = handler.resolve_ref_schema(found).get("properties", {})
        words = field_words(cls)
        for name, field in cls.__pydantic_fields__.items():
            for key in {name, field.serialization_alias} & properties.keys():
                if name in words:
                    properties[key].setdefault("description", words[name])
        return found

    # Type checkers derive the constructor from the fields; this is how it behaves.
    if not TYPE_CHECKING:

        def __init__(self, /, **data: Any) -> None:
            __tracebackhide__ = True
            given = data
            for value in data.values():
                if value is None or type(value) in MARKERS:
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
                # Values of other libraries cost nothing until one is there.
                plain = plain_value(given)
                if plain is given:
                    raise explained(type(self), error, by_name=True) from None
                self.__init__(**plain)

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
                plain = plain_value(obj)
                if plain is obj:
                    raise explained(cls, error, by_name=False) from None
                return cls.model_validate(plain, **options)

        @classmethod
        def model_validate_json(cls, json_data: str | bytes | bytearray, **options: Any) -> Any:
            """Take a body as the text of JSON; see `pydantic.BaseModel.model_validate_json`."""
            __tracebackhide__ = True
            try:
                return super().model_validate_json(json_data, **options)
            except ValidationError as error:
                raise explained(cls, error, by_name=False) from None

        @classmethod
        def model_construct(cls, _fields_set: set[str] | None = None, **values: Any) -> Any:
            """Return an unchecked request; what does not fit is refused when it is submitted."""
            values = _without_omitted(values, cls.__omittable__)
            fields = cls.__pydantic_fields__
            taken = {
                field.alias if field.alias in values else name for name, field in fields.items()
            }
            dropped = {name: values[name] for name in values.keys() - taken}
            if twice := dropped.keys() & fields.keys():
                raise TypeError(f"{min(twice)} is given by both of its names")
            made = super().model_construct(_fields_set, **values)
            if cls.model_config.get("extra") != "allow":
                # Kept, so that a misspelt name is found; pydantic forgets it.
                made.__dict__.update(dropped)
            return made

        def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Any:
            """Return a copy, in which None means "not given" as in the constructor.

            It is not checked before it is submitted; see `pydantic.BaseModel.model_copy`.
            """
            given = _without_omitted(dict(update or {}), self.__omittable__)
            copied = super().model_copy(update=given, deep=deep)
            fields = type(self).__pydantic_fields__
            for name in ((update or {}).keys() - given.keys()) & fields.keys():
                field = fields[name]
                copied.__dict__[name] = field.get_default(call_default_factory=True)
                copied.__pydantic_fields_set__.discard(name)
            return copied

        def model_dump(self, *, by_alias: bool | None = None, **options: Any) -> dict[str, Any]:
            """Return what was given, by Python names, as the constructor takes it.

            `by_alias=True` gives the names on the wire, as `model_validate` takes them. A value
            that the server fills in is not there, whatever the options say.
            """
            return super().model_dump(by_alias=bool(by_alias), **options)

        def model_dump_json(self, **options: Any) -> str:
            """Return what was given as the JSON that `model_validate_json` takes.

            Raises:
                PydanticSerializationError: A local file is in it.
            """
            refuse_files(self, "json")
            return super().model_dump_json(**options)


class ModelRequest(RequestObject, _TypedOutputs[OutputT_co], frozen=True):
    """Base of the generated request classes: the input of one model.

    The type parameter is the class of the model's outputs, as in `ModelRequest[FileOutput]`.
    """

    __model__: ClassVar[ModelInfo]

    if not TYPE_CHECKING:

        def __class_getitem__(cls, output_type: Any) -> Any:
            """Return this class with the class of its outputs, as a base of a request class."""
            if cls is ModelRequest:
                return GenericAlias(cls, output_type)
            return super().__class_getitem__(output_type)

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: type[BaseModel], handler: GetCoreSchemaHandler, /
    ) -> CoreSchema:
        schema = super().__get_pydantic_core_schema__(source, handler)
        info = getattr(cls, "__model__", None)
        if info is None or info.rule is None:
            return schema
        return core_schema.with_info_after_validator_function(_check_rule, schema)


def output_type_of(request_type: type[ModelRequest[OutputT]]) -> type[OutputT] | None:
    """Return the class of the outputs that a request class promises; None if it promises none."""
    for each in request_type.__mro__:
        for base in vars(each).get("__orig_bases__", ()):
            if isinstance(base, GenericAlias) and base.__origin__ is ModelRequest:
                return cast("type[OutputT]", base.__args__[0])
    return None


def _without_omitted(data: dict[str, Any], omittable: frozenset[str]) -> dict[str, Any]:
    return {
        name: value
        for name, value in data.items()
        if type(value) not in MARKERS and (value is not None or name not in omittable)
    }


def _check_rule(request: ModelRequest, info: ValidationInfo) -> ModelRequest:
    rule = request.__model__.rule
    body = pending_body(request)
    if rule is None or rule.allows(body):
        return request
    to_come = is_pending if info.context is CONSTRUCTING or info.context is PENDING else None
    from get3w_core.request.messages.best_branch import rebuilt  # only a mistake needs it

    lines = [rebuilt(line) for line in rule.violations(body, to_come)]
    if lines:
        raise ValidationError.from_exception_data(type(request).__name__, lines)
    return request


def explained(
    request_type: type[RequestObject],
    error: ValidationError | None,
    *,
    by_name: bool,
    request: RequestObject | None = None,
) -> ValidationError:
    """Return *error* in words that name what was probably meant; see `explain`."""
    from get3w_core.request.messages.explain import explain  # only a mistake needs it

    unknown = unknown_names(request) if request else ()
    return explain(request_type, error, by_name=by_name, unknown=unknown)
