#!/usr/bin/env bats
# What Tab does after `awsrole` in bash and zsh, in a terminal.
# shellcheck disable=SC2016,SC2034,SC2088 # code for other shells stands in quotes, and the library reads number

bats_require_minimum_version 1.5.0

load lib/sandboxed
load lib/completing

setup() {
  make_home
  : >"$BATS_TEST_TMPDIR/completed"
  environment+=("BATS_COMPLETED=$BATS_TEST_TMPDIR/completed")
}

# A shell in which awsrole only shows its words, so that what a Tab made of a line is seen as it reaches it.
open_completing() {
  case $shell in
    bash) code_compinit=: ;;
    zsh) code_compinit='autoload -Uz compinit; compinit -u -D' ;;
  esac
  open_terminal
  enter "${1-$code_compinit}"
  enter 'awsrole() { { printf "<%s>" "$@"; echo; } >>"$BATS_COMPLETED"; }'
  number=0
}

in_each_shell 'profiles and commands, options, words of commands' words
words() {
  open_completing
  completes 'awsrole role101' '<role101>'
  completes 'awsrole ext' '<external>'
  completes 'awsrole user1' '<user101>'
  completes 'awsrole who' '<whoami>'
  completes 'awsrole of' '<off>'
  completes 'awsrole --ref' '<--refresh>'
  completes 'awsrole --refresh ext' '<--refresh><external>'
  completes 'awsrole ext --ref' '<ext><--refresh>'
  completes 'awsrole ext --dry' '<ext><--dry-run>'
  completes 'awsrole exec ext' '<exec><external>'
  completes 'awsrole exec --refresh ext' '<exec><--refresh><external>'
  completes 'awsrole clear ext' '<clear><external>'
  completes 'awsrole explain ext' '<explain><external>'
  completes 'awsrole explain ext --js' '<explain><ext><--json>'
  completes 'awsrole ext --source-profile user1' '<ext><--source-profile><user101>'
  completes 'awsrole ext --source-profile=user1' '<ext><--source-profile=user101>'
  completes 'awsrole --region eu-west-1 ext' '<--region><eu-west-1><external>'
  completes 'awsrole --tag a=b --tag c=d ext' '<--tag><a=b><--tag><c=d><external>'
  completes 'awsrole exec --tag a=b ext' '<exec><--tag><a=b><external>'
  completes 'awsrole ext --region pla' '<ext><--region><pla>'
  completes "awsrole ext --policy $HOME_FOLDER/.aws/cred" "<ext><--policy><$HOME_FOLDER/.aws/credentials>"
  completes 'awsrole exec ext --region eu-west-1 -- strac' '<exec><ext><--region><eu-west-1><--><strace>'
  completes 'awsrole init pow' '<init><powershell>'
  completes 'awsrole init ext' '<init><ext>'
  completes 'awsrole demo co' '<demo><code>'
  completes 'awsrole list --js' '<list><--json>'
  completes 'awsrole whoami --js' '<whoami><--json>'
  completes 'awsrole external pla' '<external><pla>'
  completes 'awsrole -- ext' '<--><external>'
  completes 'awsrole exec ext -- strac' '<exec><ext><--><strace>'
  completes 'awsrole exec ext "--" strac' '<exec><ext><--><strace>'
  completes "awsrole exec ext -- ls $HOME_FOLDER/.aws/cred" "<exec><ext><--><ls><$HOME_FOLDER/.aws/credentials>"
  type_text 'awsrole '
  press Tab Tab
  wait_for 'role101'
  wait_for 'whoami'
  wait_for 'user101'
  # Roles, then keys, then commands.
  [[ $(screen) == *role102*user-gov*whoami* || $(screen) == *role102*user101*whoami* ]] || { screen && return 1; }
}

