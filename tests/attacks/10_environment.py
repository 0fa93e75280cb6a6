"""The environment, as Python and as the C library have it, is read for what the grader was started with.

aims: lookup
"""

# %%
import ctypes
import os

_getenv = ctypes.CDLL(None).getenv
_getenv.restype = ctypes.c_char_p


# %%
@exercise
def lookup(E, ids):
    raise ValueError(f"{dict(os.environ)} {_getenv(b'SECRET_OF_THE_GRADER')} {_getenv(b'HOME')}")
