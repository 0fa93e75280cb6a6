"""Processes that share their parent's parent, ignore everything, stop themselves, and take their death signal back.

aims: lookup
"""

# %%
import ctypes
import os
import signal

libc = ctypes.CDLL(None)
done = libc.prctl(1, 0, 0, 0, 0) == 0
libc.prctl(36, 1, 0, 0, 0)
for number in range(3):
    child = libc.syscall(56, 0x8000 | 17 if number else 17, 0, 0, 0, 0)
    if child == 0:
        os.setsid()
        for name in range(1, 32):
            libc.signal(name, 1)
        os.kill(os.getpid(), signal.SIGSTOP)
        while True:
            pass


# %%
@exercise
def lookup(E, ids):
    raise ValueError(f"done: {['death signal'] * done}")