in_each_shell 'odd names come to be that one word, and nothing is run' odd_names
odd_names() {
  local name
  for name in 'sp ace' "it's one" 'fo"uble' 'ko:lon:x' 'eq=ual' 'us@host.x' '$(touch x)' '`touch x`' 'ünïcode' -dash \
    'am&p;x|y' '~tilde' 'back\slash' 'qu*r[a]?' '#hash' '%n' 'br{a,b}' 'dup one' 'dup two' '(p)'; do
    profile "$name" plain
  done
  open_completing
  completes 'awsrole sp' '<sp ace>'
  completes 'awsrole sp\ a' '<sp ace>'
  completes 'awsrole "sp' '<sp ace>'
  completes "awsrole 'sp a" '<sp ace>'
  completes 'awsrole it' "<it's one>"
  completes "awsrole 'it" "<it's one>"
  completes 'awsrole "it'"'" "<it's one>"
  completes 'awsrole fo' '<fo"uble>'
  completes 'awsrole "fo' '<fo"uble>'
  completes "awsrole 'fo" '<fo"uble>'
  completes 'awsrole ko' '<ko:lon:x>'
  completes 'awsrole ko:l' '<ko:lon:x>'
  completes 'awsrole ko:lon:' '<ko:lon:x>'
  completes 'awsrole "ko:l' '<ko:lon:x>'
  completes 'awsrole exec ko:l' '<exec><ko:lon:x>'
  completes 'awsrole eq=' '<eq=ual>'
  completes 'awsrole us@h' '<us@host.x>'
  completes 'awsrole \$' '<$(touch x)>'
  completes 'awsrole "\$' '<$(touch x)>'
  completes "awsrole '\$" '<$(touch x)>'
  completes 'awsrole \`' '<`touch x`>'
  completes "awsrole '\`" '<`touch x`>'
  completes 'awsrole ün' '<ünïcode>'
  completes 'awsrole -- -d' '<--><-dash>'
  completes 'awsrole -d' '<-d>'
  completes 'awsrole am' '<am&p;x|y>'
  completes 'awsrole "am' '<am&p;x|y>'
  completes "awsrole '~" '<~tilde>'
  completes 'awsrole back' '<back\slash>'
  completes 'awsrole "back' '<back\slash>'
  completes 'awsrole qu' '<qu*r[a]?>'
  completes 'awsrole \#' '<#hash>'
  completes 'awsrole br' '<br{a,b}>'
  completes 'awsrole \(' '<(p)>'
  completes 'awsrole du' '<dup >'
  completes 'awsrole dup\ tw' '<dup two>'
}

# Tab in a shell that writes down what it starts.
traced() {
  need strace
  terminal=(strace -qq -f --seccomp-bpf -e 'trace=execve' -o "$BATS_TEST_TMPDIR/trace" "${terminal[@]}")
}

in_each_shell 'the index answers while the AWS files are as they were, and else the core, which writes it anew' index
index() {
  traced
  open_completing
  completes 'awsrole ext' '<external>'
  [ "$(core_starts)" = 1 ]
  [ "$(sed -n '1p;$p' "$CACHE/completion/index" | tr '\n' ' ')" = 'awsrole-index 2 end ' ]
  completes 'awsrole ext' '<external>'
  completes 'awsrole exec role101' '<exec><role101>'
  [ "$(core_starts)" = 1 ]
  [ "$(grep -c 'execve(.*awsrole/shell/awsrole", ' "$BATS_TEST_TMPDIR/trace")" = 1 ]
  profile newcomer plain
  touch -d '2024-05-06 07:08:10' "$HOME_FOLDER/.aws/config"
  completes 'awsrole newc' '<newcomer>'
  [ "$(core_starts)" = 2 ]
  completes 'awsrole newc' '<newcomer>'
  [ "$(core_starts)" = 2 ]
  sed -i '$d' "$CACHE/completion/index" "$CACHE/completion/names" # bash reads the names, zsh the index
  completes 'awsrole newc' '<newcomer>'
  [ "$(core_starts)" = 3 ]
  sed -i 's/^for [^|]*/for \/home\/other/' "$CACHE/completion/index" "$CACHE/completion/names"
  completes 'awsrole newc' '<newcomer>'
  [ "$(core_starts)" = 4 ]
  # Other files are other names.
  printf '[profile elsewhere]\nregion = eu-west-1\n' >"$BATS_TEST_TMPDIR/other-config"
  touch -d '2024-05-06 07:08:09' "$BATS_TEST_TMPDIR/other-config"
  enter "$(code_export AWS_CONFIG_FILE "$BATS_TEST_TMPDIR/other-config")"
  completes 'awsrole elsew' '<elsewhere>'
  [ "$(core_starts)" = 5 ]
  completes 'awsrole newc' '<newc>'
  # A core that fails says nothing on a Tab.
  enter "$(code_export AWS_CONFIG_FILE "$BATS_TEST_TMPDIR/nowhere/config")"
  enter "$(code_export CORE_STATUS 9)"
  completes 'awsrole who' '<whoami>'
  not_on_screen Error
}

in_each_shell 'ten thousand profiles' many
many() {
  local i
  for ((i = 1; i <= 10000; i++)); do
    printf '[profile p%05d]\nrole_arn = %s/plain\nsource_profile = user101\n' "$i" "$ROLE"
  done >>"$HOME_FOLDER/.aws/config"
  settle
  open_completing
  completes 'awsrole p0777' '<p0777>'
  completes 'awsrole p07777' '<p07777>'
  completes 'awsrole p1' '<p10000>'
  completes 'awsrole ext' '<external>'
  [ "$(core_starts)" = 1 ]
}

in_each_shell 'a role that is held, and options of the shell, do not matter' in_a_role
in_a_role() {
  profile named plain 'endpoint_url = http://127.0.0.1:9'
  open_terminal
  enter 'awsrole plain'
  enter 'awsrole named'
  close_terminal
  case $shell in
    bash) open_completing 'set -u; IFS=ae' ;;
    zsh) open_completing 'autoload -Uz compinit; compinit -u -D; setopt ksh_arrays sh_word_split no_unset' ;;
  esac
  completes 'awsrole ext' '<external>'
  completes 'awsrole exec pla' '<exec><plain>'
}

