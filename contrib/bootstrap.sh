#!/bin/sh
# Set up what `make` needs in a clone: contrib/bootstrap.sh python|tmux|shells|ssh|claude|lock
#
#   python  .venv with the pinned development environment and this package
#   tmux    tmux 3.3 or newer
#   shells  bash, zsh and fish, whose completion is tested
#   ssh     an SSH server, which the soak starts on loopback for the phone's recipe
#   claude  the real claude, in the two versions pinned in tests/npm
#   lock    write requirements-dev.lock and tests/npm/package-lock.json anew (maintainers)
#
# A missing system package is installed with the system's package manager where that takes
# no password; otherwise this stops with the one command to type.
set -eu
cd "$(dirname "$0")/.."

say() { printf '%s\n' "setup: $1" >&2; }

stop() { # WHAT HINT
    printf '%s\n' "setup: $1" "hint: $2" >&2
    exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# -- system packages ---------------------------------------------------------------

system_install() { # WHAT APT-PACKAGES OTHER-PACKAGES BREW-PACKAGES
    if have apt-get; then
        as_root=
        [ "$(id -u)" = 0 ] || as_root="sudo "
        command="${as_root}apt-get install -y --no-install-recommends $2"
        [ -z "$as_root" ] || sudo -n true 2>/dev/null || stop "$1 is not installed" "$command"
        say "$1 is not installed; running: $command"
        # The package lists of a fresh image are empty or old, so they are fetched first.
        ${as_root}env DEBIAN_FRONTEND=noninteractive apt-get update -qq </dev/null >&2 &&
            ${as_root}env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $2 </dev/null >&2 ||
            stop "apt-get could not install $1" "$command"
    elif have brew; then
        say "$1 is not installed; running: brew install $4"
        brew install $4 </dev/null >&2 || stop "brew could not install $1" "brew install $4"
    elif have dnf; then stop "$1 is not installed" "sudo dnf install $3"
    elif have pacman; then stop "$1 is not installed" "sudo pacman -S $3"
    elif have zypper; then stop "$1 is not installed" "sudo zypper install $3"
    elif have apk; then stop "$1 is not installed" "sudo apk add $3"
    else stop "$1 is not installed, and no package manager is known here" "install $1, then run make again"
    fi
}

# -- python ------------------------------------------------------------------------

is_recent() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

find_python() {
    for candidate in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
        if is_recent "$candidate"; then
            printf '%s\n' "$candidate"
            return
        fi
    done
    found=$("${PYTHON:-python3}" --version 2>&1) || found="no ${PYTHON:-python3}"
    stop "tmuxagents needs Python 3.11 or newer; found: $found" "PYTHON=/path/to/python3.11 make demo"
}

setup_python() {
    if ! is_recent .venv/bin/python; then
        python=$(find_python)
        if ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
            minor=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
            system_install "Python's venv module" "python$minor-venv" python3 "python@$minor"
        fi
        say "making .venv"
        "$python" -m venv --clear .venv
    fi
    say "installing the development environment into .venv"
    .venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock
    # The build backend comes from the lock too: nothing unpinned is fetched.
    .venv/bin/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
    # Its hook in front of every interpreter's start is a tenth of that, and thousands are started.
    .venv/bin/python -m pip uninstall -q -y --disable-pip-version-check setuptools
    touch .venv/.stamp
}

# -- tmux --------------------------------------------------------------------------

setup_tmux() {
    have tmux || system_install tmux tmux tmux tmux
    version=$(tmux -V)
    # "tmux 3.3a", "tmux next-3.6"; a name without a number ("tmux master") is taken for new.
    set -- $(printf '%s\n' "$version" | sed -n 's/^[^0-9]*\([0-9][0-9]*\)\.\([0-9][0-9]*\).*/\1 \2/p')
    [ "$#" = 2 ] || return 0
    [ "$1" -gt 3 ] || { [ "$1" = 3 ] && [ "$2" -ge 3 ]; } ||
        stop "$version is too old; tmuxagents needs tmux 3.3 or newer" \
            "put a newer tmux on the PATH: https://github.com/tmux/tmux/wiki/Installing"
}

# -- shells ------------------------------------------------------------------------

setup_shells() {
    for shell in bash zsh fish; do
        have "$shell" || system_install "$shell" "$shell" "$shell" "$shell"
    done
}

# -- ssh ---------------------------------------------------------------------------

setup_ssh() {
    [ -n "$(PATH="$PATH:/usr/sbin:/usr/local/sbin" command -v sshd)" ] && have ssh && return
    # Debian's package starts a server that the network reaches: nobody's own machine gets one unasked.
    [ "$(id -u)" = 0 ] || stop "there is no SSH server, which this tries on loopback" \
        "sudo apt-get install openssh-server openssh-client && sudo systemctl disable --now ssh"
    system_install "an SSH server" "openssh-server openssh-client" "openssh" openssh
}

# -- claude ------------------------------------------------------------------------

# Print the program that npm placed for an alias. It is the native one, in the package of this
# platform: bin/claude.exe beside it is a stub until an install script has run, and whether
# those run depends on npm's version and settings.
native_claude() { # ALIAS VERSION
    for program in "node_modules/$1/node_modules/@anthropic-ai"/claude-code-*/claude \
        node_modules/@anthropic-ai/claude-code-*/claude; do
        case $("$program" --version 2>/dev/null || true) in
            "$2 "*) printf '%s\n' "$program" && return ;;
        esac
    done
    stop "npm installed no claude $2 that runs on $(uname -sm)" "rm -r tests/npm/node_modules; make test"
}

link_claude() { # NAME: bin/NAME/claude, so that bin/NAME can also stand on a PATH
    version=$(sed -n "s|.*\"claude-$1\": \"npm:@anthropic-ai/claude-code@\([^\"]*\)\".*|\1|p" package.json)
    program=$(native_claude "claude-$1" "$version")
    mkdir -p "bin/$1"
    ln -sf "../../$program" "bin/$1/claude"
}

setup_claude() {
    have npm || system_install npm "nodejs npm" "nodejs npm" node
    [ "$(npm --version 2>/dev/null | sed 's/\..*//')" -ge 7 ] ||
        stop "npm $(npm --version) is too old for tests/npm/package-lock.json" "npm install -g npm@10"
    cd tests/npm
    say "installing the real claude from npm, two versions, about 600 MB"
    npm ci --ignore-scripts --engine-strict=false --no-audit --no-fund --loglevel=error </dev/null >&2
    link_claude oldest
    link_claude newest
    touch node_modules/.stamp
}

# -- locks -------------------------------------------------------------------------

write_locks() {
    have uv || stop "uv is not installed" "pipx install uv"
    # --universal: one file for every platform and for every Python from 3.11 on.
    uv pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
        --group pyproject.toml:dev pyproject.toml -o requirements-dev.lock
    cd tests/npm
    npm install --package-lock-only --omit-lockfile-registry-resolved --ignore-scripts --no-audit --no-fund
}

case ${1-} in
    python) setup_python ;;
    tmux) setup_tmux ;;
    shells) setup_shells ;;
    ssh) setup_ssh ;;
    claude) setup_claude ;;
    lock) write_locks ;;
    *) stop "contrib/bootstrap.sh cannot set up '${1-}'" "contrib/bootstrap.sh python|tmux|shells|ssh|claude|lock" ;;
esac
