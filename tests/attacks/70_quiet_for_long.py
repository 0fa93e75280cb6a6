"""An answer that takes nearly all the time that each call may have, for every call.

aims: lookup
"""


# %%
@exercise
def lookup(E, ids):
    import time

    time.sleep(0.9)
    return E
