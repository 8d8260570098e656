#!/usr/bin/env bats
# shell/awsrole.bash must be read and run by the bash 3.2 of macOS. Where there is no such bash to run it, this looks for
# what 3.2 does not have.

bats_require_minimum_version 1.5.0

FILE=${BATS_TEST_DIRNAME%/test/shell}/shell/awsrole.bash
COMMON=${BATS_TEST_DIRNAME%/test/shell}/shell/awsrole-common.bash

# What 3.2 does not have, and an extended regular expression that finds it.
NEWER_SYNTAX=(
  'associative array' '(declare|local|typeset) +-[a-zA-Z]*A'
  'mapfile' '(^|[^_a-zA-Z])(mapfile|readarray)([^_a-zA-Z]|$)'
  'case of letters' '\$\{[^}]*(,,?|\^\^?)(\}|\[)'
  'name reference' '(declare|local|typeset) +-[a-zA-Z]*n[a-zA-Z]* '
  'global declaration' 'declare +-[a-zA-Z]*g'
  'clock variable' 'EPOCH(SECONDS|REALTIME)|SRANDOM|BASHPID'
  'printf time' '%\([^)]*\)T'
  'append of both streams' '&>>'
  'pipe of both streams' '\|&'
  'case fall-through' ';;?&'
  'transformation' '\$\{[^}]*@[QEPAaKkULu]\}'
  'negative subscript' '\[ *-[0-9]+ *\]'
  'negative length' '\$\{[^}]*:[^}]*: *-[0-9]'
  'test of a variable' '(\[\[?|test) +(! +)?-[vR] '
  'read of exactly N' 'read( +-[a-zA-Z]+)* +-[a-zA-Z]*[Ni]'
  'coproc' '(^|[;&|[:space:]])coproc([[:space:]]|$)'
  'here-string, which is a file with secrets' '<<<'
  'here-document, which is a file with secrets' '<<-?["'\''A-Za-z]'
  'descriptor variable' '\{[a-zA-Z_]+\}[<>]'
  'brace step or zero padding' '\{[0-9a-z]+\.\.[0-9a-z]+\.\.'
  'printf into an element' "printf +-v +['\"]?[a-zA-Z_\$]+\\["
  'Unicode escape' "\\$'[^']*\\\\[uU]"
  'options local to a function' 'local +-( |$)'
  'newer options' 'shopt +-[su] +[a-z_ ]*(globstar|lastpipe|autocd|inherit_errexit|localvar|assoc_expand)'
  'compopt that must not fail' '(^|[^_a-zA-Z])compopt [^|]*$'
  'newer complete' 'complete .*nosort'
  'wait -n' 'wait +-n'
)

# The text without comments, for they may speak of anything.
code() { sed -E 's/^[[:space:]]*#.*//; s/[[:space:]]# .*//' "$1"; }

# Lines of a file with newer syntax that no guard stands before. A guard is a test in an `if` of BASH_VERSINFO, or of
# __awsrole_modern, which is set from 4.4 on; what it
# guards is indented deeper and ends at the `fi`, `else` or `elif` of the same depth.
unguarded() {
  local i patterns=()
  for ((i = 0; i < ${#NEWER_SYNTAX[@]}; i += 2)); do
    patterns+=("${NEWER_SYNTAX[i]}"$'\t'"${NEWER_SYNTAX[i + 1]}")
  done
  code "$1" | awk -v patterns="$(printf '%s\n' "${patterns[@]//\\/\\\\}")" '
    BEGIN {
      count = split(patterns, rows, "\n")
      for (i = 1; i <= count; i++) { split(rows[i], row, "\t"); what[i] = row[1]; pattern[i] = row[2] }
      guard = -1
    }
    {
      match($0, /^ */)
      depth = RLENGTH
      if (guard >= 0 && depth <= guard && $0 ~ /^ *(fi|else|elif)/) guard = -1
      if (guard < 0) for (i = 1; i <= count; i++) if ($0 ~ pattern[i]) print NR ": " what[i] ": " $0
      if (guard < 0 && $0 ~ /^ *(if|elif) .*(BASH_VERSINFO\[0\]} -g[te] [45]|-n \$__awsrole_modern)/ && $0 !~ /; fi$/) guard = depth
    }'
}

@test "bash 3.2 has all the syntax that shell/awsrole.bash and awsrole-common.bash use" {
  local file
  for file in "$FILE" "$COMMON"; do
    run -0 unguarded "$file"
    [ -z "$output" ]
  done
}

@test "the check sees each newer thing" {
  local sample
  # What is to be found, one a line.
  while IFS= read -r sample; do
    printf '%s\n' "$sample" >"$BATS_TEST_TMPDIR/sample"
    run -0 unguarded "$BATS_TEST_TMPDIR/sample"
    [ -n "$output" ] || { echo "not seen: $sample" && return 1; }
  done <<'END'
declare -A map
local -A map
mapfile -t lines
readarray lines
x=${name,,}
x=${name^}
local -n ref=$1
declare -g x=1
now=$EPOCHSECONDS
printf -v now '%(%s)T' -1
cmd &>>file
cmd |& cat
    ;;&
    ;&
x=${name@Q}
x=${lines[-1]}
x=${text:1:-1}
if [[ -v name ]]; then
read -r -N 3 x
coproc cat
read -r x <<<"$secret"
cat <<END
exec {fd}>file
for i in {1..9..2}; do
printf -v 'a[1]' x
printf -v a[1] x
x=$'\u00fc'
local -
shopt -s globstar
compopt -o default
complete -o nosort -F f awsrole
END
}

@test "the check takes what is guarded, and what 3.2 has" {
  cat >"$BATS_TEST_TMPDIR/sample" <<'END'
f() {
  # mapfile and ${x,,} are newer.
  if [[ ${BASH_VERSINFO[0]} -gt 4 || ${BASH_VERSINFO[0]} -eq 4 && ${BASH_VERSINFO[1]} -ge 4 ]]; then
    local -
    printf -v now '%(%s)T' -1
  else
    now=$(date +%s)
  fi
  local -a lines
  lines=("${lines[@]%$'\r'}") x=${text:0:2} y=${#lines[@]}
  for ((i = 1; i < 5; i++)); do read -r -d '' -a lines <&9; done
  x=${lines[i - 1]} y=$((i - 1))
  sets+=("${line/ /=}")
}
END
  run -0 unguarded "$BATS_TEST_TMPDIR/sample"
  [ -z "$output" ]
  # But not behind the guard.
  printf 'if [[ ${BASH_VERSINFO[0]} -ge 4 ]]; then\n  :\nelse\n  mapfile x\nfi\nmapfile y\n' >"$BATS_TEST_TMPDIR/sample"
  run -0 unguarded "$BATS_TEST_TMPDIR/sample"
  [ "${#lines[@]}" -eq 2 ]
}

# Only where there is one (macOS; elsewhere BASH32 may name it): nothing is skipped where there cannot be one.
for shell in "${BASH32-}" /bin/bash; do
  if [ -x "$shell" ] && [ "$("$shell" -c 'echo ${BASH_VERSINFO[0]}')" = 3 ]; then
    bats_test_function --description "bash 3.2 itself takes the file: $shell" -- takes "$shell"
    break
  fi
done

takes() {
  run -0 "$1" --norc --noprofile -uc '. "$1" && awsrole off' bash "$FILE"
}
