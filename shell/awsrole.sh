# shellcheck shell=sh
# shellcheck disable=SC2086,SC2154,SC2250 # names are split on purpose where globbing is off; `awsrole init` sets the root
# awsrole for ksh93, mksh, dash, busybox and shells like them: `awsrole NAME` puts the session of an AWS role into this shell.
#
# A session comes as lines from the core. They are checked as a whole, and only then applied; no value is ever evaluated, and
# of names only such as AWS_REGION. These shells have no local variables in common, so all of ours begin with __awsrole_.
# What the shell held before its first switch is in __awsrole_was_NAME, for each name of __awsrole_own and __awsrole_exported.
# What has an alias or a function of the user's is called by \command.

case $- in
  *a*) # every variable and function would go to every child process
    set +a
    __awsrole_allexport=1
    ;;
  *) __awsrole_allexport= ;;
esac
# The build writes this line (src/commands/names.ts).
__awsrole_commands=' off - status exec env list explain whoami console clear new protect unprotect add rotate keys unlock lock doctor setup demo init help credential-process complete session-lines index-lines choice-line '
__awsrole_newline='
'
# Stands between words that are remembered.
__awsrole_between=$(\command printf '\037')
# shellcheck disable=SC2016 # it is PS1 that expands it; a child to which PS1 is exported shows nothing
__awsrole_mark='${__awsrole_root:+${AWSROLE_PROFILE:+$(__awsrole_segment)}}'

awsrole() {
  # The secrets must not reach a trace, and nothing of ours a child process.
  {
    case $- in
      *a*)
        set +a
        __awsrole_options=a$-
        ;;
      *) __awsrole_options=$- ;;
    esac
    set +eux -f
  } 2>/dev/null
  __awsrole_ifs=${IFS-} __awsrole_has_ifs=${IFS+yes} __awsrole_status=0
  IFS=' '
  __awsrole_main "$@" || __awsrole_status=$?
  IFS=$__awsrole_ifs
  case $__awsrole_has_ifs in yes) ;; *) \command unset IFS ;; esac
  \command unset __awsrole_text __awsrole_line
  case $__awsrole_options in *f*) ;; *) set +f ;; esac
  case $__awsrole_options in *a*) set -a ;; *) ;; esac
  case $__awsrole_options in *u*) set -u ;; *) ;; esac
  case $__awsrole_options in *e*) set -e ;; *) ;; esac
  case $__awsrole_options in *x*) set -x ;; *) ;; esac
  return "$__awsrole_status"
}

# The first word decides what is asked for.
__awsrole_main() {
  case ${AWSROLE_NAMES:+named}${__awsrole_held:+held} in named) __awsrole_adopt ;; *) ;; esac
  case $#:${1-}:${__awsrole_previous-} in
    1:off:* | 1:-:off) __awsrole_off ;;
    1:-:)
      __awsrole_say 'awsrole -: there is no role before this one in this shell; run: awsrole PROFILE'
      return 2
      ;;
    1:-:*)
      IFS=$__awsrole_between
      set -- $__awsrole_previous
      IFS=' '
      __awsrole_switch --again "$@"
      ;;
    *)
      case ${1-status} in
        status | whoami | doctor | console) (__awsrole_core "$@") ;; # of what this shell holds
        *' '*) __awsrole_switch "$@" ;;
        *)
          case $__awsrole_commands in
            *" $1 "*) (__awsrole_ask "$@") ;;
            *) __awsrole_switch "$@" ;;
          esac
          ;;
      esac
      ;;
  esac
}

__awsrole_say() { \command printf '%s\n' "$1" >&2; }

# Replaces this subshell with the launcher.
__awsrole_core() {
  __awsrole_launcher=$__awsrole_root/shell/awsrole
  # An update may have put it elsewhere; here its name is that of the function.
  if ! \command test -x "$__awsrole_launcher" && ! __awsrole_launcher=$(\command sh -c 'command -v awsrole'); then
    __awsrole_say "awsrole: its program is gone from $__awsrole_root; open a new shell, or install it again"
    exit 1
  fi
  exec "$__awsrole_launcher" "$@"
}

# Replaces this subshell with the launcher, in the environment that a switch starts from.
__awsrole_ask() {
  \command export AWSROLE_SHELL=- "AWSROLE_HELD=${AWSROLE_PROFILE-}"
  __awsrole_put_back 2>/dev/null # what is readonly stays
  __awsrole_core "$@"
}

# In a child of a switched shell only the names of the variables are known, not what they were before.
__awsrole_adopt() {
  __awsrole_held='' __awsrole_own='' __awsrole_exported='' __awsrole_inherited=1
  for __awsrole_name in $AWSROLE_NAMES; do
    case $__awsrole_name in
      *[!ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_]*) ;;
      AWS*) __awsrole_held="$__awsrole_held $__awsrole_name" ;;
      *) ;;
    esac
  done
  __awsrole_current=${__awsrole_current:-${AWSROLE_PROFILE-}}
}

