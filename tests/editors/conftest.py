"""Language servers, started once, and what they show of each model."""

from contextlib import ExitStack

import pytest

from .schemas import SAMPLE
from .servers import SERVERS
from .unseen import PACKAGE, chosen_models, install
from .views import View, labels_of

MODELS = {model.key: model for model in chosen_models()}


def every_model():
    """All models; those beyond the sample and the odd ones in `make editors` alone."""
    return [
        pytest.param(
            model,
            id=name,
            marks=() if name in SAMPLE or model.package == PACKAGE else pytest.mark.editors,
        )
        for name, model in MODELS.items()
    ]


class Running:
    """Servers on the same project, each started when it is first asked for."""

    def __init__(self, installed, stack):
        self._installed, self._stack = installed, stack
        self._servers, self._views, self._names = {}, {}, {}

    def server(self, server):
        """Return the running server."""
        if server not in self._servers:
            folder = self._installed.folder / f"editor-{server.name}"
            started = server.start(self._installed, folder)
            self._servers[server] = self._stack.enter_context(started)
        return self._servers[server]

    def view(self, server, model):
        """Return what a server shows of a model."""
        key = server, model.name
        if key not in self._views:
            self._views[key] = View(self.server(server), model)
        return self._views[key]

    def names(self, server, text):
        """Return the names that are offered at the end of *text*."""
        key = server, text
        if key not in self._names:
            running = self.server(server)
            *before, last = text.split("\n")
            uri = running.show(f"names_{len(self._names)}.py", text)
            answer = running.ask("completion", uri, len(before), len(last))
            self._names[key] = set(labels_of(answer))
        return self._names[key]


@pytest.fixture(scope="session")
def with_unseen(installed, tmp_path_factory):
    """The environment that holds the wheel, with the package of unseen models beside it."""
    install(installed.packages, tmp_path_factory.mktemp("unseen"))
    return installed


@pytest.fixture(scope="session")
def running(with_unseen):
    """Servers on a project that has the installed wheel, and the package of unseen models."""
    with ExitStack() as stack:
        yield Running(with_unseen, stack)


@pytest.fixture(scope="session", params=SERVERS, ids=lambda server: server.name)
def server(request):
    """Each language server."""
    return request.param
