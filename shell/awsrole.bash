# shellcheck shell=bash
# awsrole for bash 3.2 and later: `awsrole PROFILE` puts the session of an AWS role into this shell.
#
# A session arrives as lines of `key value`, from awsrole's cache or from the core. They are read into locals, checked
# as a whole, and only then applied; nothing is ever evaluated. What the shell held before its first switch is kept in
# the unexported arrays __awsrole_names, _values and _kinds, so that `awsrole off` can put it back.

# Aliases are expanded when a function is read: none of the user's may end up in ours.
if \shopt -q expand_aliases; then
  \shopt -u expand_aliases
  __awsrole_aliases=1
else
  __awsrole_aliases=
fi

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
  builtin local __awsrole_trace=
  if [[ ${BASH_VERSINFO[0]} -gt 4 || ${BASH_VERSINFO[0]} -eq 4 && ${BASH_VERSINFO[1]} -ge 4 ]]; then
    builtin local -
    { builtin set +eux; } 2>/dev/null
  elif [[ $- == *x* ]]; then
    { builtin set +x; } 2>/dev/null
    __awsrole_trace=1
  fi
  builtin local status=0
  __awsrole_main "$@" || status=$?
  if [[ -n $__awsrole_trace ]]; then builtin set -x; fi
  builtin return "$status"
}

# What the words ask for: a switch, a command that the shell answers itself, or one of the core's.
__awsrole_main() {
  builtin local IFS=$' \t\n' word='' skip='' verb='' name='' rest=''
  __awsrole_adopt
  for word in "$@"; do
    if [[ -n $skip ]]; then
      skip=
      builtin continue
    fi
    if [[ -n $rest ]]; then
      name=$word
      builtin break
    fi
    case $word in
      --) rest=1 verb=${verb:-switch} ;;
      -h | --help | --version)
        verb=core
        builtin break
        ;;
      --mfa-code) skip=1 ;;
      -) verb=${verb:-previous} ;;
      -*) ;;
      *)
        if [[ -z $verb ]]; then
          case $word in
            off) verb=off ;;
            whoami) verb=here ;;
            exec | list | clear | demo | init | session-lines)
              verb=core
              builtin break
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
        builtin return 2
      fi
      if [[ $verb == off ]]; then
        __awsrole_off
      elif [[ -z ${__awsrole_previous[0]-} ]]; then
        __awsrole_say 'awsrole -: there is no role before this one in this shell; run: awsrole PROFILE'
        builtin return 2
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

__awsrole_say() {
  builtin printf '%s\n' "$1" >&2
}

# Replaces this subshell with the launcher.
__awsrole_exec() {
  builtin local launcher=$__awsrole_root/shell/awsrole
  if [[ ! -x $launcher ]]; then launcher=$(builtin type -P awsrole); fi
  if [[ -z $launcher ]]; then
    __awsrole_say "awsrole: its program is gone from ${__awsrole_root:-PATH}; install it again"
    builtin exit 1
  fi
  builtin exec "$launcher" "$@"
}

# In a child of a switched shell only the names of the variables are known, not what they were before.
__awsrole_adopt() {
  if [[ -z ${AWSROLE_NAMES-} || -n ${__awsrole_names[0]-} ]]; then builtin return 0; fi
  builtin local left=$AWSROLE_NAMES\  name=''
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

__awsrole_keep() {
  __awsrole_names=(${__awsrole_names[@]+"${__awsrole_names[@]}"} "$1")
  __awsrole_kinds=(${__awsrole_kinds[@]+"${__awsrole_kinds[@]}"} "$2")
  __awsrole_values=(${__awsrole_values[@]+"${__awsrole_values[@]}"} "$3")
}

# Sets the caller's `base` to what a variable was before the first switch.
__awsrole_base() {
  builtin local i=0
  if [[ " ${__awsrole_names[*]-} " == *" $1 "* ]]; then
    while [[ ${__awsrole_names[i]} != "$1" ]]; do i=$((i + 1)); done
    base=${__awsrole_values[i]}
  else
    base=${!1-}
  fi
}

# Puts variable number $1 of the kept ones back.
__awsrole_put_back() {
  builtin local name=${__awsrole_names[$1]}
  builtin unset -v "$name"
  case ${__awsrole_kinds[$1]} in
    x) builtin export "$name=${__awsrole_values[$1]}" ;;
    s) builtin printf -v "$name" %s "${__awsrole_values[$1]}" ;;
  esac
}

