"""Threads run on when the cells are done, and are not daemons, so that the process would wait for them.

aims: lookup
"""

# %%
import threading
import time


def work():
    while True:
        time.sleep(0.01)


for number in range(4):
    threading.Thread(target=work, daemon=bool(number % 2)).start()


# %%
@exercise
def lookup(E, ids):
    return E
