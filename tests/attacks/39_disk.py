"""The disk is filled, with one large file and with many.

aims: lookup
"""

# %%
import os

tried = []
for place in (".", *("/" + name for name in ("tmp", "dev/shm", "var/tmp")), "$HOME"):
    try:
        for number in range(50):
            with open(f"{place}/bomb{number}", "wb") as file:
                for piece in range(40):
                    file.write(b"x" * (1 << 20))
    except OSError as error:
        tried.append(f"{place} {error}")


# %%
@exercise
def lookup(E, ids):
    raise ValueError(str(tried))
