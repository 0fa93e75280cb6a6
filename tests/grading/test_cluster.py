"""A class graded on a Dask cluster: real worker processes, one of which is killed in the middle."""

import os
import signal
import sys

import pytest

from embedcourse import catalogue
from embedcourse.grading import grade, work
from tests.grading.test_grade import FULL, hand_in, table

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="strangers' code is locked in by means that only Linux has"
)


@pytest.fixture(scope="module")
def cluster():
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1", silence_logs=50
    ) as running:
        yield running


def test_a_class_is_graded_by_a_cluster_of_which_a_worker_is_killed(tmp_path, cluster, monkeypatch):
    students = [f"student{number}" for number in range(12)]
    for student in students:
        hand_in(tmp_path / "in", student)
    victim = next(iter(cluster.workers.values())).pid
    written = grade.journal.Journal.write
    killed = []

    def write(journal, entry):
        written(journal, entry)
        if not killed:
            killed.append(victim)
            os.kill(victim, signal.SIGKILL)

    monkeypatch.setattr(grade.journal.Journal, "write", write)
    options = grade.Options(scheduler=cluster.scheduler_address)
    assert grade.grade(tmp_path / "in", tmp_path / "out", options) == grade.WHOLE
    assert killed == [victim]
    rows = table(tmp_path / "out" / "grades.csv")
    assert [(row["student"], row["points"]) for row in rows] == [(one, str(FULL)) for one in sorted(students)]
    assert len(grade.journal.Journal(tmp_path / "out").entries()) == len(students)


def test_workers_that_cannot_lock_strangers_in_refuse(tmp_path, cluster):
    """The walls are tried out on each worker; where they do not hold, nothing is marked and nobody has zero points."""
    from distributed import Client

    def blind():
        from embedcourse.grading import sandbox

        sandbox.Sandbox._try_out = lambda self, folder: {"read": True}

    with Client(cluster, set_as_default=False) as client:
        client.run(blind)
        client.run(work.close)
    hand_in(tmp_path / "in", "ada")
    options = grade.Options(scheduler=cluster.scheduler_address)
    assert grade.grade(tmp_path / "in", tmp_path / "out", options) == grade.PARTLY
    (row,) = table(tmp_path / "out" / "grades.csv")
    assert (row["points"], row["outcome"]) == ("", "grader error")


def test_a_cluster_that_is_not_there_or_has_another_course_is_told(monkeypatch, cluster):
    from distributed import Client

    def older():
        work.edition = lambda: "older"

    task = work.Task("ada", catalogue.lessons()[0].number, ())
    setting = work.Setting(b"", work.Limits(), (1,))
    monkeypatch.setattr(work, "CONNECTING", 1)
    with pytest.raises(work.GraderError, match="no Dask scheduler at tcp://127"):
        next(work.run_on_cluster([task], setting, "tcp://127.0.0.1:9"))
    with Client(cluster, set_as_default=False) as client:
        client.run(older)
    with pytest.raises(work.GraderError, match="another version of the course"):
        next(work.run_on_cluster([task], setting, cluster.scheduler_address))
