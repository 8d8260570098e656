# shellcheck shell=bash disable=SC2206 # words are split where globbing is off, in what __awsrole_run runs
# awsrole for bash 3.2 and later: `awsrole PROFILE` puts the session of an AWS role into this shell.
#
# A session comes as lines, from awsrole's cache or from the core. They are read into locals, checked as a whole, and
# only then applied; nothing is ever evaluated. What the shell held before its first switch is kept in the unexported
# array __awsrole_base: `u NAME`, `s NAME=VALUE` (the shell's own) or `x NAME=VALUE` (exported).

# Aliases are expanded when a function is read, and in `$(...)` again when it runs: none of the user's may end up in ours.
__awsrole_aliases=
if \shopt -q expand_aliases; then \shopt -u expand_aliases && __awsrole_aliases=1; fi
# Under `set -a` every function would go to every child process.
__awsrole_allexport=
if [[ $- == *a* ]]; then \set +a && __awsrole_allexport=1; fi

# `awsrole init bash` sets the root in a line of its own, as its text is sourced from no file of ours.
case ${BASH_SOURCE[0]-} in
  /*/shell/awsrole.bash) __awsrole_place=${BASH_SOURCE[0]%/shell/awsrole.bash} ;;
  *awsrole.bash) __awsrole_place=$PWD/${BASH_SOURCE[0]%awsrole.bash}.. ;;
  *) __awsrole_place= ;;
esac
if [[ -f $__awsrole_place/shell/awsrole ]]; then __awsrole_root=$__awsrole_place; fi
# Set from 4.4 on, which has `local -` and `${name@a}`.
__awsrole_modern=
if [[ ${BASH_VERSINFO[0]} -gt 4 || ${BASH_VERSINFO[0]} -eq 4 && ${BASH_VERSINFO[1]} -ge 4 ]]; then __awsrole_modern=1; fi
# The build writes the version.
__awsrole_loaded='bash 0.1.0'
# The build writes this line (src/commands/names.ts).
__awsrole_commands=' off - status exec env list explain whoami console clear new protect unprotect add rotate keys unlock lock doctor setup demo init help credential-process complete session-lines index-lines choice-line '

awsrole() { __awsrole_run __awsrole_main "$@"; }

# Runs a function of ours with options that it can rely on; no secret reaches a trace.
__awsrole_run() {
  if [[ -n $__awsrole_modern ]]; then
    local - # puts the options back, also where Ctrl-C ends this
    if [[ $- == *x* ]]; then { set +x; } 2>/dev/null; fi
    set +aekuET -f
    local IFS=$' \t\n'
    "$@"
    return
  fi
  # To `set -k` what is quoted is no assignment.
  local 'status=0' "options=${-//[!aefkuxET]/}" 'IFS= '$'\t\n'
  if [[ $options == *x* ]]; then { set +x; } 2>/dev/null; fi
  set +aekuET -f
  "$@" || status=$?
  if [[ $options != *f* ]]; then set +f; fi
  if [[ -n $options ]]; then set "-$options"; fi
  return "$status"
}

# The first word decides what is asked for.
__awsrole_main() {
  local key='' config='' credentials='' settings='' folder='' names='' now='' again='' renew='' expires='' left='' colour='' choose='' text='' status=0
  local -a lines
  local subshell=${BASH_SUBSHELL#0} # as in a pipe or in parentheses
  if [[ -n ${AWSROLE_NAMES-} && -z ${__awsrole_base[0]-} ]]; then __awsrole_adopt; fi
  # Only whom somebody types to may ask which profile is meant.
  if [[ $- == *i* && -t 1 && -t 2 ]]; then choose=1; fi
  case $#:${1-} in
    1:off) __awsrole_off ;;
    1:-)
      if [[ -z ${__awsrole_previous[0]-} ]]; then
        __awsrole_say 'awsrole -: there is no role before this one in this shell; run: awsrole PROFILE'
        return 2
      elif [[ ${__awsrole_previous[*]} == off ]]; then
        __awsrole_off
      else
        again=--again
        __awsrole_switch "${__awsrole_previous[@]}"
      fi
      ;;
    0:*)
      if [[ -n $choose ]]; then
        text=$(__awsrole_core choice-line) || status=$?
        __awsrole_answer
      else
        (__awsrole_core)
      fi
      ;;
    *:status | *:whoami | *:console | *:doctor) (AWSROLE_LOADED=$__awsrole_loaded __awsrole_core "$@") ;; # these speak of what this shell holds
    *)
      if [[ $__awsrole_commands == *" $1 "* && $1 != *' '* ]]; then
        (__awsrole_ask "$@")
      else
        __awsrole_switch "$@"
      fi
      ;;
  esac
}

__awsrole_say() { builtin printf '%s\n' "$1" >&2; }

# Puts a ? in the place of what a terminal would obey in the caller's `text`: any variable may have been set by others.
__awsrole_clean() {
  # C0 and DEL, then C1 as UTF-8, whatever the shell's own encoding.
  local LC_ALL=C
  text=${text//[[:cntrl:]]/?}
  text=${text//$'\302'[$'\200'-$'\237']/?}
}

# Replaces this subshell with the launcher.
__awsrole_core() {
  local launcher=$__awsrole_root/shell/awsrole
  # An update may have put it elsewhere.
  if [[ ! -x $launcher ]] && ! launcher=$(builtin type -P awsrole); then
    __awsrole_say "awsrole: its program is gone from $__awsrole_root; open a new shell, or install it again"
    exit 1
  fi
  # Where sh is dash, variables with odd names and exported functions would be lost on the way to the command.
  if [[ $1 == exec ]]; then builtin exec "$BASH" --posix -p "$launcher" "$@"; fi
  builtin exec "$launcher" "$@"
}

# Replaces this subshell with the launcher, in the environment that a switch starts from. A function, as aliases would be
# expanded in the text of `$(...)`.
__awsrole_ask() {
  local held=${AWSROLE_PROFILE-}
  __awsrole_restore 2>/dev/null # what is readonly stays
  # It marks what the shell holds, and is no different otherwise.
  if [[ $1 == list && -n $held ]]; then builtin export "AWSROLE_PROFILE=$held"; fi
  builtin export "AWSROLE_SHELL=$key" "AWSROLE_CHOOSE=${choose-}"
  if [[ -n ${MSYSTEM-} ]]; then __awsrole_git_bash_ask "$@"; fi
  __awsrole_core "$@"
}

# In a child of a switched shell only the names of the variables are known, not what they were before.
__awsrole_adopt() {
  local name=''
  __awsrole_held='' __awsrole_inherited=1
  for name in $AWSROLE_NAMES; do
    if [[ $name == AWS* && $name != *[!A-Z0-9_]* ]]; then __awsrole_base+=("u $name") __awsrole_held+=" $name"; fi
  done
  if [[ -z ${__awsrole_words[0]-} && -n ${AWSROLE_PROFILE-} ]]; then __awsrole_words=("$AWSROLE_PROFILE"); fi
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
      s*) builtin export -n "${entry#? }" ;;
    esac
  done
  builtin unset -v AWSROLE_NAMES
}

__awsrole_off() {
  local text="left ${AWSROLE_PROFILE:-the role}: "
  if [[ -z ${__awsrole_base[0]-} ]]; then
    __awsrole_say 'no role is held in this shell'
    return 0
  fi
  __awsrole_changeable "$__awsrole_held" || return 1
  if [[ -n $subshell ]]; then
    text+='only in this subshell, the shell itself is as before'
  elif [[ -n ${__awsrole_inherited-} ]]; then
    text+="removed ${AWSROLE_NAMES-}; only the shell that switched can put back what they were"
  else
    text+='the shell is as it was before'
  fi
  __awsrole_clean
  __awsrole_restore
  __awsrole_say "$text"
  builtin unset -v __awsrole_base __awsrole_held __awsrole_inherited __awsrole_renewal
  __awsrole_remember off
}

# The words of the state the shell is in now, for `awsrole -`.
__awsrole_remember() {
  if [[ "$*" != "${__awsrole_words[*]-off}" ]]; then
    __awsrole_previous=("${__awsrole_words[@]-off}")
  fi
  __awsrole_words=("$@")
}

# Does what the core says in the caller's `text` in place of session lines: a name that was chosen is switched to, all
# else is shown.
__awsrole_answer() {
  local name=${text#awsrole-choice }
  if [[ $status -ne 0 || $name == "$text" ]]; then
    if [[ -n $text ]]; then builtin printf '%s\n' "$text"; fi
    return "$status"
  elif [[ $name == '-- '* ]]; then
    __awsrole_switch -- "${name#-- }"
  else
    __awsrole_switch "$name"
  fi
}

# A switch by the words of the command line.
__awsrole_switch() {
  local text='' status=0 plain=''
  if [[ $# -eq 1 && $1 != -* ]]; then plain=1; fi
  __awsrole_key
  __awsrole_now
  if [[ -z $plain ]] || ! __awsrole_kept "$1" || [[ $now -ge $renew || ${lines[5]} != 'shows - '* ]]; then
    text=$(__awsrole_ask session-lines ${again:+"$again"} "$@") || status=$?
    __awsrole_now
    if [[ $status -ne 0 || $text != 'awsrole-session '* ]]; then
      __awsrole_answer
      return
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
  __awsrole_renewal=(${plain:+"$renew" "$1"})
  if [[ -n $plain && $1 != "${__awsrole_words[*]-}" && -f $folder/uses && -w $folder/uses && ! -L $folder/uses ]]; then
    { builtin printf '%s\n' "$1" >>"$folder/uses"; } 2>/dev/null || :
  fi
  __awsrole_remember "$@"
  if [[ $- == *i* ]]; then __awsrole_hook_in; fi
  __awsrole_left "$expires"
  if [[ $left == *m ]]; then left="$left left"; fi
  __awsrole_say "${lines[4]#says }${left:+, $left}${subshell:+; only this subshell is switched, the shell itself is as before}"
}

# Sets the caller's `key` to what decides this shell's sessions, and the places `config`, `credentials`, `settings` and
# `folder` (the cache). What the role that is held has set itself does not count: the core is started without it.
__awsrole_key() {
  local entry='' home=''
  case " ${__awsrole_held-} " in
    *' AWS_ENDPOINT_URL'* | *' AWS_IGNORE_'* | *' AWS_CONFIG_FILE '* | *' AWS_SHARED_CREDENTIALS_FILE '*)
      for entry in "${__awsrole_base[@]#? }"; do
        case ${entry%%=*} in
          AWS_CONFIG_FILE | AWS_SHARED_CREDENTIALS_FILE | AWS_ENDPOINT_URL | AWS_ENDPOINT_URL_STS | \
            AWS_IGNORE_CONFIGURED_ENDPOINT_URLS)
            # What they were is known only to the shell that switched.
            if [[ $entry != *=* ]]; then entry=$entry=${__awsrole_inherited:+|}; fi
            local "$entry"
            ;;
        esac
      done
      ;;
  esac
  home=${HOME-}
  config=${AWS_CONFIG_FILE:-$home/.aws/config} credentials=${AWS_SHARED_CREDENTIALS_FILE:-$home/.aws/credentials}
  key=$home\|$config\|$credentials\|${AWS_ENDPOINT_URL_STS:-${AWS_ENDPOINT_URL-}}
  # The core keeps no lines for odd keys: relative paths, control characters, more bars.
  if [[ -n ${AWS_IGNORE_CONFIGURED_ENDPOINT_URLS-} ]]; then key=-; fi
  settings=$home/.config/awsrole/config folder=$home/.cache/awsrole
  if [[ ${XDG_CONFIG_HOME-} == /* ]]; then settings=$XDG_CONFIG_HOME/awsrole/config; fi
  if [[ ${XDG_CACHE_HOME-} == /* ]]; then folder=$XDG_CACHE_HOME/awsrole; fi
  if [[ -n ${MSYSTEM-} ]]; then __awsrole_git_bash_key; fi
}

# Sets the caller's `now` to epoch seconds, without a fork where the shell has a clock.
__awsrole_now() {
  if [[ -n $__awsrole_modern ]]; then
    # Only from 5.0 on, and it may have been unset, and is then any variable.
    now=${EPOCHSECONDS-}
    if [[ $now == *[!0123456789]* || ${#now} -lt 9 ]]; then builtin printf -v now '%(%s)T' -1; fi
  else
    now=$(\command date +%s)
    # With `set -T` a DEBUG trap may have printed something before, and text must not meet arithmetic.
    now=${now##*$'\n'}
    if [[ $now == *[!0123456789]* ]]; then now=0; fi
  fi
}

# Reads the session file of profile $1 into the caller's `lines`; false when there is none that fits this shell, the AWS
# files and awsrole's settings as they are.
__awsrole_kept() {
  local file=$1
  case $file in
    *[%/\\:*?\"\<\>\|]*)
      file=${file//%/%25} file=${file//\//%2F} file=${file//\\/%5C} file=${file//:/%3A} file=${file//\*/%2A}
      file=${file//\?/%3F} file=${file//\"/%22} file=${file//</%3C} file=${file//>/%3E} file=${file//|/%7C}
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
  if [[ ${BASH_VERSINFO[0]} -ge 4 ]]; then
    builtin mapfile -t lines <"$file"
  else
    IFS=$'\n' builtin read -r -d '' -a lines <"$file"
  fi
  states="${lines[2]-} "
  builtin [ "${lines[1]-}" = "for $key" ] && [[ $states == 'states '* && $states != */* ]] || return 1
  shift
  states=${states#states }
  for file; do
    stamp=${states%% *} states=${states#* }
    if [[ $stamp == absent ]]; then
      if [[ -e $file || -L $file ]]; then return 1; fi
    # A file that is not there is older.
    elif [[ ! -f $folder/stamps/$stamp || $file -nt $folder/stamps/$stamp || $file -ot $folder/stamps/$stamp ]]; then
      return 1
    fi
  done
  [[ -z $states ]]
}

# Takes the caller's `lines` apart into `names` and the numbers; false unless they are whole and well-formed.
__awsrole_whole() {
  local -a begun
  local numbers=${lines[3]-} last=$((${#lines[@]} - 1)) shape='' unsets=${lines[6]#unset}
  if [[ $last -lt 8 || ${lines[last]} != end || ${lines[0]} != 'awsrole-session 2 '* ]]; then return 1; fi
  if [[ $numbers != 'times '?*' '?* || ${lines[4]} != 'says '* || ${lines[6]} != unset* ]]; then return 1; fi
  numbers=${numbers#times } renew=${numbers% *} expires=${numbers#* }
  # Numbers meet arithmetic, which evaluates text.
  if [[ $renew$expires == *[!0123456789]* || ${#renew} -gt 12 || ${#expires} -gt 12 ]]; then return 1; fi
  # Each is `AWS…=`, and each after `unset` begins so, exactly when these replacements leave nothing but letters.
  begun=("${lines[@]/=*/=}")
  shape="= ${begun[*]:7:last-7} "
  names=${shape//= / }
  names=${names# } names=${names% }
  shape=${shape//= AWS/}
  shape=${shape%= }${unsets// AWS/}
  if [[ $shape == *[!A-Z0-9_]* ]]; then return 1; fi
  # What a terminal would obey could come to be shown. The keys stand first, never are, and are long. Quoted as $'…' is only
  # what has something unprintable in it, and that takes less time than a look at each character.
  shape=${lines[4]}${lines[*]:10}
  if [[ -n $__awsrole_modern ]]; then
    unsets=${shape@Q}
    if [[ ${unsets:0:1} == \' ]]; then return 0; fi
  fi
  [[ $shape != *[[:cntrl:]]* ]]
}

# Puts the caller's `lines` into the shell; false, with nothing changed, when that cannot be.
__awsrole_take() {
  local changes=$names${lines[6]#unset} name=''
  if builtin [ "$changes" = "${__awsrole_held-}" ]; then
    __awsrole_changeable "$changes" || return 1
  else
    __awsrole_changeable "$changes ${__awsrole_held-}" || return 1
    __awsrole_restore
    __awsrole_base=() __awsrole_held=$changes __awsrole_direnv=${DIRENV_DIR-}
    for name in $changes; do __awsrole_keep "$name"; done
  fi
  builtin export "${lines[@]:7:${#lines[@]}-8}" "AWSROLE_NAMES=$names"
  # shellcheck disable=SC2086 # several names
  builtin unset -v ${lines[6]#unset}
}

# Keeps what a variable is before a switch.
__awsrole_keep() {
  local attributes=''
  if [[ -z ${!1+set} ]]; then
    __awsrole_base+=("u $1")
    return
  elif [[ -n $__awsrole_modern ]]; then
    attributes=${!1@a}
  else
    attributes=$(\builtin declare -p "$1")
    attributes=${attributes#declare -} attributes=${attributes%% *}
  fi
  if [[ $attributes == *x* ]]; then __awsrole_base+=("x $1=${!1}"); else __awsrole_base+=("s $1=${!1}"); fi
}

# False, with a message, when one of the names in $1 cannot be changed: better no switch than half of one.
# shellcheck disable=SC2086 # several names
__awsrole_changeable() {
  local name=''
  if local $1 AWSROLE_NAMES 2>/dev/null; then return 0; fi
  for name in $1 AWSROLE_NAMES; do
    if __awsrole_readonly "$name"; then break; fi
  done
  __awsrole_say "awsrole: $name is readonly in this shell, so nothing was changed; open a shell without: readonly $name"
  return 1
}

# A readonly variable can be no local one either.
__awsrole_readonly() { ! local "$1" 2>/dev/null; }

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

# Has the prompt's function run before each prompt, behind what others do there, so that their PS1 is there. What is
# exported runs in children as well, which have no such variable: there it is `:`.
__awsrole_hook_in() {
  # shellcheck disable=SC2016 # it is PROMPT_COMMAND that expands it
  local call='"${__awsrole_hook-:}"'
  __awsrole_hook=__awsrole_prompt
  if [[ "${PROMPT_COMMAND[*]-}" == *"$call"* ]] || __awsrole_readonly PROMPT_COMMAND; then return 0; fi
  # From 5.1 on every element is run. A string stays one, and so does an array of one.
  if [[ ${#PROMPT_COMMAND[@]} -gt 1 && ${BASH_VERSINFO[0]}${BASH_VERSINFO[1]} -ge 51 ]]; then
    PROMPT_COMMAND+=("$call")
  else
    # shellcheck disable=SC2178,SC2128
    PROMPT_COMMAND=${PROMPT_COMMAND:+$PROMPT_COMMAND$'\n'}$call
  fi
}

# Before each prompt: the segment in front of the user's PS1. It stands in a variable that PS1 refers to, so it is shown
# and never taken for code; without a role there is no such variable and PS1 stays as it is.
# shellcheck disable=SC2016 # it is PS1 that expands it
__awsrole_prompt() {
  # To `set -k` what is quoted is no assignment.
  local "status=$?" now left colour text
  # The status of `false && true` ends no shell, not even under `set -e`, and it must not do so from here.
  if [[ $- == *e* ]]; then status=0; fi
  if [[ -n ${AWSROLE_GUARD_ENDS-} ]]; then __awsrole_run __awsrole_end_guard; fi
  if [[ -n ${AWSROLE_PROFILE-} && (${AWSROLE_PROMPT-} != off || -n ${AWSROLE_GUARD-}) ]] && builtin shopt -q promptvars; then
    __awsrole_now
    if [[ ${__awsrole_renewal[0]-x} != *[!0123456789]* && $now -ge ${__awsrole_renewal[0]} ]]; then __awsrole_run __awsrole_renew; fi
    __awsrole_describe
    builtin export -n "__awsrole_segment=$text"
    if [[ ${PS1-} != *'${__awsrole_segment-}'* ]] && ! __awsrole_readonly PS1; then PS1='${__awsrole_segment-}'${PS1-}; fi
  elif [[ -n ${__awsrole_segment-} ]]; then
    builtin unset -v __awsrole_segment
    # Without promptvars the reference would be shown as it is written.
    if ! builtin shopt -q promptvars && ! __awsrole_readonly PS1; then PS1=${PS1//'${__awsrole_segment-}'/}; fi
  fi
  return "$status"
}

# Leaves a role when its guard says so; a command that runs is not stopped.
__awsrole_end_guard() {
  local ends=$AWSROLE_GUARD_ENDS now='' subshell=''
  if [[ $ends == *[!0123456789]* || ${#ends} -gt 12 ]]; then return 0; fi
  __awsrole_now
  if [[ $now -lt $((10#$ends)) ]]; then return 0; fi
  __awsrole_say 'awsrole: the time that the guard of this role gives is over'
  __awsrole_off
}

# Sets the caller's `text` to the segment: who this shell is and for how long, if it still holds what was put there.
__awsrole_describe() {
  local name short rest
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
      text=$text${rest%%\%*} rest=${rest#*%}
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
  if [[ $text == *[![:print:]]* ]]; then __awsrole_clean; fi
  if [[ -z ${NO_COLOR-} && ${TERM-} != dumb ]]; then
    # \001 and \002 tell readline what takes no room.
    text=$'\001\e['"${colour}m"$'\002'"$text"$'\001\e[0m\002'
  fi
}

# Takes over what another terminal has renewed: the same role under the same name, for longer, from the files as they are.
# Nothing is asked and nothing started; an edit of the files never moves this shell to another role.
__awsrole_renew() {
  local key='' config='' credentials='' settings='' folder='' renew='' expires='' all='' names='' held=${AWSROLE_EXPIRES:-0} ends=${AWSROLE_GUARD_ENDS-}
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

# Completion of `awsrole`. Names of profiles and commands are known here, where nothing is quoted; all else the core reads,
# and its words come quoted.
__awsrole_complete() {
  COMPREPLY=()
  __awsrole_run __awsrole_complete_line
}

__awsrole_complete_line() {
  local line=${COMP_LINE:0:COMP_POINT} current='' text='' i=0 key='' config='' credentials='' settings='' folder=''
  local -a words
  # ble.sh would quote once more.
  if [[ -n ${BLE_VERSION-} ]]; then builtin compopt -o noquote 2>/dev/null || :; fi
  if [[ ${COMP_WORDS[1]-} == exec ]]; then
    for ((i = 2; i < COMP_CWORD; i++)); do
      if [[ ${COMP_WORDS[i]//[\"\']/} == -- ]]; then
        __awsrole_complete_command $((i + 1))
        return
      fi
    done
  fi
  current=${line##*[ $'\t']}
  words=(${line%"$current"})
  # The names are for a place that takes one, and for what neither bash nor readline takes for more than letters.
  if [[ -n ${words[*]:1} && ${words[*]:1} != exec || $line == *[\"\'\\]* || $current == -* ]] ||
    [[ $current == *[!A-Za-z0-9_.,+-]* || $COMP_WORDBREAKS == *[A-Za-z0-9_.,+-]* ]] || ! __awsrole_names; then
    text=$(__awsrole_ask complete bash "$line" "$COMP_WORDBREAKS" 2>/dev/null)
    IFS=$'\n'
    COMPREPLY=($text)
    IFS=$' \t\n'
    if [[ $text == files* ]]; then builtin compopt -o default 2>/dev/null || :; fi
    COMPREPLY=("${COMPREPLY[@]:1}")
  fi
  # The core's answer has the commands, too.
  if [[ ${#words[@]} -eq 1 && -z $text ]]; then
    # From there on they are not for people.
    for text in ${__awsrole_commands%% credential-process *}; do
      if [[ $text == "$current"* ]]; then COMPREPLY+=("$text"); fi
    done
  fi
}

# Sets COMPREPLY to the names of profiles that begin with the caller's `current`; false where the file of names is not of
# the AWS files as they are. The core has written them quoted, the roles first and both parts in the order of their bytes:
# a look at each of ten thousand would take too long.
__awsrole_names() {
  local LC_ALL=C roles='' bound='' first=0 low=3 high=0 middle=0 end=0
  local -a lines
  __awsrole_key
  __awsrole_read completion/names "$config" "$credentials" || return 1
  roles=${lines[0]#awsrole-names 2 } end=$((${#lines[@]} - 1))
  if [[ -z $roles || $roles == *[!0123456789]* || ${#roles} -gt 7 || ${lines[end]} != end ]]; then return 1; fi
  for end in $((10#$roles + 3)) "$end"; do
    # No name of UTF-8 has such a byte: those that begin with `current` end there.
    for bound in "$current" "$current"$'\377'; do
      first=$low high=$end
      while [[ $low -lt $high ]]; do
        middle=$(((low + high) / 2))
        if [[ ${lines[middle]-} < $bound ]]; then low=$((middle + 1)); else high=$middle; fi
      done
    done
    if [[ $low -gt $first ]]; then COMPREPLY+=("${lines[@]:first:low-first}"); fi
    low=$end
  done
}

# After `exec PROFILE --`, the words from $1 on are a command line of its own.
__awsrole_complete_command() {
  local completion=''
  # Completions of others expect the options that people have.
  set +f
  for completion in _comp_command_offset _command_offset; do
    if builtin declare -F "$completion" >/dev/null; then
      "$completion" "$1"
      return
    fi
  done
  builtin compopt -o bashdefault -o default 2>/dev/null || :
  if [[ $COMP_CWORD -eq $1 && -n ${COMP_WORDS[COMP_CWORD]} ]]; then
    IFS=$'\n'
    # shellcheck disable=SC2207 # a name a line
    COMPREPLY=($(\set -f && \builtin compgen -c -- "${COMP_WORDS[COMP_CWORD]}"))
  fi
}

if [[ -n ${MSYSTEM-} ]]; then
  # shellcheck source=shell/awsrole-git-bash.bash
  builtin source "$__awsrole_root/shell/awsrole-git-bash.bash"
fi
if [[ $- == *i* ]]; then
  __awsrole_hook_in
  builtin complete -F __awsrole_complete awsrole
  if [[ -n $__awsrole_modern ]]; then
    builtin complete -o nosort -F __awsrole_complete awsrole
  fi
fi

if [[ -n $__awsrole_aliases ]]; then \shopt -s expand_aliases; fi
if [[ -n $__awsrole_allexport ]]; then \set -a; fi
\unset -v __awsrole_aliases __awsrole_allexport __awsrole_place
