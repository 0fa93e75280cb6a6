"""Other right ways of writing each answer of lessons 2 and 3: every one must get full marks, and every mutant of it must not.

The name says which exercise, and after two underscores which way.
"""

import math

import numpy as np
import torch
import torch.nn.functional as F


def skipgram_pairs__places(ids, window):
    places = [(i, j) for i in range(len(ids)) for j in range(len(ids)) if 0 < abs(i - j) <= window]
    centers = np.array([ids[i] for i, _ in places], dtype=np.int64)
    return centers, np.array([ids[j] for _, j in places], dtype=np.int64)


def skipgram_pairs__mask(ids, window):
    apart = np.abs(np.subtract.outer(np.arange(len(ids)), np.arange(len(ids))))
    centers, contexts = np.nonzero((apart > 0) & (apart <= window))
    return ids[centers], ids[contexts]


def skipgram_pairs__slices(ids, window):
    around = [(*ids[max(0, i - window) : i], *ids[i + 1 : i + 1 + window]) for i in range(len(ids))]
    pairs = [(center, context) for center, contexts in zip(ids, around) for context in contexts]
    centers, contexts = zip(*pairs) if pairs else ((), ())
    return np.array(centers, dtype=np.int64), np.array(contexts, dtype=np.int64)


def cooccurrence__loops(ids, window, vocab_size):
    counts = np.zeros((vocab_size, vocab_size), dtype=np.int64)
    for i, center in enumerate(ids):
        for context in ids[i + 1 : i + 1 + window]:
            counts[center, context] += 1
            counts[context, center] += 1
    return counts


def cooccurrence__add_at(ids, window, vocab_size):
    counts = np.zeros((vocab_size, vocab_size), dtype=np.int64)
    for offset in range(1, window + 1):
        np.add.at(counts, (ids[:-offset], ids[offset:]), 1)
    return counts + counts.T


def cooccurrence__one_hot(ids, window, vocab_size):
    hot = np.eye(vocab_size, dtype=np.int64)[ids]
    apart = np.abs(np.subtract.outer(np.arange(len(ids)), np.arange(len(ids))))
    return hot.T @ ((apart > 0) & (apart <= window)) @ hot


def ppmi__loops(counts):
    total, values = counts.sum(), np.zeros(counts.shape)
    for row, column in zip(*np.nonzero(counts)):
        expected = counts[row].sum() * counts[:, column].sum() / total
        values[row, column] = max(0, math.log(counts[row, column] / expected))
    return values


def ppmi__probabilities(counts):
    with np.errstate(all="ignore"):
        p = counts / counts.sum()
        pmi = np.log(p / (p.sum(axis=1, keepdims=True) * p.sum(axis=0)))
    return np.where(pmi > 0, pmi, 0)


def ppmi__differences_of_logarithms(counts):
    with np.errstate(all="ignore"):
        logs = np.log(counts) + np.log(counts.sum())
        logs -= np.log(counts.sum(axis=1, keepdims=True)) + np.log(counts.sum(axis=0))
    return np.where(logs > 0, logs, 0)


def cosine_similarity__loops(A, B):
    cosines = np.zeros((len(A), len(B)))
    for i, a in enumerate(A):
        for j, b in enumerate(B):
            if a.any() and b.any():
                cosines[i, j] = a @ b / math.sqrt((a @ a) * (b @ b))
    return cosines


def cosine_similarity__unit_rows(A, B):
    norms = [np.linalg.norm(M, axis=1, keepdims=True) for M in (A, B)]
    A, B = [M / np.where(norm == 0, 1, norm) for M, norm in zip((A, B), norms)]
    return A @ B.T


def cosine_similarity__nan_to_num(A, B):
    with np.errstate(all="ignore"):
        norms = np.linalg.norm(A, axis=1)[:, None] * np.linalg.norm(B, axis=1)
        return np.nan_to_num(A @ B.T / norms)


def nearest__sorted(E, vector, k, exclude=()):
    def cosine(i):
        return np.sum(E[i] * vector) / np.linalg.norm(E[i])

    ids = [i for i in range(len(E)) if i not in exclude]
    return np.array(sorted(ids, key=cosine, reverse=True)[:k])


def nearest__stable(E, vector, k, exclude=()):
    similarity = np.einsum("vd,d->v", E, vector) / np.sqrt((E * E).sum(axis=1))
    similarity[list(exclude)] = -np.inf
    return (-similarity).argsort(kind="stable")[:k]


def nearest__lexsort(E, vector, k, exclude=()):
    cosine = (E * vector).sum(axis=1) / np.linalg.norm(E, axis=1)
    order = np.lexsort((np.arange(len(E)), -cosine))
    return order[~np.isin(order, exclude)][:k]


def sgns_loss__loops(W, C, centers, contexts, negatives):
    losses = []
    for center, context, others in zip(centers, contexts, negatives):
        pushed = [np.logaddexp(0, np.dot(W[center], C[other])) for other in others]
        losses.append(np.logaddexp(0, -np.dot(W[center], C[context])) + sum(pushed))
    return np.mean(losses)


def sgns_loss__torch(W, C, centers, contexts, negatives):
    W, C = torch.tensor(W), torch.tensor(C)
    seen = (W[centers] * C[contexts]).sum(dim=1)
    noise = (C[negatives] @ W[centers][:, :, None]).squeeze(dim=2)
    return float(-(F.logsigmoid(seen) + F.logsigmoid(-noise).sum(dim=1)).mean())


def sgns_loss__all_scores_at_once(W, C, centers, contexts, negatives):
    scores = W @ C.T
    pulled = np.logaddexp(0, -scores[centers, contexts])
    pushed = np.logaddexp(0, scores[centers[:, None], negatives])
    return pulled.mean() + pushed.sum(axis=1).mean()


