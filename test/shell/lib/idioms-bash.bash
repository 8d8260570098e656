# shellcheck shell=bash
# shellcheck disable=SC2016,SC2034,SC2154 # what one file sets another uses, and code for other shells stands in quotes
# shellcheck source=test/shell/lib/idioms-posix.bash
. "$BATS_TEST_DIRNAME/lib/idioms-posix.bash"

# An older bash, or a newer one, can be tried: TEST_BASH=/opt/bash-3.2/bin/bash
program=${TEST_BASH:-bash}
start=("$program" --norc --noprofile)
start_words="$program --norc --noprofile"
terminal=("$program" --norc --noprofile -i)

readonly_text='is readonly in this shell'
error_traps=1

# What changes by itself.
volatile='_|BASH_(ARGC|ARGV|LINENO|SOURCE|COMMAND|SUBSHELL|MONOSECONDS|REMATCH)|BASHPID|EPOCH(REALTIME|SECONDS)|FUNCNAME|LINENO|PIPESTATUS|S?RANDOM|SECONDS|PPID|HISTCMD'

# What the lines of code call; comes first in every script, before any option is set.
code_prelude() {
  cat <<'END'
test_show() {
  if [[ -z ${!1+x} ]]; then
    builtin echo "$1 unset"
  elif [[ $(\builtin declare -p "$1" | \command sed -n '1s/^declare -\([^ ]*\) .*/\1/p') == *x* ]]; then
    builtin echo "$1 exported ${!1}"
  else
    builtin echo "$1 shell ${!1}"
  fi
}
test_dump() {
  command env -0 | command sort -z | command tr '\0' '\n' >|"$DUMPS/$1.env"
  {
    builtin declare -p
    builtin declare -f
    builtin set +o
    builtin shopt -p || builtin :
    builtin trap -p
    builtin alias -p
  } >|"$DUMPS/$1.shell"
}
END
}

# The options, aliases and functions of people who have set up their shell: label, then code.
settings=(
  errexit_nounset 'set -eu'
  pipefail 'set -o pipefail; set -E -T'
  noclobber 'set -o noclobber'
  ifs "IFS='aws_:/0 '"
  noglob 'set -f'
  posix 'set -o posix'
  patterns 'shopt -s nocasematch extglob nullglob'
  failglob 'shopt -s failglob; shopt -u sourcepath'
  allexport 'set -a'
  aliases "shopt -s expand_aliases; alias read='touch x' local='touch x' export='touch x' printf='touch x' unset='touch x' '[=touch x' '[[=touch x' case='touch x' builtin='touch x' command='touch x' return='touch x' exec='touch x' date='touch x' declare='touch x' awsrole_='touch x'"
  functions 'aws() { touch x; }; date() { touch x; }; cat() { touch x; }; node() { touch x; }; test() { touch x; }; printf() { touch x; }; type() { touch x; }'
)

# code_traps: traps that write down, on standard output, that they ran.
code_traps() {
  echo "trap 'echo trap EXIT' EXIT"
  echo "trap 'echo trap ERR' ERR"
  echo "trap 'debugged=yes' DEBUG"
}

# What the shell compares is the same in upper and lower case.
code_ignore_case() { echo 'shopt -s nocasematch'; }
