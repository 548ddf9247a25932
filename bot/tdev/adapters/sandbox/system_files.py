"""The few files of the system outside /usr that programs need, and the devices.

Comes in: a private folder. Goes out: what to mount from where. Nothing of this machine's accounts, hosts, services
or configuration is shown: such files are made up here. Certificates are public and are those of the machine.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path

USER = GROUP = 1000
"""Who the program is, inside."""

_SHOWN = (
    "alternatives", "ca-certificates", "crypto-policies", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime",
    "mime.types", "os-release", "pki/ca-trust", "pki/tls/cert.pem", "pki/tls/certs", "protocols", "services",
    "ssl/cert.pem", "ssl/certs", "ssl/openssl.cnf", "timezone",
)  # fmt: skip
"""Files and folders of /etc that are shown, where they are there."""

_LINKS = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
"""Links into /usr on a system that has merged them; folders on one that has not."""

_CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE")
"""Variables that name certificates."""

_DEVICES = {"null": (1, 3), "zero": (1, 5), "full": (1, 7), "random": (1, 8), "urandom": (1, 9), "tty": (5, 0)}


def links() -> tuple[dict[str, str], tuple[Path, ...]]:
    """Links to make at the top, by name, and folders to show there."""
    there = [Path(name) for name in _LINKS if Path(name).exists()]
    made = {str(path): str(path.readlink()) for path in there if path.is_symlink()}
    return made, tuple(path for path in there if not path.is_symlink())


def certificates(environment: Mapping[str, str]) -> tuple[Path, ...]:
    """Certificate files and folders that the program's environment names."""
    named = (Path(environment[name]) for name in _CERTIFICATES if environment.get(name))
    return tuple(path for path in named if path.is_absolute() and path.exists())


def etc(folder: Path, home: str) -> dict[str, Path]:
    """What /etc holds, by path inside; accounts and names are written into a private folder."""
    texts = {
        "passwd": f"root:x:0:0:root:/:/bin/false\nuser:x:{USER}:{GROUP}:user:{home}:/bin/sh\n"
        "nobody:x:65534:65534:nobody:/:/bin/false\n",
        "group": f"root:x:0:\nuser:x:{GROUP}:\nnogroup:x:65534:\n",
        "hosts": "127.0.0.1 localhost sandbox\n::1 localhost\n",
        "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\nservices: files\nprotocols: files\n",
    }
    for name, text in texts.items():
        (folder / name).write_text(text)
    shown = {str(path): path for name in _SHOWN if (path := Path("/etc", name)).exists()}
    return shown | {f"/etc/{name}": folder / name for name in texts}


def devices(folder: Path) -> dict[str, Path]:
    """Devices of the sandbox's own in a private folder, by their path inside; empty where we may not make any.

    Root's programs inside own the machine's devices and could change their permissions for everybody, so they get
    others. Nobody else may make devices, nor change the machine's; in a container that takes this right from root,
    its devices are all that could be changed.
    """
    if os.geteuid() != 0 or os.statvfs(folder).f_flag & os.ST_NODEV:
        return {}
    place = folder / "dev"
    place.mkdir(exist_ok=True)
    for name, numbers in _DEVICES.items():
        try:
            os.mknod(place / name, stat.S_IFCHR | 0o666, os.makedev(*numbers))
        except FileExistsError:
            pass
        except PermissionError:
            return {}
        (place / name).chmod(0o666)
    return {f"/dev/{name}": place / name for name in _DEVICES}
