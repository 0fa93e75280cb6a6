"""Which pairs lose the token before, far out: the stored runs are repeated for one model, and say what the lesson says."""

import pytest
import torch

from embedcourse.positions.training import stored_lengths, train
from embedcourse.rope.far import (
    FAST,
    KEPT,
    SLOW,
    far_weights,
    peak,
    random_texts,
    right_far_out,
    shares_in_one_token,
    stored_far,
)

STORED = stored_far()


@pytest.fixture(scope="module")
def model():
    return train("previous", "rope", seed=0)


def test_what_is_stored_is_what_comes_out(model):
    for name, kept in KEPT.items():
        assert abs(right_far_out(model, *kept) - STORED["right"][name][0]) < 0.01
    assert (peak(model), far_weights(model), shares_in_one_token(model)) == tuple(
        STORED[what][0] for what in ("peaks", "far weights", "one token")
    )


@torch.no_grad()
def test_with_no_pair_kept_it_is_the_model_itself(model):
    ids = random_texts(40)
    said = model(ids)[:, -56:].argmax(dim=-1)
    right = (said == ids[:, -57:-1]).float().mean().item()
    assert right_far_out(model, (), (0,)) == pytest.approx(right, abs=1e-3)


def test_all_pairs_kept_are_never_wrong(model):
    assert right_far_out(model, range(32), range(8, 32)) > 0.99


def test_it_takes_fast_and_slow_pairs_together():
    right = STORED["right"]
    assert max(right["as it is"]) < 0.95
    assert min(right["slow kept in 8 to 31"]) > 0.99
    assert min(right["fast kept in 8 to 31"]) > 0.97
    assert right["slow kept at 0"][0] < 0.7
    assert set(FAST) | set(SLOW) == set(range(32))


def test_the_first_is_one_of_the_two_worst_and_splits_one_token_most_evenly():
    at_256 = [run[-1] for run in stored_lengths()["accuracies"]["previous"]["rope"]]
    assert sorted(at_256)[1] == at_256[0]
    assert STORED["scales"]["0.3"] == at_256
    assert min(STORED["one token"], key=lambda both: both[1] - both[0]) == STORED["one token"][0]
    assert all(before > own for own, before in STORED["one token"])
