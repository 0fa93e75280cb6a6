"""An integer with more digits than can be worked out.

aims: lookup
flag: out of time
"""


# %%
@exercise
def lookup(E, ids):
    return 3 ** (7**9)
