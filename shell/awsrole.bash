# shellcheck shell=bash
# awsrole for bash 3.2 and later: `awsrole PROFILE` puts the session of an AWS role into this shell.
#
# A session arrives as lines of `key value`, from awsrole's cache or from the core. They are read into locals, checked
# as a whole, and only then applied; nothing is ever evaluated. What the shell held before its first switch is kept in
# the unexported arrays __awsrole_names, _values and _kinds, so that `awsrole off` can put it back.

# Aliases are expanded when a function is read, and in `$(...)` again when it runs: none of the user's may end up in ours.
if \shopt -q expand_aliases; then
  \shopt -u expand_aliases
  __awsrole_aliases=1
else
  __awsrole_aliases=
fi
# Under `set -a` every function would go to every child process.
case $- in
  *a*)
    \set +a
    __awsrole_allexport=1
    ;;
  *) __awsrole_allexport= ;;
esac

# `awsrole init bash` sets the root in a line of its own, as its text is sourced from no file.
case ${BASH_SOURCE[0]-} in
  /*/shell/awsrole.bash) __awsrole_root=${BASH_SOURCE[0]%/shell/awsrole.bash} ;;
  */awsrole.bash) __awsrole_root=$PWD/${BASH_SOURCE[0]%/*}/.. ;;
  awsrole.bash) __awsrole_root=$PWD/.. ;;
  *) : "${__awsrole_root:=}" ;;
esac
export -n __awsrole_root

awsrole() {
  # The secrets must not reach a trace. Older versions have no `local -`, and every option there stays as it is but this.
  local __awsrole_trace=
  if [[ ${BASH_VERSINFO[0]} -gt 4 || ${BASH_VERSINFO[0]} -eq 4 && ${BASH_VERSINFO[1]} -ge 4 ]]; then
    local -
    if [[ $- == *x* ]]; then { set +x; } 2>/dev/null; fi
    set +aeu
  elif [[ $- == *x* ]]; then
    { set +x; } 2>/dev/null
    __awsrole_trace=1
  fi
  local status=0
  __awsrole_main "$@" || status=$?
  if [[ -n $__awsrole_trace ]]; then set -x; fi
  return "$status"
}

# What the words ask for: a switch, a command that the shell answers itself, or one of the core's.
__awsrole_main() {
  local IFS=$' \t\n' word='' skip='' verb='' name='' rest=''
  __awsrole_adopt
  for word in "$@"; do
    if [[ -n $skip ]]; then
      skip=
      continue
    fi
    if [[ -n $rest ]]; then
      name=$word
      break
    fi
    case $word in
      --) rest=1 verb=${verb:-switch} ;;
      -h | --help | --version | --dry-run)
        verb=core
        break
        ;;
      -) verb=${verb:-previous} ;;
      -*)
        if __awsrole_takes_value "$word"; then skip=1; fi
        ;;
      *)
        if [[ -z $verb ]]; then
          case $word in
            off) verb=off ;;
            whoami) verb=here ;;
            exec | list | explain | clear | demo | init | credential-process | session-lines | index-lines)
              verb=core
              break
              ;;
            *) verb=switch name=$word ;;
          esac
        fi
        ;;
    esac
  done
  case $verb in
    switch) __awsrole_switch "$name" "$@" ;;
    previous | off)
      if [[ $# -gt 1 ]]; then
        __awsrole_say "awsrole ${!#}: '$verb' takes no other words; run: awsrole --help"
        return 2
      fi
      if [[ $verb == off ]]; then
        __awsrole_off
      elif [[ -z ${__awsrole_previous[0]-} ]]; then
        __awsrole_say 'awsrole -: there is no role before this one in this shell; run: awsrole PROFILE'
        return 2
      else
        __awsrole_main "${__awsrole_previous[@]}"
      fi
      ;;
    core) (
      __awsrole_restore
      __awsrole_exec "$@"
    ) ;;
    *) (__awsrole_exec "$@") ;; # whoami and the bare word speak of what this shell holds
  esac
}

# True for an option whose value is the next word.
__awsrole_takes_value() {
  case $1 in
    --mfa-code | --source-profile | --region | --duration | --session-name | --external-id) return 0 ;;
    --mfa-serial | --source-identity | --tag | --transitive-tag | --policy | --policy-arn) return 0 ;;
  esac
  return 1
}

__awsrole_say() {
  builtin printf '%s\n' "$1" >&2
}

# Replaces this subshell with the launcher.
__awsrole_exec() {
  local launcher=$__awsrole_root/shell/awsrole
  if [[ ! -x $launcher ]]; then launcher=$(\builtin type -P awsrole); fi
  if [[ -z $launcher ]]; then
    __awsrole_say "awsrole: its program is gone from ${__awsrole_root:-PATH}; install it again"
    exit 1
  fi
  builtin exec "$launcher" "$@"
}

# In a child of a switched shell only the names of the variables are known, not what they were before.
__awsrole_adopt() {
  if [[ -z ${AWSROLE_NAMES-} || -n ${__awsrole_names[0]-} ]]; then return 0; fi
  local left=$AWSROLE_NAMES\  name=''
  while [[ $left == *' '* ]]; do
    name=${left%% *}
    left=${left#* }
    if __awsrole_settable "$name"; then __awsrole_keep "$name" u ''; fi
  done
  __awsrole_inherited=(1)
  if [[ -z ${__awsrole_current[0]-} && -n ${AWSROLE_PROFILE-} ]]; then __awsrole_current=(-- "$AWSROLE_PROFILE"); fi
}

__awsrole_settable() {
  [[ $1 == AWS* && $1 != *[!ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_]* ]]
}

# Keeps what a variable was. Those that decide what a session file must fit are looked up by their base value then.
__awsrole_keep() {
  case $1 in
    AWS_ENDPOINT_URL* | AWS_IGNORE_CONFIGURED_ENDPOINT_URLS | AWS_*_FILE) __awsrole_shadowed=(1) ;;
  esac
  __awsrole_names=(${__awsrole_names[@]+"${__awsrole_names[@]}"} "$1")
  __awsrole_kinds=(${__awsrole_kinds[@]+"${__awsrole_kinds[@]}"} "$2")
  __awsrole_values=(${__awsrole_values[@]+"${__awsrole_values[@]}"} "$3")
}

# Sets the caller's `base` to what a variable was before the first switch.
__awsrole_base() {
  local i=0
  if [[ " $kept " == *" $1 "* ]]; then
    while [[ ${__awsrole_names[i]} != "$1" ]]; do i=$((i + 1)); done
    base=${__awsrole_values[i]}
  else
    base=${!1-}
  fi
}

# Puts variable number $1 of the kept ones back.
__awsrole_put_back() {
  local name=${__awsrole_names[$1]}
  builtin unset -v "$name"
  case ${__awsrole_kinds[$1]} in
    x) builtin export "$name=${__awsrole_values[$1]}" ;;
    s) builtin export -n "$name=${__awsrole_values[$1]}" ;; # also where the user's `set -a` is on
  esac
}

# Puts everything back to what it was before the first switch.
__awsrole_restore() {
  local i=0
  while [[ -n ${__awsrole_names[i]-} ]]; do
    __awsrole_put_back "$i"
    i=$((i + 1))
  done
  builtin unset -v AWSROLE_NAMES
}

__awsrole_off() {
  if [[ -z ${__awsrole_names[0]-} ]]; then
    __awsrole_say 'no role is held in this shell'
    return 0
  fi
  local left="${AWSROLE_PROFILE-}" inherited="${__awsrole_inherited[0]-}" names="${AWSROLE_NAMES-}"
  if ! __awsrole_changeable "${__awsrole_names[@]}" AWSROLE_NAMES; then return 1; fi
  __awsrole_restore
  builtin unset -v __awsrole_names __awsrole_kinds __awsrole_values __awsrole_shadowed __awsrole_inherited __awsrole_renewal
  __awsrole_remember off
  if [[ -n $inherited ]]; then
    __awsrole_say "left ${left:-the role}: removed $names; what they were before, only the shell that switched knows"
  else
    __awsrole_say "left ${left:-the role}: the shell is as it was before"
  fi
}

# The words of the state the shell is in now, for `awsrole -`.
__awsrole_remember() {
  if [[ "$*" != "${__awsrole_current[*]-off}" ]]; then
    if [[ -n ${__awsrole_current[0]-} ]]; then
      __awsrole_previous=("${__awsrole_current[@]}")
    else
      __awsrole_previous=(off)
    fi
  fi
  __awsrole_current=("$@")
}

# Sets the caller's `kind` of a variable: u(nset), s(hell), x (exported).
__awsrole_kind() {
  local attributes=''
  kind=u
  if [[ -z ${!1+set} ]]; then return 0; fi
  kind=s
  if [[ ${BASH_VERSINFO[0]} -gt 4 || ${BASH_VERSINFO[0]} -eq 4 && ${BASH_VERSINFO[1]} -ge 4 ]]; then
    attributes=${!1@a}
  else
    attributes=$(\builtin declare -p "$1" 2>/dev/null)
    attributes=${attributes#declare -} attributes=${attributes%% *}
  fi
  if [[ $attributes == *x* ]]; then kind=x; fi
}

# False, with a message, when a variable among the words cannot be changed: better no switch than half of one.
__awsrole_changeable() {
  local name='' readonly=''
  if [[ ${BASH_VERSINFO[0]} -gt 4 || ${BASH_VERSINFO[0]} -eq 4 && ${BASH_VERSINFO[1]} -ge 4 ]]; then
    for name in "$@"; do
      if [[ ${!name@a} == *r* ]]; then readonly=$name; fi
    done
  elif [[ -z ${__awsrole_names[0]-} ]]; then
    # Older versions tell only by a fork, so they are asked once, before the first switch.
    local all=''
    all=$(\builtin readonly -p)
    for name in "$@"; do
      if [[ $all == *" $name="* ]]; then readonly=$name; fi
    done
  fi
  if [[ -z $readonly ]]; then return 0; fi
  __awsrole_say "awsrole: $readonly is readonly in this shell, so nothing was changed; open a shell without: readonly $readonly"
  return 1
}

# A switch to profile $1; the other words are those of the command line.
__awsrole_switch() {
  local profile="$1" plain='' text='' status=0 base='' now='' folder='' kept="${__awsrole_names[*]-}"
  local -a lines names sets unsets
  lines=() names=() sets=() unsets=()
  shift
  __awsrole_now
  if [[ $# -eq 1 || $# -eq 2 && $1 == -- ]]; then plain=1; fi
  if [[ -z $plain ]] || ! __awsrole_read_file || ! __awsrole_fits || ! __awsrole_parse; then
    sets=() unsets=()
    text=$(
      __awsrole_restore
      if [[ -n ${MSYSTEM-} ]]; then
        __awsrole_git_bash "$@"
      else
        __awsrole_exec session-lines "$@"
      fi
    ) || status=$?
    if [[ $status -ne 0 ]]; then return "$status"; fi
    __awsrole_split
    if ! __awsrole_parse; then
      __awsrole_say 'awsrole: the core did not answer with whole session lines, so nothing was changed; install awsrole again'
      return 1
    fi
  fi
  __awsrole_take || return 1
  # Only what was asked for by name alone is renewed by that name.
  __awsrole_renewal=()
  if [[ -n $plain ]]; then __awsrole_renewal=("${lines[10]#renew-after}" "$profile"); fi
  __awsrole_remember "$@"
  __awsrole_tell
}

# In Git Bash a native program has no terminal: the core reads the MFA code from its standard input, and the echo is
# turned off here and on again however it ends. Words that look like paths stay as they are.
__awsrole_git_bash() {
  local word='' terminal=''
  for word in "$@"; do
    if [[ $word == /* ]]; then builtin export 'MSYS2_ARG_CONV_EXCL=*'; fi
  done
  if [[ -t 0 ]] && terminal=$(command stty -g 2>/dev/null); then
    # shellcheck disable=SC2064 # as it is now
    builtin trap "command stty '${terminal//\'/}'" EXIT
    builtin trap 'exit 130' INT
    builtin trap 'exit 143' TERM HUP
    command stty -echo
  fi
  (__awsrole_exec session-lines "$@")
}

# Puts the caller's `sets` and `unsets` into the shell; false, with nothing changed, when that cannot be.
__awsrole_take() {
  if [[ -n ${MSYSTEM-} ]]; then
    # Git Bash would rewrite a secret that begins with a slash into a Windows path.
    __awsrole_base MSYS2_ENV_CONV_EXCL
    sets+=("MSYS2_ENV_CONV_EXCL=${base:+$base;}AWS_ACCESS_KEY_ID;AWS_SECRET_ACCESS_KEY;AWS_SESSION_TOKEN")
  fi
  names=("${sets[@]%%=*}" ${unsets[@]+"${unsets[@]}"})
  if [[ ${names[*]} != "$kept" ]]; then
    if ! __awsrole_changeable "${names[@]}" ${__awsrole_names[@]+"${__awsrole_names[@]}"} AWSROLE_NAMES; then return 1; fi
    __awsrole_rebase
  elif ! __awsrole_changeable "${names[@]}" AWSROLE_NAMES; then
    return 1
  fi
  builtin export "${sets[@]}" "AWSROLE_NAMES=${sets[*]%%=*}"
  if [[ -n ${unsets[0]-} ]]; then builtin unset -v "${unsets[@]}"; fi
}

# Sets the caller's `now` to epoch seconds, without a fork where the shell has a clock.
__awsrole_now() {
  if [[ ${BASH_VERSINFO[0]} -gt 4 || ${BASH_VERSINFO[0]} -eq 4 && ${BASH_VERSINFO[1]} -ge 2 ]]; then
    builtin printf -v now '%(%s)T' -1
  else
    now=$(\command date +%s)
  fi
}

# Splits the caller's `text` into its array `lines`.
__awsrole_split() {
  local IFS=$'\n'
  if [[ $- == *f* ]]; then
    # shellcheck disable=SC2206 # split on purpose, with globbing off
    lines=($text)
  else
    set -f
    # shellcheck disable=SC2206
    lines=($text)
    set +f
  fi
  if [[ ${lines[0]-} == *$'\r' ]]; then lines=("${lines[@]%$'\r'}"); fi # native programs end their lines so on Windows
}

# Reads the session file of a plain profile name into the caller's `lines`; false when there is none to trust.
__awsrole_read_file() {
  local file=$profile letter=''
  case $profile in
    [!A-Za-z0-9_]* | *[!A-Za-z0-9_.@+=,-]* | '') return 1 ;;
  esac
  # With this option patterns would take `Dev` for `dev`, here and below.
  if builtin shopt -q nocasematch; then return 1; fi
  __awsrole_cache
  if [[ $file == *[ABCDEFGHIJKLMNOPQRSTUVWXYZ]* ]]; then
    for letter in A B C D E F G H I J K L M N O P Q R S T U V W X Y Z; do file=${file//$letter/%$letter}; done
  fi
  file=$folder/shell/s-$file.session
  # It is opened once, and what was opened is what is tested.
  if [[ ! -f $file || ! -r $file || -L $file || ! -O $folder || -L $folder/shell || ! -O $folder/shell ]]; then return 1; fi
  {
    if [[ ! -f /dev/fd/9 || ! -O /dev/fd/9 ]]; then return 1; fi
    IFS=$'\n' builtin read -r -d '' -a lines <&9
  } 9<"$file"
  [[ ${#lines[@]} -gt 13 ]]
}

# Sets the caller's `folder` to awsrole's cache.
__awsrole_cache() {
  case ${XDG_CACHE_HOME-} in
    /*) folder=$XDG_CACHE_HOME/awsrole ;;
    *) folder=${HOME-}/.cache/awsrole ;;
  esac
  if [[ -n ${MSYSTEM-} && -n ${LOCALAPPDATA-} && ${XDG_CACHE_HOME-} != /* ]]; then
    folder=${LOCALAPPDATA//\\//}/awsrole
  fi
}

# True when the lines' place $1 is this shell's $2: in Git Bash `C:\Users\u` is `/c/Users/u`.
__awsrole_same_place() {
  if [[ $1 == "$2" ]]; then return 0; fi
  if [[ -z ${MSYSTEM-} || $2 != /[A-Za-z]/* || $1 != [A-Za-z]:* ]]; then return 1; fi
  local there=${1//\\//} small=abcdefghijklmnopqrstuvwxyz great=ABCDEFGHIJKLMNOPQRSTUVWXYZ
  local before=${great%%"${there:0:1}"*}
  [[ ${there:2} == "${2:2}" && ${2:1:1} == ["${there:0:1}${small:${#before}:1}"] ]]
}

# Takes the caller's `lines` apart; false unless they are whole, well-formed and of the profile asked for.
# The first thirteen are the header, in this order, and need not be understood here.
__awsrole_parse() {
  local line='' ends=''
  if [[ ${lines[0]-} != 'awsrole-session 1' || ${lines[1]-} != "profile $profile" ]]; then return 1; fi
  if [[ ${lines[11]-} != expires* || ${lines[12]-} != until* ]]; then return 1; fi
  for line in "${lines[@]:13}"; do
    case $line in
      'set AWS'*' '*) sets+=("$line") ;;
      'unset AWS'*' '*) return 1 ;;
      'unset AWS'*) unsets+=("$line") ;;
      end) ends+=1 ;;
      *) return 1 ;;
    esac
  done
  # The end is the last line, so nothing is missing and nothing follows.
  if [[ -z ${sets[0]-} || $ends != 1 || $line != end ]]; then return 1; fi
  sets=("${sets[@]#set }")
  sets=("${sets[@]/ /=}")
  if [[ -n ${unsets[0]-} ]]; then unsets=("${unsets[@]#unset }"); fi
  line="${sets[*]%%=*} ${unsets[*]-}"
  [[ $line != *[!ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_\ ]* ]] && __awsrole_number "${lines[11]#expires}"
}

# True for nothing, or a space and digits, few enough: numbers meet arithmetic, which evaluates text.
__awsrole_number() {
  [[ $1 != *[!0123456789\ ]* && $1 != ?*' '* && ${#1} -lt 13 ]]
}

# True when the session file's header was made for a shell like this one, from the AWS files as they are, and it lasts.
__awsrole_fits() {
  local renew=${lines[10]#renew-after}
  if [[ -z ${HOME-} || -z $renew ]] || ! __awsrole_number "$renew" || ! __awsrole_same_place "${lines[2]#home }" "$HOME"; then
    return 1
  fi
  if [[ $renew -le $now ]]; then return 1; fi
  local ignored=${AWS_IGNORE_CONFIGURED_ENDPOINT_URLS-} endpoint=${AWS_ENDPOINT_URL_STS:-${AWS_ENDPOINT_URL-}}
  # A role before this one may have set some of these: then it is their base values that count.
  if [[ -n ${__awsrole_shadowed[0]-} ]]; then
    __awsrole_base AWS_IGNORE_CONFIGURED_ENDPOINT_URLS && ignored=$base
    __awsrole_base AWS_ENDPOINT_URL && endpoint=$base
    __awsrole_base AWS_ENDPOINT_URL_STS && endpoint=${base:-$endpoint}
  fi
  [[ -z $ignored && ${lines[9]} == "endpoint${endpoint:+ $endpoint}" ]] && __awsrole_made_from 3
}

# True when the six header lines from number $1 on name this shell's AWS files in the state that they are in.
__awsrole_made_from() {
  local config=${AWS_CONFIG_FILE-} credentials=${AWS_SHARED_CREDENTIALS_FILE-}
  if [[ -n ${__awsrole_shadowed[0]-} ]]; then
    __awsrole_base AWS_CONFIG_FILE && config=$base
    __awsrole_base AWS_SHARED_CREDENTIALS_FILE && credentials=$base
  fi
  __awsrole_unchanged "$1" config "$config" && __awsrole_unchanged $(($1 + 3)) credentials "$credentials"
}

# True when an AWS file ($2, at $3 or in its default place) is in the state that the three header lines from number $1
# on recorded: its place, the stamp with its modification time, and where it leads if it is a link.
__awsrole_unchanged() {
  local file=${3:-$HOME/.aws/$2} stamp=${lines[$1 + 1]#"$2-stamp "} target=${lines[$1 + 2]#"$2-target"}
  # shellcheck disable=SC2088 # the default place is written so in the lines
  if [[ $file != /* ]] || ! __awsrole_same_place "${lines[$1]#"$2-file "}" "${3:-"~/.aws/$2"}"; then return 1; fi
  if [[ $stamp == absent ]]; then
    [[ ! -e $file ]]
    return
  fi
  if [[ -z $stamp || $stamp == *[!0123456789abcdef.]* ]]; then return 1; fi
  if [[ -n $target ]]; then
    if [[ ! $file -ef ${target# } ]]; then return 1; fi
  elif [[ -L $file ]]; then
    return 1
  fi
  stamp=$folder/stamps/$stamp
  [[ -f $file && -f $stamp && ! $file -nt $stamp && ! $file -ot $stamp ]]
}

# Keeps what the caller's `names` were before, and puts back what only the role before this one had changed.
__awsrole_rebase() {
  local i=0 name='' kind='' touched=" ${names[*]} "
  local -a old_names old_kinds old_values
  old_names=(${__awsrole_names[@]+"${__awsrole_names[@]}"})
  old_kinds=(${__awsrole_kinds[@]+"${__awsrole_kinds[@]}"})
  old_values=(${__awsrole_values[@]+"${__awsrole_values[@]}"})
  while [[ -n ${old_names[i]-} ]]; do
    if [[ $touched != *" ${old_names[i]} "* ]]; then __awsrole_put_back "$i"; fi
    i=$((i + 1))
  done
  __awsrole_names=() __awsrole_kinds=() __awsrole_values=() __awsrole_shadowed=()
  for name in "${names[@]}"; do
    if [[ " $kept " == *" $name "* ]]; then
      i=0
      while [[ ${old_names[i]} != "$name" ]]; do i=$((i + 1)); done
      __awsrole_keep "$name" "${old_kinds[i]}" "${old_values[i]}"
    elif [[ " ${__awsrole_names[*]-} " != *" $name "* ]]; then
      __awsrole_kind "$name"
      __awsrole_keep "$name" "$kind" "${!name-}"
    fi
  done
}

# Says what the shell holds now.
__awsrole_tell() {
  local text='long-lived keys' expires=${lines[11]#expires} minutes=0
  if [[ -n $expires ]]; then text="a session${AWSROLE_ACCOUNT_ID:+ in account $AWSROLE_ACCOUNT_ID}"; fi
  text="$profile: ${AWSROLE_ROLE_ARN-$text}${AWS_REGION:+, $AWS_REGION}"
  if [[ $profile == "${AWSROLE_ROLE_ARN-}" ]]; then text=${text#"$profile: "}; fi
  if [[ -n $expires ]]; then
    minutes=$(((expires - now + 30) / 60))
    text="$text, ${lines[12]} ("
    if [[ $minutes -lt 1 ]]; then
      text="${text}less than 1 min)"
    elif [[ $minutes -lt 60 ]]; then
      text="$text$minutes min)"
    elif [[ $((minutes % 60)) -eq 0 ]]; then
      text="$text$((minutes / 60)) h)"
    else
      text="$text$((minutes / 60)) h $((minutes % 60)) min)"
    fi
  fi
  __awsrole_say "$text"
}

# Before each prompt: the segment in front of the user's PS1, while a role is held.
# The text stands in a variable that PS1 refers to, so it is shown and never taken for code.
__awsrole_prompt() {
  # shellcheck disable=SC2016 # it is PS1 that expands it
  local status=$? segment='${__awsrole_segment-}'
  # The status of `false && true` ends no shell, not even under `set -e`, and it must not do so from here.
  if [[ $- == *e* ]]; then status=0; fi
  if [[ -z ${AWSROLE_PROFILE-} || ${AWSROLE_PROMPT-} == off ]] || ! __awsrole_draws; then
    if [[ -n ${__awsrole_segment-} ]]; then
      PS1=${PS1//"$segment"/}
      builtin unset -v __awsrole_segment
    fi
    return "$status"
  fi
  local now='' text='' time='' colour=36
  __awsrole_now
  if [[ -n ${__awsrole_renewal[0]-} && $now -ge ${__awsrole_renewal[0]} ]]; then __awsrole_renew; fi
  __awsrole_describe
  builtin export -n "__awsrole_segment=$text"
  if [[ $PS1 != *"$segment"* ]]; then PS1=$segment$PS1; fi
  return "$status"
}

# False where somebody else shows the role: starship does, by AWSUME_PROFILE. Without promptvars nothing can be shown.
__awsrole_draws() {
  if ! builtin shopt -q promptvars; then return 1; fi
  [[ ${AWSROLE_PROMPT-} == on ]] || ! builtin declare -F starship_precmd >/dev/null
}

# Sets the caller's `text` to the segment: who this shell is and for how long, if it still holds what was put there.
__awsrole_describe() {
  local left='' name=$AWSROLE_PROFILE format=${AWSROLE_PROMPT_FORMAT-'(%s) '}
  if [[ $name == arn:*/* ]]; then name=${AWSROLE_ACCOUNT_ID-}:${name##*/}; fi
  if [[ ${AWS_ACCESS_KEY_ID-} != "${AWSROLE_ACCESS_KEY_ID-}" || -n ${AWS_PROFILE+set} ]]; then
    time='?' colour=31 text="$name?"
  elif [[ -n ${AWSROLE_EXPIRES-} && $AWSROLE_EXPIRES != *[!0123456789]* && ${#AWSROLE_EXPIRES} -lt 13 ]]; then
    left=$(((AWSROLE_EXPIRES - now + 59) / 60))
    if [[ $AWSROLE_EXPIRES -le $now ]]; then
      time=EXPIRED colour=31
    elif [[ $left -lt 100 ]]; then
      time=${left}m
      if [[ $left -le 10 ]]; then colour=33; fi
    else
      time=$((left % 60))
      if [[ ${#time} -eq 1 ]]; then time=0$time; fi
      time=$((left / 60))h${time}m
    fi
    text="$name $time"
  else
    text=$name
  fi
  if [[ $format == '(%s) ' ]]; then
    text="($text) "
  else
    __awsrole_format "$format"
  fi
  if [[ -z ${NO_COLOR-} && ${TERM-} != dumb ]]; then
    # \001 and \002 tell readline what takes no room.
    text=$'\001\e['"${colour}m"$'\002'"$text"$'\001\e[0m\002'
  fi
}

# Fills the caller's `text` (the segment), `name` and `time` into AWSROLE_PROMPT_FORMAT.
__awsrole_format() {
  local left=$1 filled=''
  while [[ $left == *%* ]]; do
    filled=$filled${left%%\%*}
    left=${left#*%}
    case $left in
      s*) filled=$filled$text ;;
      p*) filled=$filled$name ;;
      t*) filled=$filled$time ;;
      r*) filled=$filled${AWS_REGION-} ;;
      a*) filled=$filled${AWSROLE_ACCOUNT_ID-} ;;
      %*) filled=$filled% ;;
      *) filled=$filled%${left:0:1} ;;
    esac
    left=${left:1}
  done
  text=$filled$left
}

