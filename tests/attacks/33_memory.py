"""All the memory of the machine is asked for in one array, then in small pieces.

aims: lookup encode
"""


# %%
@exercise
def lookup(E, ids):
    return np.ones(2**40, dtype=np.uint8)


# %%
@exercise
def encode(tokens, vocabulary):
    kept = []
    while True:
        kept.append(bytearray(1 << 20))
