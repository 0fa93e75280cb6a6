"""Other right ways of writing each answer of lesson 1: every one must get full marks, and every mutant of it must not.

The name says which exercise, and after two underscores which way.
"""

import enum
import functools
import itertools
import operator
import string
from collections import Counter, defaultdict

import numpy as np
import torch


def build_vocabulary__setdefault(tokens):
    vocabulary = {}
    for token in tokens:
        vocabulary.setdefault(token, len(vocabulary))
    return vocabulary


def build_vocabulary__defaultdict(tokens):
    vocabulary = defaultdict(lambda: len(vocabulary))
    for token in tokens:
        vocabulary[token]
    return vocabulary


class _Numbering(dict):
    def __missing__(self, token):
        return len(self)


def build_vocabulary__dict_that_numbers_what_is_missing(tokens):
    vocabulary = _Numbering()
    for token in tokens:
        vocabulary[token] = vocabulary[token]
    return vocabulary


def build_vocabulary__fromkeys(tokens):
    return {token: i for i, token in enumerate(dict.fromkeys(tokens))}


def build_vocabulary__zip(tokens):
    different = Counter(tokens)
    return dict(zip(different, itertools.count()))


def build_vocabulary__sorted_by_first_place(tokens):
    return {token: i for i, token in enumerate(sorted(set(tokens), key=tokens.index))}


def build_vocabulary__numpy_unique(tokens):
    different, first = np.unique(tokens, return_index=True)
    return {token: i for i, token in enumerate(different[np.argsort(first)])}


def build_vocabulary__numpy_numbers_and_while(tokens):
    vocabulary, rest = {}, list(tokens)
    while rest:
        token = rest.pop(0)
        if vocabulary.get(token) is None:
            vocabulary[token] = np.size(list(vocabulary))
    return vocabulary


def encode__loop(tokens, vocabulary):
    ids = []
    for token in tokens:
        if token in vocabulary:
            ids.append(vocabulary[token])
        else:
            ids.append(vocabulary["<unk>"])
    return np.array(ids, dtype=np.int64)


def encode__get_the_right_key(tokens, vocabulary):
    return np.array([vocabulary[(token, "<unk>")[token not in vocabulary]] for token in tokens], dtype="int64")


def encode__try(tokens, vocabulary):
    ids = np.empty(len(tokens), dtype=np.int64)
    for i, token in enumerate(tokens):
        try:
            ids[i] = vocabulary[token]
        except KeyError:
            ids[i] = vocabulary["<unk>"]
    return ids


def encode__default_with_a_marker(tokens, vocabulary):
    unknown = vocabulary.get("<unk>")
    ids = [vocabulary.get(token, unknown) for token in tokens]
    if None in ids:
        raise KeyError("a token is not in the vocabulary")
    return np.fromiter(ids, dtype=np.int64)


def encode__map(tokens, vocabulary):
    def one(token):
        return vocabulary["<unk>"] if token not in vocabulary else vocabulary[token]

    return np.asarray(list(map(one, tokens)), np.int64)


def encode__torch_on_the_way(tokens, vocabulary):
    known = [token if token in vocabulary else "<unk>" for token in tokens]
    return torch.tensor([vocabulary[token] for token in known], dtype=torch.int64).numpy()


def lookup__take(E, ids):
    if np.any(np.less(ids, 0)):
        raise IndexError("a negative id")
    return np.take(E, ids, axis=0)


def lookup__loop(E, ids):
    ids, (vocab, dim) = np.asarray(ids), E.shape
    rows = np.empty((*ids.shape, dim), dtype=E.dtype)
    for place in np.ndindex(ids.shape):
        if ids[place] not in range(vocab):
            raise IndexError(ids[place])
        rows[place] = E[ids[place]]
    return rows


def lookup__flat_and_back(E, ids):
    shape, flat = np.shape(ids), np.array(ids).flatten()
    if len(flat) and min(flat) < 0:
        raise IndexError("outside the table")
    return E[flat].reshape((*shape, len(E.T)))


