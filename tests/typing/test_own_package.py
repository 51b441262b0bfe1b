"""A package of one's own, from the installed wheel alone: docs/own-package.md to the letter."""

import json
import os
import re
import shlex
import subprocess
import sys
import sysconfig
import venv
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

PLACES = {"json": "my_schemas/acme/fox.json", "toml": "pyproject.toml", "python": "program.py"}
BLOCK = re.compile(r"^```(console|json|toml|python)\n(.*?)^```", re.MULTILINE | re.DOTALL)
# What stands for the network: the environment has these already, and builds with what is here.
STANDS_FOR = {
    "python3 -m venv .venv": None,
    ". .venv/bin/activate": None,
    'pip install "get3w-models[codegen,emulator]"': None,
    "pip install --editable .": "--quiet --no-deps --no-build-isolation",
}


@pytest.fixture
def activated(installed, tmp_path):
    """The variables of an activated environment of its own that holds the wheel and its needs."""
    folder = tmp_path / "environment"
    venv.create(folder, with_pip=False, symlinks=os.name != "nt")
    scripts = folder / ("Scripts" if os.name == "nt" else "bin")
    variables = {"base": str(folder), "platbase": str(folder)}
    purelib = sysconfig.get_path("purelib", "venv", variables)
    needs = [str(installed.packages), sysconfig.get_path("purelib")]
    Path(purelib, "zz_needs.pth").write_text("\n".join(needs), encoding="utf-8")
    path = os.pathsep.join([str(scripts), str(installed.python.parent), os.environ["PATH"]])
    hidden = {"PYTHONPATH", "GET3W_API_KEY", "GET3W_BASE_URL"}
    kept = {key: value for key, value in os.environ.items() if key not in hidden}
    return {**kept, "PATH": path, "VIRTUAL_ENV": str(folder)}


def commands(block):
    """Yield each command of a console with what the page shows of its output."""
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        line, _, shown = part.partition("\n")
        yield line, shown.splitlines()


def run(line, environment, folder):
    options = STANDS_FOR.get(line, "")
    words = shlex.split(f"{line} {options}")
    if words[0] == "pip":
        python = f"{environment['VIRTUAL_ENV']}/bin/python"
        words = [sys.executable, "-m", "pip", "--python", python, *words[1:]]
    return subprocess.run(
        words, env=environment, cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.mark.skipif(os.name == "nt", reason="the page shows a POSIX shell")
def test_the_page_leads_from_an_empty_folder_to_a_picture(root, activated, tmp_path):
    """Every file of the page, and every command in its order, with the output that is shown."""
    page = (root / "docs/own-package.md").read_text(encoding="utf-8")
    folder = tmp_path / "empty"
    folder.mkdir()
    done = []
    for kind, block in BLOCK.findall(page):
        if kind in PLACES:
            place = folder / PLACES[kind]
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(block, encoding="utf-8")
            continue
        for line, shown in commands(block):
            if STANDS_FOR.get(line, "") is None:
                continue
            result = run(line, activated, folder)
            assert 0 == result.returncode, f"{line}\n{result.stdout}{result.stderr}"
            for given, expected in zip(result.stdout.splitlines(), shown, strict=bool(shown)):
                assert fnmatchcase(given, expected.replace("...", "*"))
            done.append(line.split()[0])

    assert ["get3w-codegen", "pip", "python", "get3w-codegen"] == done
    assert 1 == len(list((folder / "pictures").glob("*.png")))


def test_own_package_becomes_a_wheel(root, installed, command, tmp_path):
    """The wheel of the package is typed, and runs where neither its sources nor a checkout are."""
    page = (root / "docs/own-package.md").read_text(encoding="utf-8")
    blocks = dict(BLOCK.findall(page))
    schema = tmp_path / PLACES["json"]
    schema.parent.mkdir(parents=True)
    schema.write_text(blocks["json"])
    (tmp_path / "pyproject.toml").write_text(blocks["toml"])
    (codegen,) = installed.python.parent.glob("get3w-codegen*")
    names = ("--output", "src/my_models", "--package", "my_models")
    command(codegen, "generate", "--schemas", "my_schemas", *names, cwd=tmp_path)
    options = ("--quiet", "--no-deps", "--no-build-isolation", ".", "-w", "out")
    command(sys.executable, "-m", "pip", "wheel", *options, cwd=tmp_path)
    (wheel,) = (tmp_path / "out").glob("my_models*.whl")
    target = tmp_path / "site"
    command(
        *(sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"),
        *("--target", target, wheel),
        cwd=tmp_path,
    )
    program = (
        f"import sys; sys.path.insert(0, {str(target)!r})\n"
        "import json, get3w_core, get3w_codegen, my_models\n"
        "print(json.dumps([my_models.model_ids(), [each.__file__ for each in"
        " (get3w_core, get3w_codegen, my_models)],"
        " issubclass(my_models.FoxRequest, get3w_core.ModelRequest)]))"
    )
    ids, files, ours = json.loads(command(installed.python, "-c", program, cwd=tmp_path).stdout)

    assert ["acme/fox"] == ids
    assert ours
    packages = [str(installed.packages), str(installed.packages), str(target)]
    assert all(file.startswith(folder) for file, folder in zip(files, packages, strict=True))
    assert (target / "my_models/py.typed").is_file()
