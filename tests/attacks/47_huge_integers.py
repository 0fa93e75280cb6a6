"""Integers of a million digits, as a value, as a size, as a shape and in decimal.

aims: lookup encode one_hot build_vocabulary
"""

# %%
import os
import struct


def send(header):
    message = struct.pack(">I", len(header)) + header
    data = struct.pack(">I", len(message)) + message
    while data:
        data = data[os.write(channel(), data) :]


# %%
@exercise
def lookup(E, ids):
    return 1 << 3_000_000


# %%
@exercise
def encode(tokens, vocabulary):
    send(b'{"sizes": [' + b"9" * 900_000 + b'], "value": ["none"]}')


# %%
@exercise
def one_hot(ids, vocab_size):
    send(b'{"sizes": [1], "value": ["array", "float64", [1099511627776, 0, 1099511627776], 0]}x')


# %%
@exercise
def build_vocabulary(tokens):
    return {1 << 2_000_000: -(1 << 2_000_000), "a": [10**4500] * 3}
