"""New namespaces, mounts and roots are made, capabilities looked for, the host's name changed.

aims: lookup
"""


# %%
@exercise
def lookup(E, ids):
    import ctypes
    import os

    libc, done = ctypes.CDLL(None), []
    for flag in (0x20000, 0x4000000, 0x10000000, 0x20000000, 0x40000000):
        if libc.unshare(flag) == 0:
            done.append(f"unshare {flag:x}")
        child = libc.syscall(56, flag | 17, 0, 0, 0, 0)
        if child == 0:
            os._exit(0)
        if child > 0:
            done.append(f"clone {flag:x}")
    for what, result in {
        "mount": libc.mount(b"none", b"/own", b"tmpfs", 0, None),
        "chroot": libc.chroot(b"/own"),
        "hostname": libc.sethostname(b"mallory", 7),
        "setuid": libc.setuid(0) if os.getuid() else -1,
        "setgroups": libc.setgroups(0, None),
        "mknod": libc.mknod(b"sda", 0o60666, 0x800),
        "clock": libc.syscall(227, 0, b"\0" * 16),
        "bpf": libc.syscall(321, 0, b"\0" * 64, 64),
        "io_uring": libc.syscall(425, 8, b"\0" * 120),
        "keys": libc.syscall(248, b"user", b"x", b"y", 1, -1),
        "ldt": libc.syscall(154, 0, b"\0" * 16, 16),
    }.items():
        if result >= 0:
            done.append(what)
    raise ValueError(f"done: {done}")
