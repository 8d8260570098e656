# shellcheck shell=bash
# shellcheck disable=SC2016,SC2034,SC2154 # what one file sets another uses, and code for other shells stands in quotes
# How fish says what idioms-posix.bash says for bash and zsh.

program=fish
start=(fish --no-config)
start_words='fish --no-config'
terminal=(fish --no-config -i)
# fish has no readonly variables; what cannot be changed for the caller is one that a local one stands before.
readonly_text='is a local variable'
error_traps=0

# What changes by itself.
volatile='_|argv|CMD_DURATION|history|pipestatus|status|fish_kill_signal|fish_killring|status_generation'

# quote TEXT: as one word.
quote() {
  local escaped=${1//\\/\\\\}
  printf "'%s'" "${escaped//\'/\\\'}"
}

code_awsrole() {
  local word
  printf awsrole
  for word; do printf ' %s' "$(quote "$word")"; done
  echo
}

code_load() { echo "source $(quote "$integration")"; }
code_set() { echo "set -gu $1 $(quote "$2")"; }
code_export() { echo "set -gx $1 $(quote "$2")"; }
code_unset() { echo "set -e $1"; }
code_readonly() { echo "set -lx $1 $(quote "$2")"; }
code_status() { echo "builtin echo \"$1 status \$status\""; }
code_show() {
  local name
  for name; do echo "test_show $name"; done
}
code_dump() { echo "test_dump $1"; }
code_mark() { echo "cd $(quote "$BATS_TEST_TMPDIR/mark-$1")"; }
code_child() { echo "$start_words $(quote "$1")"; }
code_trace() { echo 'set -g fish_trace 1'; }
code_prompt() { echo "function fish_prompt; echo -n 'ready> '; end"; }
code_group() { echo "begin; $(cat); end"; }

# The functions that come with fish are left out: they are loaded when they are first used. So are the wrapper of
# fish_prompt and the copy that it calls.
code_prelude() {
  cat <<'END'
function test_show
    if not set -q $argv[1]
        builtin echo "$argv[1] unset"
    else if set -qx $argv[1]
        builtin echo "$argv[1] exported $$argv[1]"
    else
        builtin echo "$argv[1] shell $$argv[1]"
    end
end
function test_dump
    set -l fish_trace
    set -l ifs "$IFS"
    set -l IFS \n
    command env -0 | command sort -z | command tr '\0' '\n' >"$DUMPS/$argv[1].env"
    begin
        builtin printf 'IFS=[%s]\n' $ifs
        for name in (set -n | string match -rv '^(fish_trace|IFS|ifs)$')
            set -l scope
            set -qg $name && set scope g
            set -qx $name && set scope {$scope}x
            set -qU $name && set scope {$scope}U
            builtin printf 'declare -%s %s=' "$scope" $name
            builtin printf '[%s]' $$name
            builtin printf '\n'
        end
        set -l shipped $fish_function_path/*.fish
        set -l shipped (string replace -r '.*/' '' -- $shipped | string replace .fish '')
        for name in (builtin functions -na)
            builtin contains -- $name $shipped || string match -qr '^__awsrole_prompt_\d+$' -- $name || builtin functions $name
        end
        builtin complete
    end >"$DUMPS/$argv[1].shell"
end
END
}

# The options, aliases and functions of people who have set up their shell: label, then code.
settings=(
  variables 'for name in lines name names fields values folder left now age plain key files was words text file stamp place part letter code time colour IFS; set -g $name evil; end'
  no_splitting 'set -g IFS'
  arguments 'set -g argv one two; set -gx _ x'
  handlers 'function on_region --on-variable AWS_REGION; true; end; function on_keys --on-variable AWS_ACCESS_KEY_ID; false; end; function on_any --on-event fish_prompt; end'
  functions 'for name in aws date cat node printf type contains math count path functions echo seq env uname set_color complete commandline; function $name; touch x; end; end'
)

# code_traps: what runs at the end, and a handler of every variable that is set.
code_traps() { echo "function on_exit --on-event fish_exit; echo trap EXIT; end"; }

code_ignore_case() { echo true; }
