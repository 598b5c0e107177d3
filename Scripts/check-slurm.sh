#!/usr/bin/env bash
# Does a comparison of 2 x 2 runs by Slurm and once more without it, and requires the same numbers of both, bit for bit:
# losses of every step, and the weights. On the way one task is requeued as preemption does it, one is killed and requeued,
# and the command that follows is interrupted and given again. Run after `make build` and `make setup`.
#
# Slurm runs here, on the loopback address, by its own configuration in a temporary folder; nothing of another Slurm of this
# machine is used or changed. Debian's packages slurm-wlm and munge are installed where they are missing, which needs root.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
flowmatch=${FLOWMATCH:-.build/release/flowmatch}
steps=200
export PATH=$PATH:/usr/sbin:/sbin

fail() {
    echo "check-slurm: $*" >&2
    exit 1
}

[[ -x $flowmatch ]] || fail "there is no $flowmatch: run \`make build\`"
[[ -d .setup/data/mnist ]] || fail "there is no MNIST: run \`make setup\`"

# Slurm.
programs=(sbatch squeue scancel scontrol slurmctld slurmd munged mungekey)
if (($(command -v "${programs[@]}" | wc -l) < ${#programs[@]})); then
    command -v apt-get >/dev/null || fail "Slurm is not here, and apt-get neither: install slurm-wlm and munge"
    as_root=()
    if [[ $(id -u) != 0 ]]; then
        command -v sudo >/dev/null || fail "Slurm is not here: install slurm-wlm and munge as root"
        as_root=(sudo)
    fi
    echo "check-slurm: installing slurm-wlm and munge"
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends slurm-wlm munge \
        >/dev/null || fail "apt-get could not install slurm-wlm and munge: run \`apt-get update\` if its lists are old"
fi

work=$(mktemp -d)
log=$work/follow.log
cleanup() {
    local status=$?
    trap - EXIT
    if ((status != 0)); then
        for file in "$log" "$work"/slurm/slurm/*.log "$work"/slurmctld.log; do
            [[ -s $file ]] && echo "--- the end of ${file#"$work"/}" >&2 && tail -n 8 "$file" >&2
        done
    fi
    [[ -z ${follower:-} ]] || kill -KILL "$follower" 2>/dev/null || true
    scancel --user="$(id -un)" 2>/dev/null && sleep 1
    for daemon in slurmd slurmctld munged; do
        [[ -f $work/$daemon.pid ]] && kill "$(<"$work/$daemon.pid")" 2>/dev/null
    done
    sleep 1
    rm -rf "$work"
    exit "$status"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

read -r port_of_control port_of_node < <(python3 -c '
import socket
sockets = [socket.socket() for _ in range(2)]
for each in sockets: each.bind(("127.0.0.1", 0))
print(*(each.getsockname()[1] for each in sockets))')
node=$(hostname -s)
user=$(id -un)
chmod 755 "$work"
mkdir "$work/state" "$work/spool"
mungekey --create --keyfile="$work/munge.key"
munged --key-file="$work/munge.key" --socket="$work/munge.socket" --pid-file="$work/munged.pid" \
    --log-file="$work/munged.log" --seed-file="$work/munged.seed" --num-threads=2 2>"$work/munged.err" ||
    fail "munged did not start: $(tail -n 1 "$work/munged.err")"

cat >"$work/slurm.conf" <<CONFIGURATION
ClusterName=check
SlurmctldHost=$node(127.0.0.1)
SlurmctldPort=$port_of_control
SlurmdPort=$port_of_node
SlurmUser=$user
SlurmdUser=$user
AuthType=auth/munge
# A requeued job waits until its old credential has expired.
AuthInfo=socket=$work/munge.socket,cred_expire=5
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SlurmdParameters=config_overrides
ReturnToService=2
SchedulerParameters=sched_interval=2
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd.pid
SlurmctldLogFile=$work/slurmctld.log
SlurmdLogFile=$work/slurmd.log
NodeName=$node NodeAddr=127.0.0.1 CPUs=2
PartitionName=check Nodes=$node Default=YES MaxTime=INFINITE State=UP
CONFIGURATION
export SLURM_CONF=$work/slurm.conf
slurmctld 2>"$work/slurmctld.err" || fail "slurmctld did not start: $(tail -n 1 "$work/slurmctld.err")"
slurmd 2>"$work/slurmd.err" || fail "slurmd did not start: $(tail -n 1 "$work/slurmd.err")"

# Waits, for five minutes at most, until a command succeeds.
until_true() {
    local what=$1
    shift
    for ((i = 0; i < 1500; i++)); do
        "$@" && return
        sleep 0.2
    done
    fail "waited in vain until $what"
}
is_idle() { [[ $(sinfo --noheader --format=%T 2>/dev/null) == idle ]]; }
until_true "the node is ready" is_idle
echo "check-slurm: $(sbatch --version) runs here"

# The comparison: a 2 x 2 of tiny networks.
settings=(
    --vary model=unet,dit --vary seed=0,1 --steps "$steps" --batch-size 16
    --set unet.channels=8,16 --set unet.num_residual_layers=1
    --set dit.hidden_dim=32 --set dit.num_heads=2 --set dit.depth=2
    --set recording.checkpoint_every=60 --set recording.validate_every=0 --set recording.picture_steps=1
    --set recording.steps_per_dispatch=10
    --guidance 3 --sample-steps 2
)
echo "check-slurm: the comparison on this machine alone"
"$flowmatch" compare "${settings[@]}" --out "$work/local" >"$work/local.out" 2>"$log" || fail "the comparison failed without Slurm"

follow() {
    "$flowmatch" compare "${settings[@]}" --on slurm --slurm-option job-name=check --slurm-option comment="two words" \
        --out "$work/slurm" >"$work/slurm.out" 2>>"$log" &
    follower=$!
}
echo "check-slurm: the comparison by Slurm"
: >"$log"
follow
jobs_file=$work/slurm/slurm/jobs.json
until_true "the jobs are submitted" test -s "$jobs_file"
array=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["training"])' "$jobs_file")
runs=(unet-seed-0 unet-seed-1 dit-seed-0 dit-seed-1)
state() { squeue --noheader --states=all --array --format='%i %T' | awk -v task="${array}_$1" '$1 == task { print $2 }'; }
# Task N is in the middle of its run.
is_halfway() {
    [[ $(state "$1") == RUNNING ]] && (($(wc -l 2>/dev/null <"$work/slurm/${runs[$1 - 1]}/metrics.jsonl" || echo 0) > 60))
}
has_failed() { [[ $(state "$1") == FAILED ]]; }

until_true "the second run is halfway" is_halfway 2
scontrol requeue "${array}_2"
echo "check-slurm: requeued task 2"

kill -INT "$follower"
wait "$follower" && fail "the command that follows did not end by an interruption"
grep -q "the jobs go on" "$log" || fail "an interruption did not say that the jobs go on"
follow
until_true "the command attaches to its jobs" grep -q "at work already" "$log"
echo "check-slurm: interrupted the command that follows, and gave it again"

until_true "the third run is halfway" is_halfway 3
scancel --signal=KILL --batch "${array}_3"
until_true "task 3 has failed" has_failed 3
scontrol requeue "${array}_3"
echo "check-slurm: killed task 3 and requeued it"

wait "$follower" || fail "the comparison failed by Slurm"
follower=
cat "$work/slurm.out"

# What came of it.
grep -q "stopped after step" "$work/slurm/slurm/train-2.log" || fail "task 2 did not save when it was requeued"
[[ $(squeue --noheader --states=all --array | wc -l) == 5 ]] || fail "jobs were submitted twice"
for run in "${runs[@]}"; do
    python3 - "$work/local/$run/metrics.jsonl" "$work/slurm/$run/metrics.jsonl" "$steps" <<'PYTHON' || fail "$run: other losses"
import json
import sys


def records(path: str) -> list[tuple[str, ...]]:
    with open(path) as lines:
        parsed = [json.loads(line, parse_float=str) for line in lines]
    return [tuple(str(record[name]) for name in ("step", "loss", "gradient_norm", "learning_rate")) for record in parsed]


one, other = records(sys.argv[1]), records(sys.argv[2])
sys.exit(one != other or len(one) != int(sys.argv[3]))
PYTHON
    cmp "$work"/{local,slurm}/"$run"/checkpoints/step-"$steps".safetensors || fail "$run: other weights"
    echo "check-slurm: $run: the same losses of $steps steps, weights $(
        sha256sum "$work/slurm/$run/checkpoints/step-$steps.safetensors" | head -c 16)"
done
[[ -s $work/slurm/report.html ]] || fail "there is no report"
echo "check-slurm: by Slurm, requeued and killed, the runs are those of this machine alone, bit for bit"
