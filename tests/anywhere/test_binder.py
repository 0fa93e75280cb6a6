"""What Binder makes of environment.yml, as far as that can be known without building an image."""

import re
import shutil
import subprocess

import pytest

from tests.anywhere.conftest import environment, run


@pytest.fixture(scope="module")
def repo2docker(tmp_path_factory):
    """repo2docker in an environment of its own, asked only for the Dockerfile that it would build from."""
    python = environment(tmp_path_factory.mktemp("repo2docker") / "environment")
    run(python, "-m", "pip", "install", "--quiet", "jupyter-repo2docker")
    return [python, "-m", "repo2docker", "--no-build", "--debug", "--user-id", "1000", "--user-name", "jovyan"]


def test_binder_takes_environment_yml_and_has_the_course_there_before_it_installs_it(repo2docker, copy):
    dockerfile = run(*repo2docker, copy)
    there = re.search(r"^COPY \S+ src/ \$\{REPO_DIR\}/", dockerfile, re.MULTILINE)
    installs = re.search(r'env update -p \S+ --file "environment.yml"', dockerfile)
    assert there.start() < installs.start(), "`--editable .` needs the course's files"


def test_an_environment_yml_that_is_none_would_be_refused(repo2docker, copy, tmp_path):
    broken = shutil.copytree(copy, tmp_path / "broken")
    (broken / "environment.yml").write_text("- numpy\n")
    ran = subprocess.run([*map(str, repo2docker), str(broken)], capture_output=True, encoding="utf-8", check=False)
    assert ran.returncode != 0
