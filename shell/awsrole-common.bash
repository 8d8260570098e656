# shellcheck shell=bash disable=SC2034,SC2154,SC2206,SC2086 # words are split where globbing is off; names of the two wrappers
# What awsrole is in bash and in zsh: `awsrole PROFILE` puts the session of an AWS role into this shell. awsrole.bash and
# awsrole.zsh read this file; all that is not the same text in both of them is there.
#
# A session comes as lines, from awsrole's cache or from the core. They are read into locals, checked as a whole, and
# only then applied; nothing is ever evaluated. What the shell held before its first switch is kept in the unexported
# array __awsrole_base: `u NAME`, `s NAME=VALUE` (the shell's own) or `x NAME=VALUE` (exported).
#
# All of it is written for bash 3.2 and runs by way of __awsrole_run: words are split at blanks, nothing is a pattern for
# files, arrays begin with 0. In bash's prompt, __awsrole_describe, __awsrole_left and what they call run with the options
# that the user has. docs/contributing.md lists what the two of them supply.

# The build writes the version.
__awsrole_version='0.1.0'
# The build writes this line (src/commands/names.ts).
__awsrole_commands=' off - status exec env list explain whoami console clear new protect unprotect add rotate keys unlock lock doctor setup demo init help credential-process complete session-lines index-lines choice-line '

awsrole() { __awsrole_run __awsrole_main "$@"; }

