"""Prints without end, through every name and number of the screen, and a traceback of a million characters.

aims: lookup encode
"""

# %%
import os
import sys

for number in range(2000):
    print("x" * 10_000)
    sys.__stdout__ and sys.__stdout__.write("y" * 1000)
    os.write(1, b"z" * 10_000)
    os.write(2, b"z" * 10_000)
raise ValueError("w" * 5_000_000)


# %%
@exercise
def lookup(E, ids):
    print("x" * 50_000_000)
    raise ValueError("w" * 50_000_000)


# %%
@exercise
def encode(tokens, vocabulary):
    raise type("T" * 1_000_000, (Exception,), {})("z" * 1_000_000)