def lookup__recursion(E, ids):
    if np.ndim(ids):
        rows = [lookup__recursion(E, some) for some in ids]
        return np.array(rows).reshape((*np.shape(ids), len(E.T)))
    if ids < 0:
        raise IndexError("negative")
    return E[ids]


def lookup__set_of_valid_ids(E, ids):
    if not np.isin(ids, range(len(E))).all():
        raise IndexError("outside")
    return E[ids, :]


def lookup__choose_by_a_product(E, ids):
    hot = np.expand_dims(ids, axis=-1) == np.arange(len(E))
    if not hot.any(axis=-1).all():
        raise IndexError("outside")
    return np.einsum("...v,vd->...d", hot, E)


def lookup__torch(E, ids):
    return torch.nn.functional.embedding(torch.as_tensor(ids), torch.from_numpy(E)).numpy()


def one_hot__eye(ids, vocab_size):
    return np.eye(vocab_size)[ids]


def one_hot__identity_take(ids, vocab_size):
    return np.identity(vocab_size).take(ids, axis=0)


def one_hot__loop(ids, vocab_size):
    ids = np.asarray(ids)
    vectors = np.zeros((*ids.shape, vocab_size))
    for place in np.ndindex(ids.shape):
        vectors[place][ids[place]] = 1.0
    return vectors


def one_hot__put_along_axis(ids, vocab_size):
    ids = np.asarray(ids)
    vectors = np.zeros((*ids.shape, vocab_size))
    np.put_along_axis(vectors, ids[..., None], 1.0, axis=-1)
    return vectors


def one_hot__flat(ids, vocab_size):
    flat = np.ravel(ids)
    vectors = np.zeros((flat.size, vocab_size))
    vectors[np.arange(flat.size), flat] = 1
    return vectors.reshape(np.shape(ids) + (vocab_size,))


def one_hot__lists(ids, vocab_size):
    if np.ndim(ids):
        return np.array([one_hot__lists(some, vocab_size) for some in ids])
    return np.array([float(place == ids) for place in range(vocab_size)])


def one_hot__torch(ids, vocab_size):
    return torch.nn.functional.one_hot(torch.as_tensor(ids), vocab_size).double().numpy()


def one_hot_cost__written_out():
    return {"multiplications": 524_288_000, "one_hot_bytes": 512_000, "lookup_bytes": 16_384}


def one_hot_cost__measured():
    table = torch.empty(128_000, 4_096, device="meta", dtype=torch.float32)
    hot = np.zeros(table.shape[0], dtype=np.float32)
    row = np.zeros(table.shape[1], dtype=np.float32)
    return dict(multiplications=table.numel(), one_hot_bytes=hot.nbytes, lookup_bytes=row.nbytes)


