"""Memory that is counted nowhere: shared mappings, files in memory, segments of System V.

aims: lookup
flag: out of memory
"""


# %%
@exercise
def lookup(E, ids):
    import ctypes
    import mmap
    import os
    import time

    libc, kept = ctypes.CDLL(None), []
    for number in range(16):
        segment = libc.shmget(0, ctypes.c_size_t(32 << 20), 0o1600)
        if segment >= 0:
            libc.shmat.restype = ctypes.c_void_p
            place = libc.shmat(segment, None, 0)
            ctypes.memset(place, 1, 32 << 20)
            libc.shmdt(ctypes.c_void_p(place))
    try:
        for number in range(30):
            file = os.memfd_create("bomb")
            for piece in range(15):
                os.write(file, b"x" * (1 << 20))
            kept.append(file)
    except OSError:
        pass
    for number in range(6):
        if os.fork() == 0:
            mapped = mmap.mmap(-1, 100 << 20)
            for at in range(0, 100 << 20, 1 << 20):
                mapped[at : at + (1 << 20)] = b"x" * (1 << 20)
            time.sleep(30)
    time.sleep(30)
