#!/usr/bin/env bash
# Takes sudo and Docker from the rest of the job, for a step that runs a model and a repository's code. Only on a
# runner that GitHub hosts and throws away: GITHUB_ACTIONS and RUNNER_ENVIRONMENT say so. Anywhere else: nothing.
# First gives the job a subtree of control groups of its own, because later nothing could. Steps after this one still
# work, as they need no rights; the runner's own upkeep may not, so the work of the job should end soon after.
set -euo pipefail

if [[ "${GITHUB_ACTIONS:-}" != true || "${RUNNER_ENVIRONMENT:-}" != github-hosted || "$EUID" -eq 0 ]]; then
  echo "Nothing is changed: this is no runner that GitHub hosts."
  exit 0
fi
sudo --non-interactive true

root=/sys/fs/cgroup
if [[ -f "$root/cgroup.controllers" ]]; then
  sudo --non-interactive bash -c '
    set -e
    echo "+pids +memory +cpu" > "$1/cgroup.subtree_control"
    mkdir -p "$1/tdev/job"
    echo "+pids +memory +cpu" > "$1/tdev/cgroup.subtree_control"
    chown "$2" "$1/tdev" "$1/tdev/cgroup.procs" "$1/tdev/cgroup.subtree_control" "$1/tdev/job" "$1/tdev/job/cgroup.procs"
    worker=$(ps -o pid= -C Runner.Worker | head -1)
    [[ -z "$worker" ]] || echo $worker > "$1/tdev/job/cgroup.procs"
  ' confine "$root" "$(id -u)" || echo "::warning::The job has no control groups of its own; limits are watched from outside."
fi

user=$(id -un)
sudo --non-interactive bash -c '
  set -e
  systemctl stop docker.service docker.socket containerd.service podman.socket 2> /dev/null || true
  rm -f /var/run/docker.sock /run/docker.sock /run/containerd/containerd.sock
  for group in docker sudo adm lxd; do gpasswd --delete "$1" "$group" > /dev/null 2>&1 || true; done
  grep -lsE "^[^#]*($1|%docker|%adm|NOPASSWD)" /etc/sudoers /etc/sudoers.d/* | while read -r file; do
    [[ "$file" == /etc/sudoers ]] && sed -i "s/^\([^#]*NOPASSWD.*\)$/# \1/" "$file" || rm -f "$file"
  done
  passwd --lock "$1" > /dev/null
' confine "$user"

if sudo --non-interactive true 2> /dev/null; then
  echo "::error::sudo still works without a password."
  exit 1
fi
if docker version > /dev/null 2>&1; then
  echo "::error::A Docker engine still answers."
  exit 1
fi
echo "sudo and Docker are gone for the rest of the job."
