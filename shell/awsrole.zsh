# awsrole for zsh: what differs from bash. The rest is awsrole-common.bash.

# Options that change how the files are read: the user's are put back at the end.
'builtin' 'typeset' -ga __awsrole_options
__awsrole_options=("${${options[aliases]#on}/off/no}aliases" "${${options[shglob]#on}/off/no}shglob"
  "${${options[ignorebraces]#on}/off/no}ignorebraces" "${${options[ignoreclosebraces]#on}/off/no}ignoreclosebraces")
'builtin' 'setopt' 'no_aliases' 'no_sh_glob' 'no_ignore_braces' 'no_ignore_close_braces'

__awsrole_shell=zsh
# The build writes what people are offered (src/commands/names.ts).
__awsrole_offered='off:Put back what this shell held before|-:Go back to the role before, as `cd -` does|status:Show what this shell holds, and for how long|exec:Run one command with a role|env:Print a role for another program to read|list:List your profiles and kept sessions|explain:Show what a switch would do|whoami:Ask AWS who you are in this shell|console:Open the AWS console with a role|clear:Remove kept sessions, of a profile or all|new:Write a profile for a role, and try it|protect:Move long-lived keys out of the AWS files|unprotect:Write stored keys back, in plain text|add:Store the keys of a new user|rotate:Replace stored keys with new ones|keys:List where long-lived keys are; never a secret|unlock:Open the age files for a while, 8h by default|lock:Close the age files that unlock has opened|doctor:Find out what is wrong, and what to do|setup:Add awsrole to the start-up files of your shells|demo:Try awsrole without an AWS account|init:Print the function for a start-up file|help:Show this help, or more about one command'

# None of the user's options decide what happens in a function of ours: they are those that awsrole-common.bash is written
# for, in the functions below as well.
__awsrole_run() {
  local IFS=$' \t\n'
  builtin emulate -L zsh
  builtin setopt extended_glob ksh_arrays sh_word_split no_xtrace
  "$@"
}

# Of a line's end in its path %N would make two letters.
__awsrole_root="${${functions_source[__awsrole_run]:-${(%):-%N}}:a:h:h}"

__awsrole_now() { now=$EPOCHSECONDS }

__awsrole_lines() { lines=("${(@f)$(<$1)}") }

