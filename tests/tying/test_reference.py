"""The way out of a model against torch's own functions and its autograd."""

import copy
import math

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from embedcourse.tying import count_parameters, cross_entropy, tied_gradient, unembed


def random(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.mark.parametrize("batch", [(), (3,), (2, 3), (0,)])
def test_logits_are_those_of_a_linear_layer(batch):
    h, E = random(*batch, 4), random(7, 4, seed=1)
    torch.testing.assert_close(unembed(h, E), F.linear(h, E))


def test_the_rank_of_the_logits_is_at_most_the_dimension():
    assert torch.linalg.matrix_rank(unembed(random(50, 4), random(30, 4, seed=1))) == 4


@pytest.mark.parametrize("batch", [(), (5,), (2, 3)])
def test_cross_entropy_is_that_of_torch(batch):
    logits = random(*batch, 9)
    targets = torch.randint(9, batch, generator=torch.Generator().manual_seed(2))
    expected = F.cross_entropy(logits.reshape(-1, 9), targets.reshape(-1))
    got = cross_entropy(logits, targets)
    assert got.shape == ()
    torch.testing.assert_close(got, expected)


def test_equal_logits_cost_ln_vocab_and_large_ones_stay_finite():
    assert cross_entropy(torch.full((4, 50), 3.0), torch.arange(4)).item() == pytest.approx(math.log(50), rel=1e-6)
    assert cross_entropy(torch.tensor([[1000.0, 0.0]]), torch.tensor([1])).item() == 1000
    assert cross_entropy(torch.tensor([[-1000.0, 0.0]]), torch.tensor([1], dtype=torch.uint8)).item() == 0
    ruled_out = torch.tensor([[-torch.inf, 0.0, 0.0]])
    assert cross_entropy(ruled_out, torch.tensor([1])).item() == pytest.approx(math.log(2))


def test_cross_entropy_can_be_differentiated():
    logits = random(3, 5).requires_grad_()
    targets = torch.tensor([0, 4, 4])
    cross_entropy(logits, targets).backward()
    torch.testing.assert_close(logits.grad, (logits.detach().softmax(-1) - F.one_hot(targets, 5)) / 3)


def test_two_gradients_meet_in_a_tied_matrix():
    E = random(6, 4).requires_grad_()
    ids, targets = torch.tensor([1, 1, 5]), torch.tensor([0, 2, 1])
    read = F.embedding(ids, E)
    h = torch.tanh(read @ random(4, 4, seed=3))
    logits = unembed(h, E)
    read.retain_grad()
    logits.retain_grad()
    cross_entropy(logits, targets).backward()
    got = tied_gradient(ids, read.grad, h.detach(), logits.grad, vocab_size=6)
    torch.testing.assert_close(got, E.grad, rtol=0, atol=1e-14)
    read_only = tied_gradient(ids, read.grad, h.detach(), 0 * logits.grad, 6)
    assert read_only.any(dim=1).nonzero().flatten().tolist() == [1, 5]
    assert tied_gradient(ids, 0 * read.grad, h.detach(), logits.grad, 6).any(dim=1).all()


def test_a_shared_parameter_counts_once_and_a_copy_again():
    model = nn.ModuleDict(
        {"table": nn.Embedding(10, 4), "head": nn.Linear(4, 10, bias=False), "norm": nn.BatchNorm1d(4)}
    )
    assert count_parameters(model) == 40 + 40 + 8  # no buffers
    model["head"].weight = model["table"].weight
    assert count_parameters(model) == 40 + 8
    model["table"].weight.requires_grad_(False)
    assert count_parameters(model) == 40 + 8
    assert count_parameters(copy.deepcopy(model)) == 40 + 8
    model["head"].weight = nn.Parameter(model["table"].weight.clone())
    assert count_parameters(model) == 40 + 40 + 8
    assert count_parameters(nn.Embedding(128_000, 4_096, device="meta")) == 524_288_000
    with pytest.raises(ValueError, match="weight has no shape yet"):
        count_parameters(nn.LazyLinear(3))


def test_what_does_not_fit_is_refused_with_a_sentence():
    with pytest.raises(ValueError, match="last axis must have 4 numbers"):
        unembed(random(2, 3), random(7, 4))
    with pytest.raises(ValueError, match="two axes"):
        unembed(random(4), random(4))
    with pytest.raises(ValueError, match="one axis more"):
        cross_entropy(random(2, 3), torch.tensor([0]))
    with pytest.raises(ValueError, match="no target"):
        cross_entropy(random(0, 3), torch.tensor([], dtype=torch.int64))
    with pytest.raises(ValueError, match=r"not torch\.float64"):
        cross_entropy(random(1, 3), random(1))
    with pytest.raises(IndexError, match="target -100 is outside 0 … 2"):
        cross_entropy(random(1, 3), torch.tensor([-100]))
    with pytest.raises(ValueError, match=r"want \(n,\) and \(n, dim\)"):
        tied_gradient(torch.tensor([0, 1]), random(3, 2), random(1, 2), random(1, 4), 4)
    with pytest.raises(ValueError, match=r"want \(m, 2\) and \(m, 4\)"):
        tied_gradient(torch.tensor([0]), random(1, 2), random(1, 2), random(1, 5), 4)
    with pytest.raises(IndexError, match="id 4 is outside"):
        tied_gradient(torch.tensor([4]), random(1, 2), random(1, 2), random(1, 4), 4)
