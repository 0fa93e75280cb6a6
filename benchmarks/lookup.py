"""What a lookup costs, beside NumPy's own indexing, torch's embedding, a plain memory copy and the one-hot road.

One thread, one run, one machine: read the ratios, not the times.
"""

import os

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"))

from timeit import repeat

import numpy as np
import torch
import torch.nn.functional as F

from embedcourse.lookup import lookup, lookup_by_matmul

VOCAB, DIM, BATCH = 50_000, 768, (8, 1_024)


def best(function, number: int = 5, rounds: int = 7) -> float:
    return min(repeat(function, number=number, repeat=rounds)) / number


def main() -> None:
    torch.set_num_threads(1)
    rng = np.random.default_rng(0)
    E = rng.normal(size=(VOCAB, DIM)).astype(np.float32)
    ids = rng.integers(0, VOCAB, size=BATCH)
    table, torch_ids = torch.from_numpy(E), torch.from_numpy(ids)
    result = lookup(E, ids)

    ours = best(lambda: lookup(E, ids))
    rows = [
        ("embedcourse lookup(E, ids)", ours),
        ("NumPy E[ids]", best(lambda: E[ids])),
        ("torch F.embedding", best(lambda: F.embedding(torch_ids, table))),
        ("plain copy of as many bytes", best(lambda: result.copy())),
    ]
    print(f"lookup, {VOCAB:,} x {DIM} float32, ids {BATCH}: {result.nbytes / 2**20:.0f} MiB copied")
    for name, seconds in rows:
        print(f"  {name:<30} {1e3 * seconds:8.2f} ms   lookup takes {ours / seconds:5.2f} of it")
    print(f"  lookup reaches {rows[-1][1] / ours:.0%} of a plain copy's bandwidth")

    few = ids[0, :64]
    one_hot_road = best(lambda: lookup_by_matmul(E, few), number=1, rounds=3)
    direct = best(lambda: lookup(E, few), number=50)
    hot_bytes = few.size * VOCAB * (8 + 4 + 1)  # float64 one-hot, its float32 copy, the comparison
    print(f"\nthe one-hot road, {few.size} ids")
    print(f"  time    {one_hot_road / direct:12,.0f} times the lookup's")
    print(
        f"  memory  {hot_bytes / 2**20:12,.0f} MiB of one-hot vectors for {few.size * DIM * 4 / 2**20:.2f} MiB of rows"
    )
    print(f"  products {few.size * VOCAB * DIM:11,} multiplications, of which {few.size * DIM:,} are not by zero")


if __name__ == "__main__":
    main()
