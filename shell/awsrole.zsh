# awsrole for zsh: `awsrole PROFILE` puts the session of an AWS role into this shell.
#
# A session arrives as lines of `key value`, from awsrole's cache or from the core. They are read into locals, checked
# as a whole, and only then applied; nothing is ever evaluated. What the shell held before its first switch is kept in
# the unexported arrays __awsrole_names, _values and _kinds, so that `awsrole off` can put it back.

# Options that change how a function is read: the user's are put back at the end.
'builtin' 'typeset' -ga __awsrole_options
__awsrole_options=()
[[ ! -o 'aliases' ]] || __awsrole_options+=('aliases')
[[ ! -o 'sh_glob' ]] || __awsrole_options+=('sh_glob')
[[ ! -o 'ignore_braces' ]] || __awsrole_options+=('ignore_braces')
[[ ! -o 'ignore_close_braces' ]] || __awsrole_options+=('ignore_close_braces')
'builtin' 'setopt' 'no_aliases' 'no_sh_glob' 'no_ignore_braces' 'no_ignore_close_braces'

# `awsrole init zsh` sets the root in a line of its own, as its text is sourced from no file.
case ${(%):-%x} in
  (/*/shell/awsrole.zsh) typeset -g __awsrole_root=${${(%):-%x}%/shell/awsrole.zsh} ;;
  (*/awsrole.zsh) typeset -g __awsrole_root=$PWD/${${(%):-%x}%/*}/.. ;;
  (awsrole.zsh) typeset -g __awsrole_root=$PWD/.. ;;
  (*) typeset -g __awsrole_root=${__awsrole_root-} ;;
esac
typeset +x __awsrole_root
zmodload zsh/datetime

awsrole() {
  # The secrets must not reach a trace, and none of the user's options decide what happens here.
  builtin emulate -L zsh
  builtin setopt no_xtrace no_err_exit no_err_return unset no_all_export no_warn_create_global extended_glob
  __awsrole_main "$@"
}

# What the words ask for: a switch, a command that the shell answers itself, or one of the core's.
__awsrole_main() {
  local IFS=$' \t\n' word= skip= verb= name= rest=
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
      (--) rest=1 verb=${verb:-switch} ;;
      (-h|--help|--version|--dry-run)
        verb=core
        break
        ;;
      (-) verb=${verb:-previous} ;;
      (-*) if __awsrole_takes_value "$word"; then skip=1; fi ;;
      (*)
        if [[ -z $verb ]]; then
          case $word in
            (off) verb=off ;;
            (whoami) verb=here ;;
            (exec|list|explain|clear|demo|init|credential-process|session-lines|index-lines)
              verb=core
              break
              ;;
            (*) verb=switch name=$word ;;
          esac
        fi
        ;;
    esac
  done
  case $verb in
    (switch) __awsrole_switch "$name" "$@" ;;
    (previous|off)
      if (( $# > 1 )); then
        __awsrole_say "awsrole ${@[-1]}: '$verb' takes no other words; run: awsrole --help"
        return 2
      fi
      if [[ $verb == off ]]; then
        __awsrole_off
      elif (( ! ${#__awsrole_previous} )); then
        __awsrole_say 'awsrole -: there is no role before this one in this shell; run: awsrole PROFILE'
        return 2
      else
        __awsrole_main "${__awsrole_previous[@]}"
      fi
      ;;
    (core) (
      __awsrole_restore
      __awsrole_exec "$@"
    ) ;;
    (*) (__awsrole_exec "$@") ;; # whoami and the bare word speak of what this shell holds
  esac
}

# True for an option whose value is the next word.
__awsrole_takes_value() {
  case $1 in
    (--mfa-code|--source-profile|--region|--duration|--session-name|--external-id) return 0 ;;
    (--mfa-serial|--source-identity|--tag|--transitive-tag|--policy|--policy-arn) return 0 ;;
  esac
  return 1
}

__awsrole_say() {
  builtin print -r -u2 -- "$1"
}

# Replaces this subshell with the launcher.
__awsrole_exec() {
  local launcher=$__awsrole_root/shell/awsrole
  [[ -x $launcher ]] || launcher=${commands[awsrole]-}
  if [[ -z $launcher ]]; then
    __awsrole_say "awsrole: its program is gone from ${__awsrole_root:-PATH}; install it again"
    exit 1
  fi
  builtin exec "$launcher" "$@"
}

# In a child of a switched shell only the names of the variables are known, not what they were before.
__awsrole_adopt() {
  if [[ -z ${AWSROLE_NAMES-} ]] || (( ${#__awsrole_names} )); then return 0; fi
  local name=
  for name in ${(s: :)AWSROLE_NAMES}; do
    if __awsrole_settable "$name"; then __awsrole_keep "$name" u ''; fi
  done
  typeset -ga __awsrole_inherited=(1)
  if (( ! ${#__awsrole_current} )) && [[ -n ${AWSROLE_PROFILE-} ]]; then
    typeset -ga __awsrole_current=(-- "$AWSROLE_PROFILE")
  fi
}

__awsrole_settable() {
  [[ $1 == AWS[ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_]# ]]
}

__awsrole_keep() {
  typeset -ga __awsrole_names __awsrole_kinds __awsrole_values
  __awsrole_names+=("$1")
  __awsrole_kinds+=("$2")
  __awsrole_values+=("$3")
}

# Sets the caller's `base` to what a variable was before the first switch.
__awsrole_base() {
  local -i i=${__awsrole_names[(Ie)$1]-0}
  if (( i )); then
    base=${__awsrole_values[i]}
  else
    base=${(P)1-}
  fi
}

# Puts variable number $1 of the kept ones back.
__awsrole_put_back() {
  local name=${__awsrole_names[$1]} kind=${__awsrole_kinds[$1]} value=${__awsrole_values[$1]}
  builtin unset -v "$name"
  case $kind in
    (x) typeset -gx "$name=$value" ;;
    (s) typeset -g +x "$name=$value" ;;
  esac
}

# Puts everything back to what it was before the first switch.
__awsrole_restore() {
  local -i i=0
  for (( i = 1; i <= ${#__awsrole_names}; i++ )); do __awsrole_put_back $i; done
  builtin unset -v AWSROLE_NAMES
}

__awsrole_off() {
  if (( ! ${#__awsrole_names} )); then
    __awsrole_say 'no role is held in this shell'
    return 0
  fi
  local left=${AWSROLE_PROFILE-} inherited=${__awsrole_inherited-} removed=${AWSROLE_NAMES-}
  __awsrole_changeable "${__awsrole_names[@]}" AWSROLE_NAMES || return 1
  __awsrole_restore
  builtin unset -v __awsrole_names __awsrole_kinds __awsrole_values __awsrole_inherited __awsrole_renewal
  __awsrole_remember off
  if [[ -n $inherited ]]; then
    __awsrole_say "left ${left:-the role}: removed $removed; what they were before, only the shell that switched knows"
  else
    __awsrole_say "left ${left:-the role}: the shell is as it was before"
  fi
}

# The words of the state the shell is in now, for `awsrole -`.
__awsrole_remember() {
  typeset -ga __awsrole_current __awsrole_previous
  if [[ "$*" != "${__awsrole_current[*]-}" && ( "$*" != off || -n ${__awsrole_current[*]-} ) ]]; then
    if (( ${#__awsrole_current} )); then
      __awsrole_previous=("${__awsrole_current[@]}")
    else
      __awsrole_previous=(off)
    fi
  fi
  __awsrole_current=("$@")
}

# Sets the caller's `kind` of a variable: u(nset), s(hell), x (exported).
__awsrole_kind() {
  case ${(Pt)1} in
    (*export*) kind=x ;;
    ('') kind=u ;;
    (*) kind=s ;;
  esac
}

# False, with a message, when a variable among the words cannot be changed: better no switch than half of one.
__awsrole_changeable() {
  local name=
  for name in "$@"; do
    [[ ${(Pt)name} != *readonly* ]] && continue
    __awsrole_say "awsrole: $name is readonly in this shell, so nothing was changed; open a shell without: readonly $name"
    return 1
  done
}

# A switch to profile $1; the other words are those of the command line.
__awsrole_switch() {
  local profile=$1 plain= text= base= folder=
  local -a lines names sets unsets
  local -i rc=0 now=$EPOCHSECONDS
  shift
  [[ $# -eq 1 || $# -eq 2 && $1 == -- ]] && plain=1
  if [[ -z $plain ]] || ! __awsrole_read_file || ! __awsrole_fits || ! __awsrole_parse; then
    sets=() unsets=()
    text=$(
      __awsrole_restore
      __awsrole_exec session-lines "$@"
    ) || rc=$?
    (( rc == 0 )) || return $rc
    lines=("${(@f)${text//$'\r'}}") # native programs end their lines so on Windows
    if ! __awsrole_parse; then
      __awsrole_say 'awsrole: the core did not answer with whole session lines, so nothing was changed; install awsrole again'
      return 1
    fi
  fi
  __awsrole_take || return 1
  # Only what was asked for by name alone is renewed by that name.
  typeset -ga __awsrole_renewal=()
  [[ -z $plain ]] || __awsrole_renewal=("${lines[11]#renew-after}" "$profile")
  __awsrole_remember "$@"
  __awsrole_tell
}

# Puts the caller's `sets` and `unsets` into the shell; false, with nothing changed, when that cannot be.
__awsrole_take() {
  names=("${(@)sets%%=*}" "${unsets[@]}")
  __awsrole_changeable "${(@u)names}" AWSROLE_NAMES ${__awsrole_names:|names} || return 1
  [[ "$names" == "${__awsrole_names[*]-}" ]] || __awsrole_rebase
  typeset -gx "${sets[@]}" "AWSROLE_NAMES=${(j: :)${(@)sets%%=*}}"
  (( ! ${#unsets} )) || builtin unset -v "${unsets[@]}"
}

# Reads the session file of a plain profile name into the caller's `lines`; false when there is none to trust.
__awsrole_read_file() {
  local file=
  [[ $profile == [A-Za-z0-9_][A-Za-z0-9_.@+=,-]# ]] || return 1
  __awsrole_cache
  file=$folder/shell/s-${profile//(#m)[ABCDEFGHIJKLMNOPQRSTUVWXYZ]/%$MATCH}.session
  # It is opened once, and what was opened is what is tested.
  [[ -f $file && ! -L $file && -O $folder && ! -L $folder/shell && -O $folder/shell ]] || return 1
  {
    [[ -f /dev/fd/9 && -O /dev/fd/9 ]] || return 1
    text=$(</dev/fd/9)
  } 2>/dev/null 9<$file
  lines=("${(@f)text}")
  (( ${#lines} > 13 ))
}

# Sets the caller's `folder` to awsrole's cache.
__awsrole_cache() {
  if [[ ${XDG_CACHE_HOME-} == /* ]]; then
    folder=$XDG_CACHE_HOME/awsrole
  else
    folder=${HOME-}/.cache/awsrole
  fi
}

# Takes the caller's `lines` apart; false unless they are whole, well-formed and of the profile asked for.
# The first thirteen are the header, in this order, and need not be understood here.
__awsrole_parse() {
  local line= ends=
  [[ ${lines[1]-} == 'awsrole-session 1' && ${lines[2]-} == "profile $profile" ]] || return 1
  [[ ${lines[12]-} == expires* && ${lines[13]-} == until* ]] || return 1
  for line in "${(@)lines[14,-1]}"; do
    case $line in
      ('set AWS'*' '*) sets+=("$line") ;;
      ('unset AWS'*' '*) return 1 ;;
      ('unset AWS'*) unsets+=("$line") ;;
      (end) ends+=1 ;;
      (*) return 1 ;;
    esac
  done
  # The end is the last line, so nothing is missing and nothing follows.
  [[ $ends == 1 && $line == end ]] && (( ${#sets} )) || return 1
  sets=("${(@)${(@)sets#set }/ /=}")
  unsets=("${(@)unsets#unset }")
  line="${(@)sets%%=*} $unsets"
  [[ $line != *[^ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_\ ]* ]] && __awsrole_number "${lines[12]#expires}"
}

# True for nothing, or a space and digits, few enough: numbers meet arithmetic, which evaluates text.
__awsrole_number() {
  [[ -z $1 || $1 == ' '[0123456789]## && ${#1} -lt 13 ]]
}

# True when the session file's header was made for a shell like this one, from the AWS files as they are, and it lasts.
__awsrole_fits() {
  local renew=${lines[11]#renew-after}
  [[ ${lines[3]} == "home ${HOME-}" && -n ${HOME-} && -n $renew ]] && __awsrole_number "$renew" || return 1
  (( renew > now )) || return 1
  __awsrole_base AWS_IGNORE_CONFIGURED_ENDPOINT_URLS
  [[ -z $base ]] || return 1
  __awsrole_base AWS_ENDPOINT_URL_STS
  [[ -n $base ]] || __awsrole_base AWS_ENDPOINT_URL
  [[ ${lines[10]} == "endpoint${base:+ $base}" ]] || return 1
  __awsrole_made_from 4
}

# True when the six header lines from number $1 on name this shell's AWS files in the state that they are in.
__awsrole_made_from() {
  __awsrole_base AWS_CONFIG_FILE
  __awsrole_unchanged $1 config || return 1
  __awsrole_base AWS_SHARED_CREDENTIALS_FILE
  __awsrole_unchanged $(( $1 + 3 )) credentials
}

# True when an AWS file ($2, in the caller's `base` or its default place) is in the state that the three header lines
# from number $1 on recorded: its place, the stamp with its modification time, and where it leads if it is a link.
__awsrole_unchanged() {
  local file=${base:-$HOME/.aws/$2} stamp=${lines[$1 + 1]#$2-stamp } target=${lines[$1 + 2]#$2-target}
  [[ ${lines[$1]} == "$2-file ${base:-~/.aws/$2}" && $file == /* ]] || return 1
  if [[ $stamp == absent ]]; then
    [[ ! -e $file ]]
    return
  fi
  [[ $stamp == [0123456789abcdef.]## ]] || return 1
  if [[ -n $target ]]; then
    [[ $file -ef ${target# } ]] || return 1
  elif [[ -L $file ]]; then
    return 1
  fi
  stamp=$folder/stamps/$stamp
  [[ -f $file && -f $stamp && ! $file -nt $stamp && ! $file -ot $stamp ]]
}

# Keeps what the caller's `names` were before, and puts back what only the role before this one had changed.
__awsrole_rebase() {
  typeset -ga __awsrole_names __awsrole_kinds __awsrole_values
  local name= kind=
  local -i i=0
  local -a old_names=("${__awsrole_names[@]}") old_kinds=("${__awsrole_kinds[@]}") old_values=("${__awsrole_values[@]}")
  for (( i = 1; i <= ${#old_names}; i++ )); do
    (( ${names[(Ie)${old_names[i]}]} )) || __awsrole_put_back $i
  done
  __awsrole_names=() __awsrole_kinds=() __awsrole_values=()
  for name in "${(@u)names}"; do
    i=${old_names[(Ie)$name]}
    if (( i )); then
      __awsrole_keep "$name" "${old_kinds[i]}" "${old_values[i]}"
    else
      __awsrole_kind "$name"
      __awsrole_keep "$name" "$kind" "${(P)name-}"
    fi
  done
}

# Says what the shell holds now.
__awsrole_tell() {
  local text='long-lived keys' expires=${lines[12]#expires}
  [[ -z $expires ]] || text="a session${AWSROLE_ACCOUNT_ID:+ in account $AWSROLE_ACCOUNT_ID}"
  text="$profile: ${AWSROLE_ROLE_ARN-$text}${AWS_REGION:+, $AWS_REGION}"
  local -i minutes=0
  [[ $profile != "${AWSROLE_ROLE_ARN-}" ]] || text=${text#"$profile: "}
  if [[ -n $expires ]]; then
    (( minutes = (expires - now + 30) / 60 ))
    text+=", ${lines[13]} ("
    if (( minutes < 1 )); then
      text+='less than 1 min)'
    elif (( minutes < 60 )); then
      text+="$minutes min)"
    elif (( minutes % 60 == 0 )); then
      text+="$(( minutes / 60 )) h)"
    else
      text+="$(( minutes / 60 )) h $(( minutes % 60 )) min)"
    fi
  fi
  __awsrole_say "$text"
}

# Before each prompt: the segment in front of the user's PROMPT, while a role is held.
# The text stands in psvar, so it is shown and never taken for code; one slot a colour.
__awsrole_prompt() {
  builtin emulate -L zsh
  builtin setopt no_xtrace no_err_exit no_err_return unset no_all_export no_warn_create_global extended_glob
  local coloured='%F{cyan}%61v%f%F{yellow}%62v%f%F{red}%63v%f' plain='%61v%62v%63v' segment=
  # Others that redraw the prompt may have come later than this: behind them all it finds what they made.
  if [[ ${precmd_functions[-1]-} != __awsrole_prompt ]]; then
    precmd_functions=("${(@)precmd_functions:#__awsrole_prompt}" __awsrole_prompt)
  fi
  __awsrole_wire_completion
  if [[ -z ${AWSROLE_PROFILE-} || ${AWSROLE_PROMPT-} == off ]] || ! __awsrole_draws; then
    if (( ${#psvar} > 60 )); then
      PROMPT=${${PROMPT//"$coloured"}//"$plain"}
      psvar[61,63]=()
      [[ -n ${(j::)psvar} ]] || psvar=()
    fi
    return 0
  fi
  local -i now=$EPOCHSECONDS slot=61
  local text= time=
  if [[ ${#__awsrole_renewal} -gt 0 && -n ${__awsrole_renewal[1]} ]] && (( now >= __awsrole_renewal[1] )); then
    __awsrole_renew
  fi
  __awsrole_describe
  psvar[61]='' psvar[62]='' psvar[63]=''
  psvar[slot]=$text
  segment=$coloured
  [[ -z ${NO_COLOR-} && ${TERM-} != dumb ]] || segment=$plain
  # NO_COLOR may have come or gone since: then the other one is there.
  [[ $PROMPT == *"$segment"* ]] || PROMPT=$segment${${PROMPT//"$coloured"}//"$plain"}
}

# False where somebody else shows the role: starship and powerlevel10k do, by AWSUME_PROFILE.
__awsrole_draws() {
  [[ ${AWSROLE_PROMPT-} == on ]] || (( ! $+functions[starship_precmd] && ! $+functions[prompt_starship_precmd] && ! $+functions[p10k] ))
}

# Sets the caller's `text` to the segment: who this shell is and for how long, if it still holds what was put there.
__awsrole_describe() {
  local format=${AWSROLE_PROMPT_FORMAT-'(%s) '} name=$AWSROLE_PROFILE
  local -i left=0
  [[ $name != arn:*/* ]] || name=${AWSROLE_ACCOUNT_ID-}:${name##*/}
  if [[ ${AWS_ACCESS_KEY_ID-} != "${AWSROLE_ACCESS_KEY_ID-}" ]] || (( $+AWS_PROFILE )); then
    time='?' slot=63 text="$name?"
  elif [[ ${AWSROLE_EXPIRES-} == [0123456789]## && ${#AWSROLE_EXPIRES} -lt 13 ]]; then
    (( left = (AWSROLE_EXPIRES - now + 59) / 60 ))
    if (( AWSROLE_EXPIRES <= now )); then
      time=EXPIRED slot=63
    elif (( left < 100 )); then
      time=${left}m
      if (( left <= 10 )); then slot=62; fi
    else
      time=$(( left / 60 ))h${(l:2::0:)$(( left % 60 ))}m
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
}

# Fills the caller's `text` (the segment), `name` and `time` into AWSROLE_PROMPT_FORMAT.
__awsrole_format() {
  local left=$1 filled=
  while [[ $left == *%* ]]; do
    filled+=${left%%\%*}
    left=${left#*\%}
    case $left in
      (s*) filled+=$text ;;
      (p*) filled+=$name ;;
      (t*) filled+=$time ;;
      (r*) filled+=${AWS_REGION-} ;;
      (a*) filled+=${AWSROLE_ACCOUNT_ID-} ;;
      (%*) filled+=% ;;
      (*) filled+=%${left[1]} ;;
    esac
    left=${left[2,-1]}
  done
  text=$filled$left
}

# Takes over what another terminal has renewed: the same role under the same name, for longer, from the files as they are.
# Nothing is asked and nothing started; an edit of the files never moves this shell to another role.
__awsrole_renew() {
  local profile=${__awsrole_renewal[2]} base= folder= text= expires=
  local -a lines names sets unsets
  if [[ ${AWS_ACCESS_KEY_ID-} != "${AWSROLE_ACCESS_KEY_ID-}" ]] || (( $+AWS_PROFILE )); then return 0; fi
  __awsrole_read_file && __awsrole_fits && __awsrole_parse || return 0
  expires=${lines[12]#expires}
  # What the environment says meets arithmetic, which evaluates text.
  __awsrole_number " ${AWSROLE_EXPIRES:-0}" && [[ -n $expires ]] && (( expires > ${AWSROLE_EXPIRES:-0} )) || return 0
  (( ${sets[(Ie)AWSROLE_ROLE_ARN=${AWSROLE_ROLE_ARN-}]} )) || return 0
  if __awsrole_take; then __awsrole_renewal[1]=${lines[11]#renew-after}; fi
}

# Completion is there as soon as compinit is, before or after this file.
__awsrole_wire_completion() {
  if (( $+functions[compdef] && ! $+_comps[awsrole] )); then compdef __awsrole_complete awsrole; fi
}

# Completion of `awsrole`: profiles (roles first), commands, options.
__awsrole_complete() {
  local curcontext=$curcontext state= line=
  local -a state_descr
  local -A opt_args
  local -a common=('--debug[say what is done]' '(- *)'{-h,--help}'[show help]')
  local -a role=(
    '--source-profile=[the profile whose credentials assume the role]:profile:__awsrole_complete_profiles'
    '--region=[the region of the session]:region: '
    '--duration=[how long it lasts\: 1h30m, 45m, or seconds]:duration: '
    '--session-name=[the session name, which CloudTrail shows]:name: '
    '--external-id=[the external id that the trust policy asks for]:id: '
    '--mfa-serial=[the ARN or serial number of your MFA device]:device: '
    '--source-identity=[who you are, for CloudTrail]:identity: '
    '*--tag=[a session tag]:KEY=VALUE: '
    '*--transitive-tag=[the key of a tag to hand on to further roles]:key: '
    '--policy=[a file with a policy that narrows the session]:file:_files'
    '*--policy-arn=[the ARN of a policy that narrows it]:ARN: '
  )
  local -a options=(
    '--refresh[get a new session now, for a long run]'
    '--mfa-code=[read the MFA code from standard input]:source:(-)'
    $role $common
  )
  # A name stands behind `--` whatever it looks like.
  local -i at=2
  while (( at < CURRENT )) && [[ ${words[at]} == -* ]]; do
    if __awsrole_takes_value "${words[at]}"; then (( at += 1 )); fi
    (( at += 1 ))
  done
  if (( at >= CURRENT )); then
    if [[ ${words[CURRENT - 1]} == -- ]]; then
      __awsrole_complete_profiles
      return
    fi
    _arguments -C $options '--dry-run[say what would be done, and do nothing]' '(- *)--version[show the version]' '1:profile or command:->first'
    if [[ $state == first ]]; then
      __awsrole_complete_profiles
      _describe -V -t commands command __awsrole_commands
    fi
    return
  fi
  shift $(( at - 1 )) words
  (( CURRENT -= at - 1 ))
  case $words[1] in
    (exec)
      # What stands behind `--`, which may be quoted, is a command line of its own.
      words=("${(@)words/#%(\"--\"|\'--\'|\\--)/--}")
      at=${words[(i)--]}
      if (( at < CURRENT )); then
        shift $at words
        (( CURRENT -= at ))
        _normal
      else
        _arguments $options '1:profile:__awsrole_complete_profiles'
      fi
      ;;
    (explain) _arguments '--json[as JSON]' $role $common '1:profile:__awsrole_complete_profiles' ;;
    (clear) _arguments $common '1:profile:__awsrole_complete_profiles' ;;
    (list|whoami) _arguments '--json[as JSON]' '(- *)'{-h,--help}'[show help]' ;;
    (demo) compadd code ;;
    (init) compadd bash zsh fish powershell ;;
    (*) _arguments $options '--dry-run[say what would be done, and do nothing]' ;;
  esac
}

typeset -ga __awsrole_commands=(
  'off:put back what the shell held before'
  '-:go back to the role before this one'
  'exec:run a command with a profile'
  'list:list the profiles'
  'explain:say what a switch would do'
  'whoami:ask AWS who this shell is'
  'clear:remove kept sessions'
  'demo:try it in a sandbox'
  'init:print the shell function'
)

# Offers the profile names: from the index while it is of the AWS files as they are, else from the core, which writes it.
__awsrole_complete_profiles() {
  builtin emulate -L zsh
  builtin setopt extended_glob no_xtrace
  local folder= base= text= file=
  local -a lines names shown
  __awsrole_cache
  file=$folder/completion/index
  if [[ -f $file && ! -L $file && -O $file && -O $folder && -n ${HOME-} ]]; then
    text=$(<$file)
    lines=("${(@f)text}")
  fi
  if [[ ${lines[1]-} != 'awsrole-index 1' || ${lines[2]-} != "home ${HOME-}" || ${lines[-1]-} != end ]] || ! __awsrole_made_from 3; then
    text=$(
      __awsrole_restore
      __awsrole_exec index-lines 2>/dev/null
    )
    lines=("${(@f)${text//$'\r'}}")
    [[ ${lines[1]-} == 'awsrole-index 1' && ${lines[-1]-} == end ]] || return 1
  fi
  lines=("${(@)lines[9,-2]}")
  # Only what begins like the word is taken apart: there may be ten thousand.
  lines=("${(@M)lines:#${(Q)PREFIX}*}")
  # Only behind `--` is a name that begins with a dash no option.
  [[ ${words[CURRENT - 1]} == -- ]] || lines=("${(@)lines:#-*}")
  names=("${(@)lines%%$'\t'*}")
  shown=("${(@)lines/$'\t'/  -- }")
  compadd -l -V profiles -d shown -a -- names
}

if [[ -o interactive ]]; then
  typeset -ga precmd_functions
  (( ${precmd_functions[(Ie)__awsrole_prompt]} )) || precmd_functions+=(__awsrole_prompt)
  __awsrole_wire_completion
fi

(( ! ${#__awsrole_options} )) || 'builtin' 'setopt' "${__awsrole_options[@]}"
'builtin' 'unset' -v __awsrole_options
