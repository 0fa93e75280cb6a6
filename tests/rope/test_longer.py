"""The stored runs on longer texts: they are repeated here for one model, and say what the lesson says of them."""

import copy

import torch

from embedcourse.positions.training import TRAINED, stored_lengths, train
from embedcourse.rope import inverse_frequencies
from embedcourse.rope.longer import (
    ALSO,
    BY_TURNS,
    METHODS,
    STEP,
    WHICH,
    accuracies,
    shares,
    slowed,
    speeds_for,
    stored_methods,
    with_slope,
)
from embedcourse.rope.practice import unseen_angles

STORED = stored_methods()["accuracies"]


def mean(task, method, length):
    place = stored_methods()["lengths"].index(length)
    runs = STORED[task][method]
    return sum(run["beyond"][place] for run in runs) / len(runs)


def test_what_is_stored_is_what_comes_out():
    model = train("first", "rope", seed=0)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    for method in (None, "yarn", BY_TURNS, STEP, "all but 3 and 4", "ntk x 8, 3 and 4 too"):
        assert accuracies(model, "first", method) == STORED["first"][method or "as trained"][0]
    torch.testing.assert_close(shares(model), torch.tensor(stored_methods()["shares"]["first"][0]), rtol=0, atol=1e-3)
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


def test_which_pairs_are_slowed():
    trained = inverse_frequencies(64)
    for name, pairs in WHICH.items():
        kept = speeds_for(name, 128) / trained
        assert [pair for pair in range(32) if kept[pair] != 1] == list(pairs), name
        assert set(kept.tolist()) == {1, 0.25}
    for name, method in ALSO.items():
        speeds = speeds_for(name, 64)
        assert torch.equal(speeds[3:5], trained[3:5] / 2)
        assert torch.equal(speeds[5:], speeds_for(method, 64)[5:])
        assert torch.equal(speeds[:3], speeds_for(method, 64)[:3])


def test_which_pairs_are_slowed_decides_and_not_how_many_meet_new_angles():
    trained = inverse_frequencies(64)
    new = {name: unseen_angles(trained, speeds_for(name, 64), 32, 64).sum() for name in ("only 3 to 13", "yarn")}
    assert (new["only 3 to 13"], new["yarn"]) == (18, 0)
    assert min(mean(task, "only 3 to 13", 64) for task in STORED) > 0.99
    assert mean("first", "only 14 to 31", 64) < 0.15
    assert mean("first", "all but 3 and 4", 64) < mean("first", "all but 4", 64) < mean("first", "all but 3", 64) < 0.9
    assert mean("first", "all but 5", 64) > 0.98
    for name, method in ALSO.items():
        assert mean("first", name, 64) > 0.96 > 0.65 > mean("first", method, 64)
        assert mean("previous", name, 64) > 0.99
    assert mean("first", BY_TURNS, 64) > 0.98
    assert mean("previous", BY_TURNS, 64) < 0.75


def test_what_each_task_listens_to():
    for task, runs in stored_methods()["shares"].items():
        for run in runs:
            fastest, third, fourth, fifth, slowest = sum(run[:3]), run[3], run[4], run[5], sum(run[14:])
            if task == "first":
                assert max(fastest, fifth, slowest) < 0.025 < 0.055 < third < fourth
                assert sum(run[7:10]) > 0.45
            else:
                assert fastest > 0.25
                assert fastest > 2 * max(run[3:])


def test_lengths_bound_what_a_pair_adds_to_a_score():
    model = train("first", "rope", seed=0)
    share = shares(model)
    torch.testing.assert_close(share.sum(), torch.tensor(1.0))
    alone = copy.deepcopy(model)
    for part in (alone.query.weight, alone.query.bias):
        part.data.unflatten(0, (2, -1))[:, 5:] = 0
    torch.testing.assert_close(shares(alone)[:5], share[:5] / share[:5].sum())
    assert shares(alone)[5:].abs().max() == 0


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
