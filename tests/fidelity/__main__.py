"""Generate a whole corpus and compare every class with its schema: `make fidelity CORPUS=DIR`."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from get3w_emulator.schemas.validation import compiled

from . import corpora, drawn, official
from .agreement import accepts, compare
from .ruled import bytes_of, keywords_of, rule_of, untyped

PACKAGE = "fidelity_models"


def main():
    """Run the comparison; the exit status is 1 where the two judges differ anywhere."""
    options = _options()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        if options.suite:
            return suite(folder, options.suite)
        if options.drawn:
            return odd(folder, options)
        return corpus(folder, options)


def corpus(folder, options):
    """Compare mutants of every schema of a corpus."""
    schemas = corpora.read(options.corpus)
    print(f"{options.corpus}: {len(schemas)} schemas")
    refused = generate(folder, schemas, ["--open"] if options.open else [])
    usable = {name: schema for name, schema in schemas.items() if name not in refused}
    print(f"usable: {len(usable)}; left out: {len(refused)}")
    for name, reasons in refused.items():
        print(f"  {name}: {reasons[0]}")
    tasks = [
        (str(folder), PACKAGE, name, schema, options.open, options.mutants, options.pairs)
        for name, schema in usable.items()
    ]
    with ProcessPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        verdicts = list(pool.map(compare, tasks, chunksize=4))
    show_rules(folder, usable)
    if options.types:
        check_types(folder)
    return show(verdicts)


def suite(folder, source):
    """Judge every case of each draft in the official test suite by class and emulator."""
    status = 0
    for draft in corpora.DRAFTS:
        if not (Path(source) / "tests" / draft).is_dir():
            continue
        place = folder / draft
        sys.path.insert(0, str(place))
        found = list(
            official.cases(
                source,
                draft,
                PACKAGE,
                lambda schemas, options, at=place: generate(at, schemas, options),
            )
        )
        official.forget(PACKAGE)
        missed = [case for case in found if not case.is_met()]
        new = [case for case in missed if case.group not in official.CANNOT_BE_MET]
        print(f"{draft}: {len(found) - len(missed)} of {len(found)} cases are judged as it says")
        for case in missed:
            reason = official.CANNOT_BE_MET.get(case.group, "NOT NAMED")
            print(
                f"  {case.title}: should be {case.valid}, is {str(case.class_says)[:90]}; {reason}"
            )
        status |= bool(new)
    return int(status)


def odd(folder, options):
    """Compare fixed probes of schemas that are drawn at random."""
    schemas = drawn.schemas(options.drawn, options.seed)
    refused = generate(folder, schemas, ["--open"] if options.open else [])
    crashed = [name for name, reasons in refused.items() if not reasons]
    sys.path.insert(0, str(folder))
    package = __import__(PACKAGE)
    total, different = 0, []
    for name, schema in schemas.items():
        if name in refused:
            continue
        judge = compiled(schema, opened=options.open)
        request_class = package.request_class(name)
        for probe in drawn.PROBES:
            body = {"x": probe}
            expected, actual = judge.is_valid(body), accepts(request_class, body)
            total += 1
            if expected is not actual:
                different.append((len(json.dumps(schema)), name, expected, actual, body))
    firsts = {each[1]: each for each in sorted(different, key=lambda each: each[:2], reverse=True)}
    for _, name, expected, actual, body in sorted(firsts.values(), key=lambda each: each[0])[:20]:
        print(f"{name}: schema {expected}, class {actual}: {json.dumps(body)}")
        print(f"  {json.dumps(schemas[name])}")
    names = {name for _, name, *_ in different}
    print(f"seed {options.seed}: {len(schemas)} schemas, {len(refused)} left out, {total:,} bodies")
    print(f"{len(different)} judged differently, in {len(names)} schemas")
    return int(bool(different or crashed))


def generate(folder, schemas, options):
    """Generate a package; return the models that were left out, each with the reasons."""
    for name, schema in schemas.items():
        path = folder / "schemas" / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(schema), encoding="utf-8")
    command = [sys.executable, "-m", "get3w_codegen", "generate", "--keep-going"]
    command += ["--schemas", str(folder / "schemas"), "--output", str(folder / PACKAGE)]
    done = subprocess.run(
        [*command, "--package", PACKAGE, *options], capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(done.stderr)
    refused = {}
    for line in done.stderr.splitlines():
        if line.startswith("error: "):
            file, _, reason = line.removeprefix("error: ").partition(".json")
            refused.setdefault(file, []).append(reason.strip())
    return refused


def show_rules(folder, schemas):
    """Print which schemas need a compiled rule, and for which keywords."""
    sys.path.insert(0, str(folder))
    package = __import__(PACKAGE)
    ruled = {name: rule for name in schemas if (rule := rule_of(package.request_class(name)))}
    print(f"with a compiled rule: {len(ruled)} ({len(ruled) / len(schemas):.1%})")
    modules = {name: sys.modules[package.request_class(name).__module__] for name in schemas}
    sources = {name: Path(module.__file__).read_text("utf-8") for name, module in modules.items()}
    sizes = [bytes_of(source) for source in sources.values()]
    share = sum(size for size, _ in sizes) / sum(size for _, size in sizes)
    print(f"rules are {share:.1%} of the bytes")
    loose = [
        f"{name}: {parameter}"
        for name, source in sources.items()
        for parameter in untyped(
            source, f"submit_{modules[name].__name__.rpartition('.')[2]}", schemas[name]
        )
    ]
    print(f"parameters without the type that a branch or a reference states: {len(loose)} {loose}")
    for name, rule in ruled.items():
        print(f"  {name}: {', '.join(sorted(keywords_of(rule)))}")


def check_types(folder):
    """Run the strict type checkers over the package."""
    for checker in (["mypy", "--strict"], ["pyright", "--pythonpath", sys.executable]):
        (folder / "pyrightconfig.json").write_text('{"typeCheckingMode": "strict"}')
        command = [sys.executable, "-m", *checker, PACKAGE]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        print(f"{' '.join(checker[:2])}: {done.stdout.strip().splitlines()[-1]}")
        if done.returncode:
            sys.exit(done.stdout[-3000:])


def show(verdicts):
    """Print the agreement of each keyword, and every difference."""
    judged = sum((verdict.judged for verdict in verdicts), Counter())
    agreed = sum((verdict.agreed for verdict in verdicts), Counter())
    print(f"\n{'keyword':24}{'bodies':>10}{'agree':>10}")
    for keyword, number in sorted(judged.items()):
        print(f"{keyword:24}{number:10,}{agreed[keyword]:10,}")
    total, right = sum(judged.values()), sum(agreed.values())
    print(f"{'all':24}{total:10,}{right:10,}")
    print(f"{sum(verdict.fitting for verdict in verdicts):,} of them fit")
    lost = [verdict.model_id for verdict in verdicts if not verdict.example]
    print(f"without a body that fits: {len(lost)} {lost[:5]}")
    for verdict in verdicts:
        for keyword, expected, actual, body in verdict.different:
            shown = json.dumps(body)[:300]
            print(f"{verdict.model_id}: {keyword}: schema {expected}, class {actual}: {shown}")
    return int(total != right)


def _options():
    parser = argparse.ArgumentParser(prog="fidelity")
    parser.add_argument("corpus", nargs="?", help="a folder of schemas, or an answer of the API")
    parser.add_argument("--suite", help="the official JSON Schema test suite instead")
    parser.add_argument("--drawn", type=int, help="as many schemas drawn at random instead")
    parser.add_argument("--seed", type=int, default=1, help="of what is drawn")
    parser.add_argument("--open", action="store_true", help="read silent objects as open")
    parser.add_argument("--types", action="store_true", help="run mypy and pyright as well")
    parser.add_argument("--mutants", type=int, default=700, help="single changes of each schema")
    parser.add_argument("--pairs", type=int, default=100, help="pairs of changes of each schema")
    options = parser.parse_args()
    if [options.corpus, options.suite, options.drawn].count(None) != 2:
        parser.error("name a corpus, --suite DIR or --drawn NUMBER")
    return options


if __name__ == "__main__":
    sys.exit(main())