__awsrole_named() {
  local -a sets
  sets=("${(@)lines[7,-2]}") unsets=${lines[6]#unset}
  names="${(@)sets[@]%%=*}"
  sets=("${(@)sets[@]:#AWS[A-Z0-9_]#=*}")
  [[ ${#sets[@]} -eq 0 && $unsets == (\ AWS[A-Z0-9_]#)# ]]
}

__awsrole_printable() { [[ $text == [\ -~]# ]] }

# What no terminal is shown (src/profiles/printable.ts), in bytes of UTF-8: the locale may know no characters.
__awsrole_clean() {
  local -a never=('[[:cntrl:]]' '\xc2\x'{8,9}{{0..9},a,b,c,d,e,f} '\xd8\x9c' '\xe2\x80\x'{8e,8f,a8,a9,aa,ab,ac,ad,ae}
    '\xe2\x81\x'{a6,a7,a8,a9} '\xef\xbb\xbf')
  local unshown="(${(g::)${(j:|:)never[@]}})"
  text=${text//${~unshown}/?}
}

# Splitting at one character takes a fraction of the time that splitting at blanks takes.
__awsrole_readonly() {
  local name=''
  for name in ${(s: :)1}; do
    [[ ${(Pt)name} != *readonly* ]] || return 0
  done
  return 1
}

__awsrole_unset() { builtin unset -v AWSROLE_SHELL ${(s: :)1} }

__awsrole_keep() {
  case ${(Pt)1} in
    (*export*) __awsrole_base+=("x $1=${(P)1}") ;;
    ('') __awsrole_base+=("u $1") ;;
    (*) __awsrole_base+=("s $1=${(P)1}") ;;
  esac
}

__awsrole_in_subshell() { (( ZSH_SUBSHELL )) }

__awsrole_own() { typeset -g +x "$1" }

__awsrole_find() { program=${commands[$1]-}; [[ -n $program ]] }

# ---- the prompt

# Before each prompt: the segment in front of the user's PROMPT, while a role is held. The text stands in psvar, so it is
# shown and never taken for code; one slot a colour.
__awsrole_prompt() {
  if [[ -n ${AWSROLE_GUARD_ENDS-} ]]; then __awsrole_run __awsrole_end_guard; fi
  __awsrole_run __awsrole_draw
}

# Others that make the prompt may have come later than this: behind them all it finds what they made.
__awsrole_hook_in() {
  [[ ${precmd_functions[-1]-} == __awsrole_prompt ]] || precmd_functions=(${precmd_functions[@]:#__awsrole_prompt} __awsrole_prompt)
}

__awsrole_draw() {
  local segment=$__awsrole_segment last=${precmd_functions[-1]-} text='' left='' colour='' now='' plain='%F{cyan}%61v%f'
  local -i slot=60
  [[ $last == __awsrole_prompt ]] || __awsrole_hook_in
  # Completion is there as soon as compinit is, before or after this file.
  if (( ${+functions[compdef]} && ! ${+_comps[awsrole]} )); then compdef __awsrole_complete awsrole; fi
  if [[ -z ${AWSROLE_PROFILE-} || ! -o prompt_percent || ( ${AWSROLE_PROMPT-} == off && -z ${AWSROLE_GUARD-} ) ]]; then
    __awsrole_segment=
    [[ -n $segment ]] || return 0
    PROMPT=${PROMPT//"$segment"}
    psvar[60,62]=()
    [[ -n ${(j::)psvar[@]} ]] || psvar=()
    [[ ${functions[zle]-} != *__awsrole_add_segment* ]] || builtin unfunction zle
    return 0
  fi
  __awsrole_describe
  case $colour in
    (36) ;;
    (33) slot=61 ;;
    (31) slot=62 ;;
    (*) plain=$'%{\e['"${colour}m%}%61v"$'%{\e[0m%}' ;;
  esac
  psvar[60,62]=('' '' '')
  psvar[slot]=$text
  __awsrole_segment=$plain'%F{yellow}%62v%f%F{red}%63v%f'
  [[ -z ${NO_COLOR-} && ${TERM-} != dumb ]] || __awsrole_segment='%61v%62v%63v'
  [[ $segment == "$__awsrole_segment" ]] || PROMPT=${PROMPT//"$segment"}
  __awsrole_add_segment
  # Some make the prompt anew while a line is edited, as when git has answered, and have it redrawn: no hook is called then.
  if (( ! ${+functions[zle]} )); then
    zle() {
      if [[ ${*-} == *reset-prompt ]]; then __awsrole_add_segment; fi
      builtin zle "$@"
    }
  fi
  # Some put themselves behind every other function again.
  if [[ $last != __awsrole_prompt && -o zle && -z ${widgets[__awsrole_line_init]-} ]]; then
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
    answer=("${(@f)$(__awsrole_run __awsrole_ask complete zsh "${(@)answer[2,CURRENT]}" 2>/dev/null)}")
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
  local key='' config='' credentials='' settings='' folder='' tab=$'\t'
  local -a lines shown
  __awsrole_key
  if ! __awsrole_read completion/index "$config" "$credentials" || [[ ${lines[0]} != 'awsrole-index 2' || ${lines[-1]} != end ]]; then
    lines=("${(@f)$(__awsrole_ask index-lines 2>/dev/null)}")
  fi
  [[ ${lines[0]} == 'awsrole-index 2' && ${lines[-1]} == end ]] || lines=()
  # Only what begins like the word is taken apart: there may be ten thousand. What begins with a dash would be an option.
  if [[ -n $PREFIX ]]; then lines=("${(@M)lines[3,-2]:#${(Q)PREFIX}*}"); else lines=("${(@)lines[3,-2]:#-*}"); fi
  (( CURRENT > 2 )) || lines+=("${(@)${(@s:|:)__awsrole_offered}/:/$tab}")
  shown=("${(@)lines[@]/$tab/  -- }")
  lines=("${(@)lines[@]%%$tab*}")
  builtin setopt no_ksh_arrays # compadd takes one word of an array else
  compadd -l -V awsrole -d shown -a -- lines
}

__awsrole_begin() {
  typeset -gm +x '__awsrole_*' # under `setopt all_export` all would go to every child process
  zmodload zsh/datetime
  [[ ! -o interactive ]] || __awsrole_hook_in
}
'builtin' 'source' "$__awsrole_root/shell/awsrole-common.bash"
__awsrole_run __awsrole_begin

'builtin' 'setopt' "${__awsrole_options[@]}"
'builtin' 'unset' -v __awsrole_options
