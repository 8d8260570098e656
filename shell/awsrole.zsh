# awsrole for zsh: `awsrole PROFILE` puts the session of an AWS role into this shell.
#
# A session arrives as session lines, from awsrole's cache or from the core. They are read into locals, checked as a
# whole, and only then applied; nothing is ever evaluated. What the shell held before its first switch is kept in the
# unexported list __awsrole_base, one variable an entry: `u NAME` for unset, `s NAME=VALUE` for the shell's own,
# `x NAME=VALUE` for exported. `awsrole off` puts it back.

# Options that change how this file is read: the user's are put back at its end.
'builtin' 'typeset' -ga __awsrole_options
__awsrole_options=("${${options[aliases]#on}/off/no}aliases" "${${options[shglob]#on}/off/no}shglob"
  "${${options[ignorebraces]#on}/off/no}ignorebraces" "${${options[ignoreclosebraces]#on}/off/no}ignoreclosebraces")
'builtin' 'setopt' 'no_aliases' 'no_sh_glob' 'no_ignore_braces' 'no_ignore_close_braces'

# The build writes the version.
__awsrole_loaded='zsh 0.1.0'
# The build writes this line (src/commands/names.ts).
__awsrole_commands=' off - status exec env list explain whoami console clear new protect unprotect add rotate keys unlock lock doctor setup demo init help credential-process complete session-lines index-lines choice-line '
# The build writes what people are offered (src/commands/names.ts).
__awsrole_offered='off:Put back what this shell held before|-:Go back to the role before, as `cd -` does|status:Show what this shell holds, and for how long|exec:Run one command with a role|env:Print a role for another program to read|list:List your profiles and kept sessions|explain:Show what a switch would do|whoami:Ask AWS who you are in this shell|console:Open the AWS console with a role|clear:Remove kept sessions, of a profile or all|new:Write a profile for a role, and try it|protect:Move long-lived keys out of the AWS files|unprotect:Write stored keys back, in plain text|add:Store the keys of a new user|rotate:Replace stored keys by new ones|keys:List where long-lived keys are; never a secret|unlock:Open the age files for a while, 8h by default|lock:End what unlock has begun|doctor:Look for what is wrong, and say what to do|setup:Put awsrole into the start-up files of shells|demo:Try awsrole without an AWS account|init:Print the function for a start-up file|help:Show this help, or more about one command'

# Runs a function of ours: none of the user's options decide what happens there, and a trace shows no secret.
__awsrole_run() {
  local IFS=$' \t\n'
  builtin emulate -L zsh
  builtin setopt extended_glob no_xtrace
  "$@"
}

awsrole() { __awsrole_run __awsrole_main "$@" }

