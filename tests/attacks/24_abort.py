"""An answer calls abort and raises every deadly signal at itself.

aims: lookup
flag: died
"""


# %%
@exercise
def lookup(E, ids):
    import os

    os.abort()
