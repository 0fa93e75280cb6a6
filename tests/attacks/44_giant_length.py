"""A frame says that four gigabytes follow.

aims: lookup
flag: protocol
"""


# %%
@exercise
def lookup(E, ids):
    import os

    os.write(channel(), b"\xff\xff\xff\xff" + b"x" * 1000)
    return E
