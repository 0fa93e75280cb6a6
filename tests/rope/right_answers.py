"""Other right ways of writing each answer of lesson 8: every one must get full marks, and every mutant of it must not."""

import math

import torch


def rotate_pair__matrix(pair, angle):
    c, s = math.cos(angle), math.sin(angle)
    return pair @ torch.tensor([[c, s], [-s, c]])


def rotate_pair__complex(pair, angle):
    return torch.view_as_real(torch.view_as_complex(pair) * complex(math.cos(angle), math.sin(angle)))


def inverse_frequencies__loop(head_dim, base=10_000.0):
    return torch.tensor([base ** (-i / head_dim) for i in range(0, head_dim, 2)])


def inverse_frequencies__logarithm(head_dim, base=10_000.0):
    return torch.exp(torch.arange(0, head_dim, 2) * -math.log(base) / head_dim)


def unfinished_turns__loop(head_dim, length, base=10_000.0):
    return sum(2 * math.pi * base ** (i / head_dim) > length for i in range(0, head_dim, 2))


def unfinished_turns__angles(head_dim, length, base=10_000.0):
    angles = length * base ** -(torch.arange(0, head_dim, 2) / head_dim)
    return (angles < 2 * math.pi).sum().item()


def rotate_half__as_hugging_face_writes_it(x, positions, base=10_000.0):
    head_dim = x.shape[-1]
    speeds = 1.0 / base ** (torch.arange(0, head_dim, 2) / head_dim)
    angles = torch.outer(positions, speeds)
    angles = torch.cat((angles, angles), dim=1)
    x1, x2 = x.split(head_dim // 2, dim=-1)
    return x * angles.cos() + torch.cat((-x2, x1), dim=-1) * angles.sin()


def rotate_half__complex(x, positions, base=10_000.0):
    pairs = torch.complex(*x.chunk(2, dim=-1))
    speeds = base ** -torch.linspace(0, 1, pairs.shape[-1] + 1)[:-1]
    pairs = pairs * torch.exp(1j * torch.outer(positions, speeds))
    return torch.cat((pairs.real, pairs.imag), dim=-1)


def rotate_interleaved__as_meta_writes_it(x, positions, base=10_000.0):
    pairs = torch.view_as_complex(x.reshape(*x.shape[:-1], -1, 2))
    speeds = 1.0 / base ** (torch.arange(0, x.shape[-1], 2) / x.shape[-1])
    angles = torch.outer(positions, speeds)
    return torch.view_as_real(pairs * torch.exp(1j * angles)).flatten(-2)


def rotate_interleaved__loop(x, positions, base=10_000.0):
    head_dim = x.shape[-1]
    turned = torch.empty_like(x)
    for i in range(0, head_dim, 2):
        angle = positions * base ** (-i / head_dim)
        turned[..., i] = x[..., i] * angle.cos() - x[..., i + 1] * angle.sin()
        turned[..., i + 1] = x[..., i] * angle.sin() + x[..., i + 1] * angle.cos()
    return turned


def only_the_offset_matters__diagonals(turn):
    queries, keys = (turn(torch.randn(8).expand(200, 8), torch.arange(200)) for _ in range(2))
    scores = queries @ keys.T
    return torch.allclose(scores[1:, 1:], scores[:-1, :-1], atol=1e-3)


def only_the_offset_matters__moved_on(turn):
    x, places = torch.randn(4, 8), torch.arange(4)

    def scores(places):
        rows = turn(x, places)
        return rows @ rows.T

    return torch.allclose(scores(places), scores(places + 100), atol=1e-3)


def rope_saving__written_out():
    return {"gpt2": 786_432, "gpt2_share": 0.0063, "with_rope": 123_653_376, "long": 536_870_912}


def rope_saving__worked_out():
    gpt2 = 2**10 * 768
    total = 124_439_808
    return {"gpt2": gpt2, "gpt2_share": gpt2 / total, "with_rope": total - gpt2, "long": 2**17 * 2**12}


def key_for_offset__axis_by_axis(turn, q, offset):
    back = torch.full(q.shape, -offset)
    return turn(torch.eye(len(q)), back) @ q


def key_for_offset__undone_at_another_place(turn, q, offset):
    places = torch.full(q.shape, 9)
    return turn(torch.eye(len(q)), places) @ turn(q[None], torch.tensor([9 + offset]))[0]
