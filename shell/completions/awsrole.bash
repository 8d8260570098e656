# shellcheck shell=bash
# Completion of `awsrole` for packages: bash-completion reads it (as completions/awsrole) at the first Tab of a bash that
# has not loaded awsrole itself. `awsrole complete` answers everything, and its words come quoted.
_awsrole() {
  local line=${COMP_LINE:0:COMP_POINT} word='' kind=''
  COMPREPLY=()
  while IFS= read -r word; do
    if [[ -z $kind ]]; then kind=$word; else COMPREPLY+=("$word"); fi
  done < <(command awsrole complete bash "$line" "$COMP_WORDBREAKS" 2>/dev/null </dev/null)
  # Behind `exec PROFILE --` stands another program's command line.
  if [[ $kind == files || $line == *' -- '* ]]; then compopt -o bashdefault -o default 2>/dev/null; fi
}
complete -o nosort -F _awsrole awsrole 2>/dev/null || complete -F _awsrole awsrole
