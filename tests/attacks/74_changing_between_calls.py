"""An answer that remembers what it was asked, and changes what it was given.

aims: lookup encode
"""

# %%
seen = []


@exercise
def lookup(E, ids):
    seen.append(E)
    E[...] = 0
    return E[np.asarray(ids)]


@exercise
def encode(tokens, vocabulary):
    seen.append(tokens)
    vocabulary.clear()
    return np.zeros(len(seen), dtype=np.int64)