# Takes over what another terminal has renewed: the same role under the same name, for longer, from the files as they are.
# Nothing is asked and nothing started; an edit of the files never moves this shell to another role.
__awsrole_renew() {
  if [[ ${BASH_VERSINFO[0]} -gt 4 || ${BASH_VERSINFO[0]} -eq 4 && ${BASH_VERSINFO[1]} -ge 4 ]]; then
    local -
    { set +aeux; } 2>/dev/null
  elif [[ $- == *x* ]]; then
    return 0
  fi
  local IFS=$' \t\n' profile="${__awsrole_renewal[1]}" base='' folder='' kept="${__awsrole_names[*]-}" expires='' same=''
  local -a lines names sets unsets
  lines=() names=() sets=() unsets=()
  if [[ ${AWS_ACCESS_KEY_ID-} != "${AWSROLE_ACCESS_KEY_ID-}" || -n ${AWS_PROFILE+set} ]]; then return 0; fi
  if ! __awsrole_read_file || ! __awsrole_fits || ! __awsrole_parse; then return 0; fi
  expires=${lines[11]#expires}
  # What the environment says meets arithmetic, which evaluates text.
  if ! __awsrole_number " ${AWSROLE_EXPIRES:-0}" || [[ -z $expires || $expires -le ${AWSROLE_EXPIRES:-0} ]]; then return 0; fi
  for base in "${sets[@]}"; do
    if [[ $base == "AWSROLE_ROLE_ARN=${AWSROLE_ROLE_ARN-}" ]]; then same=1; fi
  done
  if [[ -n $same ]] && __awsrole_take; then __awsrole_renewal[0]=${lines[10]#renew-after}; fi
}

# Completion of `awsrole`: profiles (roles first), commands, options.
__awsrole_complete() {
  local IFS=$' \t\n' word="${COMP_LINE:0:COMP_POINT}" current='' quote='' line='' verb='' name='' cut='' option=''
  local -a lines words before role
  lines=() words=() before=() COMPREPLY=()
  role=(--source-profile --region --duration --session-name --external-id --mfa-serial --source-identity --tag)
  role+=(--transitive-tag --policy --policy-arn)
  __awsrole_current_word
  for name in ${before[@]+"${before[@]:1}"}; do
    if [[ -n $option ]]; then
      option=
      continue
    fi
    case $name in
      --)
        if [[ $verb == exec || $verb == exec+ ]]; then
          __awsrole_complete_command
          return 0
        fi
        verb=${verb:-name}
        ;;
      -*)
        if [[ $verb != name ]] && __awsrole_takes_value "$name"; then option=$name; fi
        ;;
      *) if [[ -z $verb || $verb == name ]]; then verb=$name; else verb=$verb+; fi ;;
    esac
  done
  # readline leaves `--source-profile=` alone where `=` ends a word.
  if [[ -z $option && $verb != name && $cut == --source-profile=* ]]; then
    option=--source-profile current=${current#*=} cut=${cut#*=}
  fi
  case $option in
    --source-profile) verb=source ;;
    --policy) builtin compopt -o default 2>/dev/null || : ;;
  esac
  if [[ -n $option && $option != --source-profile ]]; then verb=value; fi
  case $verb:$current in
    value:*) if [[ $option == --mfa-code ]]; then words=(-); fi ;;
    source:*) __awsrole_profiles ;;
    name:-*) __awsrole_profiles ;;
    :-*) words=(--refresh --dry-run --mfa-code "${role[@]}" --debug --help --version) ;;
    exec:-* | exec+:-*) words=(-- --refresh --mfa-code "${role[@]}" --debug --help) ;;
    list:-* | whoami:-*) words=(--json --debug --help) ;;
    explain:-* | explain+:-*) words=(--json "${role[@]}" --debug --help) ;;
    clear:-* | clear+:-* | demo:-* | init:-* | off:-*) words=(--debug --help) ;;
    *:-*) words=(--refresh --dry-run --mfa-code "${role[@]}" --debug --help) ;;
    init:*) words=(bash zsh fish powershell) ;;
    demo:*) words=(code) ;;
    :* | name:* | exec:* | explain:* | clear:*)
      __awsrole_profiles
      if [[ -z $verb ]]; then words+=(off - exec list explain whoami clear demo init); fi
      ;;
  esac
  # Ten thousand names that need no look at each: nothing is typed, nothing in them is odd, none begins with a dash.
  if [[ -z $current && " ${words[*]-}" != *[!A-Za-z0-9_.,+\ -]* && " ${words[*]-}" != *' -'[!\ ]* ]]; then
    COMPREPLY=(${words[@]+"${words[@]}"})
    return 0
  fi
  for name in ${words[@]+"${words[@]}"}; do
    case $name in
      "$current"*) ;;
      *) continue ;;
    esac
    # Only behind `--` is a name that begins with a dash no option.
    if [[ $name == -?* && $verb != name && $current != -* ]]; then continue; fi
    if [[ $name == *[!A-Za-z0-9_.,+-]* ]]; then __awsrole_quote; fi
    COMPREPLY+=("$name")
  done
}

