"""An answer ends its process by os._exit, with the status of success.

aims: lookup
flag: died
"""


# %%
@exercise
def lookup(E, ids):
    import os

    os._exit(0)
