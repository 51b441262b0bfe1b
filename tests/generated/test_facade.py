"""The lazy facade: what is loaded when, and which names there are."""

import importlib
import json
import os
import pickle
import re
import socket
import subprocess
import sys

import get3w_core
import get3w_models
import pytest

HEAVY = (
    "pydantic",
    "httpx",
    "typing",
    "asyncio",
    "get3w_core.request.base",
    "get3w_models.flux_dev",
)

PRELUDE = """
import sys
before = set(sys.modules)
def loaded():
    return sorted(set(sys.modules) - before)
def show(**values):
    import json
    print(json.dumps(values))
"""


@pytest.fixture
def fresh(root):
    """Run code in a new interpreter and return what it showed."""
    places = [str(root / folder) for folder in ("core", "generated")]

    def run(code, *arguments):
        done = subprocess.run(
            [sys.executable, "-c", PRELUDE + code, *arguments],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(places)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert 0 == done.returncode, done.stderr
        return json.loads(done.stdout)

    return run


@pytest.fixture
def stems(catalogue):
    """Model name to the stem of its classes, by the rule of names."""

    def stem(name):
        # An underscore stays between digits and goes everywhere else.
        parts = name.split("_")
        words = [part[:1].upper() + part[1:] for part in parts]
        return re.sub(r"(?<!\d)_|_(?!\d)", "", "_".join(words))

    return {model.name: stem(model.name) for model in catalogue}


@pytest.fixture
def exported(stems):
    """Every name that the package should export."""
    names = {"model_ids", "request_class"}
    for name, stem in stems.items():
        names |= {f"submit_{name}", f"submit_{name}_async", f"{stem}Request"}
    return names


def test_import_loads_nothing_heavy(fresh):
    """Importing the package imports neither pydantic nor httpx nor typing."""
    code = "import get3w_models\nshow(loaded=loaded())"

    loaded = fresh(code)["loaded"]

    assert "get3w_models" in loaded
    assert [] == [name for name in HEAVY if name in loaded]


def test_listing_models_loads_no_pydantic(fresh):
    """Neither model_ids() nor dir() loads pydantic or a model."""
    code = """
import get3w_models
count = len(get3w_models.model_ids()), len(dir(get3w_models))
show(count=count, loaded=loaded())
"""
    shown = fresh(code)

    assert min(shown["count"]) >= 54
    assert [] == [name for name in ("pydantic", "httpx") if name in shown["loaded"]]
    loaded = [name for name in shown["loaded"] if name.startswith("get3w_models.")]
    assert ["get3w_models._index"] == loaded


@pytest.mark.parametrize(
    "use",
    [
        "from get3w_models import FluxDevRequest",
        "from get3w_models import submit_flux_dev",
        "import get3w_models; get3w_models.submit_flux_dev_async",
        "import get3w_models; get3w_models.request_class('get3w/flux-dev')",
    ],
)
def test_first_name_loads_its_own_module_only(fresh, use):
    """A model's first name loads pydantic and that model, and neither httpx nor other models."""
    loaded = fresh(f"{use}\nshow(loaded=loaded())")["loaded"]

    ours = {name for name in loaded if re.fullmatch(r"get3w_models\.[a-z0-9]\w*", name)}
    assert {"get3w_models.flux_dev"} == ours
    assert "pydantic" in loaded
    assert "httpx" not in loaded


def test_httpx_is_loaded_by_the_first_call(fresh):
    """Making a request and a client loads no httpx; sending does."""
    code = """
from get3w_core import Client, ConnectionFailedError
from get3w_models import FluxDevRequest, submit_flux_dev
FluxDevRequest(prompt="a lighthouse")
client = Client("key", f"http://127.0.0.1:{sys.argv[1]}", submit_deadline=0)
early = "httpx" in sys.modules
try:
    submit_flux_dev("a lighthouse", client=client)
except ConnectionFailedError:
    show(early=early, late="httpx" in sys.modules)
"""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # bound and not listening: connecting is refused

        shown = fresh(code, str(nobody.getsockname()[1]))

    assert {"early": False, "late": True} == shown


def test_misspelt_attribute():
    """A misspelt name is an AttributeError that names it and the package."""
    with pytest.raises(AttributeError, match="'get3w_models' has no attribute 'submit_flux_dv'"):
        _ = get3w_models.submit_flux_dv


def test_misspelt_import():
    """A misspelt name cannot be imported."""
    with pytest.raises(ImportError, match="submit_flux_dv"):
        exec("from get3w_models import submit_flux_dv")


@pytest.mark.parametrize("name", ["MODELS", "load", "flux_dev_", "_submit_flux_dev", "__path_", ""])
def test_there_are_no_other_names(name):
    """What is not exported is not there, however it is spelt."""
    assert not hasattr(get3w_models, name)


def test_dir_lists_every_name(exported):
    """dir() lists each exported name, for interactive completion."""
    assert exported <= set(dir(get3w_models))


def test_star_import(fresh, exported):
    """A star import gives exactly the exported names."""
    code = """
space = {}
exec("from get3w_models import *", space)
show(names=[name for name in space if name != "__builtins__"])
"""
    assert sorted(exported) == sorted(fresh(code)["names"])


def test_every_name_resolves(stems):
    """Each name leads to the thing of that name in the model's own module."""
    for name, stem in stems.items():
        module = importlib.import_module(f"get3w_models.{name}")
        for exported in (f"submit_{name}", f"submit_{name}_async", f"{stem}Request"):
            assert getattr(module, exported) is getattr(get3w_models, exported)


def test_names_are_those_of_the_lock(root, catalogue):
    """The names are the locked ones, and each model of the package has one."""
    locked = json.loads((root / "schemas/names.lock.json").read_text(encoding="utf-8"))
    folder = root / "generated/get3w_models"
    modules = {path.stem for path in folder.glob("*.py") if not path.stem.startswith("_")}

    assert {model.name for model in catalogue} == modules
    assert {model.id for model in catalogue} <= set(locked)
    assert len(locked) == len(set(locked.values()))


def test_no_name_equals_a_module(root, exported):
    """No exported name is a module's: whichever is imported first would win."""
    folder = root / "generated/get3w_models"

    assert set() == exported & {path.stem for path in folder.glob("*.py")}


def test_importing_a_module_first_hides_nothing(fresh):
    """The names are the same when a model's module was imported before the facade is used."""
    code = """
import get3w_models.flux_dev
from get3w_models import submit_flux_dev
show(same=submit_flux_dev is get3w_models.flux_dev.submit_flux_dev)
"""
    assert {"same": True} == fresh(code)


def test_name_is_kept():
    """Once used, a name is an ordinary attribute: the next use costs nothing."""
    value = get3w_models.submit_veo3

    assert value is vars(get3w_models)["submit_veo3"]


def test_request_class_pickles_by_reference():
    """A request class is pickled as its name."""
    kind = get3w_models.FluxDevRequest

    pickled = pickle.dumps(kind)

    assert b"get3w_models.flux_dev" in pickled
    assert kind is pickle.loads(pickled)


def test_request_pickles():
    """A request comes back equal, with the same fields given."""
    request = get3w_models.FluxDevRequest(prompt="a lighthouse", width=1024)

    copy = pickle.loads(pickle.dumps(request))

    assert request == copy
    assert request.model_fields_set == copy.model_fields_set


def test_unpickling_in_a_new_process(fresh):
    """A process that imported nothing of ours can read a pickled request."""
    request = get3w_models.FluxDevRequest(prompt="a lighthouse", width=1024)
    code = """
import pickle
request = pickle.loads(bytes.fromhex(sys.argv[1]))
show(prompt=request.prompt, width=request.width, kind=type(request).__name__)
"""
    shown = fresh(code, pickle.dumps(request).hex())

    assert {"prompt": "a lighthouse", "width": 1024, "kind": "FluxDevRequest"} == shown


def test_model_ids_are_all_and_sorted(catalogue):
    """model_ids() names every model, sorted."""
    assert tuple(sorted(model.id for model in catalogue)) == get3w_models.model_ids()


def test_documented_models(catalogue):
    """Those that Get3W names are told from the others."""
    documented = get3w_models.model_ids(documented=True)

    assert {"get3w/flux-dev", "get3w/wan-2.1-i2v-720p"} <= set(documented)
    assert [model.id for model in catalogue if model.documented] == list(documented)
    assert set(get3w_models.model_ids()) == {
        *documented,
        *get3w_models.model_ids(documented=False),
    }
    assert len(catalogue) - len(documented) == len(get3w_models.model_ids(documented=False))


def test_request_class_by_id(catalogue, stems):
    """request_class gives the class that belongs to the id."""
    for model in catalogue:
        kind = get3w_models.request_class(model.id)

        assert f"{stems[model.name]}Request" == kind.__name__
        assert model.id == kind.__model__.model_id
        assert model.documented == kind.__model__.documented
        assert model.schema.get("x-surface") == kind.__model__.surface
        assert issubclass(kind, get3w_core.ModelRequest)


@pytest.mark.parametrize("slip", ["get3w/flux-dv", "Get3W/FLUX-dev", "black-forest/flux-dev"])
def test_unknown_model_names_the_nearest(slip):
    """An id with a slip in it, or with another owner, is refused, with the nearest known id."""
    with pytest.raises(get3w_core.UnknownModelError, match="get3w/flux-dev") as caught:
        get3w_models.request_class(slip)

    assert slip == caught.value.model_id
    assert "did you mean" in str(caught.value).lower()
    assert "get3w-codegen" in str(caught.value)
    assert isinstance(caught.value, get3w_core.Get3WError)


def test_unknown_model_without_a_neighbour():
    """An id like no other is refused without a guess."""
    with pytest.raises(get3w_core.UnknownModelError) as caught:
        get3w_models.request_class("%%%")

    assert "did you mean" not in str(caught.value).lower()


def test_threads_racing_on_the_first_use(fresh):
    """64 threads that use a name for the first time at once get the same object."""
    code = """
import threading
import get3w_models
sys.setswitchinterval(1e-6)
barrier, seen, errors = threading.Barrier(64), [], []
def use(turn):
    barrier.wait()
    try:
        if turn % 2:
            seen.append(get3w_models.KlingV3_0ProImageToVideoRequest)
        else:
            seen.append(get3w_models.request_class("kwaivgi/kling-v3.0-pro/image-to-video"))
    except BaseException as error:
        errors.append(repr(error))
threads = [threading.Thread(target=use, args=(turn,)) for turn in range(64)]
for thread in threads: thread.start()
for thread in threads: thread.join()
show(kinds=len({id(kind) for kind in seen}), seen=len(seen), errors=errors)
"""
    assert {"kinds": 1, "seen": 64, "errors": []} == fresh(code)
