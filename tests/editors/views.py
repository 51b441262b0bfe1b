"""What a language server shows of a model, in a form that is the same for all servers."""

import ast
import html
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote, urlparse

from .schemas import COMMON

_MARKUP = re.compile(r"\\(?=[^a-zA-Z0-9\s])|\*\*|^```.*$", re.MULTILINE)
_LABEL = re.compile(r"(?P<name>\w+)\s*:\s*(?P<type>.*?)(?:\s*=\s*(?P<default>[^=]+))?", re.DOTALL)


@dataclass(frozen=True)
class Shown:
    """A parameter in a signature: its name, type and default as texts."""

    name: str
    type: str
    default: str | None


class View:
    """One model in one server.

    Args:
        server: A running `LanguageServer`.
        model: The `Model` that is looked at.
    """

    def __init__(self, server, model):
        self._server = server
        self._model = model
        self._typing = {}
        self._choices = [each for each in model.parameters if each.strings]
        call = model.function
        lines = [f"from {model.package} import {call}", "", f"{call}()"]
        lines += [f'{call}({choice.name}="")' for choice in self._choices]
        self._name = model.key.replace(".", "_")
        self._uri = server.show(f"use_{self._name}.py", "\n".join([*lines, ""]))

    def _ask(self, feature, line, character):
        return self._server.ask(feature, self._uri, line, character)

    @cached_property
    def offered(self):
        """The parameters that are offered inside the call."""
        labels = labels_of(self._ask("completion", 2, len(self._model.function) + 1))
        return {label[:-1] for label in labels if label.endswith("=")}

    @cached_property
    def signature(self):
        """The parameters of the signature, in order."""
        answer = self._ask("signatureHelp", 2, len(self._model.function) + 1) or {}
        signatures = answer.get("signatures", [])
        return [shown for each in signatures[:1] for shown in _parameters(each)]

    @cached_property
    def returned(self):
        """What the signature says that the call returns."""
        answer = self._ask("signatureHelp", 2, len(self._model.function) + 1)
        return answer["signatures"][0]["label"].rpartition("-> ")[2].removesuffix(": ...")

    @cached_property
    def _hover(self):
        answer = self._ask("hover", 2, 1) or {"contents": ""}
        contents = answer["contents"]
        text = contents["value"] if isinstance(contents, dict) else str(contents)
        return html.unescape(_MARKUP.sub("", text))

    @property
    def hover(self):
        """The hover as plain text, on one line."""
        return " ".join(self._hover.split())

    @cached_property
    def _told(self):
        """The text that the hover has of each parameter."""
        names = [*(each.name for each in self._model.parameters), *COMMON, "Returns"]
        found, name = {}, None
        _, _, arguments = re.sub("Arguments", "Args", self._hover).partition("Args")
        for line in map(str.strip, arguments.splitlines()):
            # In order, so that a word of the text that looks like a name is none.
            head = (
                re.match(rf"(?:- |#+ )?`?{re.escape(names[0])}`?(?::|$)", line) if names else None
            )
            if head:
                name, line = names.pop(0), line[head.end() :]
            if name:
                found[name] = f"{found.get(name, '')} {line}"
        return {name: " ".join(text.split()) for name, text in found.items()}

    def told(self, name):
        """Return what the hover says of one parameter, on one line."""
        return self._told.get(name, "")

    def active(self, name):
        """Return what signature help says of the parameter that is being typed, on one line."""
        if not self._typing:
            names = [each.name for each in self._model.parameters]
            lines = [f"{self._model.function}({each}=)" for each in names]
            imported = f"from {self._model.package} import {self._model.function}"
            text = "\n".join([imported, *lines, ""])
            uri = self._server.show(f"typing_{self._name}.py", text)
            self._typing = {each: (uri, line) for line, each in enumerate(names, start=1)}
        uri, line = self._typing[name]
        column = len(f"{self._model.function}({name}=")
        answer = self._server.ask("signatureHelp", uri, line, column)
        signature = answer["signatures"][0]
        number = signature.get("activeParameter", answer.get("activeParameter"))
        words = signature["parameters"][number].get("documentation", "")
        text = words["value"] if isinstance(words, dict) else words
        return plain_text(text).removeprefix(f"{name}: ")

    def values(self, name):
        """Return the strings that are offered inside the quotes after `name=`."""
        index = [choice.name for choice in self._choices].index(name)
        column = len(f'{self._model.function}({name}="')
        answer = self._ask("completion", 3 + index, column)
        return {_unquoted(text) for text in inserted_by(answer)}

    @cached_property
    def defined_in(self):
        """The file in which the function is defined."""
        found = self._ask("definition", 2, 1) or {}
        first = found[0] if isinstance(found, list) else found
        return path_of(first.get("targetUri") or first.get("uri", ""))


def plain_text(text):
    """Return *text* without the markup that a hover may have added to it, on one line."""
    return " ".join(html.unescape(_MARKUP.sub("", text)).split())


def labels_of(answer):
    """Return the labels of a completion."""
    items = answer if isinstance(answer, list) else (answer or {}).get("items", [])
    return [item["label"] for item in items]


def inserted_by(answer):
    """Return what each item of a completion puts into the text."""
    items = answer if isinstance(answer, list) else (answer or {}).get("items", [])
    for item in items:
        edit = item.get("textEdit") or {}
        yield edit.get("newText") or item.get("insertText") or item["label"]


def path_of(uri):
    """Return the path of a file URI."""
    return Path(unquote(urlparse(uri).path))


def _parameters(signature):
    for parameter in signature["parameters"]:
        label = parameter["label"]
        text = label if isinstance(label, str) else signature["label"][slice(*label)]
        if match := _LABEL.fullmatch(_on_one_line(text)):
            yield Shown(match["name"], match["type"].replace('"', "'"), match["default"])


def _unquoted(label):
    return ast.literal_eval(label) if label[:1] in ("'", '"') else label


def _on_one_line(source):
    return re.sub(r"(?<=[\[(]) | (?=[\])])", "", " ".join(source.split())).replace(",]", "]")