# Puts everything back to what it was before the first switch.
__awsrole_restore() {
  builtin local i=0
  while [[ -n ${__awsrole_names[i]-} ]]; do
    __awsrole_put_back "$i"
    i=$((i + 1))
  done
  builtin unset -v AWSROLE_NAMES
}

__awsrole_off() {
  if [[ -z ${__awsrole_names[0]-} ]]; then
    __awsrole_say 'no role is held in this shell'
    builtin return 0
  fi
  builtin local left=${AWSROLE_PROFILE-} inherited=${__awsrole_inherited[0]-} names=${AWSROLE_NAMES-}
  if ! __awsrole_changeable; then builtin return 1; fi
  __awsrole_restore
  builtin unset -v __awsrole_names __awsrole_kinds __awsrole_values __awsrole_inherited
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

# Sets the caller's `kind` of a variable: u(nset), s(hell), x (exported), r(eadonly).
__awsrole_kind() {
  builtin local attributes=''
  kind=u
  if [[ ${BASH_VERSINFO[0]} -gt 4 || ${BASH_VERSINFO[0]} -eq 4 && ${BASH_VERSINFO[1]} -ge 4 ]]; then
    if [[ -n ${!1+set} ]]; then attributes=${!1@a} kind=s; fi
  elif [[ -n ${!1+set} ]]; then
    attributes=$(builtin declare -p "$1" 2>/dev/null) kind=s
    attributes=${attributes#declare -} attributes=${attributes%% *}
  fi
  case $attributes in
    *r*) kind=r ;;
    *x*) kind=x ;;
  esac
}

# False, with a message, when a variable among the words cannot be changed: better no switch than half of one.
__awsrole_changeable() {
  builtin local name='' kind=''
  for name in ${__awsrole_names[@]+"${__awsrole_names[@]}"} "$@"; do
    __awsrole_kind "$name"
    if [[ $kind == r ]]; then
      __awsrole_say "awsrole: $name is readonly in this shell, so nothing was changed; open a shell without: readonly $name"
      builtin return 1
    fi
  done
}

