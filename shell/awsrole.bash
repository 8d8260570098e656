# shellcheck shell=bash disable=SC2034,SC2086,SC2154,SC2206 # words are split where globbing is off; names of awsrole-common.bash
# awsrole for bash 3.2 and later: what differs from zsh. The rest is awsrole-common.bash.

# Aliases are expanded when a function is read, and in `$(...)` again when it runs: none of the user's may end up in ours.
__awsrole_aliases=
if \shopt -q expand_aliases; then \shopt -u expand_aliases && __awsrole_aliases=1; fi
# Under `set -a` every function would go to every child process.
__awsrole_allexport=
if [[ $- == *a* ]]; then \set +a && __awsrole_allexport=1; fi

case ${BASH_SOURCE[0]} in
  /*/shell/awsrole.bash) __awsrole_root=${BASH_SOURCE[0]%/shell/awsrole.bash} ;;
  *) __awsrole_root=$PWD/${BASH_SOURCE[0]%awsrole.bash}.. ;;
esac
# Set from 4.4 on, which has `local -` and `${name@a}`.
__awsrole_modern=
if [[ ${BASH_VERSINFO[0]} -gt 4 || ${BASH_VERSINFO[0]} -eq 4 && ${BASH_VERSINFO[1]} -ge 4 ]]; then __awsrole_modern=1; fi
__awsrole_shell=bash

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

__awsrole_lines() {
  if [[ ${BASH_VERSINFO[0]} -ge 4 ]]; then
    builtin mapfile -t lines <"$1"
  else
    IFS=$'\n' builtin read -r -d '' -a lines <"$1"
  fi
}

__awsrole_named() {
  local -a begun
  local shape=''
  # Each is `AWS…=`, and each after `unset` begins so, exactly when these replacements leave nothing but letters.
  begun=("${lines[@]/=*/=}")
  shape="= ${begun[*]:7:${#lines[@]}-8} "
  names=${shape//= / } unsets=${lines[6]#unset}
  names=${names# } names=${names% }
  shape=${shape//= AWS/}
  shape=${shape%= }${unsets// AWS/}
  [[ $shape != *[!A-Z0-9_]* ]]
}

# Quoted as $'…' is only what has something unprintable in it, and that takes less time than a look at each character. With
# these bytes begins in UTF-8 what a locale may call printable, and no terminal is shown.
__awsrole_printable() {
  if [[ -n $__awsrole_modern ]]; then
    [[ ${text@Q} == \'* && $text != *[$'\330\342\357']* ]]
  else
    [[ $text != *[![:print:]]* && $text != *[$'\330\342\357']* ]]
  fi
}

# What no terminal is shown (src/profiles/printable.ts), in bytes of UTF-8, whatever the shell's own encoding.
__awsrole_clean() {
  local LC_ALL=C
  text=${text//[[:cntrl:]]/?}
  text=${text//$'\302'[$'\200'-$'\237']/?}
  text=${text//$'\330\234'/?}
  text=${text//$'\342\200'[$'\216\217\250'-$'\256']/?}
  text=${text//$'\342\201'[$'\246'-$'\251']/?}
  text=${text//$'\357\273\277'/?}
}

# A readonly variable can be no local one either.
__awsrole_readonly() { ! local $1 2>/dev/null; }

__awsrole_unset() { builtin unset -v $1; }

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

__awsrole_in_subshell() { [[ $BASH_SUBSHELL -gt 0 ]]; }

# shellcheck disable=SC2163 # it is NAME=VALUE
__awsrole_own() { builtin export -n "$1"; }

__awsrole_find() {
  program=$BASH
  if [[ $1 != bash ]]; then program=$(builtin type -P "$1"); fi
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
    __awsrole_describe
    if [[ -z ${NO_COLOR-} && ${TERM-} != dumb ]]; then
      # \001 and \002 tell readline what takes no room.
      text=$'\001\e['"${colour}m"$'\002'"$text"$'\001\e[0m\002'
    fi
    builtin export -n "__awsrole_segment=$text"
    if [[ ${PS1-} != *'${__awsrole_segment-}'* ]] && ! __awsrole_readonly PS1; then PS1='${__awsrole_segment-}'${PS1-}; fi
  elif [[ -n ${__awsrole_segment-} ]]; then
    builtin unset -v __awsrole_segment
    # Without promptvars the reference would be shown as it is written.
    if ! builtin shopt -q promptvars && ! __awsrole_readonly PS1; then PS1=${PS1//'${__awsrole_segment-}'/}; fi
  fi
  return "$status"
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

# shellcheck source=shell/awsrole-common.bash
builtin source "$__awsrole_root/shell/awsrole-common.bash"
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
\unset -v __awsrole_aliases __awsrole_allexport
