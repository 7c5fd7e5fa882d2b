#!/bin/sh
# What a key of your phone is for: in ~/.ssh/authorized_keys
#     restrict,pty,command="/path/to/phone.sh" ssh-ed25519 AAAA… phone
# `restrict` keeps it from forwarding anything; nothing of tmuxagents listens on a network. It keeps a slip from doing
# something else. It is no wall: whoever has the key can start agents in the chat, and agents can run anything.
# Words are divided at blanks and nothing in them is expanded: a text needs no quotes.

# sshd gives the system's PATH alone, where pipx, uv and Homebrew put nothing, and so the agents that are started here.
PATH="$PATH:$HOME/.local/bin:/opt/homebrew/bin:/usr/local/bin"
export PATH

refuse() {
    printf '%s\n' "phone.sh: $1" "hint: $2" >&2
    exit 2
}

set -f
IFS=' '
# shellcheck disable=SC2086 # to be divided
set -- $SSH_ORIGINAL_COMMAND
[ "${1-}" = tmuxagents ] && shift
# The command of a notice may say where its fleet is, with the quotes that a shell would take away. It has to be ours.
if [ "${1-}" = --state-dir ]; then
    case "${2-}" in "${TMUXAGENTS_STATE_DIR-}" | "'${TMUXAGENTS_STATE_DIR-}'") shift 2 ;; esac
fi
case "${1-chat}" in
chat | attach) [ -t 0 ] || refuse "this needs a terminal" "ssh -t HOST${1:+ $1}" ;;
ls | last | show | catchup | usage | diff | say | approve | deny | answer | interrupt | stop | resume | tail) ;;
*) refuse "'$1' is not for this key" "ssh HOST ls (also last, show, catchup, usage, diff, tail, say, approve, deny, \
answer, interrupt, stop, resume; with -t: chat, attach)" ;;
esac
[ "$#" -gt 0 ] || set -- chat --plain
exec tmuxagents "$@"
