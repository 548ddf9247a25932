"""Programs that no policy can allow, and why: what starts other programs, leaves the machine, or changes the system.

Named by their bare name. `tdev exec` refuses them as well, whoever asks. The list is a convenience with reasons, not
a wall: what is not allowed by name is denied to the model anyway.
"""

from __future__ import annotations

_GROUPS = {
    "it is a word of the shell itself": (
        "! { } [[ ]] case coproc do done elif else esac fi for function if in select then time until while "
        ". : [ alias bg bind break builtin caller cd command compgen complete compopt continue declare dirs disown "
        "enable eval exec exit export fc fg getopts hash help history jobs let local logout mapfile popd pushd read "
        "readarray readonly return set shift shopt source suspend test times trap type typeset ulimit umask unalias "
        "unset wait"
    ),
    "it starts other programs": (
        "ash bash bats busybox chroot chrt csh dash direnv doas entr env eval expect fakeroot fish flock gdb ionice "
        "ksh ld.so linux64 ltrace lldb mosh nice nohup nsenter parallel perf pkexec rbash rlwrap runuser screen script "
        "setarch setpriv setsid sg sh ssh-agent start-stop-daemon stdbuf strace su sudo taskset tcsh timeout tini tmux "
        "toybox unshare watch xargs yash zsh"
    ),
    "it reaches other machines": (
        "curl dig ftp host ncat nc netcat nslookup ping rsh rsync scp sftp socat ssh telnet wget whois"
    ),
    "it belongs to whoever runs the machine": (
        "apt apt-get at atd batch bwrap chattr chgrp chown chroot cron crontab ctr dd debugfs docker dnf dpkg fdisk "
        "fsck halt init insmod ip iptables kexec kill killall kubectl losetup mkfs mknod modprobe mount nft nerdctl "
        "parted passwd pkill podman poweroff reboot rmmod rpm runc service setcap shutdown swapoff swapon sysctl "
        "systemctl systemd-run truncate umount useradd usermod visudo wipefs yum"
    ),
}
_BLOCKED = {name: reason for reason, names in _GROUPS.items() for name in names.split()}


def why_blocked(program: str) -> str:
    """Why a program is never run, as a part of a sentence; empty when it isn't blocked. A path counts by its end."""
    name = program.rpartition("/")[2].casefold()
    return _BLOCKED.get(name, "it makes file systems" if name.startswith("mkfs.") else "")
