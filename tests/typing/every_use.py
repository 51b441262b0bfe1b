"""Right and wrong calls of every model, written from the schemas alone."""

import importlib

from tests.editors.reading import alternatives, read
from tests.editors.schemas import Parameter
from tests.editors.servers import SERVERS

# A value for each kind that is wrong where no value of the kind is allowed.
_KINDS = {
    "string": '"x"',
    "integer": "3",
    "number": "1.5",
    "boolean": "True",
    "array": '["x"]',
    "object": '{"x": 1}',
}
# Wrong everywhere: neither is JSON.
_NEVER = ('b"x"', "object()")
ANY_WORDS = "(any words)"
_MOST = min(server.most for server in SERVERS)


def uses(models):
    """Return the texts of two modules: calls that are right, and calls that are not."""
    models = [model for model in models if not model.document.get("deprecated")]
    right, wrong = ["async def right() -> None:"], ["def wrong() -> None:"]
    for model in models:
        calls = _Calls(model)
        right += [f"    {line}" for line in calls.right()]
        wrong += [f"    {line}" for line in calls.wrong()]
    return _module(models, right), _module(models, wrong)


def _module(models, lines):
    """Return the text of a module that imports what *lines* use."""
    text = "\n".join([*lines, ""])
    modules = [f"{model.package}.{model.name}" for model in models]
    used = [f"import {module}" for module in modules if f"{module}." in text]
    packages = sorted({f"import {model.package}" for model in models})
    return "\n".join([*packages, *sorted(used), "", "", text])


class _Calls:
    """The calls of one model."""

    def __init__(self, model):
        self._model = model
        self._module = importlib.import_module(f"{model.package}.{model.name}")
        self._submit = f"{model.package}.{model.function}"
        self._class = f"{model.package}.{model.request_class}"
        self._examples = {
            each: [self._example(kind) for kind in each.kinds] for each in model.parameters
        }
        self._all = {each.name: found[0] for each, found in self._examples.items() if found}
        self._needed = {
            each.name: self._all.get(each.name, "None")
            for each in model.parameters
            if each.required
        }

    def right(self):
        """Yield calls that are right."""
        needed, everything = _call(self._needed), _call(self._all)
        yield f"{self._submit}({needed}).wait().outputs"
        yield f"{self._submit}({_call({**self._all, 'timeout': '5.0'})})"
        yield f"(await {self._submit}_async({everything})).outputs"
        if self._all:
            yield f"{self._class}({everything}).{next(iter(self._all))}"
        for each, examples in self._examples.items():
            for value in [*examples[1:], *(["None"] if _takes_none(each) else [])]:
                yield f"{self._submit}({_call({**self._needed, each.name: value})})"

    def wrong(self):
        """Yield calls that are wrong, each with the words that have to be reported."""
        none = _call({**self._needed, "nonesuch": "1"})
        yield f'{self._submit}({none})  # error: "nonesuch"'
        yield f'{self._class}({none})  # error: "nonesuch"'
        for each in self._model.parameters:
            values = list(self._wrong_values(each))
            for value in values:
                # An item of a list is reported by its own type, not by the parameter's name.
                words = ANY_WORDS if value[0] == "[" else f'"{each.name}"'
                call = _call({**self._needed, each.name: value})
                yield f"{self._submit}({call})  # error: {words}"
            call = _call({**self._needed, each.name: values[0]})
            yield f'{self._class}({call})  # error: "{each.name}"'
            if each.required:
                rest = {key: value for key, value in self._needed.items() if key != each.name}
                yield f"{self._submit}({_call(rest)})  # error: {each.name}"
            yield from self._wrong_fields(each)

    def _wrong_fields(self, parameter):
        """Yield objects inside the input that miss a field, or have one too many."""
        for kind in parameter.kinds:
            while kind.get("type") == "array":
                kinds, _ = alternatives(self._model.document, kind.get("items", {}))
                kind = kinds[0] if len(kinds) == 1 else {}
            if name := self._class_of(kind):
                inner = self._fields(kind)
                yield f'{name}({_call({**inner, "nonesuch": "1"})})  # error: "nonesuch"'
                for field in inner:
                    rest = {key: value for key, value in inner.items() if key != field}
                    yield f"{name}({_call(rest)})  # error: {field}"
                for field in self._parameters_of(kind):
                    for value in self._wrong_values(field):
                        words = ANY_WORDS if value[0] == "[" else f'"{field.name}"'
                        yield f"{name}({_call({**inner, field.name: value})})  # error: {words}"

    def _wrong_values(self, parameter):
        kinds = parameter.kinds
        stated = {kind.get("type", "anything") for kind in kinds if "enum" not in kind}
        values = parameter.values
        yield from _NEVER
        if not _takes_none(parameter):
            yield "None"
        if "anything" in stated or any(isinstance(each, dict | list) for each in values):
            return
        held = {_kind_of(value) for value in values} | stated
        for kind, source in _KINDS.items():
            accepted = kind in held or ("number" in held and kind in ("integer", "boolean"))
            if not accepted and not (kind == "boolean" and "integer" in held):
                yield source
        if "string" in held - stated and len(values) <= _MOST:
            yield '"no such value"'
        if "integer" in held - stated and "number" not in held:
            yield "987654321"
        for kind in kinds:
            if kind.get("type") == "array" and "x-get3w-media" not in kind:
                item = Parameter("", "", self._model.document, kind.get("items", {}), True)
                yield from (f"[{value}]" for value in self._wrong_values(item) if value != "None")

    def _parameters_of(self, kind):
        """Return the fields of an object that lists its properties."""
        found = vars(self._module)[self._class_of(kind).rpartition(".")[2]].model_fields
        names = {info.serialization_alias or name: name for name, info in found.items()}
        return [
            Parameter(
                names[wire], wire, self._model.document, part, wire in kind.get("required", [])
            )
            for wire, part in kind["properties"].items()
        ]

    def _example(self, kind):
        """Return the source of a value of a kind."""
        if "enum" in kind:
            return repr(kind["enum"][0])
        stated = kind.get("type")
        if stated == "array":
            kinds, _ = alternatives(self._model.document, kind.get("items", {}))
            return f"[{self._example(kinds[0])}]" if kinds else "[]"
        if name := self._class_of(kind):
            return f"{name}({_call(self._fields(kind))})"
        return {**_KINDS, "object": "{}"}.get(stated, "1")

    def _fields(self, kind):
        """Return the fields that an object needs, with a value for each."""
        name = self._class_of(kind).rpartition(".")[2]
        fields = getattr(self._module, name).model_fields
        found = {}
        for field, info in fields.items():
            wire = info.serialization_alias or field
            if wire in kind.get("required", []):
                kinds, _ = alternatives(self._model.document, kind["properties"][wire])
                found[field] = self._example(kinds[0])
        return found

    def _class_of(self, kind):
        """Return the class of an object that lists its properties, or ""."""
        wires = set(read(self._model.document, kind).get("properties", {}))
        for name, found in vars(self._module).items():
            fields = getattr(found, "model_fields", None) if wires else None
            if fields and found.__module__ == self._module.__name__:
                held = {info.serialization_alias or field for field, info in fields.items()}
                if held == wires:
                    return f"{self._module.__name__}.{name}"
        return ""


def _takes_none(parameter):
    return parameter.nullable or not parameter.required


def _kind_of(value):
    kinds = {bool: "boolean", int: "integer", float: "number", str: "string"}
    return kinds.get(type(value), "anything")


def _call(arguments):
    return ", ".join(f"{name}={value}" for name, value in arguments.items())
