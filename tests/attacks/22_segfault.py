"""An answer reads address 0 in C.

aims: lookup
flag: died
"""


# %%
@exercise
def lookup(E, ids):
    import ctypes

    return ctypes.string_at(8)