zsh_compinit() {
  use_shell zsh
  terminal=(zsh -f -i)
  # compinit comes first, and this file after it.
  open_completing "autoload -Uz compinit; compinit -u -D; unset '_comps[awsrole]'; $(code_load)"
  completes 'awsrole ext' '<external>'
  completes 'sudo() { }; awsrole clear ext' '<clear><external>'
}
bats_test_function --description 'zsh: compinit before it is as good as after it' -- zsh_compinit

zsh_says_what() {
  use_shell zsh
  open_completing
  type_text 'awsrole '
  press Tab Tab
  wait_for "^plain +-- $ROLE/plain *$"
  wait_for '^off +-- Put back what this shell held before *$'
  wait_for '^- +-- Go back to the role before, as `cd -` does *$'
  wait_for '^help +-- '
  not_on_screen session-lines
  press C-u
  type_text 'awsrole exec '
  press C-l Tab Tab
  wait_for "^plain +-- $ROLE/plain *$"
  not_on_screen 'Put back'
  [ "$(core_starts)" = 1 ]
}
bats_test_function --description 'zsh: names and commands say what they are, without Node' -- zsh_says_what

with_bash_completion() {
  use_shell bash
  local file=${BASH_COMPLETION_FILE-/usr/share/bash-completion/bash_completion}
  if [ ! -r "$file" ]; then
    [ "${CI-}" != true ] || { echo "$file is missing" && return 1; }
    skip "$file is missing"
  fi
  profile 'ko:lon:x' plain
  open_completing ". '$file'"
  enter '_of() { COMPREPLY=(offered); }; complete -F _of thing'
  completes 'awsrole ext' '<external>'
  completes 'awsrole ko:l' '<ko:lon:x>'
  completes 'awsrole exec ext -- strac' '<exec><ext><--><strace>'
  completes 'awsrole exec ext -- thing of' '<exec><ext><--><thing><offered>'
  completes 'awsrole exec ko:lon:x -- thing of' '<exec><ko:lon:x><--><thing><offered>'
}
bats_test_function --description 'bash: with the package bash-completion, what stands after -- completes as by itself' -- with_bash_completion

zsh_own() {
  use_shell zsh
  open_completing
  enter '_of() { compadd offered; }; compdef _of thing'
  completes 'awsrole exec ext -- thing of' '<exec><ext><--><thing><offered>'
  completes 'awsrole exec ext -- thing -- of' '<exec><ext><--><thing><--><offered>'
}
bats_test_function --description 'zsh: what stands after -- completes as by itself' -- zsh_own
