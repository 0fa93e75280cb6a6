"""Which pairs lose the token before, far out: the stored runs are repeated for one model, and say what the lesson says."""

import pytest
import torch

from embedcourse.positions.training import stored_lengths, train
from embedcourse.rope.far import (
    FAST,
    far_weight,
    middle_level,
    peak,
    random_texts,
    right_far_out,
    rights_far_out,
    shares_in_one_token,
    stored_far,
)

STORED = stored_far()


@pytest.fixture(scope="module")
def model():
    return train("previous", "rope", seed=0)


def test_what_is_stored_is_what_comes_out(model):
    for name, right in rights_far_out(model).items():
        assert abs(right - STORED["right"][name][0]) < 0.01
    assert (peak(model), far_weight(model), middle_level(model), shares_in_one_token(model)) == tuple(
        STORED[what][0] for what in ("peaks", "far weight", "level of 6 to 11", "one token")
    )


@torch.no_grad()
def test_with_no_pair_kept_it_is_the_model_itself(model):
    ids = random_texts(40)
    said = model(ids)[:, -56:].argmax(dim=-1)
    right = (said == ids[:, -57:-1]).float().mean().item()
    assert right_far_out(model, (), (0,)) == pytest.approx(right, abs=1e-3)


def test_all_pairs_kept_are_never_wrong(model):
    assert right_far_out(model, range(32), range(8, 32)) > 0.99


def test_a_lower_score_far_out_repairs_as_much_as_trained_angles():
    right = STORED["right"]
    assert max(right["as it is"]) < 0.95
    for name in ("0 to 5 kept in 8 to 31", "6 to 11 kept in 8 to 31", "far scores less 4"):
        assert min(right[name]) > 0.96
    assert min(right["6 to 31 kept at 3"]) > 0.94
    assert all(trained < -4 and 0 < beyond < 0.5 for trained, beyond in STORED["level of 6 to 11"])


def test_from_offset_0_on_fast_pairs_repeat_their_peak(model):
    assert right_far_out(model, FAST, range(32)) < 0.3


def test_the_first_is_one_of_the_two_worst_and_splits_one_token_most_evenly():
    at_256 = [run[-1] for run in stored_lengths()["accuracies"]["previous"]["rope"]]
    assert sorted(at_256)[1] == at_256[0]
    assert STORED["scales"]["0.3"] == at_256
    assert min(STORED["one token"], key=lambda both: both[1] - both[0]) == STORED["one token"][0]
    assert all(before > own for own, before in STORED["one token"])
