"""A regular expression that backtracks for ever in C.

aims: lookup
flag: out of time
"""


# %%
@exercise
def lookup(E, ids):
    import re

    return re.match(r"(a+)+$", "a" * 60 + "b")
