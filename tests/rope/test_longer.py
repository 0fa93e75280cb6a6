"""The stored runs on longer texts: they are repeated here for one model, and say what the lesson says of them."""

import torch

from embedcourse.positions.training import TRAINED, stored_lengths, train
from embedcourse.rope import inverse_frequencies
from embedcourse.rope.longer import METHODS, STEP, accuracies, slowed, speeds_for, stored_methods, with_slope

STORED = stored_methods()["accuracies"]


def mean(task, method, length):
    place = stored_methods()["lengths"].index(length)
    runs = STORED[task][method]
    return sum(run["beyond"][place] for run in runs) / len(runs)


def test_what_is_stored_is_what_comes_out():
    model = train("first", "rope", seed=0)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    for method in (None, "yarn", STEP):
        assert accuracies(model, "first", method) == STORED["first"][method or "as trained"][0]
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


def test_as_trained_they_are_the_runs_of_lesson_7():
    for task, runs in STORED.items():
        of_lesson_7 = stored_lengths()["accuracies"][task]["rope"]
        for run, known in zip(runs["as trained"], of_lesson_7, strict=True):
            assert all(abs(one - other) < 0.02 for one, other in zip(run["beyond"], known[1:], strict=True))


def test_interpolation_repairs_one_task_and_ruins_the_other_and_ntk_the_other_way_round():
    assert mean("first", "as trained", 64) < 0.2 < 0.95 < mean("first", "linear", 64)
    assert mean("previous", "linear", 64) < 0.75 < 0.99 < mean("previous", "as trained", 64)
    assert mean("previous", "ntk", 256) > mean("previous", "as trained", 256) + 0.1
    assert mean("first", "ntk", 64) < 0.3


def test_the_two_that_treat_fast_and_slow_pairs_apart_lose_least_on_the_worse_task():
    worst = {method: min(mean(task, method, 128) for task in STORED) for method in METHODS}
    assert min(worst["yarn"], worst["llama3"]) > max(worst["linear"], worst["ntk"]) + 0.2


def test_a_hard_step_after_three_pairs_does_better_on_the_worse_task_than_the_four():
    trained = inverse_frequencies(64)
    assert speeds_for(STEP, 64).tolist() == [*trained[:3].tolist(), *(trained[3:] / 2).tolist()]
    assert min(mean(task, STEP, 64) for task in STORED) > 0.99
    for length in (48, 64, 128, 256):
        worst = {method: min(mean(task, method, length) for task in STORED) for method in (*METHODS, STEP)}
        assert max(worst, key=worst.get) == STEP


def test_a_larger_factor_helps_ntk_half_the_way():
    torch.testing.assert_close(speeds_for("ntk x 4", 64)[-1], inverse_frequencies(64)[-1] / 8)
    assert mean("first", "ntk", 64) < 0.25 < mean("first", "ntk x 4", 64) < mean("first", "ntk x 8", 64) < 0.6
    assert mean("previous", "ntk x 8", 64) > 0.99


def test_no_slope_of_alibi_does_both_tasks():
    for slope, runs in stored_methods()["alibi"].items():
        within = {task: sum(run[0] for run in runs[task]) / len(runs[task]) for task in STORED}
        assert min(within.values()) < 0.25
        assert (within["first"] > 0.9) == (float(slope) < 0)
    assert abs(with_slope(-0.5, "first", 0)[0] - stored_methods()["alibi"]["-0.5"]["first"][0][0]) < 0.02


def test_the_length_of_training_is_the_model_as_it_was():
    model = train("first", "rope", seed=1)
    ids = torch.arange(16)[None]
    for method in METHODS:
        torch.testing.assert_close(slowed(model, method, TRAINED)(ids), model(ids), rtol=0, atol=1e-4)
