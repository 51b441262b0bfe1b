"""A small client of the Language Server Protocol, for servers that are started over stdio."""

import json
import os
import queue
import subprocess
import threading
from pathlib import Path

CAPABILITIES = {
    "textDocument": {
        "completion": {"completionItem": {"documentationFormat": ["markdown", "plaintext"]}},
        "definition": {"linkSupport": True},
        "hover": {"contentFormat": ["markdown", "plaintext"]},
        "publishDiagnostics": {"tagSupport": {"valueSet": [1, 2]}},
        "signatureHelp": {
            "signatureInformation": {
                "documentationFormat": ["markdown", "plaintext"],
                "parameterInformation": {"labelOffsetSupport": True},
            }
        },
    },
    "workspace": {"configuration": True, "workspaceFolders": True},
}

# Names that would show a server the checkout, or another environment than the project's.
_HIDDEN = {"PYTHONPATH", "MYPYPATH", "PYTHONHOME", "VIRTUAL_ENV", "CONDA_PREFIX"}


class ServerError(Exception):
    """A server answered with an error, or not at all."""


class LanguageServer:
    """A running language server; a context manager that ends it.

    Args:
        command: The server's command line.
        root: The folder that is opened as a workspace.
        settings: What the server is told when it asks for its configuration, by section.
        options: The `initializationOptions`.
    """

    def __init__(self, command, root, settings=None, options=None):
        self.root = Path(root)
        self.diagnostics = {}
        self._settings = settings or {}
        self._answers = {}
        self._published = threading.Condition()
        self._sent = 0
        self._versions = {}
        self._lock = threading.Lock()
        self.process = subprocess.Popen(
            [str(part) for part in command],
            cwd=root,
            env={key: value for key, value in os.environ.items() if key not in _HIDDEN},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        threading.Thread(target=self._read, daemon=True).start()
        uri = self.root.as_uri()
        self.capabilities = self.request(
            "initialize",
            {
                "processId": os.getpid(),
                "rootUri": uri,
                "workspaceFolders": [{"uri": uri, "name": "project"}],
                "capabilities": CAPABILITIES,
                "initializationOptions": options or {},
            },
        )["capabilities"]
        self.notify("initialized", {})
        self.notify("workspace/didChangeConfiguration", {"settings": self._settings})

    def __enter__(self):
        return self

    def __exit__(self, *raised):
        try:
            self.request("shutdown", None, timeout=10)
            self.notify("exit", None)
            self.process.wait(10)
        except (ServerError, OSError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            pipe.close()

    def request(self, method, params, timeout=120):
        """Return the result of a request.

        Raises:
            ServerError: The server said no, ended, or gave no answer in time.
        """
        with self._lock:
            self._sent += 1
            number = self._sent
            self._answers[number] = queue.SimpleQueue()
        self._send({"id": number, "method": method, "params": params})
        try:
            answer = self._answers[number].get(timeout=timeout)
        except queue.Empty:
            raise ServerError(f"no answer to {method} within {timeout} s") from None
        finally:
            del self._answers[number]
        if answer is None:
            raise ServerError(f"the server ended before it answered {method}")
        if "error" in answer:
            raise ServerError(f"{method}: {answer['error']}")
        return answer["result"]

    def notify(self, method, params):
        """Send a notification."""
        self._send({"method": method, "params": params})

    def show(self, name, text):
        """Open a document of the workspace, or replace its text; return its URI."""
        uri = (self.root / name).as_uri()
        version = self._versions[uri] = self._versions.get(uri, 0) + 1
        with self._published:
            self.diagnostics.pop(uri, None)
        if version == 1:
            document = {"uri": uri, "languageId": "python", "version": 1, "text": text}
            self.notify("textDocument/didOpen", {"textDocument": document})
        else:
            document = {"uri": uri, "version": version}
            changes = [{"text": text}]
            params = {"textDocument": document, "contentChanges": changes}
            self.notify("textDocument/didChange", params)
        return uri

    def close(self, uri):
        """Close a document."""
        self._versions.pop(uri, None)
        self.notify("textDocument/didClose", {"textDocument": {"uri": uri}})

    def ask(self, feature, uri, line, character, **more):
        """Return what a feature, as in "hover", says of a position."""
        place = {"line": line, "character": character}
        params = {"textDocument": {"uri": uri}, "position": place, **more}
        return self.request(f"textDocument/{feature}", params)

    def reported(self, uri, timeout=60):
        """Return the diagnostics of a document, waiting for those of its present text."""
        with self._published:
            if not self._published.wait_for(lambda: uri in self.diagnostics, timeout):
                raise ServerError(f"no diagnostics within {timeout} s")
            return self.diagnostics[uri]

    def _send(self, message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        with self._lock:
            self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
            self.process.stdin.flush()

    def _read(self):
        stream = self.process.stdout
        while header := stream.readline():
            length = 0
            while header.strip():
                name, _, value = header.partition(b":")
                length = int(value) if name.lower() == b"content-length" else length
                header = stream.readline()
            self._take(json.loads(stream.read(length)))
        for answer in list(self._answers.values()):
            answer.put(None)

    def _take(self, message):
        method, params = message.get("method"), message.get("params")
        if method is None:
            if message["id"] in self._answers:
                self._answers[message["id"]].put(message)
        elif "id" in message:
            result = None
            if method == "workspace/configuration":
                result = [self._setting(item.get("section")) for item in params["items"]]
            self._send({"id": message["id"], "result": result})
        elif method == "textDocument/publishDiagnostics":
            self._keep(params)

    def _setting(self, section):
        found = self._settings
        for step in (section or "").split("."):
            found = found.get(step) if step and isinstance(found, dict) else found
        return found

    def _keep(self, params):
        with self._published:
            uri, version = params["uri"], params.get("version")
            if version in (None, self._versions.get(uri)):
                self.diagnostics[uri] = params["diagnostics"]
                self._published.notify_all()
