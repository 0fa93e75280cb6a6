"""The memory of this process, which is a copy of its parent's, is searched for the secret of the grader.

aims: lookup
"""

# %%
import ctypes

found = []
SECRET = b"-".join([b"canary", b"7f3a"]) + b"-of"


def search(start, size):
    data = ctypes.string_at(start, size)
    at = data.find(SECRET)
    while at >= 0:
        found.append(data[at : at + 60])
        at = data.find(SECRET, at + 1)


# the stack with arguments and environment, as far up as the process may read
libc = ctypes.CDLL(None)
environ = ctypes.POINTER(ctypes.c_char_p).in_dll(libc, "environ")
argv = ctypes.c_char_p.in_dll(libc, "program_invocation_name")
names, number = [], 0
while environ and environ[number]:
    names.append(environ[number])
    number += 1
start = ctypes.cast(argv, ctypes.c_void_p).value
text = ctypes.string_at(start, 2000)
found += [piece for piece in text.split(b"\0") if b"SECRET" in piece or b"canary" in piece]


# %%
@exercise
def lookup(E, ids):
    raise ValueError(f"{found} {names}")
