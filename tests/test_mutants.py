"""Every mutant of the lessons' own answers is found out, and what finds them out can itself fail. All: `make mutants`."""

from dataclasses import replace
from itertools import islice

import pytest

from embedcourse.catalogue import exercises
from tests import mutants, remote

every_exercise = pytest.mark.parametrize("exercise", list(exercises().values()), ids=lambda exercise: exercise.name)


@every_exercise
def test_every_mutant_of_the_solution_is_found_out_or_listed_as_equivalent(exercise):
    result = mutants.hunt(exercise, solution_alone=True)
    assert not result.survivors, "\n".join(f"{mutant.answer}:\n{mutant.change}" for mutant in result.survivors)
    assert not result.unneeded, "equivalent.toml lists what is killed or not made any more"
    assert len(list(islice(mutants.mutants(exercise.name), 15))) == 15  # a dict of three words has fewest
    assert result.killed + len(result.equivalent) == result.made


@every_exercise
def test_the_solution_itself_is_no_mutant_and_does_not_loop_too_often(exercise):
    code = remote.code_of(exercise.name)
    unchanged = mutants._run(code[code.index("def ") :], remote.from_notebook(exercise.name, stub=False))
    assert mutants.survives(exercise, mutants.Mutant("solution", "", unchanged))


def test_weak_cases_let_mutants_survive_and_stale_entries_are_told(monkeypatch, tmp_path):
    encode = exercises()["encode"]
    weak = replace(encode, parts=encode.parts[:1])
    assert any("<unk>" in mutant.change for mutant in mutants.hunt(weak).survivors)
    stale = tmp_path / "equivalent.toml"
    stale.write_text('[[encode]]\nreason = "x"\nanswers = ["solution"]\nchanges = ["- a\\n+ b"]\n')
    monkeypatch.setattr(mutants, "EQUIVALENT", stale)
    assert mutants.hunt(encode).unneeded == [("solution", "- a\n+ b")]


def test_the_changes_are_those_of_a_tired_programmer():
    code = """
def f(x, y):
    total = 0
    for i in range(len(x)):
        if x[i] < y and i != 3:
            total += g(x, y, axis=1)
        else:
            raise KeyError("nothing in here is changed")
    return x - total
"""
    changes = "\n".join(change for change, _ in mutants._changed(code))
    for line in (
        "+ if x[i] <= y and i != 3:",
        "+ if x[i] < y or i != 3:",
        "+ if x[i] < y and i != 4:",
        "+ if x[i] < y:",
        "+ if True:",
        "+ total += g(y, x, axis=1)",
        "+ total += g(x, y, axis=0)",
        "+ total += g(x, y)",
        "+ total -= g(x, y, axis=1)",
        "+ total = g(x, y, axis=1)",
        "+ for i in list(range(len(x)))[1:]:",
        "+ raise ValueError('nothing in here is changed')",
        "+ return total - x",
        "+ return None",
        "+ pass",
    ):
        assert line in changes.splitlines(), line
    assert "xnothing" not in changes


def test_a_mutant_that_never_ends_is_found_out(monkeypatch):
    monkeypatch.setattr(mutants, "PATIENCE", 0.2)

    def endless(tokens, vocabulary):
        while True:
            pass

    assert not mutants.survives(exercises()["encode"], mutants.Mutant("endless", "", endless))


def test_the_loops_of_a_mutant_are_counted(monkeypatch):
    monkeypatch.setattr(mutants, "PATIENCE", 600)
    code = """
def encode(tokens, vocabulary):
    for token in tokens:
        tokens.append(token)
"""
    endless = mutants._run(code, exercises()["encode"].reference)
    with pytest.raises(StopIteration):
        endless(["a"], {})
    assert not mutants.survives(exercises()["encode"], mutants.Mutant("endless", "", endless))
