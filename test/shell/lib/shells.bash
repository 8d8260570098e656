# shellcheck shell=bash
# shellcheck disable=SC2016,SC2034,SC2154 # what one file sets another uses, and code for other shells stands in quotes
# The shells that a behaviour is tested in; a file may name others. What is particular to one is in idioms-NAME.bash:
#   program                    what must be on PATH
#   extension                  of its integration, where it is not its name
#   start, start_words         how a script is run without start-up files, as array and as text
#   terminal                   how it is started for someone who types
#   volatile                   a regular expression for variables that change by themselves
#   readonly_text              what is said of a variable that cannot be changed; empty where there is none
#   error_traps                how often its trap on an error runs
#   settings                   pairs of a label and code that sets options, aliases and functions
#   quote, code_...            see idioms-posix.bash
SHELLS=(bash zsh)

# in_each_shell DESCRIPTION FUNCTION: a test of that function in every shell.
in_each_shell() {
  local name
  for name in "${SHELLS[@]}"; do
    bats_test_function --description "$name: $1" -- in_shell "$name" "$2"
  done
}

in_shell() {
  use_shell "$1"
  "$2"
}

# in_each_setting DESCRIPTION FUNCTION: a test of that function for every setting of every shell; it finds the code that
# makes it in `setting`.
in_each_setting() {
  local name label
  for name in "${SHELLS[@]}"; do
    # shellcheck source=/dev/null
    for label in $(. "$BATS_TEST_DIRNAME/lib/idioms-$name.bash" && printf '%s\n' "${settings[@]}" | sed -n 'p;n'); do
      bats_test_function --description "$name, $label: $1" -- in_setting "$name" "$label" "$2"
    done
  done
}

in_setting() {
  local i
  use_shell "$1"
  for ((i = 0; i < ${#settings[@]}; i += 2)); do
    if [ "${settings[i]}" = "$2" ]; then setting=${settings[i + 1]}; fi
  done
  [ -n "$setting" ]
  "$3"
}

use_shell() {
  shell=$1 extension=$1
  # shellcheck source=/dev/null
  . "$BATS_TEST_DIRNAME/lib/idioms-$shell.bash"
  integration=$PREFIX/share/awsrole/shell/awsrole.$extension
  need "$program"
}

# need PROGRAM: a missing one is a failure where nobody would see that a test was skipped.
need() {
  local missing="$1 is missing"
  command -v "$1" >/dev/null && return 0
  [ "$1" != pwsh ] || missing+=' (dotnet tool install --global PowerShell)'
  [ "${CI-}" != true ] || { echo "$missing" && return 1; }
  skip "$missing"
}

# run_shell: runs the code on standard input as a script of the shell; sets status, output and lines.
run_shell() {
  { code_prelude && cat; } >"$BATS_TEST_TMPDIR/script"
  run_script "$BATS_TEST_TMPDIR/script"
}

# run_script FILE [WORD...]
run_script() {
  run env -C "$WORK" -i "${environment[@]}" "${tracer[@]}" "${start[@]}" "$@" </dev/null
}

# has LINE...: each is one of the lines of the output.
has() {
  local line
  for line; do
    grep -Fxq -- "$line" <<<"$output" && continue
    printf 'no line: %s\nin:\n%s\n' "$line" "$output"
    return 1
  done
}

# has_part TEXT...: each is somewhere in the output.
has_part() {
  local text
  for text; do
    [[ $output != *"$text"* ]] || continue
    printf 'nowhere: %s\nin:\n%s\n' "$text" "$output"
    return 1
  done
}

has_no() {
  local text
  for text; do
    [[ $output == *"$text"* ]] || continue
    printf 'should not be there: %s\nin:\n%s\n' "$text" "$output"
    return 1
  done
}

# dumped LABEL: what a dump says, without what changes by itself or is documented as awsrole's own state. PS1 keeps its
# reference to the segment, which is empty where no role is held.
dumped() {
  sed -E '/^(_|SHLVL|OLDPWD|PWD)=/d' "$DUMPS/$1.env"
  echo ---
  awk -v volatile="^($volatile|__awsrole_[a-z_]*|SHLVL|OLDPWD|PWD|debugged)\$" '
    /^(declare|typeset|export) -/ || /^(typeset|export|declare) [A-Za-z_]/ || /^[A-Za-z_][A-Za-z0-9_]*=/ {
      name = $0
      sub(/=.*/, "", name)
      sub(/ *$/, "", name)
      sub(/.* /, "", name)
      hidden = name ~ volatile
    }
    !/^(declare|typeset|export) / && /^[A-Za-z_][A-Za-z_0-9:-]* ?\(\)/ { hidden = 0 }
    !hidden' "$DUMPS/$1.shell" | sed 's/\\\{0,1\}\${__awsrole_segment-}//'
}

# same_dumps A B: nothing has changed between the two, but for the documented __awsrole_ state.
same_dumps() {
  diff <(dumped "$1") <(dumped "$2") || { echo "the shell is not as it was ($1, $2)" && return 1; }
  [ -s "$DUMPS/$1.env" ] && [ -s "$DUMPS/$1.shell" ]
}

# same_environment A B: not one byte of what child processes get has changed.
same_environment() {
  diff <(sed '/^_=/d' "$DUMPS/$1.env") <(sed '/^_=/d' "$DUMPS/$2.env") && [ -s "$DUMPS/$1.env" ]
}

# variable LABEL NAME: what a dumped environment holds.
variable() { sed -n "s/^$2=//p" "$DUMPS/$1.env"; }
