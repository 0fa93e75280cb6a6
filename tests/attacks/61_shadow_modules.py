"""Modules that stand before the real ones, in the folder and on the path, for whoever imports next.

aims: lookup
"""

# %%
import os
import sys

for name in ("numpy", "json", "struct", "sitecustomize", "embedcourse", "socket"):
    with open(f"{name}.py", "w") as file:
        file.write("raise SystemExit('shadowed')")
with open("evil.pth", "w") as file:
    file.write("import os; os._exit(1)")
sys.path.insert(0, os.getcwd())
sys.meta_path.insert(0, None)
sys.path_hooks.clear()


# %%
@exercise
def lookup(E, ids):
    return E
