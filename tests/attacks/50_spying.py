"""ptrace, reading and writing the memory of parents, and stealing their descriptors.

aims: lookup
"""


# %%
@exercise
def lookup(E, ids):
    import ctypes
    import os

    libc, done = ctypes.CDLL(None, use_errno=True), []
    buffer = ctypes.create_string_buffer(64)
    for pid in (0, 1, os.getppid(), os.getpid() - 1, os.getpid()):
        if libc.ptrace(16, pid, 0, 0) == 0 or libc.ptrace(0x4206, pid, 0, 0) == 0:
            done.append(f"ptrace {pid}")
        if libc.process_vm_readv(pid, buffer, 1, buffer, 1, 0) >= 0:
            done.append(f"memory {pid}")
        try:
            number = os.pidfd_open(pid)
            if libc.syscall(438, number, 4, 0) >= 0:
                done.append(f"descriptor of {pid}")
        except OSError:
            pass
    if libc.syscall(101, 0, 0, 0, 0) == 0:
        done.append("traceme")
    raise ValueError(f"done: {done}")
