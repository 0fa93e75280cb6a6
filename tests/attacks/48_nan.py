"""NaN, infinity and numbers that are none, in JSON that allows them and as answers.

aims: lookup encode one_hot_cost
"""


# %%
@exercise
def lookup(E, ids):
    return np.full((*np.shape(ids), *E.shape[1:]), np.nan)


# %%
@exercise
def encode(tokens, vocabulary):
    import os
    import struct

    header = b'{"sizes": [NaN, Infinity], "value": ["float", NaN]}'
    message = struct.pack(">I", len(header)) + header
    os.write(channel(), struct.pack(">I", len(message)) + message)
    return float("nan")


# %%
@exercise
def one_hot_cost():
    return {"multiplications": float("nan"), "one_hot_bytes": float("inf"), "lookup_bytes": complex("nan+nanj")}
