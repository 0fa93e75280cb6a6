"""Threads without end.

aims: lookup
"""


# %%
@exercise
def lookup(E, ids):
    import threading
    import time

    while True:
        threading.Thread(target=time.sleep, args=(60,)).start()