def one_hot_cost__numpy_numbers():
    vocab, dim = np.int64(128) * 1_000, np.int64(2**12)
    bits = np.finfo(np.float32).bits
    return {"lookup_bytes": dim * bits // 8, "one_hot_bytes": vocab * bits // 8, "multiplications": vocab * dim}


def lookup_by_matmul__eye(E, ids):
    return np.eye(len(E), dtype=E.dtype)[ids] @ E


def lookup_by_matmul__einsum(E, ids):
    hot = np.expand_dims(ids, -1) == np.arange(len(E))
    return np.einsum("...v,vd->...d", hot, E)


def lookup_by_matmul__sum_of_products(E, ids):
    total = np.zeros((*np.shape(ids), len(E.T)), dtype=E.dtype)
    for number, row in enumerate(E):
        total += np.equal(ids, number)[..., None] * row
    return total


def lookup_by_matmul__loops(E, ids):
    ids = np.asarray(ids)
    result = np.empty((*ids.shape, len(E.T)), E.dtype)
    for place in np.ndindex(ids.shape):
        hot = np.zeros(len(E))
        hot[ids[place]] = 1
        result[place] = hot.dot(E)
    return result


def lookup_by_matmul__tensordot(E, ids):
    hot = np.zeros((np.size(ids), len(E)))
    hot[range(np.size(ids)), np.ravel(ids)] = 1
    return np.tensordot(hot, E, axes=1).reshape((*np.shape(ids), len(E.T))).astype(E.dtype)


def lookup_by_matmul__broadcast_and_sum(E, ids):
    hot = np.equal.outer(ids, np.arange(len(E)))
    return (hot[..., None] * E).sum(axis=-2)


def lookup_by_matmul__torch(E, ids):
    hot = torch.nn.functional.one_hot(torch.as_tensor(ids), len(E))
    return torch.tensordot(hot.double(), torch.from_numpy(E).double(), dims=1).numpy().astype(E.dtype)


def lookup_gradient__loop(ids, upstream, vocab_size):
    *_, dim = upstream.shape
    gradient = np.zeros((vocab_size, dim), upstream.dtype)
    for i, share in zip(np.ravel(ids), upstream.reshape(np.size(ids), dim)):
        gradient[i] += share
    return gradient


def lookup_gradient__ndindex(ids, upstream, vocab_size):
    ids = np.asarray(ids)
    gradient = np.zeros_like(upstream, shape=(vocab_size, upstream.shape[-1]))
    for place in np.ndindex(ids.shape):
        gradient[ids[place]] += upstream[place]
    return gradient


def lookup_gradient__transposed_one_hot(ids, upstream, vocab_size):
    hot = np.ravel(ids)[:, None] == np.arange(vocab_size)
    return hot.T @ upstream.reshape(np.size(ids), upstream.shape[-1])


def lookup_gradient__einsum(ids, upstream, vocab_size):
    letters = string.ascii_uppercase[: np.ndim(ids)]
    hot = np.equal.outer(ids, np.arange(vocab_size))
    return np.einsum(f"{letters}v,{letters}d->vd", hot, upstream)


def lookup_gradient__bincount(ids, upstream, vocab_size):
    sums = [
        np.bincount(np.ravel(ids), weights=column.ravel(), minlength=vocab_size)
        for column in np.moveaxis(upstream, -1, 0)
    ]
    return np.array(sums, dtype=upstream.dtype).T


def lookup_gradient__row_by_row(ids, upstream, vocab_size):
    rows = [upstream[np.asarray(ids) == row].sum(axis=0) for row in range(vocab_size)]
    return np.array(rows)


def lookup_gradient__sorted_groups(ids, upstream, vocab_size):
    *_, dim = upstream.shape
    pairs = sorted(zip(np.ravel(ids), upstream.reshape(np.size(ids), dim)), key=lambda pair: pair[0])
    gradient = np.zeros((vocab_size, dim), dtype=upstream.dtype)
    for row, group in itertools.groupby(pairs, key=lambda pair: pair[0]):
        gradient[row] = functools.reduce(operator.add, (share for _, share in group))
    return gradient


def lookup_gradient__autograd(ids, upstream, vocab_size):
    *_, dim = upstream.shape
    gradient = torch.from_numpy(upstream)
    table = torch.empty(vocab_size, dim, dtype=gradient.dtype, requires_grad=True)
    torch.nn.functional.embedding(torch.as_tensor(ids), table).backward(gradient)
    return table.grad.numpy()


def one_hot_cost__bits_and_an_enum():
    class Key(enum.StrEnum):
        MULTIPLICATIONS = "multiplications"
        HOT = "one_hot_bytes"
        ROW = "lookup_bytes"

    return {Key.MULTIPLICATIONS: 128e3 * 4096, Key.HOT: 128_000 * 32 / 8, Key.ROW: 4096 * 32 / 8}


def rows_that_move__counted():
    first, second = [5, 2], [5, 7]
    return {"plain": len(set(second)), "momentum": len(set(first) | set(second)), "weight decay": 10}


def rows_that_move__numpy_numbers():
    return {"weight decay": np.int64(10), "momentum": np.int32(3), "plain": np.array(2)}