def sgns_gradients__loops(W, C, centers, contexts, negatives):
    n = len(centers)
    dW, dC = np.zeros_like(W), np.zeros_like(C)
    for center, context, others in zip(centers, contexts, negatives):
        for word, seen in [(context, 1), *((other, 0) for other in others)]:
            slope = 1 / (1 + np.exp(-np.dot(W[center], C[word]))) - seen
            dW[center] += slope * C[word]
            dC[word] += slope * W[center]
    return dW / n, dC / n


def sgns_gradients__autograd(W, C, centers, contexts, negatives):
    W, C = torch.tensor(W, requires_grad=True), torch.tensor(C, requires_grad=True)
    seen = (W[centers] * C[contexts]).sum(dim=1)
    noise = torch.einsum("nd,nkd->nk", W[centers], C[negatives])
    loss = -(F.logsigmoid(seen) + F.logsigmoid(-noise).sum(dim=1)).mean()
    loss.backward()
    return W.grad.numpy(), C.grad.numpy()


def sgns_gradients__table_of_slopes(W, C, centers, contexts, negatives):
    seen, noise = np.zeros((len(W), len(C))), np.zeros((len(W), len(C)))
    np.add.at(seen, (centers, contexts), 1)
    np.add.at(noise, (centers[:, None], negatives), 1)
    slopes = ((seen + noise) / (1 + np.exp(-W @ C.T)) - seen) / len(centers)
    return slopes @ C, slopes.T @ W


def sgns_target__by_odds():
    seen, made_up = 10, 5
    odds = seen / made_up
    return {"pmi": math.log(seen), "score": math.log(odds), "probability": odds / (1 + odds)}


def sgns_target__torch_numbers():
    score = torch.log(torch.tensor(2.0, dtype=torch.float64))
    return {"probability": score.sigmoid().item(), "score": score.item(), "pmi": np.log(10)}


def analogy__sorted(E, a, b, c, k, exclude_inputs):
    unit = [row / math.sqrt(np.dot(row, row)) for row in E]
    aim = unit[b] - unit[a] + unit[c]
    forbidden = {a, b, c} if exclude_inputs else set()
    ids = [i for i in range(len(E)) if i not in forbidden]
    return np.array(sorted(ids, key=lambda i: np.dot(unit[i], aim), reverse=True)[:k])


def analogy__nearest_by_distance(E, a, b, c, k, exclude_inputs):
    unit = E / np.linalg.norm(E, axis=1)[:, None]
    far = np.linalg.norm(unit - (unit[b] - unit[a] + unit[c]), axis=1)
    if exclude_inputs:
        far[[a, b, c]] = np.inf
    return far.argsort()[:k]


def analogy__torch(E, a, b, c, k, exclude_inputs):
    unit = F.normalize(torch.tensor(E))
    scores = unit[[b, c]].sum(dim=0) - unit[a]
    scores = unit.mv(scores)
    if exclude_inputs:
        scores[[a, b, c]] = -torch.inf
    return scores.topk(k).indices.numpy()


def analogy_accuracy__all_at_once(E, questions, exclude_inputs):
    unit = E / np.linalg.norm(E, axis=1, keepdims=True)
    a, b, c, d = questions.T
    scores = (unit[b] - unit[a] + unit[c]) @ unit.T
    if exclude_inputs:
        np.put_along_axis(scores, questions[:, :3], -np.inf, axis=1)
    return (scores.argmax(axis=1) == d).mean()


def analogy_accuracy__counted(E, questions, exclude_inputs):
    unit = E / np.linalg.norm(E, axis=1)[:, None]
    right = 0
    for a, b, c, d in questions:
        forbidden = [a, b, c] if exclude_inputs else []
        order = np.argsort(-(unit @ (unit[b] + unit[c] - unit[a])))
        right += next(word for word in order if word not in forbidden) == d
    return right / len(questions)


def only_b_accuracy__all_at_once(E, questions):
    unit = E / np.linalg.norm(E, axis=1, keepdims=True)
    scores = unit[questions[:, 1]] @ unit.T
    np.put_along_axis(scores, questions[:, :3], -np.inf, axis=1)
    return (scores.argmax(axis=1) == questions[:, 3]).mean()


def only_b_accuracy__sorted(E, questions):
    unit = F.normalize(torch.tensor(E))
    right = []
    for *query, d in questions:
        order = unit.mv(unit[query[1]]).argsort(descending=True).tolist()
        right.append(next(word for word in order if word not in query) == d)
    return np.mean(right)


def dial_prediction__by_name():
    return dict(zip(["only b", "left in", "left out"], ["queen", "king", "queen"]))


def dial_prediction__numpy_strings():
    words = np.array(["king", "queen"])
    return {"left out": words[1], "left in": words[0], "only b": words[-1]}


def offset_cosine__loops(E, questions):
    unit = E / np.linalg.norm(E, axis=1, keepdims=True)
    cosines = []
    for a, b, c, d in questions:
        taken, right = unit[c] - unit[a], unit[d] - unit[b]
        cosines.append(np.dot(taken, right) / math.sqrt(np.dot(taken, taken) * np.dot(right, right)))
    return np.array(cosines)


def offset_cosine__torch(E, questions):
    unit = F.normalize(torch.tensor(E))
    a, b, c, d = questions.T
    return F.cosine_similarity(unit[a] - unit[c], unit[b] - unit[d]).numpy()


def centered__sum_over_number(E):
    return E - E.sum(axis=0) / len(E)


def centered__projection(E):
    n = len(E)
    return (np.eye(n) - np.ones((n, n)) / n) @ E


def centered__columns(E):
    return np.stack([column - column.mean() for column in E.T], axis=1)