# Puts everything back to what it was before the first switch.
__awsrole_put_back() {
  for __awsrole_name in ${__awsrole_held-} AWSROLE_NAMES; do
    \command unset "$__awsrole_name" || continue
    case "$__awsrole_own | $__awsrole_exported " in
      *" $__awsrole_name "*'| '*) eval "$__awsrole_name=\$__awsrole_was_$__awsrole_name" ;;
      *" $__awsrole_name "*) eval "\\command export \"$__awsrole_name=\$__awsrole_was_$__awsrole_name\"" ;;
      *) ;;
    esac
    \command unset "__awsrole_was_$__awsrole_name"
  done
  __awsrole_own='' __awsrole_exported=''
}

__awsrole_off() {
  case ${__awsrole_held-} in
    '')
      __awsrole_say 'no role is held in this shell'
      return 0
      ;;
    *) __awsrole_text='the shell is as it was before' ;;
  esac
  case ${__awsrole_inherited-} in
    1) __awsrole_text="removed ${AWSROLE_NAMES-}; only the shell that switched can put back what they were" ;;
    *) ;;
  esac
  __awsrole_clean "left ${AWSROLE_PROFILE:-the role}: $__awsrole_text"
  __awsrole_changeable $__awsrole_held || return 1
  __awsrole_put_back
  \command unset __awsrole_held __awsrole_inherited
  case ${PS1-} in *"$__awsrole_mark"*) PS1=${PS1%%"$__awsrole_mark"*}${PS1#*"$__awsrole_mark"} ;; *) ;; esac
  __awsrole_remember off
  __awsrole_say "$__awsrole_text"
}

# Sets __awsrole_text to the text, with a ? in the place of what a terminal would obey.
__awsrole_clean() {
  __awsrole_text=$1
  case $1 in *[![:print:]]*) __awsrole_text=$(\command printf %s "$1" | LC_ALL=C \command tr '\001-\037\177' '?') ;; *) ;; esac
}

# The words of the state the shell is in now, for `awsrole -`.
__awsrole_remember() {
  IFS=$__awsrole_between
  case "$*" in
    "${__awsrole_current:-off}") ;;
    *) __awsrole_previous=${__awsrole_current:-off} ;;
  esac
  __awsrole_current=$*
  IFS=' '
}

# A switch by the words of the command line.
__awsrole_switch() {
  __awsrole_text=$(__awsrole_ask session-lines "$@") || __awsrole_status=$?
  case $__awsrole_status:$__awsrole_text in
    0:'awsrole-session '*) ;;
    *:'awsrole-session '* | *:) return "$__awsrole_status" ;;
    *) # no switch, like the answer to --help
      \command printf '%s\n' "$__awsrole_text"
      return "$__awsrole_status"
      ;;
  esac
  __awsrole_apply || return 1
  case $1 in --again) shift ;; *) ;; esac
  __awsrole_remember "$@"
  case $__awsrole_options in *i*) __awsrole_show ;; *) ;; esac
  __awsrole_left "$__awsrole_expires"
  case $__awsrole_left in *m) __awsrole_left="$__awsrole_left left" ;; *) ;; esac
  __awsrole_say "$__awsrole_says${__awsrole_left:+, $__awsrole_left}"
}

# Puts the lines in __awsrole_text into the shell; false, with nothing changed, when that cannot be.
__awsrole_apply() {
  __awsrole_line=${__awsrole_text%"${__awsrole_newline}end"}
  case $__awsrole_line in "$__awsrole_text" | *"$__awsrole_newline$__awsrole_newline"*) __awsrole_line= ;; *) ;; esac
  IFS=$__awsrole_newline
  set -- $__awsrole_line
  IFS=' '
  __awsrole_whole "$@" || {
    __awsrole_say "awsrole's answer was incomplete or of another version, so nothing was changed; open a new shell, or install awsrole again"
    return 1
  }
  __awsrole_changeable $__awsrole_names $__awsrole_unset ${__awsrole_held-} || return 1
  case $__awsrole_names$__awsrole_unset in
    "${__awsrole_held-}") ;;
    *)
      __awsrole_put_back
      __awsrole_held=$__awsrole_names$__awsrole_unset
      __awsrole_keep $__awsrole_held
      ;;
  esac
  shift 7
  \command export "$@" "AWSROLE_NAMES=${__awsrole_names# }"
  \command unset $__awsrole_unset
}

