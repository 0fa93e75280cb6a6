"""A product of torch that takes minutes in C++.

aims: lookup
flag: out of time
"""


# %%
@exercise
def lookup(E, ids):
    import torch

    a = torch.ones(1500, 1500, dtype=torch.float64)
    for _ in range(1000):
        a = torch.linalg.svd(a)[0]
    return a
