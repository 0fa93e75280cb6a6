"""The results, another student's submission and the secret are overwritten, truncated, locked, renamed and removed.

aims: lookup
"""

# %%
import os
import shutil

done = []
for path in ("$HOME/results/grades.csv", "$HOME/class/ada/01_lookup_matrix.ipynb", "$HOME/results/.secret"):
    for what, change in {
        "write": lambda: open(path, "w").write("mallory,8"),
        "append": lambda: open(path, "a").write("mallory,8"),
        "truncate": lambda: os.truncate(path, 0),
        "chmod": lambda: os.chmod(path, 0),
        "utime": lambda: os.utime(path, (0, 0)),
        "xattr": lambda: os.setxattr(path, "user.grade", b"8"),
        "chown": lambda: os.chown(path, os.getuid(), os.getgid()),
        "rename": lambda: os.rename(path, path + ".old"),
        "link": lambda: os.link(path, "stolen"),
        "symlink": lambda: os.symlink(path, path + ".link"),
        "remove": lambda: os.remove(path),
        "mkdir": lambda: os.mkdir(path + ".folder"),
        "fifo": lambda: os.mkfifo(path + ".fifo"),
        "rmtree": lambda: shutil.rmtree(os.path.dirname(path)),
    }.items():
        try:
            change()
            done.append(what)
        except OSError:
            pass


# %%
@exercise
def lookup(E, ids):
    raise ValueError(f"done: {done}")
