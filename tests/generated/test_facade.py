"""The lazy facade: what is loaded when, and which names there are."""

import copy
import importlib
import inspect
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
    names = {"model_ids", "model_info", "models", "request_class", "__version__"}
    names |= {"AsyncClient", "AsyncPrediction", "Client", "Prediction"}
    names |= {
        name
        for name in get3w_core.__all__
        if isinstance(each := getattr(get3w_core, name), type) and issubclass(each, Exception)
    }
    for name, stem in stems.items():
        names |= {f"submit_{name}", f"submit_{name}_async", f"{stem}Request"}
    return names


def test_import_loads_nothing_heavy(fresh):
    """Importing the package imports neither pydantic nor httpx nor typing."""
    code = "import get3w_models\nshow(loaded=loaded())"

    loaded = fresh(code)["loaded"]

    assert "get3w_models" in loaded
    assert [] == [name for name in HEAVY if name in loaded]


@pytest.mark.parametrize("name", ["Client", "Prediction", "RateLimitError", "__version__"])
def test_names_of_the_core_are_the_same_objects(name):
    """A first program needs no second package for the clients, the handles and the errors."""
    assert getattr(get3w_core, name) is getattr(get3w_models, name)


def test_listing_models_loads_no_pydantic(fresh):
    """Neither listing models nor searching them nor asking for one loads pydantic or a model."""
    code = """
import get3w_models
found = get3w_models.models("video", kind="image-to-video", max_price=1, documented=False)
shown = [(each.model_id, each.title, each.price, each.source, each.deprecated) for each in found]
repr(get3w_models.model_info("get3w/flux-dev")), get3w_models.__version__, get3w_models.Get3WError
count = len(get3w_models.model_ids()), len(dir(get3w_models)), len(shown) + 53
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

    copied = pickle.loads(pickle.dumps(request))

    assert request == copied
    assert request.model_fields_set == copied.model_fields_set


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


def test_model_info_is_what_the_schema_says(model):
    """Kind, price, source and the rest are those of the schema, at the id and at the class."""
    info = get3w_models.model_info(model.id)
    expected = {
        "model_id": model.id,
        "name": model.name,
        "kind": model.schema.get("x-model-type", ""),
        "price": model.schema.get("x-base-price-usd"),
        "source": model.schema.get("x-source", ""),
        "documented": model.documented,
        "deprecated": model.schema.get("deprecated", False),
        "surface": model.schema.get("x-surface"),
        "module": f"get3w_models.{model.name}",
    }

    for known in (info, model.request_class.__model__):
        assert expected == {key: getattr(known, key) for key in expected}
        assert inspect.getdoc(model.submit).startswith(f"{known.title} with {model.id}.")
        assert model.id in repr(known)
        assert not known.kind or repr(known.kind) in repr(known)


def test_model_info_leads_to_class_and_functions(model):
    """An id is all that a program needs to submit."""
    info = get3w_models.model_info(model.id)

    assert model.request_class is info.request_class
    assert model.submit is info.submit
    assert model.submit_async is info.submit_async


def test_model_info_travels(model):
    """What is known of a model can be pickled, copied and used as a key."""
    info = get3w_models.model_info(model.id)

    for copied in (pickle.loads(pickle.dumps(info)), copy.deepcopy(info)):
        assert info == copied
        assert info.kind == copied.kind
        assert {info: 1} == {copied: 1}


def test_class_written_by_hand_knows_what_it_states():
    """A request class outside of a generated package has an id, and nothing else is made up."""

    class HandRequest(get3w_core.ModelRequest, frozen=True):
        __model__ = get3w_core.ModelInfo("acme/hand")

    info = HandRequest.__model__

    assert ("acme/hand", "", None, "") == (info.model_id, info.kind, info.price, info.source)
    assert "ModelInfo('acme/hand', documented=True)" == repr(info)


SEARCHES = {
    "all": ({}, lambda model: True),
    "word": ({"search": "Subtitles"}, lambda model: "subtitles" in model.id),
    "two words, any order": (
        {"search": "video  kling"},
        lambda model: (
            "kling" in model.id and "video" in f"{model.id} {model.schema['x-model-type']}"
        ),
    ),
    "name": ({"search": "veo3_1_image"}, lambda model: model.name.startswith("veo3_1_image")),
    "kind": (
        {"kind": "text-to-image"},
        lambda model: "text-to-image" == model.schema.get("x-model-type", ""),
    ),
    "price": (
        {"max_price": 0.1},
        lambda model: model.schema.get("x-base-price-usd", 1e9) <= 0.1,
    ),
    "documented": ({"documented": True}, lambda model: model.documented),
    "not documented": ({"documented": False}, lambda model: not model.documented),
    "not deprecated": ({"deprecated": False}, lambda model: not model.schema.get("deprecated")),
    "everything": (
        {"search": "video", "kind": "text-to-video", "max_price": 1, "documented": False},
        lambda model: (
            "text-to-video" == model.schema.get("x-model-type", "")
            and model.schema.get("x-base-price-usd", 1e9) <= 1
            and not model.documented
        ),
    ),
    "nothing": ({"search": "no such model"}, lambda model: False),
}


@pytest.mark.parametrize(("given", "fits"), SEARCHES.values(), ids=SEARCHES)
def test_search(catalogue, given, fits):
    """models() gives exactly those that fit all that is given, sorted by id."""
    expected = sorted(model.id for model in catalogue if fits(model))

    assert expected == [each.model_id for each in get3w_models.models(**given)]


@pytest.mark.parametrize("ask", [get3w_models.request_class, get3w_models.model_info])
def test_unknown_model_is_refused_by_each_way(ask):
    """Asking for a model that is not there names the nearest, whatever is asked of it."""
    with pytest.raises(get3w_models.UnknownModelError, match="get3w/flux-dev"):
        ask("get3w/flux-dv")


@pytest.mark.parametrize("slip", ["get3w/flux-dv", "Get3W/FLUX-dev", "black-forest/flux-dev"])
def test_unknown_model_names_the_nearest(slip):
    """An id with a slip in it, or with another owner, is refused, with the nearest known id."""
    with pytest.raises(get3w_core.UnknownModelError, match="get3w/flux-dev") as caught:
        get3w_models.request_class(slip)

    assert slip == caught.value.model_id
    assert "did you mean" in str(caught.value).lower()
    assert "get3w-codegen" in str(caught.value)
    assert isinstance(caught.value, get3w_core.Get3WError)


@pytest.mark.parametrize(
    ("package", "command"), [("get3w_models", "pull"), ("my_models", "generate")]
)
def test_unknown_model_names_the_command_of_its_package(package, command):
    """A package of one's own is made of one's own schemas: no live list has its models."""
    error = get3w_core.UnknownModelError("acme/fix", package, ["acme/fox"])

    assert f"See {package}.model_ids(); `get3w-codegen {command}` " in str(error)


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
