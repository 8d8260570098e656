# shellcheck shell=bash
# shellcheck disable=SC2016,SC2034,SC2154 # what one file sets another uses, and code for other shells stands in quotes
# shellcheck source=test/shell/lib/idioms-posix.bash
. "$BATS_TEST_DIRNAME/lib/idioms-posix.bash"

program=zsh
start=(zsh -f)
start_words='zsh -f'
terminal=(zsh -f -i)

readonly_text='is readonly in this shell'
error_traps=1

# What changes by itself, and the tables that zsh loads when they are first used.
volatile='_|[?!#*@0-]|argv|EPOCHREALTIME|EPOCHSECONDS|epochtime|HISTCMD|LINENO|RANDOM|SECONDS|TTYIDLE|PPID|status|pipestatus|signals|ZSH_SUBSHELL|ZSH_EVAL_CONTEXT|zsh_eval_context|ERRNO|MATCH|MBEGIN|MEND|aliases|builtins|commands|dirstack|dis_[a-z_]*|funcfiletrace|funcsourcetrace|funcstack|functions|functions_source|functrace|galiases|history|historywords|jobdirs|jobstates|jobtexts|keymaps|modules|nameddirs|options|parameters|patchars|reswords|saliases|userdirs|usergroups|widgets'

code_prelude() {
  cat <<'END'
test_show() {
  case ${(Pt)1} in
    '') builtin echo -E "$1 unset" ;;
    *export*) builtin echo -E "$1 exported ${(P)1}" ;;
    *) builtin echo -E "$1 shell ${(P)1}" ;;
  esac
}
test_dump() {
  command env -0 | command sort -z | command tr '\0' '\n' >|"$DUMPS/$1.env"
  {
    builtin typeset -p
    builtin functions
    builtin set -o
    builtin trap
    builtin alias
  } >|"$DUMPS/$1.shell"
}
END
}

settings=(
  errexit_nounset 'set -eu'
  err_return 'setopt err_return no_unset pipe_fail'
  noclobber 'setopt no_clobber'
  ifs "IFS='aws_:/0 '"
  noglob 'setopt no_glob'
  emulate_sh 'emulate sh'
  emulate_ksh 'emulate ksh'
  ksh_arrays 'setopt ksh_arrays sh_word_split'
  patterns 'setopt no_case_match extended_glob null_glob glob_subst rc_expand_param no_nomatch'
  warnings 'setopt warn_create_global warn_nested_var no_bare_glob_qual csh_null_glob'
  allexport 'setopt all_export'
  aliases "setopt aliases; alias read='touch x' local='touch x' export='touch x' typeset='touch x' print='touch x' unset='touch x' builtin='touch x' return='touch x' exec='touch x'; alias -g name='touch x' word='touch x'"
  functions 'aws() { touch x; }; date() { touch x; }; cat() { touch x; }; node() { touch x; }; print() { touch x; }; printf() { touch x; }; type() { touch x; }'
)

code_traps() {
  echo "trap 'echo trap EXIT' EXIT"
  echo "trap 'echo trap ERR' ZERR"
  echo "trap 'debugged=yes' DEBUG"
}

code_ignore_case() { echo 'setopt no_case_match no_case_glob'; }
