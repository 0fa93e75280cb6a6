"""A cell ends the whole process by os._exit.

aims: lookup
flag: died
"""

# %%
import os

os._exit(0)


# %%
@exercise
def lookup(E, ids):
    return E