# The first word decides what is asked for.
__awsrole_main() {
  local key='' config='' credentials='' settings='' folder='' names='' unsets='' now='' again='' renew='' expires='' left='' colour='' choose='' text='' code=0
  local -a lines
  # Only whom somebody types to may ask which profile is meant.
  if [[ $- == *i* && -t 1 && -t 2 ]]; then choose=1; fi
  if [[ $# -eq 1 && $1 == - && -n ${__awsrole_previous[0]-} ]]; then
    again=--again
    set -- "${__awsrole_previous[@]}"
  fi
  if [[ $# -eq 0 && -n $choose ]]; then
    text=$(__awsrole_core choice-line) || code=$?
    __awsrole_answer
  elif [[ $# -eq 1 && $1 == off ]]; then
    __awsrole_off
  elif [[ ${1-status} == *' '* || $__awsrole_commands != *" ${1-status} "* ]]; then
    __awsrole_switch "$@"
  elif [[ ' - status whoami console doctor ' == *" ${1-status} "* ]]; then # of what this shell holds
    (AWSROLE_LOADED="$__awsrole_shell $__awsrole_version" __awsrole_core "$@")
  else
    (__awsrole_ask "$@")
  fi
}

__awsrole_say() { builtin printf '%s\n' "$1" >&2; }

# Replaces this subshell with the launcher.
__awsrole_core() {
  local launcher=$__awsrole_root/shell/awsrole program=''
  if [[ ! -x $launcher ]]; then
    # An update may have put it elsewhere.
    __awsrole_find awsrole
    launcher=$program
  fi
  if [[ -z $launcher ]]; then
    __awsrole_say "awsrole: its program is gone from $__awsrole_root; open a new shell, or install it again"
    exit 1
  fi
  # The sh of many systems drops variables with odd names and exported functions; the command of exec should get them.
  if [[ ${1-} == exec ]] && __awsrole_find bash; then builtin exec "$program" --posix -p "$launcher" "$@"; fi
  builtin exec "$launcher" "$@"
}

# Replaces this subshell with the launcher, in the environment that a switch starts from. A function, as aliases would be
# expanded in the text of `$(...)`.
__awsrole_ask() {
  builtin export "AWSROLE_HELD=${AWSROLE_PROFILE-}"
  __awsrole_restore 2>/dev/null # what is readonly stays
  builtin export "AWSROLE_SHELL=$key" "AWSROLE_CHOOSE=${choose-}"
  if [[ -n $__awsrole_git_bash ]]; then __awsrole_git_bash_ask "$@"; fi
  __awsrole_core "$@"
}

# In a child of a switched shell only the names of the variables are known, not what they were before.
__awsrole_adopt() {
  local name='' held=''
  __awsrole_inherited=1
  for name in $AWSROLE_NAMES; do
    if [[ $name == AWS* && $name != *[!A-Z0-9_]* ]]; then __awsrole_base+=("u $name") held+=" $name"; fi
  done
  __awsrole_hold "$held"
  __awsrole_words=("${AWSROLE_PROFILE-}")
  # Only after `--` is what looks like an option or a command a name.
  if [[ ${AWSROLE_PROFILE-} == -* || $__awsrole_commands == *" ${AWSROLE_PROFILE-} "* ]]; then
    __awsrole_words=(-- "$AWSROLE_PROFILE")
  fi
}

# Notes which variables the role has, and whether there are such among them as decide this shell's sessions.
__awsrole_hold() {
  __awsrole_held=$1 __awsrole_moved=''
  case " $1 " in
    *' AWS_ENDPOINT_URL'* | *' AWS_IGNORE_'* | *' AWS_CONFIG_FILE '* | *' AWS_SHARED_CREDENTIALS_FILE '*) __awsrole_moved=1 ;;
  esac
}

# Puts everything back to what it was before the first switch.
__awsrole_restore() {
  local entry='' name=''
  for entry in "${__awsrole_base[@]}"; do
    name=${entry#? } name=${name%%=*}
    # What direnv has for one folder is not there in another one.
    if [[ $name == AWS_PROFILE && ${DIRENV_DIR-} != "${__awsrole_direnv-}" ]]; then continue; fi
    builtin unset -v "$name"
    case $entry in
      x*) builtin export "${entry#? }" ;;
      s*) __awsrole_own "${entry#? }" ;;
    esac
  done
  builtin unset -v AWSROLE_NAMES
}

__awsrole_off() {
  local text='the shell is as it was before' left=${AWSROLE_PROFILE:-the role}
  if [[ -z ${__awsrole_base[0]-} ]]; then
    __awsrole_say 'no role is held in this shell'
    return 0
  fi
  __awsrole_changeable "$__awsrole_held" || return 1
  if __awsrole_in_subshell; then
    text='only in this subshell, the shell itself is as before'
  elif [[ -n $__awsrole_inherited ]]; then
    text="removed ${AWSROLE_NAMES-}; only the shell that switched can put back what they were"
  fi
  __awsrole_restore
  __awsrole_base=() __awsrole_renewal=() __awsrole_inherited=''
  __awsrole_hold ''
  text="left $left: $text"
  __awsrole_printable || __awsrole_clean
  __awsrole_say "$text"
  __awsrole_remember off
}

# The words of the state the shell is in now, for `awsrole -`.
__awsrole_remember() {
  if [[ "$*" != "${__awsrole_words[*]}" ]]; then __awsrole_previous=("${__awsrole_words[@]}"); fi
  __awsrole_words=("$@")
}

# Does what the core says in the caller's `text` in place of session lines: a name that was chosen is switched to, all
# else is shown.
__awsrole_answer() {
  local name=${text#awsrole-choice }
  if [[ $code -ne 0 || $name == "$text" ]]; then
    if [[ -n $text ]]; then builtin printf '%s\n' "$text"; fi
    return "$code"
  elif [[ $name == '-- '* ]]; then
    __awsrole_switch -- "${name#-- }"
  else
    __awsrole_switch "$name"
  fi
}

# A switch by the words of the command line.
__awsrole_switch() {
  local text='' code=0 plain=''
  if [[ $# -eq 1 && $1 != -* ]]; then plain=1; fi
  __awsrole_key
  __awsrole_now
  if [[ -z $plain ]] || ! __awsrole_kept "$1" || [[ $now -ge $renew || ${lines[5]} != 'shows - '* ]]; then
    text=$(__awsrole_ask session-lines ${again:+"$again"} "$@") || code=$?
    __awsrole_now
    if [[ $code -ne 0 || $text != 'awsrole-session '* ]]; then
      __awsrole_answer || return # not what a trap on ERR hears of
      return 0
    fi
    IFS=$'\n'
    lines=(${text//$'\r'/}) # native programs on Windows end their lines so
    IFS=$' \t\n'
    if ! __awsrole_whole; then
      __awsrole_say "awsrole's answer was incomplete or of another version, so nothing was changed; open a new shell, or install awsrole again"
      return 1
    fi
  fi
  __awsrole_take || return 1
  # Only what was asked for by name alone is renewed by that name.
  __awsrole_renewal=()
  if [[ -n $plain && $renew -gt 0 ]]; then __awsrole_renewal=("$renew" "$1"); fi
  if [[ -n $plain && $1 != "${__awsrole_words[*]}" && -f $folder/uses && -w $folder/uses && ! -L $folder/uses ]]; then
    { builtin printf '%s\n' "$1" >>"$folder/uses"; } 2>/dev/null || :
  fi
  __awsrole_remember "$@"
  if [[ $- == *i* ]]; then __awsrole_hook_in; fi
  __awsrole_left "$expires"
  if [[ $left == *m ]]; then left="$left left"; fi
  text=${lines[4]#says }${left:+, $left}
  if __awsrole_in_subshell; then text+='; only this subshell is switched, the shell itself is as before'; fi
  __awsrole_say "$text"
}

# Sets the caller's `key` to what decides this shell's sessions, and the places `config`, `credentials`, `settings` and
# `folder` (the cache). What the role that is held has set itself does not count: the core is started without it.
__awsrole_key() {
  local entry='' home=''
  if [[ -n $__awsrole_moved ]]; then
    for entry in "${__awsrole_base[@]#? }"; do
      case ${entry%%=*} in
        AWS_CONFIG_FILE | AWS_SHARED_CREDENTIALS_FILE | AWS_ENDPOINT_URL | AWS_ENDPOINT_URL_STS | AWS_IGNORE_CONFIGURED_ENDPOINT_URLS)
          # What they were is known only to the shell that switched.
          if [[ $entry != *=* ]]; then entry=$entry=${__awsrole_inherited:+|}; fi
          local "$entry"
          ;;
      esac
    done
  fi
  home=${HOME-}
  config=${AWS_CONFIG_FILE:-$home/.aws/config} credentials=${AWS_SHARED_CREDENTIALS_FILE:-$home/.aws/credentials}
  key=$home\|$config\|$credentials\|${AWS_ENDPOINT_URL_STS:-${AWS_ENDPOINT_URL-}}
  # The core keeps no lines for odd keys: relative paths, control characters, more bars.
  if [[ -n ${AWS_IGNORE_CONFIGURED_ENDPOINT_URLS-} ]]; then key=-; fi
  settings=$home/.config/awsrole/config folder=$home/.cache/awsrole
  if [[ ${XDG_CONFIG_HOME-} == /* ]]; then settings=$XDG_CONFIG_HOME/awsrole/config; fi
  if [[ ${XDG_CACHE_HOME-} == /* ]]; then folder=$XDG_CACHE_HOME/awsrole; fi
  if [[ -n $__awsrole_git_bash ]]; then __awsrole_git_bash_key; fi
}

# Reads the session file of profile $1 into the caller's `lines`; false when there is none that fits this shell, the AWS
# files and awsrole's settings as they are.
__awsrole_kept() {
  local file=$1
  case $file in
    *[%/\\:*?\"\<\>\|]*)
      file=${file//\%/%25} file=${file//\//%2F} file=${file//\\/%5C} file=${file//:/%3A} file=${file//\*/%2A}
      file=${file//\?/%3F} file=${file//\"/%22} file=${file//</%3C} file=${file//>/%3E} file=${file//\|/%7C}
      ;;
  esac
  __awsrole_read "shell/s-$file.session" "$config" "$credentials" "$settings" || return 1
  # `[`, as nocasematch takes Dev for dev in `[[`.
  builtin [ "${lines[0]}" = "awsrole-session 2 $1" ] && [[ ${lines[5]-} == 'shows '* ]] && __awsrole_whole
}

# __awsrole_read NAME FILE...: reads a file of the cache into the caller's `lines`; false unless it is the user's own, and
# for this shell and the files as they are.
__awsrole_read() {
  local file=$folder/$1 stamp='' states=''
  if [[ ! -f $file || ! -O $file || -L $file || ! -r $file || ! -O $folder || ! -O ${file%/*} || -L ${file%/*} ]]; then return 1; fi
  __awsrole_lines "$file"
  states="${lines[2]-} "
  builtin [ "${lines[1]-}" = "for $key" ] && [[ $states == 'states '* && $states != */* ]] || return 1
  shift
  states=${states#states }
  for file; do
    stamp=${states%% *} states=${states#* }
    if [[ $stamp == absent ]]; then
      if [[ -e $file || -L $file ]]; then return 1; fi
    # To `-nt` and `-ot` what is not there is older in bash, and neither in zsh.
    elif [[ ! -f $file || ! -f $folder/stamps/$stamp || $file -nt $folder/stamps/$stamp || $file -ot $folder/stamps/$stamp ]]; then
      return 1
    fi
  done
  [[ -z $states ]]
}

# Takes the caller's `lines` apart into `names`, `unsets` and the numbers; false unless they are whole and well-formed.
__awsrole_whole() {
  local numbers=${lines[3]-} last=$((${#lines[@]} - 1)) shown='' text=''
  if [[ $last -lt 8 || ${lines[last]} != end || ${lines[0]} != 'awsrole-session 2 '* ]]; then return 1; fi
  if [[ $numbers != 'times '?*' '?* || ${lines[4]} != 'says '* || ${lines[6]} != unset* ]]; then return 1; fi
  numbers=${numbers#times } renew=${numbers% *} expires=${numbers#* }
  # Numbers meet arithmetic, which evaluates text.
  if [[ $renew$expires == *[!0123456789]* || ${#renew} -gt 12 || ${#expires} -gt 12 ]]; then return 1; fi
  __awsrole_named || return 1
  # What a terminal would obey could come to be shown. The keys stand first, never are, and are long.
  text=${lines[4]}${lines[*]:10} shown=$text
  __awsrole_printable && return 0
  __awsrole_clean
  [[ $text == "$shown" ]]
}

# Puts the caller's `lines` into the shell; false, with nothing changed, when that cannot be.
__awsrole_take() {
  local changes="$names $unsets" name=''
  if [[ $changes == "$__awsrole_held" ]]; then
    __awsrole_changeable "$changes" || return 1
  else
    __awsrole_changeable "$changes $__awsrole_held" || return 1
    __awsrole_restore
    __awsrole_base=() __awsrole_direnv=${DIRENV_DIR-}
    __awsrole_hold "$changes"
    for name in $changes; do __awsrole_keep "$name"; done
  fi
  # What was an array, or a number, which evaluates text, is no longer.
  __awsrole_unset "AWSROLE_NAMES $names"
  builtin export "${lines[@]:7:${#lines[@]}-8}" "AWSROLE_NAMES=$names"
  __awsrole_unset "$unsets"
}

# False, with a message, when one of the variables named in $1 cannot be changed: better no switch than half of one.
__awsrole_changeable() {
  local name=''
  __awsrole_readonly "AWSROLE_NAMES $1" || return 0
  for name in $1 AWSROLE_NAMES; do
    if __awsrole_readonly "$name"; then break; fi
  done
  __awsrole_say "awsrole: $name is readonly in this shell, so nothing was changed; open a shell without: readonly $name"
  return 1
}

# Sets the caller's `left` and `colour` for the end of a session: `58m`; nothing for 0, which is no end.
__awsrole_left() {
  local minutes
  left='' colour=36
  if [[ $1 == 0 ]]; then return 0; fi
  minutes=$((($1 - now + 59) / 60))
  if [[ $1 -le $now ]]; then
    left=EXPIRED colour=31
  elif [[ $minutes -lt 100 ]]; then
    left=${minutes}m
    if [[ $minutes -le 10 ]]; then colour=33; fi
  else
    left=0$((minutes % 60)) left=$((minutes / 60))h${left:${#left}-2}m
  fi
}

# Leaves a role when its guard says so; a command that runs is not stopped.
__awsrole_end_guard() {
  local ends=$AWSROLE_GUARD_ENDS now=''
  if [[ $ends == *[!0123456789]* || ${#ends} -gt 12 ]]; then return 0; fi
  __awsrole_now
  if [[ $now -lt $((10#$ends)) ]]; then return 0; fi
  __awsrole_say 'awsrole: the time limit of this guarded role has passed'
  __awsrole_off
}

# Sets the caller's `text` to the segment of the prompt, and `colour`: who this shell is and for how long, if
# it still holds what was put there.
__awsrole_describe() {
  local name short rest
  __awsrole_now
  if [[ ${__awsrole_renewal[0]-x} != *[!0123456789]* && $now -ge ${__awsrole_renewal[0]} ]]; then __awsrole_run __awsrole_renew; fi
  name=$AWSROLE_PROFILE rest=${AWSROLE_PROMPT_FORMAT-'(%s) '} left=${AWSROLE_EXPIRES:-0} colour=36
  if [[ $name == arn:*/* ]]; then name=${AWSROLE_ACCOUNT_ID-}:${name##*/}; fi
  if [[ ${AWS_ACCESS_KEY_ID-} != "${AWSROLE_ACCESS_KEY_ID-}" || -n ${AWS_PROFILE+set} ]]; then
    left='?' colour=31 text="$name?"
  else
    if [[ $left == *[!0123456789]* || ${#left} -gt 12 ]]; then
      left=''
    elif [[ $left == 0 && -z ${AWS_SESSION_TOKEN-} ]]; then
      left=keys colour=33 # long-lived ones are no session
    else
      __awsrole_left "$((10#$left))"
    fi
    text=$name${left:+ $left}
  fi
  if [[ -n ${AWSROLE_GUARD-} ]]; then
    colour='97;41'
    if [[ $rest != *%[sp]* ]]; then rest='(%s) '; fi
  elif [[ $colour == 36 && ${AWSROLE_COLOR:-x} != *[!0-9\;]* ]]; then
    colour=$AWSROLE_COLOR
  fi
  if [[ $rest == '(%s) ' ]]; then
    text="($text) "
  else
    short=$text text=''
    while [[ $rest == *%* ]]; do
      text=$text${rest%%\%*} rest=${rest#*\%}
      case ${rest:0:1} in
        s) text=$text$short ;;
        p) text=$text$name ;;
        t) text=$text$left ;;
        r) text=$text${AWS_REGION-} ;;
        a) text=$text${AWSROLE_ACCOUNT_ID-} ;;
        n) text=$text${AWSROLE_ACCOUNT_NAME-} ;;
        %) text=$text% ;;
        *) text=$text%${rest:0:1} ;;
      esac
      rest=${rest:1}
    done
    text=$text$rest
  fi
  __awsrole_printable || __awsrole_clean
}

# Takes over what another terminal has renewed: the same role under the same name, for longer, from the files as they are.
# Nothing is asked and nothing started; an edit of the files never moves this shell to another role.
__awsrole_renew() {
  local key='' config='' credentials='' settings='' folder='' renew='' expires='' all='' names='' unsets='' held=${AWSROLE_EXPIRES:-0} ends=${AWSROLE_GUARD_ENDS-}
  local -a lines
  if [[ ${AWS_ACCESS_KEY_ID-} != "${AWSROLE_ACCESS_KEY_ID-}" || -n ${AWS_PROFILE+set} ]]; then return 0; fi
  if [[ $held == *[!0123456789]* || ${#held} -gt 12 ]]; then return 0; fi
  __awsrole_key
  if ! __awsrole_kept "${__awsrole_renewal[1]}" || [[ $expires -le $((10#$held)) ]]; then
    __awsrole_ask_renewal
    return 0
  fi
  IFS=$'\n' all=$'\n'"${lines[*]}"$'\n' IFS=$' \t\n'
  # Of a user's MFA session the device tells whose it is.
  if [[ $all != *$'\n'"AWSROLE_ROLE_ARN=${AWSROLE_ROLE_ARN-}"$'\n'* &&
    $all != *$'\n'"AWSROLE_MFA_SERIAL=${AWSROLE_MFA_SERIAL-}"$'\n'* ]]; then return 0; fi
  if __awsrole_take; then __awsrole_renewal[0]=$renew; fi
  if [[ -n $ends ]]; then builtin export "AWSROLE_GUARD_ENDS=$ends"; fi
}

# Where the settings say `renew = auto`, has the core renew what takes no code, behind the prompt: once a minute, and not at
# the same moment as other shells.
__awsrole_ask_renewal() {
  if [[ ${AWSROLE_RENEW-} != auto || $now -lt $((__awsrole_renewal[0] + $$ % 60)) ||
    $now -lt $((${__awsrole_renewal[2]:-0} + 60)) ]]; then return 0; fi
  __awsrole_renewal[2]=$now
  (__awsrole_ask session-lines --renew "${__awsrole_renewal[1]}")
}

# awsrole-git-bash.bash says that it is there.
__awsrole_git_bash=''
# What was loaded before stays as it is.
if [[ -z ${__awsrole_words-} ]]; then
  __awsrole_base=() __awsrole_held='' __awsrole_words=(off) __awsrole_previous=() __awsrole_renewal=() __awsrole_moved='' __awsrole_inherited=''
  if [[ -n ${AWSROLE_NAMES-} ]]; then __awsrole_run __awsrole_adopt; fi
fi
