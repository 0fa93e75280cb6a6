"""Shell commands, package installers and magics, that would run outside of Python.

aims: lookup
"""

# %%
!rm -rf "$HOME"
%pip install --index-url http://127.0.0.1:9/ evil
!curl http://127.0.0.1:9/

# %%
%%bash
rm -rf "$HOME"

# %%
%%writefile sitecustomize.py
raise SystemExit

# %%
import os
import subprocess
import sys

done = []
for command in ([sys.executable, "-c", ""], ["/bin/sh", "-c", "true"], ["/lib64/ld-linux-x86-64.so.2", sys.executable]):
    try:
        subprocess.run(command)
        done.append(command)
    except OSError:
        pass
try:
    os.execv(sys.executable, [sys.executable])
except OSError:
    pass
os.system("true") == 0 and done.append("system")


# %%
@exercise
def lookup(E, ids):
    raise ValueError(f"done: {done}")
