"""Where strangers' code runs: Linux namespaces, Landlock, seccomp and limits, each by the kernel's own calls.

Nothing of the course is imported here. Every step is one function that raises OSError where the kernel refuses; what is
really closed is found out by trying it (`attempts`), not by what was asked for. Numbers are those of the kernel's headers.
"""

import ctypes
import os
import platform
import resource
import socket
import struct
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

_LIBC = ctypes.CDLL(None, use_errno=True)
_LIBC.syscall.restype = ctypes.c_long
_LIBC.mount.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_ulong, ctypes.c_char_p]

NEWNS, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET = 0x20000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000
_MS_RDONLY, _MS_NOSUID, _MS_NODEV, _MS_NOEXEC, _MS_REMOUNT, _MS_BIND, _MS_REC, _MS_PRIVATE = (
    1,
    2,
    4,
    8,
    32,
    4096,
    16384,
    1 << 18,
)
_DETACH = 2
_HUGE, _COLLAPSE = 2 * 1024 * 1024, 25
_SUBREAPER, _NO_NEW_PRIVS, _DUMPABLE, _DEATH_SIGNAL = 36, 38, 4, 1
# The user ids that strangers' code has where the grader is root, first and how many: a number by chance for each zygote, since
# limits on a user's processes hold for the whole machine, and pids are the same in two containers. Nobody else uses them.
STRANGERS = ((2_000_000_000, 100_000_000), (61_000, 4_000))

OWN = "/own/files"  # the folder that a submission may write to; each has one of its own, mounted at this place

# x86_64, aarch64; −1 where an architecture has no such call
_CALLS = {
    "pivot_root": (155, 41),
    "capset": (126, 91),
    "landlock_create_ruleset": (444, 444),
    "landlock_add_rule": (445, 445),
    "landlock_restrict_self": (446, 446),
    "seccomp": (317, 277),
}
# What an answer of this course never needs. It is refused with EPERM, so that Python says so in an exception.
_REFUSED = {
    "execve": (59, 221),
    "execveat": (322, 281),
    "socket": (41, 198),
    "connect": (42, 203),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_getfd": (438, 438),
    "kcmp": (312, 272),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "unshare": (272, 97),
    "setns": (308, 268),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "open_by_handle_at": (304, 265),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "kexec_load": (246, 104),
    "reboot": (169, 142),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "acct": (163, 89),
    "syslog": (103, 116),
    "quotactl": (179, 60),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "adjtimex": (159, 171),
    "personality": (135, 92),
    "fanotify_init": (300, 262),
    "iopl": (172, -1),
    "ioperm": (173, -1),
    "migrate_pages": (256, 238),
    "move_pages": (279, 239),
    "mbind": (237, 235),
    "set_mempolicy": (238, 237),
    # memory that no limit of this process counts
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "semget": (64, 190),
    "msgget": (68, 186),
    "mq_open": (240, 180),
    "io_setup": (206, 0),
    # what concerns everybody on the machine, or other processes of the same user
    "sync": (162, 81),
    "syncfs": (306, 267),
    "sched_setaffinity": (203, 122),
    "sched_setscheduler": (144, 119),
    "sched_setparam": (142, 118),
    "sched_setattr": (314, 274),
    "setpriority": (141, 140),
    "ioprio_set": (251, 30),
    "modify_ldt": (154, -1),
}
# What Landlock says nothing of. Where the file system is the machine's own, a file may lose its rights by it, or its content.
_REFUSED_OUTSIDE = {
    "truncate": (76, 45),
    "chmod": (90, -1),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
    "chown": (92, -1),
    "lchown": (94, -1),
    "fchown": (93, 55),
    "fchownat": (260, 54),
    "utime": (132, -1),
    "utimes": (235, -1),
    "futimesat": (261, -1),
    "utimensat": (280, 88),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    "setxattrat": (463, 463),
    "removexattr": (197, 14),
    "lremovexattr": (198, 15),
    "fremovexattr": (199, 16),
    "removexattrat": (466, 466),
    "file_setattr": (469, 469),
    "inotify_add_watch": (254, 27),
}
_PRLIMIT, _PRCTL = (302, 261), (157, 167)
_CLONE, _CLONE3 = (56, 220), (435, 435)
_AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_MACHINE = platform.machine()


def _number(pair: tuple[int, int]) -> int:
    if _MACHINE not in _AUDIT:
        raise OSError(0, f"this machine's processor, {_MACHINE}, is not one whose system calls are known here")
    return pair[_MACHINE == "aarch64"]