__awsrole_main() {
  local choose= text=
  local -a again
  local -i rc=0
  # Only whom somebody types to may ask which profile is meant.
  [[ ! -o interactive || ! -t 1 || ! -t 2 ]] || choose=1
  if [[ "$*" == - ]]; then
    if (( ! ${#__awsrole_previous} )); then
      __awsrole_say 'awsrole -: there is no role before this one in this shell; run: awsrole PROFILE'
      return 2
    fi
    again=(--again)
    set -- "${__awsrole_previous[@]}"
  fi
  if [[ "$*" == off ]]; then
    __awsrole_off
  elif [[ $# -eq 0 && -n $choose ]]; then
    text=$(__awsrole_exec choice-line) || rc=$?
    __awsrole_answer
  elif (( ! $# )) || [[ $1 == (status|whoami|list|console|doctor) ]]; then
    (export AWSROLE_LOADED=$__awsrole_loaded; __awsrole_exec "$@") # these tell what this shell holds
  elif [[ $__awsrole_commands == *" $1 "* && $1 != *' '* ]]; then
    (AWSROLE_CHOOSE=$choose __awsrole_core "$@")
  else
    __awsrole_switch "$@"
  fi
}

# Says it without what would be a command to the terminal, which no printable ASCII is.
__awsrole_say() {
  [[ $1 == [\ -~]# ]] || set -- "${1//${~__awsrole_unshown}/?}"
  builtin print -r -u2 -- "$1"
}

# Replaces this subshell with the launcher.
__awsrole_exec() {
  local launcher=$__awsrole_root/shell/awsrole
  [[ -x $launcher ]] || launcher=${commands[awsrole]-}
  if [[ -z $launcher ]]; then
    __awsrole_say "awsrole: its program is gone from ${__awsrole_root:-PATH}; open a new shell, or install it again"
    exit 1
  fi
  # The sh of many systems drops variables with odd names and exported functions; the command should get them.
  if [[ ${1-} == exec && -n ${commands[bash]-} ]]; then builtin exec "${commands[bash]}" --posix -p "$launcher" "$@"; fi
  builtin exec "$launcher" "$@"
}

# The same with the base environment.
__awsrole_core() { __awsrole_restore; __awsrole_exec "$@" }

# Does what the core says in the caller's `text` in place of session lines: a name that was chosen is switched to, all
# else is shown.
__awsrole_answer() {
  local name=${text#awsrole-choice }
  if [[ $rc -gt 0 || $name == "$text" ]]; then
    [[ -z $text ]] || builtin print -r -- "$text"
    return $rc
  elif [[ $name == '-- '* ]]; then
    __awsrole_switch -- "${name#-- }"
  else
    __awsrole_switch "$name"
  fi
}

__awsrole_switch() {
  local plain= cache= key= text= time= slot=
  local -a files lines sets names
  local -i rc=0 renew=0 expires=0
  [[ $# -gt 1 || $1 == -* ]] || plain=$1
  __awsrole_look
  if [[ -z $plain ]] || ! __awsrole_read_kept "$plain" || [[ ${lines[6]} != 'shows - '* ]]; then
    text=$(AWSROLE_SHELL=$key AWSROLE_CHOOSE=$choose __awsrole_core session-lines "${again[@]}" "$@") || rc=$?
    if [[ $rc -gt 0 || $text != 'awsrole-session '* ]]; then
      __awsrole_answer || return # not what a trap on ERR hears of
      return 0
    fi
    lines=("${(@f)text}")
    if ! __awsrole_parse; then
      __awsrole_say "awsrole's answer was incomplete or of another version, so nothing was changed; open a new shell, or install awsrole again"
      return 1
    fi
  fi
  __awsrole_take || return 1
  # Only what was asked for by its name alone is renewed by that name.
  __awsrole_renewal=()
  [[ -z $plain || $renew -eq 0 ]] || __awsrole_renewal=($renew "$plain")
  __awsrole_remember "$@"
  (( ! expires )) || __awsrole_time $expires
  text=${lines[5]#says }${time:+, $time left}
  # What stands in parentheses or before a pipe is a shell of its own.
  (( ! ZSH_SUBSHELL )) || text+='; only this subshell is switched, the shell itself is as before'
  __awsrole_say "$text"
}

# The words of the state that the shell is in now, for `awsrole -`; a plain name is also written down as used.
__awsrole_remember() {
  [[ "${(pj:\0:)@}" != "${(pj:\0:)__awsrole_current}" ]] || return 0
  __awsrole_previous=("${__awsrole_current[@]}")
  __awsrole_current=("$@")
  [[ -n $plain && -f $cache/uses && -w $cache/uses && ! -L $cache/uses ]] || return 0
  builtin print -r -- "$plain" 2>/dev/null >>$cache/uses
}

# ---- the session file

# Sets the caller's `cache` (awsrole's folder), `files` (whose states a session hangs on) and `key` (whose session).
__awsrole_look() {
  # What the role has changed is not the user's own, which is in the base.
  local -a own=("${(@M)__awsrole_base:#? AWS_(CONFIG_FILE|SHARED_CREDENTIALS_FILE|ENDPOINT_URL(|_STS)|IGNORE_CONFIGURED_ENDPOINT_URLS)(|=*)}")
  (( ! ${#own} )) || local "${(@)own#? }"
  local home=${HOME-}
  local settings=${${(M)XDG_CONFIG_HOME:#/*}:-$home/.config}/awsrole/config # a relative path counts as none
  cache=${${(M)XDG_CACHE_HOME:#/*}:-$home/.cache}/awsrole
  files=("${AWS_CONFIG_FILE:-$home/.aws/config}" "${AWS_SHARED_CREDENTIALS_FILE:-$home/.aws/credentials}" "$settings")
  key="$home|${files[1]}|${files[2]}|${AWS_ENDPOINT_URL_STS:-${AWS_ENDPOINT_URL-}}"
  # Nor is anything kept under a key with an empty home, a relative path or a bar or control character too many.
  if [[ -n ${AWS_IGNORE_CONFIGURED_ENDPOINT_URLS-} || ( ${#own} -gt 0 && -n $__awsrole_inherited ) ]]; then key=-; fi
}

# Reads the session file of that name as __awsrole_parse does; false when there is none that is for now and this shell.
__awsrole_read_kept() {
  __awsrole_read "$cache/shell/s-${1//(#m)[%\/\\:*?\"<>|]/%$(( [##16] #MATCH ))}.session" "awsrole-session 2 $1" &&
    __awsrole_parse && (( renew > EPOCHSECONDS ))
}

# Reads a file of the cache into the caller's `lines`; false unless it is ours, whole, has that first line, and was made
# for this shell and the files as they are.
__awsrole_read() {
  [[ $key != - && -f $1 && -r $1 && ! -L $1 && -O $1 && -O ${1:h} && ! -L ${1:h} && -O $cache ]] || return 1
  lines=("${(@f)$(<$1)}")
  [[ ${lines[1]} == "$2" && ${lines[2]-} == "for $key" && ${lines[-1]} == end ]] &&
    __awsrole_unchanged ${(s: :)lines[3]#states}
}

# True when the files are in the states that are named: by a stamp of that time, or `absent`.
__awsrole_unchanged() {
  local file= stamp=
  [[ $# -eq ${#files} && "$*" != *[^0-9a-f.nst\ ]* ]] || return 1
  for file stamp in "${(@)files:^argv}"; do
    [[ $stamp == absent && ! -e $file && ! -L $file || -f $file && -f $cache/stamps/$stamp &&
      ! $file -nt $cache/stamps/$stamp && ! $file -ot $cache/stamps/$stamp ]] || return 1
  done
}

# Takes the caller's `lines` apart into `renew`, `expires`, `sets` and all `names`; false unless they are whole.
__awsrole_parse() {
  [[ ${#lines} -gt 8 && ${lines[1]} == 'awsrole-session 2 '* && ${lines[2]} == 'for '* && ${lines[3]} == 'states '* &&
    ${lines[4]} == times\ [0-9](#c1,12)\ [0-9](#c1,12) && ${lines[5]} == 'says '* && ${lines[6]} == 'shows '* &&
    ${lines[7]} == unset(\ AWS[A-Z0-9_]#)# && ${lines[-1]} == end ]] || return 1
  sets=("${(@)lines[8,-2]}")
  local -a odd=("${(@)sets:#AWS[A-Z0-9_]#=*}")
  [[ ${#odd} -eq 0 && ( "$lines" == [\ -~]# || "$lines[5,-2]" != *${~__awsrole_unshown}* ) ]] || return 1
  names=("${(@)sets%%=*}" ${(s: :)lines[7]#unset})
  renew=${${lines[4]#times }% *} expires=${lines[4]##* }
}

# ---- what the shell held, and what it holds

# Puts the caller's `sets` and nothing else of its `names` into the shell; false, with nothing changed, if that cannot be.
__awsrole_take() {
  local name=
  __awsrole_changeable "${names[@]}" || return 1
  if [[ "$names" != "$__awsrole_held" ]]; then
    __awsrole_changeable ${=__awsrole_held} || return 1
    __awsrole_restore
    __awsrole_base=() __awsrole_held="$names" __awsrole_direnv=${DIRENV_DIR-}
    for name in "${names[@]}"; do
      case ${(Pt)name} in
        (*export*) __awsrole_base+=("x $name=${(P)name}") ;;
        ('') __awsrole_base+=("u $name") ;;
        (*) __awsrole_base+=("s $name=${(P)name}") ;;
      esac
    done
  fi
  builtin unset -v "${names[@]}"
  typeset -gx "${sets[@]}" "AWSROLE_NAMES=${names[1,$#sets]}"
}

# False, with a message, when a variable among the words cannot be changed: better no switch than half of one.
__awsrole_changeable() {
  local name=
  for name in AWSROLE_NAMES "$@"; do
    [[ ${(Pt)name} == *readonly* ]] || continue
    __awsrole_say "awsrole: $name is readonly in this shell, so nothing was changed; open a shell without: readonly $name"
    return 1
  done
}

# Puts everything back to what it was before the first switch.
__awsrole_restore() {
  local -a own=("${(@)${(M@)__awsrole_base:#s *}#s }") exported=("${(@)${(M@)__awsrole_base:#x *}#x }") names=(${=__awsrole_held})
  # What direnv has for one folder is not there in another one.
  [[ ${DIRENV_DIR-} == "$__awsrole_direnv" ]] || names=(${names:#AWS_PROFILE}) exported=("${(@)exported:#AWS_PROFILE=*}")
  builtin unset -v $names AWSROLE_NAMES
  (( ! ${#own} )) || typeset -g +x "${own[@]}"
  (( ! ${#exported} )) || typeset -gx "${exported[@]}"
}

__awsrole_off() {
  local plain= text='the shell is as it was before' left=${AWSROLE_PROFILE:-the role}
  (( ${#__awsrole_base} )) || { __awsrole_say 'no role is held in this shell'; return 0 }
  __awsrole_changeable ${=__awsrole_held} || return 1
  [[ -z ${__awsrole_inherited-} ]] || text="removed ${AWSROLE_NAMES-}; only the shell that switched can put back what they were"
  __awsrole_restore
  __awsrole_base=() __awsrole_held= __awsrole_renewal=() __awsrole_inherited=
  __awsrole_remember off
  (( ! ZSH_SUBSHELL )) || text='only this subshell, the shell itself is as before'
  __awsrole_say "left $left: $text"
}

# ---- the prompt

# Before each prompt: the segment in front of the user's PROMPT, while a role is held. The text stands in psvar, so it is
# shown and never taken for code; one slot a colour.
__awsrole_prompt() {
  if [[ -n ${AWSROLE_GUARD_ENDS-} ]]; then __awsrole_run __awsrole_end_guard; fi
  __awsrole_run __awsrole_draw
}

# Leaves a role when its guard says so; a command that runs is not stopped.
__awsrole_end_guard() {
  [[ $AWSROLE_GUARD_ENDS == [0-9](#c1,12) ]] && (( EPOCHSECONDS >= 10#$AWSROLE_GUARD_ENDS )) || return 0
  __awsrole_say 'awsrole: the time that the guard of this role gives is over'
  __awsrole_off
}

__awsrole_draw() {
  local time= text= name=${AWSROLE_PROFILE-} segment=$__awsrole_segment format=${AWSROLE_PROMPT_FORMAT-'(%s) '}
  local calm='%F{cyan}%61v%f'
  local -i slot=61 behind=0
  # Others that make the prompt may have come later than this: behind them all it finds what they made.
  if [[ ${precmd_functions[-1]-} != __awsrole_prompt ]]; then
    precmd_functions=(${precmd_functions:#__awsrole_prompt} __awsrole_prompt) behind=1
  fi
  # Completion is there as soon as compinit is, before or after this file.
  if (( $+functions[compdef] && ! $+_comps[awsrole] )); then compdef __awsrole_complete awsrole; fi
  if [[ -z $name || ! -o prompt_percent || ( ${AWSROLE_PROMPT-} == off && -z ${AWSROLE_GUARD-} ) ]]; then
    __awsrole_segment=
    [[ -n $segment ]] || return 0
    PROMPT=${PROMPT//"$segment"}
    psvar[61,63]=()
    [[ -n ${(j::)psvar} ]] || psvar=()
    [[ ${functions[zle]-} != *__awsrole_add_segment* ]] || builtin unfunction zle
    return 0
  fi
  # Is what was put there still what the shell holds?
  if [[ ${AWS_ACCESS_KEY_ID-} == "${AWSROLE_ACCESS_KEY_ID-}" && -z ${AWS_PROFILE+set} ]]; then
    (( ! ${#__awsrole_renewal} || __awsrole_renewal[1] > EPOCHSECONDS )) || __awsrole_renew
    if [[ ${AWSROLE_EXPIRES-} == [1-9][0-9](#c0,11) ]]; then
      __awsrole_time $AWSROLE_EXPIRES
    elif [[ ${AWSROLE_EXPIRES:-0} == 0 && -z ${AWS_SESSION_TOKEN-} ]]; then
      time=keys slot=62
    fi
  else
    time='?' slot=63
  fi
  [[ $name != arn:*/* ]] || name=${AWSROLE_ACCOUNT_ID-}:${name##*/}
  if [[ $time == '?' ]]; then text="$name?"; else text=$name${time:+ $time}; fi
  local -A filled=('%s' "$text" '%p' "$name" '%t' "$time" '%r' "${AWS_REGION-}" '%a' "${AWSROLE_ACCOUNT_ID-}" '%n' "${AWSROLE_ACCOUNT_NAME-}" '%%' %)
  if [[ -n ${AWSROLE_GUARD-} ]]; then
    slot=61 calm=$'%{\e[97;41m%}%61v%{\e[0m%}'
    [[ $format == *%[sp]* ]] || format='(%s) '
  elif [[ ${AWSROLE_COLOR-} == [0-9\;](#c1,12) ]]; then
    calm=$'%{\e['"${AWSROLE_COLOR}m%}%61v"$'%{\e[0m%}'
  fi
  psvar[61,63]=('' '' '')
  text=${format//(#m)%[sptran%]/${filled[$MATCH]}}
  [[ $text == [\ -~]# ]] || text=${text//${~__awsrole_unshown}/?}
  psvar[slot]=$text
  __awsrole_segment=$calm'%F{yellow}%62v%f%F{red}%63v%f'
  [[ -z ${NO_COLOR-} && ${TERM-} != dumb ]] || __awsrole_segment='%61v%62v%63v'
  [[ $segment == "$__awsrole_segment" ]] || PROMPT=${PROMPT//"$segment"}
  __awsrole_add_segment
  # Some make the prompt anew while a line is edited, as when git has answered, and have it redrawn: no hook is called then.
  if (( ! $+functions[zle] )); then
    zle() {
      if [[ ${*-} == *reset-prompt ]]; then __awsrole_add_segment; fi
      builtin zle "$@"
    }
  fi
  # Some put themselves behind every other function again.
  if [[ $behind -eq 1 && -o zle && -z ${widgets[__awsrole_line_init]-} ]]; then
    autoload -Uz add-zle-hook-widget && add-zle-hook-widget line-init __awsrole_line_init
  fi
}

# A first line may be filled to the edge: the segment begins the last one, unless what looks like a line's end may be inside
# of something. What begins with code may begin with an empty line or move the cursor: there it stands behind it all.
__awsrole_add_segment() {
  if [[ $PROMPT == *"$__awsrole_segment"* || ${(t)PROMPT} == *readonly* ]]; then return 0; fi
  local last="${PROMPT##*$'\n'}"
  local before="${PROMPT%"$last"}"
  if [[ -o prompt_subst && $PROMPT == \$* ]]; then
    before="$PROMPT" last=
  elif [[ ${#before//[^\(]} -ne ${#before//[^\)]} || ${#before//[^\{]} -ne ${#before//[^\}]} ]]; then
    before= last="$PROMPT"
  fi
  PROMPT="$before$__awsrole_segment$last"
}

__awsrole_line_init() {
  [[ $PROMPT == *"$__awsrole_segment"* ]] || { __awsrole_add_segment; builtin zle .reset-prompt }
}

# Sets the caller's `time` to what is left until then, in words, and `slot` to that of its colour.
__awsrole_time() {
  local -i left=$(( ($1 - EPOCHSECONDS + 59) / 60 ))
  if (( $1 <= EPOCHSECONDS )); then
    time=EXPIRED slot=63
  elif (( left < 100 )); then
    time=${left}m
    (( left > 10 )) || slot=62
  else
    time=$(( left / 60 ))h${(l:2::0:)$(( left % 60 ))}m
  fi
}

# Takes over what another terminal has renewed: the same role by the same name, for longer, from the files as they are.
# Nothing is asked and nothing started; an edit of the files never moves this shell to another role.
__awsrole_renew() {
  local cache= key= ends=${AWSROLE_GUARD_ENDS-}
  local -a files lines sets names
  local -i renew=0 expires=0
  __awsrole_look
  __awsrole_read_kept "${__awsrole_renewal[2]}" || { __awsrole_ask_renewal; return 0 }
  # What the environment says meets arithmetic, which evaluates text.
  [[ ${AWSROLE_EXPIRES:-0} == [0-9](#c1,12) ]] && (( expires > ${AWSROLE_EXPIRES:-0} )) || return 0
  # Of a user's MFA session the device tells whose it is.
  (( ${sets[(Ie)AWSROLE_ROLE_ARN=${AWSROLE_ROLE_ARN-}]} || ${sets[(Ie)AWSROLE_MFA_SERIAL=${AWSROLE_MFA_SERIAL-}]} )) || return 0
  if __awsrole_take; then __awsrole_renewal[1]=$renew; fi
  [[ -z $ends ]] || export AWSROLE_GUARD_ENDS=$ends
}

# Where the settings say `renew = auto`, has the core renew what takes no code, behind the prompt: once a minute, and not at
# the same moment as other shells.
__awsrole_ask_renewal() {
  [[ ${AWSROLE_RENEW-} == auto ]] || return 0
  (( EPOCHSECONDS >= __awsrole_renewal[1] + $$ % 60 && EPOCHSECONDS >= ${__awsrole_renewal[3]:-0} + 60 )) || return 0
  __awsrole_renewal[3]=$EPOCHSECONDS
  ( AWSROLE_SHELL=$key __awsrole_core session-lines --renew "${__awsrole_renewal[2]}" )
}

# ---- completion

# Names come from the index, whatever else there is from the core.
__awsrole_complete() {
  local -a answer=("${(@Q)words}")
  local -i at=${answer[(ie)--]}
  if [[ ${answer[2]-} == exec ]] && (( at < CURRENT )); then
    # What stands after `--` is a command line of its own.
    shift $at words
    (( CURRENT -= at ))
    _normal
  elif [[ $PREFIX != -* && ( $CURRENT -eq 2 || $CURRENT -eq 3 && $answer[2] == exec ) ]]; then
    __awsrole_run __awsrole_offer_names
  else
    answer[CURRENT]=${(Q)PREFIX}
    answer=("${(@f)$(__awsrole_run __awsrole_core complete zsh "${(@)answer[2,CURRENT]}" 2>/dev/null)}")
    if [[ $answer[1] == files ]]; then
      compset -P '--[^=]#='
      _files
    else
      shift answer
      _describe -V awsrole answer
    fi
  fi
}

# Offers the names, from the index while it is for the AWS files as they are, else from the core, which writes it; for the
# first word the commands, too.
__awsrole_offer_names() {
  local cache= key=
  local -a files lines shown
  __awsrole_look
  files[3]=() # names do not hang on awsrole's settings
  if ! __awsrole_read $cache/completion/index 'awsrole-index 2'; then
    lines=("${(@f)$(AWSROLE_SHELL=$key __awsrole_core index-lines 2>/dev/null)}")
    [[ ${lines[1]} == 'awsrole-index 2' && ${lines[-1]} == end ]] || lines=()
  fi
  # Only what begins like the word is taken apart: there may be ten thousand. What begins with a dash would be an option.
  if [[ -n $PREFIX ]]; then lines=("${(@M)lines[4,-2]:#${(Q)PREFIX}*}"); else lines=("${(@)lines[4,-2]:#-*}"); fi
  (( CURRENT > 2 )) || lines+=(${${(s:|:)__awsrole_offered}/:/$'\t'})
  shown=("${(@)lines/$'\t'/  -- }")
  lines=("${(@)lines%%$'\t'*}")
  compadd -l -V awsrole -d shown -a -- lines
}

__awsrole_load() {
  typeset -g __awsrole_root=${1:a:h:h}
  # What no terminal is shown (src/profiles/printable.ts), in bytes of UTF-8: the locale may know no characters.
  local -a held never=('[[:cntrl:]]' '\xc2\x'{8,9}{{0..9},a,b,c,d,e,f} '\xd8\x9c' '\xe2\x80\x'{8e,8f,a8,a9,aa,ab,ac,ad,ae}
    '\xe2\x81\x'{a6,a7,a8,a9} '\xef\xbb\xbf')
  typeset -g __awsrole_unshown="(${(g::)${(j:|:)never}})"
  typeset -g +x __awsrole_loaded __awsrole_root __awsrole_unshown __awsrole_commands __awsrole_offered __awsrole_segment __awsrole_held __awsrole_inherited __awsrole_direnv
  typeset -ga __awsrole_base __awsrole_current __awsrole_previous __awsrole_renewal
  zmodload zsh/datetime
  # Loaded again, the shell knows. A child of a switched shell knows the names only, not what the variables were before.
  if (( ! ${#__awsrole_base} )); then
    held=(${(M)${(s: :)AWSROLE_NAMES-}:#AWS[A-Z0-9_]#})
    __awsrole_base=("${(@)held/#/u }") __awsrole_held="$held" __awsrole_current=(off)
    if (( ${#held} )); then
      __awsrole_inherited=1 __awsrole_current=("${AWSROLE_PROFILE-}")
      # Only after `--` is what looks like an option or a command a name.
      [[ $__awsrole_current != -* && $__awsrole_commands != *" $__awsrole_current "* ]] || __awsrole_current[1,0]=(--)
    fi
  fi
  [[ ! -o interactive ]] || precmd_functions=(${precmd_functions:#__awsrole_prompt} __awsrole_prompt)
}
__awsrole_run __awsrole_load "${(%):-%N}"

'builtin' 'setopt' "${__awsrole_options[@]}"
'builtin' 'unset' -v __awsrole_options
