import pydantic
import pytest
from get3w_codegen.model import names
from get3w_codegen.model.names import ModelName, assign_names, field_names
from get3w_core import ModelRequest


@pytest.mark.parametrize(
    ("model_id", "name", "stem"),
    [
        ("get3w/flux-dev", "flux_dev", "FluxDev"),
        ("google/veo3.1/text-to-video", "veo3_1_text_to_video", "Veo3_1TextToVideo"),
        ("alone", "alone", "Alone"),
        ("acme/3d-gen", "m_3d_gen", "M3dGen"),
        ("acme/class", "class_", "Class"),
        ("acme/Qwen-Image", "qwen_image", "QwenImage"),
        ("acme/a--b..c", "a_b_c", "ABC"),
    ],
)
def test_name_is_the_id_without_its_owner(model_id, name, stem):
    """A model's names follow from its id by rule."""
    assert {model_id: name} == assign_names([model_id], {})
    assert stem == ModelName(name).class_name


def test_newcomer_with_a_taken_name_is_prefixed_with_its_owner():
    """The name in the lock stays where it is, and the newcomer's owner tells it apart."""
    lock = {"zeta/flux": "flux"}

    assert {"acme/flux": "acme_flux", "zeta/flux": "flux"} == assign_names(["acme/flux"], lock)


def test_newcomers_take_turns_in_the_order_of_their_ids():
    """Among newcomers the order of the ids decides, not that of the files."""
    expected = {"a/flux": "flux", "b/flux": "b_flux"}

    assert expected == assign_names(["b/flux", "a/flux"], {})
    assert expected == assign_names(["a/flux", "b/flux"], {})


def test_number_settles_what_the_owner_does_not():
    """Where the owner's prefix is taken as well, a number follows."""
    lock = {"x/flux": "flux", "y/acme-flux": "acme_flux"}

    assert "acme_flux_2" == assign_names(["acme/flux"], lock)["acme/flux"]


def test_names_stay_when_the_model_goes():
    """Nothing leaves the lock: a name once given is never given to another model."""
    assert {"old/flux": "flux", "new/flux": "new_flux"} == assign_names(
        ["new/flux"], {"old/flux": "flux"}
    )


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("a/veo-3-1", "b/veo3.1"),  # two modules, one class name
        ("a/flux", "b/flux-async"),  # submit_flux_async
        ("a/flux", "b/FLUX"),
    ],
)
def test_no_two_models_share_an_exported_name(first, second):
    """Classes and functions of two models never collide, whatever their ids."""
    one, other = (ModelName(name) for name in assign_names([first, second], {}).values())

    assert not {name.lower() for name in one.exports} & {name.lower() for name in other.exports}


@pytest.mark.parametrize("reserved", ["model-ids", "request-class", "nul", "com1", "model"])
def test_names_that_would_break_the_package_are_not_given(reserved):
    """A module must not hide a function of the package or be a device name of Windows."""
    assert (
        f"acme_{reserved.replace('-', '_')}"
        == assign_names([f"acme/{reserved}"], {})[f"acme/{reserved}"]
    )


def test_long_ids_get_short_and_distinct_names():
    """An id of 300 characters still makes a file name that every system takes."""
    ids = [f"acme/{'very-' * 60}{end}" for end in ("one", "two")]

    one, other = assign_names(ids, {}).values()

    assert one != other
    assert len(one) <= 64


def test_property_names_become_identifiers_and_stay_distinct():
    """A reserved or unusable name is changed in Python, and a good one never is."""
    assert {
        "class": "class_",
        "client": "client_",
        "copy": "copy_",
        "a-b": "a_b_2",
        "a_b": "a_b",
        "3d": "field_3d",
        "": "field",
        "_x": "x",
        "model_id": "model_id",
    } == field_names(["class", "client", "copy", "a-b", "a_b", "3d", "", "_x", "model_id"])


def test_property_names_of_other_scripts_stay_as_they_are():
    """What Python takes as a name is one; what it reads as another name does not hide that."""
    wires = [
        "größe",
        "色",
        "ﬁt",
        "fit",
        "\uff43lass",
        "a—b",
        "\u1160",
        "3色",
        "_ä",
        "a・b",
        "_\u0301x",
    ]

    assert {
        "größe": "größe",
        "色": "色",
        "ﬁt": "fit_2",
        "fit": "fit",
        "\uff43lass": "class_",
        "a—b": "a_b",
        "\u1160": "field",
        "3色": "field_3_",
        "_ä": "ä",
        "a・b": "a_b_2",
        "_\u0301x": "field_\u0301x",
    } == field_names(wires)


def test_reserved_names_cover_all_that_pydantic_takes():
    """A field can hide no attribute of pydantic's base class, whichever release is installed."""
    taken = {name for name in dir(ModelRequest) if not name.startswith("_")}
    taken |= {name for name in dir(pydantic.BaseModel) if not name.startswith("_")}
    taken |= {name for name in dir(type(pydantic.BaseModel)) if not name.startswith("_")}

    assert set() == taken - names._RESERVED
