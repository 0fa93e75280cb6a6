"""A cell overwrites an integer that Python shares, and crashes.

aims: lookup
flag: died
"""

# %%
import ctypes

ctypes.memset(id(None), 255, 64)
ctypes.string_at(8)


# %%
@exercise
def lookup(E, ids):
    return E