def _check(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def _call(name: str, *arguments: object) -> int:
    return _check(_LIBC.syscall(ctypes.c_long(_number(_CALLS[name])), *arguments), name)


def _prctl(option: int, value: int) -> None:
    nothing = ctypes.c_ulong(0)
    _check(_LIBC.prctl(option, ctypes.c_ulong(value), nothing, nothing, nothing), "prctl")


def unshare(flags: int) -> None:
    """Leave the namespaces in `flags` for new ones; a new pid namespace begins with the next child."""
    _check(_LIBC.unshare(flags), "unshare")


def new_user() -> None:
    """A user namespace in which this process may mount and unshare, and outside of which it is who it was."""
    user, group = os.geteuid(), os.getegid()
    unshare(NEWUSER)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/gid_map").write_text(f"0 {group} 1")
    Path("/proc/self/uid_map").write_text(f"0 {user} 1")


def huge_pages() -> None:
    """Keep this process's own memory in large pages where the kernel can: a fork then copies, and its end frees, fewer."""
    for line in Path("/proc/self/maps").read_text().splitlines():
        addresses, rights, *rest = line.split()
        start, end = (int(address, 16) for address in addresses.split("-"))
        start, end = -(-start // _HUGE) * _HUGE, end // _HUGE * _HUGE
        if rights == "rw-p" and len(rest) in (3, 4) and rest[3:] in ([], ["[heap]"]) and start < end:
            _LIBC.madvise(ctypes.c_void_p(start), ctypes.c_size_t(end - start), _COLLAPSE)  # an old kernel says no


def adopt_orphans() -> None:
    """Whoever loses his parent below this process becomes its own child, also after a double fork."""
    _prctl(_SUBREAPER, 1)


def die_with_parent() -> None:
    """SIGKILL for this process when its parent ends."""
    _prctl(_DEATH_SIGNAL, 9)


def no_new_privileges() -> None:
    """No program started from here on gains rights; Landlock and seccomp ask for it."""
    _prctl(_NO_NEW_PRIVS, 1)


def no_spying() -> None:
    """Nobody of the same user may read this process's memory."""
    _prctl(_DUMPABLE, 0)


def drop_capabilities() -> None:
    """Give up every capability, also inside a user namespace of one's own."""
    header = struct.pack("=Ii", 0x20080522, 0)
    _call("capset", header, b"\0" * 24)


def known(user: int) -> bool:
    """Whether this user namespace has a user of that number; one made by `unshare --map-root-user` has root alone."""
    for line in Path("/proc/self/uid_map").read_text().splitlines():
        first, _, count = map(int, line.split())
        if first <= user < first + count:
            return True
    return False


def a_stranger() -> int | None:
    """A user id that is used by nobody else, or None where this user namespace has none to spare."""
    chance = int.from_bytes(os.urandom(8), "big")
    return next((user for first, count in STRANGERS if known(user := first + chance % count)), None)


def become(user: int) -> None:
    """Another user for good; only root may. Its groups are given up."""
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)


def _mount(source: str, target: str, kind: str | None, flags: int, data: str = "") -> None:
    encoded = [None if text is None else os.fsencode(text) for text in (source, target, kind)]
    _check(_LIBC.mount(*encoded, flags, data.encode() or None), f"mount {target}")


def new_root(shown: Iterable[str], hidden: Iterable[str], folder: str) -> None:
    """Make a world of its own: only the paths in `shown` exist, read-only, and of them `hidden` are empty.

    `folder` is an empty folder to build it in. Raises OSError where the kernel refuses.
    """
    _mount("none", "/", None, _MS_REC | _MS_PRIVATE)
    _mount("none", folder, "tmpfs", _MS_NOSUID | _MS_NODEV, "size=1m,mode=755")
    for path in shown:
        inside = folder + path
        if Path(path).is_dir():
            Path(inside).mkdir(parents=True, exist_ok=True)
        else:
            Path(inside).parent.mkdir(parents=True, exist_ok=True)
            Path(inside).touch()
        _mount(path, inside, None, _MS_BIND)
        if not path.startswith("/dev/"):
            _read_only(inside)
    for path in hidden:
        hide(folder + path)
    for name in (OWN, "/old"):
        Path(folder + name).mkdir(parents=True)
    os.chdir(folder)
    _call("pivot_root", b".", b"old")
    os.chdir("/")
    _check(_LIBC.umount2(b"/old", _DETACH), "umount2")
    Path("/old").rmdir()
    _mount("none", "/", None, _MS_REMOUNT | _MS_RDONLY | _MS_NOSUID | _MS_NODEV, "size=1m,mode=755")


def _read_only(path: str) -> None:
    """Remount a bind mount read-only; what its file system forbids already must be kept in a user namespace."""
    kept = os.statvfs(path).f_flag & (_MS_NOSUID | _MS_NODEV | _MS_NOEXEC)
    times = os.statvfs(path).f_flag & 0x1C00  # noatime, nodiratime, relatime as statvfs has them
    flags = {0x400: 1 << 10, 0x800: 1 << 11, 0x1000: 1 << 21}
    kept |= sum(flag for bit, flag in flags.items() if times & bit)
    _mount("none", path, None, _MS_REMOUNT | _MS_BIND | _MS_RDONLY | kept)


def hide(path: str) -> None:
    """Put an empty folder over `path`, in this process's own mount namespace."""
    _mount("none", path, "tmpfs", _MS_NOSUID | _MS_NODEV | _MS_RDONLY, "size=0,mode=755")


def own_scratch(size: int) -> None:
    """An empty folder in this process's own mount namespace, of `size` bytes and 500 files."""
    _mount("none", OWN, "tmpfs", _MS_NOSUID | _MS_NODEV | _MS_NOEXEC, f"size={size},nr_inodes=500,mode=777")


# Landlock: what may be done below a path. The later bits exist from a later version of it on.
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1, 2, 4, 8
_ALL_FILES = {1: 0x1FFF, 2: 0x3FFF, 3: 0x7FFF, 4: 0x7FFF, 5: 0xFFFF}
READ, LIST, WRITE = _READ_FILE | _READ_DIR, _READ_DIR, 0x7FFF & ~_EXECUTE


def landlock_version() -> int:
    """The kernel's version of Landlock, 0 if it has none."""
    return max(0, _LIBC.syscall(ctypes.c_long(_number(_CALLS["landlock_create_ruleset"])), None, 0, 1))


def ruleset(rules: Iterable[tuple[str, int]]) -> int:
    """What `landlock` is to allow: of the file system only `rules`, pairs of path and rights; of the network nothing.

    A rule holds for what is mounted below its path too, whenever that is. The descriptor can be made long before its use.
    """
    version = landlock_version()
    if version == 0:
        raise OSError(0, "the kernel has no Landlock")
    files = _ALL_FILES[min(version, 5)]
    network, scopes = 3 if version >= 4 else 0, 3 if version >= 6 else 0
    attributes = struct.pack("=QQQ", files, network, scopes)[: 8 if version < 4 else 16 if version < 6 else 24]
    made = _call("landlock_create_ruleset", attributes, ctypes.c_size_t(len(attributes)), 0)
    for path, rights in rules:
        try:
            number = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except OSError:
            continue  # what is not there needs no rule
        directory = Path(path).is_dir()
        allowed = rights & files & (0xFFFF if directory else _EXECUTE | _WRITE_FILE | _READ_FILE | 0x4000)
        _call("landlock_add_rule", made, 1, struct.pack("=Qi", allowed, number), 0)
        os.close(number)
    return made


def landlock(allowed: int) -> None:
    """Allow no more than a ruleset does, here and in all children. For good."""
    _call("landlock_restrict_self", allowed, 0)


def unneeded_calls(outside: bool) -> bytes:
    """The filter that refuses the system calls no answer needs: programs, sockets, namespaces, other processes' memory.

    With `outside`, where the file system is the machine's own, also what changes a file without opening it.
    """
    refused = {**_REFUSED, **(_REFUSED_OUTSIDE if outside else {})}
    program = [(_JUMP_EQUAL, 0, 1, _number(_CLONE3)), (_GIVE, 0, 0, _MISSING)]  # glibc then takes clone
    namespaces = NEWNS | NEWUTS | NEWIPC | NEWUSER | NEWPID | NEWNET | 0x02000000
    for pair, allowed in (
        (_CLONE, (_JUMP_SET, 0, 1, namespaces)),
        (_PRLIMIT, (_JUMP_EQUAL, 1, 0, 0)),  # limits of other processes, which the same user may set
        (_PRCTL, (_JUMP_EQUAL, 0, 1, _DEATH_SIGNAL)),  # taking back that one dies with the parent
    ):
        program += [(_JUMP_EQUAL, 0, 4, _number(pair)), (_LOAD, 0, 0, 16), allowed]
        program += [(_GIVE, 0, 0, _REFUSE), (_GIVE, 0, 0, _ALLOW)]
    return filter_of(refused.values(), program)


_LOAD, _JUMP_EQUAL, _JUMP_ABOVE, _JUMP_SET, _GIVE = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _REFUSE, _MISSING, _KILL = 0x7FFF0000, 0x00050001, 0x00050026, 0x80000000


def filter_of(calls: Iterable[tuple[int, int]], before: Sequence[tuple[int, int, int, int]] = ()) -> bytes:
    """The program that refuses system calls; the steps `before` see a call first."""
    program = [
        (_LOAD, 0, 0, 4),
        (_JUMP_EQUAL, 1, 0, _AUDIT[_MACHINE]),
        (_GIVE, 0, 0, _KILL),
        (_LOAD, 0, 0, 0),
    ]
    if _MACHINE == "x86_64":  # calls of the x32 kind have other numbers
        program += [(_JUMP_ABOVE, 0, 1, 0x40000000), (_GIVE, 0, 0, _REFUSE)]
    program += before
    for number in sorted(number for pair in calls if (number := _number(pair)) >= 0):
        program += [(_JUMP_EQUAL, 0, 1, number), (_GIVE, 0, 0, _REFUSE)]
    program.append((_GIVE, 0, 0, _ALLOW))
    return b"".join(struct.pack("=HBBI", *step) for step in program)


def seccomp(program: bytes) -> None:
    """Let a filter decide on every system call, here and in all children. For good."""
    buffer = ctypes.create_string_buffer(program, len(program))
    steps = len(program) // struct.calcsize("=HBBI")
    filter_ = struct.pack("@HxxxxxxQ" if struct.calcsize("P") == 8 else "@HxxI", steps, ctypes.addressof(buffer))
    _call("seccomp", 1, 0, filter_)


def limit(memory: int, seconds: int, processes: int | None, file_size: int) -> None:
    """Limits of the kernel on this process and, each for itself, its children; `memory` is of addresses, in bytes."""
    limits = {
        resource.RLIMIT_AS: memory,
        resource.RLIMIT_CPU: seconds,
        resource.RLIMIT_FSIZE: file_size,
        resource.RLIMIT_NOFILE: 64,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MEMLOCK: 0,
        resource.RLIMIT_MSGQUEUE: 0,
    }
    if processes is not None:
        limits[resource.RLIMIT_NPROC] = processes
    for kind, value in limits.items():
        resource.setrlimit(kind, (value, value))


def attempts(canary: str, unseen: list[str], port: int, parent: int) -> dict[str, bool]:
    """What can be done from here, by trying it: True where it was possible, which it should not be.

    canary  a file outside that everybody may read and write
    unseen  files of the course that no submission may read
    port    of the loopback address, where somebody listens
    parent  a process outside, by its number there
    """

    def read() -> None:
        Path(canary).read_bytes()

    def write() -> None:
        Path(canary).write_bytes(b"overwritten")

    def create() -> None:
        Path(canary + ".new").touch()

    def truncate() -> None:
        os.truncate(canary, 0)

    def change_rights() -> None:
        os.chmod(canary, 0o600)

    def change_times() -> None:
        os.utime(canary, (0, 0))

    def rename() -> None:
        os.rename(canary, canary + ".moved")

    def read_the_course() -> None:
        if not any(map(_opens, unseen)):
            raise OSError(0, "none of them")

    def connect() -> None:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            pass

    def datagram() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"x", ("127.0.0.1", port))

    def signal() -> None:
        os.kill(parent, 0)

    def limit_others() -> None:
        resource.prlimit(parent, resource.RLIMIT_CORE, (0, 0))

    def memory() -> None:
        os.close(os.open(f"/proc/{parent}/mem", os.O_RDONLY))

    def start() -> None:
        number = os.posix_spawn(sys.executable, [sys.executable, "-c", ""], {})
        if os.waitpid(number, 0)[1]:
            raise OSError("it did not run")

    found = {}
    tries = (read, write, create, truncate, change_rights, change_times, rename, read_the_course)
    for attempt in (*tries, connect, datagram, signal, limit_others, memory, start):
        try:
            attempt()
        except OSError:
            found[attempt.__name__] = False
        else:
            found[attempt.__name__] = True
    return found


def _opens(path: str) -> bool:
    try:
        os.close(os.open(path, os.O_RDONLY))
    except OSError:
        return False
    return True
