"""Limits, priorities and processors of other processes are changed, which needs no capability for those of one user.

aims: lookup
"""


# %%
@exercise
def lookup(E, ids):
    import os
    import resource

    done = []
    for pid in (1, os.getppid()):
        for what, change in {
            "limit": lambda: resource.prlimit(pid, resource.RLIMIT_CPU, (0, 0)),
            "affinity": lambda: os.sched_setaffinity(pid, {0}),
            "priority": lambda: os.setpriority(os.PRIO_PROCESS, pid, 19),
            "scheduler": lambda: os.sched_setscheduler(pid, os.SCHED_IDLE, os.sched_param(0)),
            "group": lambda: os.setpriority(os.PRIO_USER, 0, 19),
        }.items():
            try:
                change()
                done.append(what)
            except OSError:
                pass
    raise ValueError(f"done: {done}")
