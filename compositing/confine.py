"""What a child does to itself before it touches a stranger's bytes. Standard library only, single-threaded.

Each step that the system does not offer is skipped and reported, never assumed: see `confine`'s answer.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
from typing import Any

PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS = 1, 38  # linux/prctl.h
CLONE_NEWUSER, CLONE_NEWNET = 0x1000_0000, 0x4000_0000  # linux/sched.h
MEGABYTE = 1024 * 1024


def _limit(kind: str, soft: int, hard: int | None = None) -> bool:
    number = getattr(resource, kind, None)
    if number is None:
        return False
    ceiling = resource.getrlimit(number)[1]
    hard = soft if hard is None else hard
    if ceiling != resource.RLIM_INFINITY:
        soft, hard = min(soft, ceiling), min(hard, ceiling)
    try:
        resource.setrlimit(number, (soft, hard))
    except (ValueError, OSError):
        return False  # macOS knows RLIMIT_AS and refuses to set it
    return True


def _cut_network(libc: Any) -> str:
    """Move into a network namespace that has no interface up. As a plain user this takes a user namespace first."""
    if libc.unshare(CLONE_NEWNET) == 0:
        return "cut"
    uid, gid = os.getuid(), os.getgid()
    if libc.unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0:
        return "open"
    for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
        try:
            with open(f"/proc/self/{name}", "w") as handle:
                handle.write(text)
        except OSError:
            continue  # unmapped ids still read and write what they own
    return "cut"


def confine(limits: dict[str, Any]) -> dict[str, Any]:
    """Apply the parent's limits to this process. limits: the fields of `sandbox.Limits` and "parent", its process
    id.
    """
    done: dict[str, Any] = {"no_new_privileges": False, "dies_with_parent": False}
    if limits["network"]:
        done["network"] = "allowed"
    else:
        done["network"] = "open"
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        if not limits["network"]:
            done["network"] = _cut_network(libc)
        done["no_new_privileges"] = libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
        done["dies_with_parent"] = libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) == 0
        if os.getppid() != limits["parent"]:
            os._exit(0)  # the parent went before the signal was set
    done["core"] = _limit("RLIMIT_CORE", 0)
    done["open_files"] = _limit("RLIMIT_NOFILE", limits["open_files"])
    if limits["cpu_s"] is not None:
        # SIGXCPU at the soft limit names the reason; SIGKILL follows for code that ignores it.
        done["cpu"] = _limit("RLIMIT_CPU", limits["cpu_s"], limits["cpu_s"] + 5)
    if limits["file_mb"] is not None:
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)  # Python ignores it, and codecs do not check for EFBIG
        done["file_size"] = _limit("RLIMIT_FSIZE", limits["file_mb"] * MEGABYTE)
    if limits["memory_mb"] is not None:
        done["memory"] = _limit("RLIMIT_AS", limits["memory_mb"] * MEGABYTE)
    os.umask(0o022)
    return done