# A switch to profile $1; the other words are those of the command line.
__awsrole_switch() {
  builtin local profile=$1 text='' status=0 base=''
  builtin local home='' config='' credentials='' endpoint='' renew='' expires='' until=''
  builtin local config_stamp='' config_target='' credentials_stamp='' credentials_target='' now=''
  builtin local -a lines names sets unsets
  lines=() names=() sets=() unsets=()
  builtin shift
  __awsrole_now
  if [[ $# -gt 2 || $# -eq 2 && $1 != -- ]] || ! __awsrole_read_file || ! __awsrole_parse || ! __awsrole_fits; then
    lines=() names=() sets=() unsets=()
    text=$(
      __awsrole_restore
      __awsrole_exec session-lines "$@"
    ) || status=$?
    if [[ $status -ne 0 ]]; then builtin return "$status"; fi
    __awsrole_split
    if ! __awsrole_parse; then
      __awsrole_say 'awsrole: the core did not answer with whole session lines, so nothing was changed; install awsrole again'
      builtin return 1
    fi
  fi
  if ! __awsrole_changeable "${names[@]}" AWSROLE_NAMES; then builtin return 1; fi
  __awsrole_apply
  __awsrole_remember "$@"
  __awsrole_tell
}

# Sets the caller's `now` to epoch seconds, without a fork where the shell has a clock.
__awsrole_now() {
  if [[ ${BASH_VERSINFO[0]} -gt 4 || ${BASH_VERSINFO[0]} -eq 4 && ${BASH_VERSINFO[1]} -ge 2 ]]; then
    builtin printf -v now '%(%s)T' -1
  else
    now=$(command date +%s)
  fi
}

# Splits the caller's `text` into its array `lines`.
__awsrole_split() {
  builtin local IFS=$'\n'
  if [[ $- == *f* ]]; then
    # shellcheck disable=SC2206 # split on purpose, with globbing off
    lines=($text)
  else
    builtin set -f
    # shellcheck disable=SC2206
    lines=($text)
    builtin set +f
  fi
}

# Reads the session file of a plain profile name into the caller's `lines`; false when there is none to trust.
__awsrole_read_file() {
  builtin local folder='' file=$profile letter=''
  case $profile in
    [!A-Za-z0-9_]* | *[!A-Za-z0-9_.@+=,-]* | '') builtin return 1 ;;
  esac
  # With this option patterns would take `Dev` for `dev`, here and below.
  if builtin shopt -q nocasematch; then builtin return 1; fi
  __awsrole_folder || builtin return 1
  if [[ $file == *[ABCDEFGHIJKLMNOPQRSTUVWXYZ]* ]]; then
    for letter in A B C D E F G H I J K L M N O P Q R S T U V W X Y Z; do file=${file//$letter/%$letter}; done
  fi
  file=$folder/shell/s-$file.session
  # It is opened once, and what was opened is what is tested.
  if [[ ! -f $file || -L $file || ! -O $folder || -L $folder/shell || ! -O $folder/shell ]]; then builtin return 1; fi
  {
    if [[ ! -f /dev/fd/9 || ! -O /dev/fd/9 ]]; then builtin return 1; fi
    IFS=$'\n' builtin read -r -d '' -a lines <&9
  } 2>/dev/null 9<"$file"
  [[ ${lines[0]-} == 'awsrole-session 1' ]]
}

# Sets the caller's `folder` to awsrole's cache.
__awsrole_folder() {
  case ${XDG_CACHE_HOME-} in
    /*) folder=$XDG_CACHE_HOME/awsrole ;;
    *) folder=${HOME-}/.cache/awsrole ;;
  esac
  [[ -n ${HOME-} ]]
}

# Takes the caller's `lines` apart; false unless they are whole, well-formed and of the profile asked for.
__awsrole_parse() {
  builtin local line='' end='' found=''
  if [[ ${lines[0]-} != 'awsrole-session 1'* ]]; then builtin return 1; fi
  for line in "${lines[@]}"; do
    line=${line%$'\r'} # native programs end their lines so on Windows
    if [[ -n $end ]]; then builtin return 1; fi
    case $line in
      'set AWS'*' '*)
        line=${line#set }
        if ! __awsrole_settable "${line%% *}"; then builtin return 1; fi
        names[${#names[@]}]=${line%% *}
        sets[${#sets[@]}]=$line
        ;;
      'set '*) builtin return 1 ;;
      'unset '*)
        line=${line#unset }
        if ! __awsrole_settable "$line"; then builtin return 1; fi
        names[${#names[@]}]=$line
        unsets[${#unsets[@]}]=$line
        ;;
      'profile '*) found=${line#profile } ;;
      'home '*) home=${line#home } ;;
      'config-file '*) config=${line#config-file } ;;
      'credentials-file '*) credentials=${line#credentials-file } ;;
      'endpoint '*) endpoint=${line#endpoint } ;;
      'config-stamp '*) config_stamp=${line#config-stamp } ;;
      'config-target '*) config_target=${line#config-target } ;;
      'credentials-stamp '*) credentials_stamp=${line#credentials-stamp } ;;
      'credentials-target '*) credentials_target=${line#credentials-target } ;;
      'renew-after '*) renew=${line#renew-after } ;;
      'expires '*) expires=${line#expires } ;;
      'until '*) until=${line#until } ;;
      end) end=1 ;;
    esac
  done
  # Digits only, and few enough: these numbers meet arithmetic, which evaluates text.
  [[ -n $end && $found == "$profile" && $renew$expires != *[!0123456789]* && ${#renew} -lt 13 && ${#expires} -lt 13 ]]
}

# True when the parsed session file was made for a shell like this one, from the AWS files as they are, and still lasts.
__awsrole_fits() {
  builtin local folder='' path=''
  __awsrole_folder || builtin return 1
  if [[ -z $renew || $renew -le $now || $home != "$HOME" ]]; then builtin return 1; fi
  __awsrole_base AWS_IGNORE_CONFIGURED_ENDPOINT_URLS
  if [[ -n $base ]]; then builtin return 1; fi
  __awsrole_base AWS_ENDPOINT_URL_STS
  if [[ -z $base ]]; then __awsrole_base AWS_ENDPOINT_URL; fi
  if [[ $endpoint != "$base" ]]; then builtin return 1; fi
  __awsrole_base AWS_CONFIG_FILE
  # shellcheck disable=SC2088 # the default place is written so in the lines
  if [[ $config != "${base:-~/.aws/config}" ]]; then builtin return 1; fi
  path=${base:-$HOME/.aws/config}
  if ! __awsrole_unchanged "$path" "$config_stamp" "$config_target"; then builtin return 1; fi
  __awsrole_base AWS_SHARED_CREDENTIALS_FILE
  # shellcheck disable=SC2088
  if [[ $credentials != "${base:-~/.aws/credentials}" ]]; then builtin return 1; fi
  path=${base:-$HOME/.aws/credentials}
  __awsrole_unchanged "$path" "$credentials_stamp" "$credentials_target"
}

# True when AWS file $1 is in the state that stamp $2 recorded, and still leads to $3 if it is a link.
__awsrole_unchanged() {
  case $1 in
    /*) ;;
    *) builtin return 1 ;;
  esac
  case $2 in
    absent)
      [[ ! -e $1 ]]
      builtin return
      ;;
    '' | *[!0123456789abcdef.]*) builtin return 1 ;;
  esac
  if [[ -n $3 ]]; then
    if [[ ! $1 -ef $3 ]]; then builtin return 1; fi
  elif [[ -L $1 ]]; then
    builtin return 1
  fi
  [[ -f $1 && -f $folder/stamps/$2 && ! $1 -nt $folder/stamps/$2 && ! $1 -ot $folder/stamps/$2 ]]
}

# Applies the caller's `sets` and `unsets`, and puts back what only the role before had changed.
__awsrole_apply() {
  builtin local i=0 name='' kind='' touched=" ${names[*]} " exported=''
  builtin local -a old_names old_kinds old_values
  old_kinds=() old_values=()
  old_names=(${__awsrole_names[@]+"${__awsrole_names[@]}"})
  if [[ -n ${old_names[0]-} && " ${old_names[*]} " != "$touched" ]]; then
    old_kinds=("${__awsrole_kinds[@]}")
    old_values=("${__awsrole_values[@]}")
    while [[ -n ${old_names[i]-} ]]; do
      if [[ $touched != *" ${old_names[i]} "* ]]; then __awsrole_put_back "$i"; fi
      i=$((i + 1))
    done
    __awsrole_names=() __awsrole_kinds=() __awsrole_values=()
    i=0
    while [[ -n ${old_names[i]-} ]]; do
      if [[ $touched == *" ${old_names[i]} "* ]]; then
        __awsrole_keep "${old_names[i]}" "${old_kinds[i]}" "${old_values[i]}"
      fi
      i=$((i + 1))
    done
  fi
  if [[ " ${__awsrole_names[*]-} " != "$touched" ]]; then
    for name in "${names[@]}"; do
      if [[ " ${__awsrole_names[*]-} " != *" $name "* ]]; then
        __awsrole_kind "$name"
        __awsrole_keep "$name" "$kind" "${!name-}"
      fi
    done
  fi
  for name in "${sets[@]}"; do
    builtin export "${name%% *}=${name#* }"
    exported=$exported${exported:+ }${name%% *}
  done
  for name in ${unsets[@]+"${unsets[@]}"}; do builtin unset -v "$name"; done
  builtin export "AWSROLE_NAMES=$exported"
}

# Says what the shell holds now.
__awsrole_tell() {
  builtin local text="$profile: ${AWSROLE_ROLE_ARN-long-lived keys}${AWS_REGION:+, $AWS_REGION}" minutes=0
  if [[ -n $expires ]]; then
    minutes=$(((expires - now + 30) / 60))
    text="$text, until $until ("
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

if [[ -n $__awsrole_aliases ]]; then \shopt -s expand_aliases; fi
\unset -v __awsrole_aliases