# Takes the lines apart; false unless they are whole and well-formed.
__awsrole_whole() {
  case "${1-} ${2%% *} ${3%% *} ${4%% *} ${5%% *} ${6%% *} ${7%% *} ${8-}" in
    'awsrole-session 2 '?*' for states times says shows unset '?*) ;;
    *) return 1 ;;
  esac
  __awsrole_expires=${4##* } __awsrole_says=${5#says } __awsrole_unset=${7#unset} __awsrole_names=''
  # It meets arithmetic, which evaluates text.
  case $__awsrole_expires in '' | *[!0123456789]* | 0?* | ?????????????*) return 1 ;; *) ;; esac
  shift 7
  for __awsrole_line; do
    case $__awsrole_line in *=*) ;; *) return 1 ;; esac
    __awsrole_line=${__awsrole_line%%=*}
    __awsrole_names="$__awsrole_names $__awsrole_line"
    case $__awsrole_line in *[!ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_]*) return 1 ;; AWS*) ;; *) return 1 ;; esac
  done
  for __awsrole_line in $__awsrole_unset; do
    case $__awsrole_line in *[!ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_]*) return 1 ;; AWS*) ;; *) return 1 ;; esac
  done
}

# False, with a message, when one of the names cannot be changed: better no switch than half of one.
__awsrole_changeable() {
  for __awsrole_name in "$@" AWSROLE_NAMES; do
    (\command unset "$__awsrole_name") 2>/dev/null && continue
    __awsrole_say "awsrole: $__awsrole_name is readonly in this shell, so nothing was changed; open a shell without: readonly $__awsrole_name"
    return 1
  done
}

# Keeps what the variables are before a switch. Which of them are exported, a child knows.
__awsrole_keep() {
  # shellcheck disable=SC2016 # the child expands it
  __awsrole_exported=$(\command sh -c 'for name; do eval "case \${$name+set} in set) echo $name ;; *) ;; esac"; done' sh "$@" | \command tr '\n' ' ')
  for __awsrole_name; do
    eval "__awsrole_was_$__awsrole_name=\${$__awsrole_name-}"
    case " $__awsrole_exported" in
      *" $__awsrole_name "*) ;;
      *) eval "case \${$__awsrole_name+set} in set) __awsrole_own=\"\$__awsrole_own \$__awsrole_name\" ;; *) ;; esac" ;;
    esac
  done
}

# Sets __awsrole_left for the end of a session: `58m`; nothing for 0, which is no end.
__awsrole_left() {
  __awsrole_left=
  case $1 in '' | *[!0123456789]* | 0* | ?????????????*) return 0 ;; *) ;; esac
  __awsrole_left=$((($1 - $(\command date +%s) + 59) / 60))
  case $__awsrole_left in
    0 | -*) __awsrole_left=EXPIRED ;;
    ? | ??) __awsrole_left=${__awsrole_left}m ;;
    *)
      __awsrole_line=0$((__awsrole_left % 60))
      __awsrole_left=$((__awsrole_left / 60))h${__awsrole_line#"${__awsrole_line%??}"}m
      ;;
  esac
}

# Puts the segment in front of the prompt.
__awsrole_show() {
  case ${PS1-} in *"$__awsrole_mark"*) ;; *) PS1=$__awsrole_mark${PS1-} ;; esac
}

# Prints who this shell is and for how long, if it still holds what was put there.
__awsrole_segment() {
  set +eux
  case ${AWSROLE_PROMPT-} in off) return ;; *) ;; esac
  __awsrole_name=$AWSROLE_PROFILE
  case $__awsrole_name in arn:*/*) __awsrole_name=${AWSROLE_ACCOUNT_ID-}:${__awsrole_name##*/} ;; *) ;; esac
  case ${AWS_PROFILE+set}${AWS_ACCESS_KEY_ID-}:${AWS_SESSION_TOKEN+set}${AWSROLE_EXPIRES:-0} in
    "${AWSROLE_ACCESS_KEY_ID-}":0) __awsrole_name="$__awsrole_name keys" ;;
    "${AWSROLE_ACCESS_KEY_ID-}":*)
      __awsrole_left "${AWSROLE_EXPIRES-}"
      __awsrole_name=$__awsrole_name${__awsrole_left:+ $__awsrole_left}
      ;;
    *) __awsrole_name=$__awsrole_name'?' ;;
  esac
  __awsrole_clean "$__awsrole_name"
  # There a `!` is the number of the command.
  case ${KSH_VERSION-}$__awsrole_text in Version*!*) __awsrole_text=$(\command printf %s "$__awsrole_text" | \command sed 's/!/!!/g') ;; *) ;; esac
  \command printf '(%s) ' "$__awsrole_text"
}

case $-${AWSROLE_PROFILE:+held} in *i*held) __awsrole_show ;; *) ;; esac
case $__awsrole_allexport in 1) set -a ;; *) ;; esac
\command unset __awsrole_allexport
