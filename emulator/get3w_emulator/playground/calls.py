"""Write the calls that send an input: Python, command line, curl, and the page's own."""

import json
import re
import shlex
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from get3w_emulator._common.json import JSON, JSONObject
from get3w_emulator.playground.names import REFERS_OR_MERGES, ModelName, properties_of
from get3w_emulator.playground.python import STYLES, program
from get3w_emulator.schemas.catalogue import Model

COMMAND_OPTIONS: Final = frozenset(
    {
        *("--download", "--extra-body", "--help", "--input", "--json", "--max-cost"),
        *("--no-history", "--once", "--package", "--timeout", "--webhook-url"),
    }
)
"""The options of `get3w run` itself; a parameter of such a name has another option."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


@dataclass(frozen=True)
class Call:
    """One submit, wherever it is made from.

    Attributes:
        model: The model to run.
        name: What it is called in Python.
        input: The input, by its names on the wire.
        webhook_url: Where the end is told; None for nowhere.
    """

    model: Model
    name: ModelName
    input: JSONObject
    webhook_url: str | None = None

    @property
    def surface(self) -> str:
        """The surface that the client uses for this model."""
        return "v1" if self.model.schema.get("x-surface") == "v1" else "v3"

    def request(self) -> JSONObject:
        """Return the HTTP request: path, body, and the path under which the result is found."""
        body = {**self.input}
        query = ""
        if self.surface == "v1":
            if self.webhook_url is not None:
                query = "?webhook=" + quote(self.webhook_url, safe="")
            path, result = f"/v1/{quote(self.model.id)}{query}", "/v1/requests/"
        else:
            if self.webhook_url is not None:
                body["webhook_url"] = self.webhook_url
            path, result = f"/api/v3/{quote(self.model.id)}", "/api/v3/predictions/"
        return {"path": path, "body": body, "result": result}

    def curl(self, origin: str, api_key: str | None) -> str:
        """Return the command that sends it; without a key it reads GET3W_API_KEY."""
        request = self.request()
        bearer = shlex.quote(f"Authorization: Bearer {api_key}")
        if api_key is None:
            bearer = '"Authorization: Bearer $GET3W_API_KEY"'
        return " \\\n  ".join(
            [
                f"curl {shlex.quote(origin + str(request['path']))}",
                f"-H {bearer}",
                "-H 'Content-Type: application/json'",
                f"--data-raw {shlex.quote(_json(request['body']))}",
            ]
        )

    def command(self) -> str:
        """Return the command of `get3w` that sends it.

        What an option cannot say for certain makes it a command that reads the whole input.
        """
        run = ["get3w", "run", shlex.quote(self.model.id)]
        listed = properties_of(self.model.schema)
        # Where schemas are put together, a name may be listed elsewhere.
        elsewhere = not REFERS_OR_MERGES.isdisjoint(self.model.schema)
        known = {name: each for name, each in self.input.items() if elsewhere or name in listed}
        extra = {name: each for name, each in self.input.items() if name not in known}
        if extra:
            run.append(f"--extra-body {shlex.quote(_json(extra, indent=None))}")
        options = {name: f"--{name.replace('_', '-')}" for name in known}
        plain = len({*options.values()}) == len(options) and all(
            _NAME.fullmatch(name)
            and options[name] not in COMMAND_OPTIONS
            and _reads_as_itself(value, listed.get(name))
            for name, value in known.items()
        )
        if not plain:
            return f"printf %s {shlex.quote(_json(known, indent=None))} | {' '.join(run)} --input -"
        for name, value in known.items():
            text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            run.append(f"{options[name]} {shlex.quote(text)}")
        return " ".join(run)

    def programs(self, origin: str, api_key: str | None, *, command: bool) -> JSONObject:
        """Return the same call in each dialect: Python in its styles, the command line, curl.

        Args:
            origin: The origin of the server to call.
            api_key: The key to show; None shows the variable that holds it.
            command: Whether the command `get3w` is there to be run.
        """
        schema, name = self.model.schema, self.name.text
        calls: JSONObject = {
            style: program(schema, name, self.input, self.webhook_url, style) for style in STYLES
        }
        if command and self.webhook_url is None:  # the command waits for the end itself
            calls["command"] = self.command()
        calls["curl"] = self.curl(origin, api_key)
        return calls


def _reads_as_itself(value: JSON, schema: JSON) -> bool:
    """Tell whether the command reads the text of a value as just that value.

    A text may stand for a file or for the standard input, and where other values are allowed too,
    for one of those.
    """
    if not isinstance(value, str):
        return _is_unicode(json.dumps(value, ensure_ascii=False))
    text_alone = isinstance(schema, dict) and schema.get("type") == "string"
    as_it_is = not value.startswith("@") and value != "-"
    return text_alone and as_it_is and _is_unicode(value) and "\0" not in value


def _json(value: JSON, indent: int | None = 2) -> str:
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    # Half a surrogate pair can be written as an escape only.
    return text if _is_unicode(text) else json.dumps(value, indent=indent)


def _is_unicode(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
