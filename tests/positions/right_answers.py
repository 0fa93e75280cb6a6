"""Other right ways of writing each answer of lesson 7: every one must get full marks, and every mutant of it must not."""

import math

import numpy as np
import torch
import torch.nn.functional as F

from embedcourse.positions import attention


def learned_input__by_position(E, P, ids):
    return E[ids] + P[np.arange(ids.shape[-1])]


def learned_input__take(E, P, ids):
    length = ids.shape[-1]
    if len(P) < length:
        raise IndexError
    return np.take(E, ids, axis=0) + np.split(P, [length])[0]


def words_that_notice__written_out():
    return {"causal": 2, "far": 4, "two_causal": 4, "places": 6, "places_causal": 4}


def words_that_notice__measured():
    rng = np.random.default_rng(0)
    E, P = rng.normal(size=(2, 6, 8))
    layers = rng.normal(size=(2, 3, 8, 8)) / 2

    def noticed(positions, causal, depth, swapped=(0, 1, 3, 2, 4, 5)):
        swapped = np.array(swapped)
        x, y = E + positions * P, E[swapped] + positions * P
        for q, k, v in layers[:depth]:
            x, y = (rows + np.tanh(attention(rows @ q, rows @ k, rows @ v, causal)) for rows in (x, y))
        return int((abs(x[swapped] - y).max(axis=1) > 1e-9).sum())

    return {
        "causal": noticed(0, True, 1),
        "far": noticed(0, True, 1, (0, 4, 2, 3, 1, 5)),
        "two_causal": noticed(0, True, 2),
        "places": noticed(1, False, 1),
        "places_causal": noticed(1, True, 1),
    }


def bert_input__numpy(E, P, S, gain, bias, ids, segments):
    x = E[ids] + P[np.arange(ids.shape[-1])] + S[segments]
    x = x - x.mean(axis=-1, keepdims=True)
    return gain * x / np.sqrt((x * x).mean(axis=-1, keepdims=True) + 1e-12) + bias


def bert_input__torch(E, P, S, gain, bias, ids, segments):
    x = torch.from_numpy(E[ids] + P[: ids.shape[-1]] + S[segments])
    return F.layer_norm(x, gain.shape, torch.from_numpy(gain), torch.from_numpy(bias), eps=1e-12).numpy()


def position_ids__loop(attention_mask, offset=0):
    positions = np.full(attention_mask.shape, max(0, offset - 1))
    for place in np.ndindex(attention_mask.shape[:-1]):
        tokens = attention_mask[place] == 1
        positions[place][tokens] = np.arange(tokens.sum()) + offset
    return positions


def position_ids__tokens_before(attention_mask, offset=0):
    before = np.add.accumulate(attention_mask, axis=-1) - attention_mask
    positions = before + offset
    positions[attention_mask == 0] = max(0, offset - 1)
    return positions


def position_parameters__written_out():
    return {"bert": 394_752, "gpt2": 786_432, "roberta_rows": 514, "longest": 510, "long": 536_870_912}


def position_parameters__worked_out():
    rows = range(514)
    return {
        "bert": torch.nn.Embedding(512, 768).weight.numel() + torch.nn.Embedding(2, 768).weight.numel(),
        "gpt2": 2**10 * 768,
        "roberta_rows": 2 + 512,
        "longest": len(rows[4:]),
        "long": 2**17 * 2**12,
    }


def sinusoidal__columns(length, dim, base=10_000.0):
    rows = np.empty((length, dim))
    for column in range(0, dim, 2):
        angle = np.arange(length) / base ** (column / dim)
        rows[:, column] = np.sin(angle)
        rows[:, column + 1] = np.cos(angle)
    return rows


def sinusoidal__complex(length, dim, base=10_000.0):
    turn = np.exp(1j * np.outer(np.arange(length), base ** -np.linspace(0, 1, dim // 2, endpoint=False)))
    return np.stack([turn.imag, turn.real], axis=2).reshape(length, dim)


def sinusoidal__logarithm(length, dim, base=10_000.0):
    speeds = np.exp(np.arange(0, dim, 2) * (-math.log(base) / dim))
    rows = np.empty((length, dim))
    rows[:, ::2] = np.sin(np.arange(length)[:, None] * speeds)
    rows[:, 1::2] = np.cos(np.arange(length)[:, None] * speeds)
    return rows


def shift_matrix__blocks(offset, dim, base=10_000.0):
    blocks = []
    for i in range(dim // 2):
        angle = torch.tensor(offset / base ** (2 * i / dim))
        c, s = angle.cos(), angle.sin()
        blocks.append(torch.stack([c, s, -s, c]).reshape(2, 2))
    return torch.block_diag(*blocks).numpy()


def shift_matrix__loop(offset, dim, base=10_000.0):
    R = np.zeros((dim, dim))
    for i in range(0, dim, 2):
        angle = offset / base ** (i / dim)
        R[i, i] = R[i + 1, i + 1] = np.cos(angle)
        R[i, i + 1] = np.sin(angle)
        R[i + 1, i] = -np.sin(angle)
    return R