# Sets the caller's `current` to the word before the cursor without its quotes, `quote` to the one that is open, `before`
# to the words before it, and `cut` to what of it readline leaves alone, because it takes `:`, `=` and `@` for ends of
# words (and COMP_WORDS with it).
__awsrole_current_word() {
  local i=0 character='' breaks=${COMP_WORDBREAKS//[\"\'\\ $'\t\n']/}
  for ((i = 0; i < ${#word}; i++)); do
    character=${word:i:1}
    # shellcheck disable=SC1003 # there is a quote and then a backslash
    case $quote$character in
      "''" | '""')
        quote=
        ;;
      "\\" | '"\')
        i=$((i + 1))
        current=$current${word:i:1}
        ;;
      \'? | \"?) current=$current$character ;;
      \' | \") quote=$character ;;
      ' ' | $'\t')
        if [[ -n $current ]]; then before+=("$current"); fi
        current='' cut=''
        ;;
      *)
        current=$current$character
        if [[ $breaks == *"$character"* ]]; then cut=${current%@}; fi # readline replaces the @, too
        ;;
    esac
  done
  if [[ -n $quote ]]; then cut=''; fi
}

# Writes the caller's `name` so that the shell takes it as that one word, from where readline replaces it.
__awsrole_quote() {
  local rest=${name#"$cut"}
  case $quote in
    \') name=${rest//\'/\'\\\'\'} ;;
    \")
      rest=${rest//\\/\\\\} rest=${rest//\"/\\\"} rest=${rest//\$/\\\$}
      name=${rest//\`/\\\`}
      ;;
    *) builtin printf -v name %q "$rest" ;;
  esac
}

# Sets the caller's `words` to the profile names that may begin with `current`: from the file of names while it is of the
# AWS files as they are, else from the core, which writes it anew.
__awsrole_profiles() {
  local base='' folder='' kept="${__awsrole_names[*]-}" file='' text='' roles=''
  __awsrole_cache
  file=$folder/completion/names
  if [[ -f $file && ! -L $file && -O $file && -O $folder && -n ${HOME-} ]]; then
    if [[ ${BASH_VERSINFO[0]} -ge 4 ]]; then
      builtin mapfile -t -n 8 lines <"$file"
      builtin mapfile -t -s 8 words <"$file"
    else
      IFS=$'\n' builtin read -r -d '' -a lines <"$file"
      words=("${lines[@]:8}")
    fi
  fi
  roles=${lines[0]-}
  roles=${roles#awsrole-names }
  if [[ -z $roles || $roles == *[!0123456789]* || ${#roles} -gt 7 || ${words[${#words[@]} - 1]-} != end ]] ||
    ! __awsrole_same_place "${lines[1]#home }" "${HOME-}" || ! __awsrole_made_from 2; then
    words=()
    text=$(
      __awsrole_restore
      __awsrole_exec index-lines 2>/dev/null
    )
    __awsrole_split
    if [[ ${lines[0]-} != 'awsrole-index 1' || ${lines[${#lines[@]} - 1]} != end ]]; then return 0; fi
    words=("${lines[@]:8:${#lines[@]}-9}")
    words=(${words[@]+"${words[@]%%$'\t'*}"})
    return 0
  fi
  builtin unset -v "words[${#words[@]} - 1]"
  if [[ -n $current ]]; then __awsrole_narrow $((10#$roles)); fi
}

# Leaves in the caller's `words` those that begin with `current`. The first $1, the roles, are in the order of their
# bytes, and so are the rest: a look at each of ten thousand would take too long.
__awsrole_narrow() {
  local LC_ALL=C low=0 high=0 middle=0 first=0 end=0
  local -a found
  found=()
  for end in "$1" "${#words[@]}"; do
    high=$end
    while [[ $low -lt $high ]]; do
      middle=$(((low + high) / 2))
      if [[ ${words[middle]} < $current ]]; then low=$((middle + 1)); else high=$middle; fi
    done
    first=$low high=$end
    while [[ $low -lt $high ]]; do
      middle=$(((low + high) / 2))
      if [[ ${words[middle]} == "$current"* ]]; then low=$((middle + 1)); else high=$middle; fi
    done
    if [[ $low -gt $first ]]; then found+=("${words[@]:first:low-first}"); fi
    low=$end
  done
  words=(${found[@]+"${found[@]}"})
}

# After `exec PROFILE --` the rest is a command line of its own.
__awsrole_complete_command() {
  local at=1
  while [[ ${COMP_WORDS[at - 1]} != -- && $at -lt $COMP_CWORD ]]; do at=$((at + 1)); done
  if builtin declare -F _comp_command_offset >/dev/null; then
    _comp_command_offset "$at"
  elif builtin declare -F _command_offset >/dev/null; then
    _command_offset "$at"
  else
    builtin compopt -o bashdefault -o default 2>/dev/null || :
    if [[ $COMP_CWORD -eq $at && -n $current ]]; then
      line=$(\builtin compgen -c -- "$current")
      while [[ -n $line ]]; do
        COMPREPLY+=("${line%%$'\n'*}")
        if [[ $line == *$'\n'* ]]; then line=${line#*$'\n'}; else line=; fi
      done
    fi
  fi
}

if [[ $- == *i* ]]; then
  # Behind what others do before a prompt, so that their PS1 is there; once, however often this is sourced.
  if [[ "${PROMPT_COMMAND[*]-}" != *__awsrole_prompt* ]]; then
    if [[ ${BASH_VERSINFO[0]} -gt 5 || ${BASH_VERSINFO[0]} -eq 5 && ${BASH_VERSINFO[1]} -ge 1 ]]; then
      PROMPT_COMMAND+=(__awsrole_prompt)
    else
      # shellcheck disable=SC2178,SC2128 # a string there
      PROMPT_COMMAND=${PROMPT_COMMAND:+$PROMPT_COMMAND$'\n'}__awsrole_prompt
    fi
  fi
  if [[ ${BASH_VERSINFO[0]} -gt 4 || ${BASH_VERSINFO[0]} -eq 4 && ${BASH_VERSINFO[1]} -ge 4 ]]; then
    complete -o nosort -F __awsrole_complete awsrole
  else
    complete -F __awsrole_complete awsrole
  fi
fi

if [[ -n $__awsrole_aliases ]]; then \shopt -s expand_aliases; fi
if [[ -n $__awsrole_allexport ]]; then \set -a; fi
\unset -v __awsrole_aliases __awsrole_allexport
