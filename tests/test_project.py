"""The project as a whole: what stands in one place must agree with what stands in another, and imports run one way."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.version import Version

from embedcourse import files
from embedcourse.catalogue import exercises, lessons
from tests.run import PARTS

ROOT = files.repository()
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PINS = dict(line.lower().split("==") for line in (ROOT / "constraints.txt").read_text().splitlines() if "==" in line)


def modules_after(statement):
    code = f"import sys\n{statement}\nprint(*sorted(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    return set(ran.stdout.split())


def test_importing_the_package_loads_nothing_heavy():
    heavy = {"numpy", "torch", "matplotlib", "IPython", "ipywidgets", "nbformat", "jupytext"}
    assert not modules_after("import embedcourse") & heavy


def test_marking_needs_only_numpy_and_no_lesson():
    loaded = modules_after("import embedcourse.marking")
    assert not loaded & {"torch", "matplotlib", "IPython", "ipywidgets", "jaxtyping"}
    ours = {name for name in loaded if name.startswith("embedcourse.")}
    assert {name.split(".")[1] for name in ours} == {"marking"}


def test_an_exercise_is_marked_without_torch_or_pictures():
    loaded = modules_after(
        "from embedcourse import exercise, scorecard\nfrom embedcourse.catalogue import exercises\nexercises()['lookup']"
    )
    assert not loaded & {"torch", "matplotlib", "ipywidgets"}


def test_a_name_the_package_does_not_have():
    import embedcourse

    assert {"Explorer", "exercise", "scorecard", "show"} <= set(dir(embedcourse))
    with pytest.raises(AttributeError, match="it has Explorer, exercise, for_class, scorecard, show"):
        _ = embedcourse.nothing


# Which room may import which; a topic is a folder with a reference, or with the table of real models.
TOPICS = {path.parent.name for kind in ("reference", "models") for path in (ROOT / "embedcourse").glob(f"*/{kind}.py")}
BELOW = {
    "marking": set(),
    "text": set(),
    "files": set(),
    "showing": set(),
    "topics": {"showing", "marking", "text"},
    "catalogue": {"topics", "marking"},
    "notebook": {"catalogue", "marking", "showing"},
    "release": {"catalogue", "files"},
    "authoring": {"catalogue", "marking", "files", "release"},
    "grading": {"catalogue", "marking", "files", "notebook", "release"},
    "lab": {"files"},
    "doctor": {"files"},
    "cli": {"authoring", "doctor", "files", "grading", "lab", "release"},
}


def room(module):
    name = module.split(".")[1] if "." in module else ""
    return "topics" if name in TOPICS else name


def test_imports_run_one_way():
    for path in (ROOT / "embedcourse").rglob("*.py"):
        parts = path.relative_to(ROOT).with_suffix("").parts
        here = room(".".join(parts))
        if here in ("__init__", ""):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            imported = [node.module] if isinstance(node, ast.ImportFrom) else []
            imported += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module == "embedcourse":
                imported = [f"embedcourse.{alias.name}" for alias in node.names]
            for module in imported:
                if module and module.startswith("embedcourse."):
                    assert room(module) in BELOW[here] | {here}, f"{path.name} imports {module}"
                    if here == "topics" and room(module) == "topics":
                        own = module.split(".")[1] == parts[1]
                        offered = module.count(".") == 1 or module.endswith(".training")
                        assert own or offered, f"{path} reaches into another topic"


def test_the_wheel_is_told_to_carry_the_source_of_every_lesson():
    told = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    sources = {f"solutions/{lesson.name}.md": f"embedcourse/_course/solutions/{lesson.name}.md" for lesson in lessons()}
    assert sources.items() <= told["force-include"].items()


def test_every_pin_lies_in_its_range():
    for text in [*PYPROJECT["dependencies"], *PYPROJECT["optional-dependencies"]["test"]]:
        requirement = Requirement(text)
        assert requirement.name in PINS, f"{requirement.name} has no pin in constraints.txt"
        assert Version(PINS[requirement.name]) in requirement.specifier, text
    assert PINS["torch"] == "2.13.0"
    assert not any("+" in version for version in PINS.values())


def test_conda_and_binder_get_the_same_requirements():
    text = (ROOT / "environment.yml").read_text()
    listed = re.findall(r"^ +- (.+?):?$", text, re.MULTILINE)
    assert listed == ["conda-forge", "python=3.11", "pip", "pip", "--constraint constraints.txt", "--editable ."]
    makefile = (ROOT / "Makefile").read_text()
    assert "--constraint constraints.txt" in makefile
    assert "--editable ." in makefile
    assert Version("3.11") in Requirement(f"python{PYPROJECT['requires-python']}").specifier


def test_the_commands_of_the_readme_are_targets_and_ci_calls_the_same():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    documents = [README, (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")]
    for text in documents:
        assert (
            set(re.findall(r"\bmake ([a-z]+)\b", " ".join(re.findall(r"`[^`]+`|```.*?```", text, re.DOTALL))))
            <= targets
        )
    assert "make lab" in README
    assert "make test" in README
    assert "make test" in (ROOT / ".ci" / "run").read_text()
    assert ".ci/run" in (ROOT / ".github" / "workflows" / "ci.yml").read_text()


def test_ci_tests_every_python_that_we_promise_with_the_pins_and_with_the_newest_versions():
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))
    job = workflow["jobs"]["everywhere"]
    matrix = job["strategy"]["matrix"]
    promised = Requirement(f"python{PYPROJECT['requires-python']}").specifier
    minors = [f"3.{minor}" for minor in range(30) if Version(f"3.{minor}") in promised]
    told = [line.rpartition(" ")[2] for line in PYPROJECT["classifiers"] if ":: Python :: 3." in line]
    assert matrix["python"] == minors == told
    assert [system.split("-")[0] for system in matrix["os"]] == ["ubuntu", "macos", "windows"]
    assert matrix["versions"] == ["pinned", "newest"]
    steps = {step.get("if", "always"): [] for step in job["steps"]}
    for step in job["steps"]:
        steps[step.get("if", "always")].append(step.get("run", ""))
    pinned, newest = (steps[f"matrix.versions == '{name}'"] for name in ("pinned", "newest"))
    assert "--constraint constraints.txt" in pinned[0]
    assert "--constraint" not in newest[0]
    for commands in (pinned, newest):
        parts = commands[1].removeprefix("python tests/run.py ").split()
        assert set(parts) <= set(PARTS)
        assert "lessons" in parts
    assert "solutions" in pinned[1]


@pytest.mark.skipif(shutil.which("make") is None, reason="there is no make here")
def test_make_help_lists_every_target():
    makefile = (ROOT / "Makefile").read_text()
    shown = subprocess.run(["make", "help"], capture_output=True, text=True, check=True, cwd=ROOT).stdout
    for target in re.search(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)[1].split():
        assert re.search(rf"^{target}\s+\w", shown, re.MULTILINE), f"`make help` does not say what {target} does"


def test_the_readme_lists_every_lesson_with_its_minutes():
    for lesson in lessons():
        source = (ROOT / "solutions" / f"{lesson.name}.md").read_text(encoding="utf-8")
        minutes = re.search(r"About (\d+) minutes", source)[1]
        assert re.search(rf"^\| {lesson.number} \|.*{lesson.title}.*\| {minutes} \|$", README, re.MULTILINE)


def test_links_inside_the_documents_lead_somewhere():
    for name in ("README.md", "CONTRIBUTING.md", "GLOSSARY.md", "INSTRUCTORS.md"):
        for target in re.findall(
            r"\]\((?!https?://|#)([^)]+)\)|src=\"(?!https?://)([^\"]+)\"", (ROOT / name).read_text("utf-8")
        ):
            assert (ROOT / (target[0] or target[1])).exists(), f"{name}: {target}"


def our_texts():
    """Every text file of the project, whether it came by git or in an archive."""
    for name in ("embedcourse", "tests", "benchmarks", "lessons", "solutions", ".ci", ".github"):
        for path in (ROOT / name).rglob("*"):
            if (
                path.is_file()
                and path.suffix not in (".png", ".pyc", ".safetensors")
                and ".ipynb_checkpoints" not in path.parts
            ):
                yield path, path.read_text(encoding="utf-8")
    for path in ROOT.iterdir():
        if path.is_file() and path.suffix in (".md", ".toml", ".txt", ".yml", ""):
            yield path, path.read_text(encoding="utf-8")


def test_no_file_names_a_folder_of_the_machine_it_was_written_on():
    home = str(ROOT.parent)
    for path, text in our_texts():
        text = re.sub(r"base64,[\w+/=]+", "", text)  # the letters of a picture may spell a folder
        assert home not in text or home == "/", path
        assert not re.search(r"(?<![\w.])/(?:root|home|tmp|Users)/\w", text), path


def lessons_in_numbers():
    """The rows of INSTRUCTORS.md's table, from the lessons' sources and the exercises."""
    for lesson in lessons():
        source = (ROOT / "solutions" / f"{lesson.name}.md").read_text(encoding="utf-8")
        minutes = {"Core": 0, "Stretch": 0}
        for kind, number in re.findall(r"\*\*(Core|Stretch)\*\* · \w+ · up to (\d+) minutes?", source):
            minutes[kind] += int(number)
        points = {True: 0, False: 0}
        for name in lesson.exercises:
            points[exercises()[name].core] += sum(part.points for part in exercises()[name].parts)
        reading = re.search(r"About \d+ minutes: (\d+) to read", source)[1]
        able = re.search(rf"^\| {lesson.number} \| \[.*?\| (.+) \| \d+ \|$", README, re.MULTILINE)[1]
        told = f"{lesson.number} | {lesson.title} | {able} | {reading} | {minutes['Core']} | {minutes['Stretch']}"
        yield f"| {told} | {points[True]} + {points[False]} |"


def test_the_instructors_table_says_what_the_lessons_say():
    text = (ROOT / "INSTRUCTORS.md").read_text(encoding="utf-8")
    assert [line for line in text.splitlines() if re.match(r"\| \d+ \|", line)] == list(lessons_in_numbers())
