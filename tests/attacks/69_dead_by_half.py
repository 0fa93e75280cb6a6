"""Processes whose first thread has ended, so that they look dead, while another runs on and forks.

aims: lookup
"""


# %%
@exercise
def lookup(E, ids):
    import ctypes
    import os
    import threading
    import time

    if os.fork() == 0:
        os.setsid()

        def work():
            while True:
                time.sleep(0.05)
                if os.fork() == 0:
                    time.sleep(60)

        threading.Thread(target=work).start()
        time.sleep(0.05)
        ctypes.CDLL(None).syscall(60, 0)
    time.sleep(0.3)
    return E
