#!/usr/bin/env bats
# What is particular to fish: its prompt, Tab, universal variables, conf.d and older versions. The rest is in scenario.bats.

bats_require_minimum_version 1.5.0

load lib/sandboxed

setup() {
  make_home
  use_shell fish
  environment+=("INTEGRATION=$integration")
}

last_line() { screen | sed -n 's/ *$//;/./h;${x;p}'; }

# prompts TEXT: until the last line of the screen is TEXT, which is the prompt of an empty command line.
prompts() {
  local tries=0
  until [ "$(last_line)" = "$1" ]; do
    tries=$((tries + 1))
    if [ "$tries" -gt 1000 ]; then
      printf 'not prompted: %s\n' "$1"
      screen
      return 1
    fi
    sleep 0.04
  done
}

# prompts_after LINE TEXT: on an empty screen, so that no earlier prompt is taken for this one.
prompts_after() {
  enter "$1"
  fresh
  prompts "$2"
}

fresh() {
  tmux_ clear-history
  press C-l
  press Enter
}

# The colours of the last line of the screen.
colours() { tmux_ capture-pane -p -e | sed -n '/[^ ]/h;${x;p}' | grep -Eo '\[3[0-8]m' | sort -u | tr -d '\n'; }

code_expires_in() { code_set AWSROLE_EXPIRES "$(($(date +%s) + $1))"; }

# ---- the prompt

@test "the segment tells the role, its time, and the truth, in colours" {
  open_terminal
  prompts_after 'awsrole plain' '(plain 60m) ready>'
  [ "$(colours)" = '[36m' ]
  prompts_after "$(code_expires_in 3460)" '(plain 58m) ready>'
  prompts_after "$(code_expires_in 43130)" '(plain 11h59m) ready>'
  prompts_after "$(code_expires_in 7490)" '(plain 2h05m) ready>'
  prompts_after "$(code_expires_in 5930)" '(plain 99m) ready>'
  prompts_after "$(code_expires_in 650)" '(plain 11m) ready>'
  [ "$(colours)" = '[36m' ]
  prompts_after "$(code_expires_in 595)" '(plain 10m) ready>'
  [ "$(colours)" = '[33m' ]
  prompts_after "$(code_expires_in 50)" '(plain 1m) ready>'
  prompts_after "$(code_expires_in -1)" '(plain EXPIRED) ready>'
  [ "$(colours)" = '[31m' ]
  prompts_after 'awsrole plain' '(plain 60m) ready>'
  prompts_after "$(code_export AWS_PROFILE user101)" '(plain?) ready>'
  [ "$(colours)" = '[31m' ]
  prompts_after 'set -e AWS_PROFILE' '(plain 60m) ready>'
  prompts_after "$(code_export AWS_ACCESS_KEY_ID AKIAUSER10100EXAMPLE)" '(plain?) ready>'
  prompts_after 'awsrole user101' '(user101 keys) ready>'
  [ "$(colours)" = '[33m' ]
  prompts_after "$(code_set AWSROLE_PROMPT_FORMAT '%p-%t> ')" 'user101-keys> ready>'
  prompts_after "$(code_export AWSROLE_EXPIRES 0)" 'user101-keys> ready>'
  prompts_after "$(code_export AWS_SESSION_TOKEN of-another-tool)" 'user101-> ready>'
  prompts_after 'set -e AWSROLE_PROMPT_FORMAT' '(user101) ready>'
  prompts_after 'awsrole off' 'ready>'
}

@test "the segment is there once, in the wanted form, or not" {
  open_terminal
  enter "$(code_load)"
  enter 'awsrole plain'
  prompts_after "$(code_load)" '(plain 60m) ready>'
  prompts_after 'set -g AWSROLE_PROMPT off' 'ready>'
  prompts_after 'set -g AWSROLE_PROMPT on' '(plain 60m) ready>'
  prompts_after 'set -e AWSROLE_PROMPT' '(plain 60m) ready>'
  prompts_after "$(code_set AWSROLE_PROMPT_FORMAT '%p|%t|%r|%a|%%|%x $(touch x)(touch x)%F{red}\e[31m~*[%s] ')" \
    'plain|60m|eu-west-1|123456789012|%|%x $(touch x)(touch x)%F{red}\e[31m~*[plain 60m] ready>'
  prompts_after "set -g AWSROLE_PROMPT_FORMAT '%s'\\n" 'ready>'
  [ "$(screen | sed 's/ *$//;/./!d' | tail -2 | head -1)" = 'plain 60m' ]
  prompts_after "$(code_set AWSROLE_PROMPT_FORMAT %)" '%ready>'
  prompts_after "$(code_set AWSROLE_PROMPT_FORMAT '')" 'ready>'
  prompts_after 'set -e AWSROLE_PROMPT_FORMAT' '(plain 60m) ready>'
  prompts_after 'set -gx NO_COLOR 1' '(plain 60m) ready>'
  [ "$(colours)" = '' ]
}

@test "names that mean harm are text in the prompt" {
  local name
  open_terminal
  for name in '$(touch x)' '(touch x)' '%s%n' '\e[31m' '~' '*' "it's" 'say "x"' 'a\nb' 'ünïcode' '$HOME'; do
    profile "$name" plain
    prompts_after "$(code_awsrole -- "$name")" "($name 60m) ready>"
  done
}

@test "what others have put into variables and session files reaches no terminal as a command to it" {
  need script
  local evil=$'x\e]0;evil\a\xc2\x9b31m\xe2\x80\xaey\x01'
  printf '%s' "$evil" >"$BATS_TEST_TMPDIR/evil"
  terminal=(script -qfc 'fish --no-config -i' "$BATS_TEST_TMPDIR/raw")
  open_terminal
  enter 'awsrole plain'
  enter "set -l evil (cat $BATS_TEST_TMPDIR/evil); set -gx AWS_REGION \$evil; set -g AWSROLE_PROMPT_FORMAT '%r|'\$evil'|%p '"
  prompts_after : 'x?]0;evil??31m?y?|x?]0;evil??31m?y?|plain ready>'
  enter 'set -e AWSROLE_PROMPT_FORMAT'
  enter "set -gx AWSROLE_PROFILE (cat $BATS_TEST_TMPDIR/evil)"
  prompts_after : '(x?]0;evil??31m?y? 60m) ready>'
  enter 'awsrole off'
  wait_for '^left x\?\]0;evil\?\?31m\?y\?: the shell is as it was before'
  grep -aqF "$evil" "$BATS_TEST_TMPDIR/raw" && return 1
  grep -aq 'evil'$'\a' "$BATS_TEST_TMPDIR/raw" && return 1
  # A session file with such a value is no whole one.
  sed -i "s/^says .*/says $evil/" "$(session_file plain)"
  prompts_after 'awsrole plain' '(plain 60m) ready>'
  [ "$(core_starts)" = 2 ]
  sed -i "s/^AWS_REGION=.*/AWS_REGION=$evil/" "$(session_file plain)"
  enter 'awsrole external'
  prompts_after 'awsrole plain' '(plain 60m) ready>'
  [ "$(core_starts)" = 4 ]
  grep -aqF "$evil" "$BATS_TEST_TMPDIR/raw" && return 1
  return 0
}

@test "what stands in a pipe or a substitution switches the shell itself, as any function of fish does" {
  run_shell <<END
$(code_load)
awsrole plain | cat
$(code_show AWSROLE_PROFILE)
echo (awsrole external)
begin; awsrole -; end | cat
$(code_show AWSUME_PROFILE)
awsrole off | cat
$(code_show AWSROLE_ROLE_ARN)
END
  has 'AWSROLE_PROFILE exported plain' 'AWSUME_PROFILE exported plain' 'AWSROLE_ROLE_ARN unset'
  has_no subshell
}

@test "the user's prompt finds its status, and all of a pipe's" {
  open_terminal
  enter 'function fish_prompt; echo -n "$status,$pipestatus> "; end'
  enter 'awsrole plain'
  prompts '(plain 60m) 0,0>'
  type_line 'false | true | sh -c "exit 7"'
  prompts '(plain 60m) 7,1 0 7>'
  type_line 'echo "still $status"'
  wait_for '^still 7'
  type_line 'awsrole nobody'
  prompts '(plain 60m) 3,3>'
}

@test "a prompt of several lines stays so: the segment stands where one types, as a first line may be filled up" {
  open_terminal
  enter "function fish_prompt; echo one; echo; echo -n 'three> '; end"
  prompts_after 'awsrole plain' '(plain 60m) three>'
  [ "$(screen | sed 's/ *$//' | grep -B2 -x '(plain 60m) three>' | tail -3 | tr '\n' ';')" = 'one;;(plain 60m) three>;' ]
}

@test "a prompt that is defined anew gets the segment, once" {
  open_terminal
  prompts_after 'awsrole plain' '(plain 60m) ready>'
  prompts_after "function fish_prompt; echo -n 'second> '; end" '(plain 60m) second>'
  prompts_after "function fish_prompt; echo -n 'third> '; end" '(plain 60m) third>'
  # As Python's virtualenv does it: around the prompt that is there, and back.
  prompts_after "functions -c fish_prompt old_prompt; function fish_prompt; echo -n '(venv) '; old_prompt; end" '(plain 60m) (venv) third>'
  prompts_after 'functions -c fish_prompt older; function fish_prompt; echo -n inner; older; end' '(plain 60m) inner(venv) third>'
  prompts_after 'functions -e fish_prompt; functions -c older fish_prompt; functions -e older' '(plain 60m) (venv) third>'
  enter 'awsrole off'
  prompts_after 'functions -e fish_prompt; functions -c old_prompt fish_prompt; functions -e old_prompt' 'third>'
  prompts_after 'awsrole plain' '(plain 60m) third>'
  prompts_after 'awsrole off' 'third>'
}

@test "under a theme of its own kind it is there as well, once, and in a prompt that prints nothing" {
  open_terminal
  enter 'function starship; echo -n "star> "; end; function fish_prompt; starship prompt; end'
  prompts_after 'awsrole plain' '(plain 60m) star>'
  prompts_after 'set -g AWSROLE_PROMPT off' 'star>'
  prompts_after 'set -e AWSROLE_PROMPT; function fish_prompt; end' '(plain 60m)'
}

@test "a prompt starts no process" {
  need strace
  mkdir "$BATS_TEST_TMPDIR/mark-begin" "$BATS_TEST_TMPDIR/mark-end"
  terminal=(strace -qq -f -y -e 'trace=process,fchdir' -o "$BATS_TEST_TMPDIR/trace" "${terminal[@]}")
  open_terminal
  enter 'awsrole plain'
  prompts '(plain 60m) ready>'
  enter 'set __awsrole_renewal[1] 1'
  enter "$(code_mark begin)"
  press Enter
  press Enter
  enter "$(code_mark end)"
  grep -q mark-begin "$BATS_TEST_TMPDIR/trace"
  grep -q mark-end "$BATS_TEST_TMPDIR/trace"
  sed '1,/mark-begin/d;/mark-end/,$d' "$BATS_TEST_TMPDIR/trace" | grep -E '(execve|fork|clone3?)\(' | grep -v CLONE_THREAD >"$BATS_TEST_TMPDIR/between" || :
  [ ! -s "$BATS_TEST_TMPDIR/between" ] || { cat "$BATS_TEST_TMPDIR/between" && return 1; }
}

# ---- renewal

# What another terminal does, a while later.
renewed_elsewhere() {
  local file end
  rm "$(session_file plain)"
  awsrole_ clear plain
  AWSROLE_SHELL="$HOME_FOLDER|$HOME_FOLDER/.aws/config|$HOME_FOLDER/.aws/credentials|$STS" awsrole_ session-lines plain >/dev/null
  file=$(session_file plain)
  new_key=$(sed -n 's/^AWS_ACCESS_KEY_ID=//p' "$file")
  # The sandbox may answer in the same second.
  end=$(($(date +%s) + 3700))
  sed -i -E "s/^times ([0-9]+) .*/times \\1 $end/;s/^AWSROLE_EXPIRES=.*/AWSROLE_EXPIRES=$end/" "$file"
}
awsrole_() { env -C "$WORK" -i "${environment[@]}" "AWSROLE_SHELL=${AWSROLE_SHELL-}" "$PREFIX/bin/awsrole" "$@"; }

key_is() {
  enter 'echo key:$AWS_ACCESS_KEY_ID:'
  [ "$(screen | sed -n 's/^key:\(.*\):.*/\1/p' | tail -1)" = "$1" ] || { screen && return 1; }
}

@test "a session that was renewed elsewhere is taken over at a prompt, and at no read" {
  local starts old_key new_key
  open_terminal
  enter 'awsrole plain'
  old_key=$(sed -n 's/^AWS_ACCESS_KEY_ID=//p' "$(session_file plain)")
  renewed_elsewhere
  starts=$(core_starts)
  fresh
  key_is "$old_key"
  # At the end of its time, a question in the middle of a command comes first.
  submit "set __awsrole_renewal[1] 1; read -P 'well? '; echo 'then:'\$AWS_ACCESS_KEY_ID"
  wait_for '^well\? *$'
  type_line yes
  finished
  on_screen "then:$old_key"
  key_is "$new_key"
  prompts '(plain 62m) ready>'
  [ "$(core_starts)" = "$starts" ]
}

@test "no other role, no other name and no flag is renewed at a prompt" {
  local key new_key
  open_terminal
  enter 'awsrole plain'
  key=$(sed -n 's/^AWS_ACCESS_KEY_ID=//p' "$(session_file plain)")
  renewed_elsewhere
  sed -i 's/^AWSROLE_ROLE_ARN=.*/&2/' "$(session_file plain)"
  enter 'set __awsrole_renewal[1] 1'
  key_is "$key"
  sed -i 's/^\(AWSROLE_ROLE_ARN=.*\)2$/\1/' "$(session_file plain)"
  touch "$HOME_FOLDER/.aws/config"
  fresh
  key_is "$key"
  settle
  enter 'set -gx AWS_PROFILE x'
  key_is "$key"
  enter 'set -e AWS_PROFILE'
  key_is "$new_key"
  enter 'awsrole --refresh plain; set -q __awsrole_renewal[2]; or echo none to renew'
  on_screen 'none to renew'
}

@test "of a user's MFA session the device tells whose it is" {
  local key new_key
  open_terminal
  enter 'awsrole plain'
  key=$(sed -n 's/^AWS_ACCESS_KEY_ID=//p' "$(session_file plain)")
  renewed_elsewhere
  sed -i "s|^AWSROLE_ROLE_ARN=.*|AWSROLE_MFA_SERIAL=$DEVICE|" "$(session_file plain)"
  enter "set -e AWSROLE_ROLE_ARN; set -gx AWSROLE_MFA_SERIAL $DEVICE-of-another; set __awsrole_renewal[1] 1"
  key_is "$key"
  enter "set -gx AWSROLE_MFA_SERIAL $DEVICE"
  key_is "$new_key"
}

# ---- Tab

# completions LINE: what fish offers there, one a line, with a tab and the description.
completions() {
  run_shell <<END
$(code_load)
${before_tab-}
complete -C $(quote "$1")
END
  [ "$status" -eq 0 ]
}

@test "Tab on a name starts no Node while its index is current; everything else the core answers" {
  completions 'awsrole '
  has "plain"$'\t'"$ROLE/plain" $'user101\tkeys' $'list\tList your profiles and kept sessions' \
    $'-\tGo back to the role before, as `cd -` does'
  [ "$(core_starts)" = 1 ]
  [[ $output == plain* && $output == *plain*off* ]]
  has_no --refresh session-lines complete
  completions 'awsrole pl'
  [ "$output" = "plain"$'\t'"$ROLE/plain" ]
  completions 'awsrole "pl'
  [ "$output" = "plain"$'\t'"$ROLE/plain" ]
  completions 'awsrole exec '
  has "plain"$'\t'"$ROLE/plain"
  has_no $'list\t'
  completions 'awsrole exec plain -- ech'
  [[ $output == echo* ]]
  completions 'awsrole exec plain "--" ech'
  [[ $output == echo* ]]
  [ "$(core_starts)" = 1 ]
  completions 'awsrole --'
  has_part --refresh --mfa-code --debug --help --version
  completions 'awsrole exec plain '
  [[ $output == --$'\t'* ]]
  completions 'awsrole clear ex'
  [ "$output" = "external"$'\t'"$ROLE/external" ]
  completions 'awsrole init '
  has bash zsh fish powershell
  completions 'awsrole pl --source-profile us'
  has "user101"$'\t'keys
  completions 'awsrole pl --source-profile=us'
  has "--source-profile=user101"$'\t'keys
  completions 'awsrole --region us-east-1 pl'
  [ "$output" = "plain"$'\t'"$ROLE/plain" ]
  completions 'awsrole plain --region '
  [ "$output" = '' ]
  completions "awsrole plain --policy $HOME_FOLDER/.aws/cred"
  has_part "$HOME_FOLDER/.aws/credentials"
  completions "awsrole plain --policy=$HOME_FOLDER/.aws/cred"
  has_part "--policy=$HOME_FOLDER/.aws/credentials"
  completions 'awsrole exec plain --sou'
  [[ $output == --source-profile$'\t'*$'\n'--source-identity$'\t'* ]]
  completions 'awsrole plain '
  [ "$output" = '' ]
  completions 'AWS_X=y awsrole --refresh pl'
  has_part "$ROLE/plain"
}

@test "Tab sees other AWS files, and trusts no index but its own" {
  local index=$CACHE/completion/index
  completions 'awsrole '
  profile later plain
  touch -d '2024-05-06 07:08:09.123456790' "$HOME_FOLDER/.aws/credentials"
  completions 'awsrole la'
  [ "$output" = "later"$'\t'"$ROLE/plain" ]
  [ "$(core_starts)" = 2 ]
  sed -i 's/^later/evil/;s/^for .*/for \/elsewhere/' "$index"
  completions 'awsrole '
  has_no evil
  sed -i 's/^later/evil/;/^end$/d' "$index"
  completions 'awsrole '
  has_no evil
  sed -i 's/^later/evil/' "$index" && mv "$index" "$BATS_TEST_TMPDIR/index" && ln -s "$BATS_TEST_TMPDIR/index" "$index"
  completions 'awsrole '
  has_no evil
  [ "$(core_starts)" = 5 ]
  before_tab="set -gx HOME $(quote "$BATS_TEST_TMPDIR")" completions 'awsrole '
  has_no "$ROLE/plain"
  # Nothing but what fits is shown where there is no core.
  rm -r "$CACHE/completion"
  before_tab='set -g __awsrole_root /nowhere; set -g PATH' completions 'awsrole '
  has $'list\tList your profiles and kept sessions'
  has_no "$ROLE/plain" awsrole:
}

@test "odd names complete to a word that is that name" {
  local name
  for name in 'a b' "it's" 'say "x"' '$(touch x)' '~home' '*star' 'q?' 'a\b' 'ünïcode' ';touch x' '#x' '{a,b}' '%p'; do profile "zz-$name" plain; done
  profile list plain
  profile -x plain
  completions 'awsrole '
  has_no "list"$'\t'"$ROLE" "-x"$'\t'
  completions 'awsrole -- '
  has "list"$'\t'"$ROLE/plain" "-x"$'\t'"$ROLE/plain"
  open_terminal
  for name in "zz-a b" "zz-it's" 'zz-say "x"' 'zz-$(touch x)' 'zz-;touch x' 'zz-#x' 'zz-{a,b}' 'zz-~home'; do
    fresh
    prompts "${held:+($held 60m) }ready>"
    type_text "awsrole $(typed "$name")"
    press Tab
    wait_for '^(\(.*\) )?ready> awsrole .* $|ready> awsrole .*[^ ]  *$'
    press Enter
    held=$name
    prompts "($name 60m) ready>"
  done
}
# The first five letters as someone would type them.
typed() {
  local text=${1:0:5}
  text=${text//\'/\\\'}
  text=${text//\"/\\\"}
  printf %s "$(sed 's/[ $*?;#{~()]/\\&/g' <<<"$text")"
}

# ---- variables

@test "universal variables are hidden while a role is held, and never changed" {
  # shellcheck disable=SC2034 # run_shell reads it
  start=(fish)
  run_shell <<END
set -Ux AWS_REGION sa-east-1
set -U AWS_PROFILE user101
set -Ux AWS_DEFAULT_OUTPUT table
$(code_load)
$(code_awsrole plain)
set -q AWS_PROFILE[1]; or echo no profile
$(code_show AWS_REGION AWS_DEFAULT_OUTPUT)
fish -c 'set -eg AWS_PROFILE AWS_REGION; echo "another shell: \$AWS_PROFILE \$AWS_REGION"'
$(code_awsrole external)
$(code_awsrole exec plain -- sh -c 'echo "role $AWSROLE_PROFILE"')
$(code_awsrole off)
$(code_show AWS_REGION AWS_PROFILE)
set -qg AWS_REGION; or echo not global
set -Ux AWS_VAULT mine
$(code_dump before)
$(code_awsrole plain)
$(code_status exported)
$(code_dump after)
END
  has 'no profile' 'AWS_REGION exported eu-west-1' 'AWS_DEFAULT_OUTPUT exported table' 'another shell: user101 sa-east-1' \
    'role plain' 'AWS_REGION exported sa-east-1' 'AWS_PROFILE shell user101' 'not global' 'exported status 1'
  has_part 'AWS_VAULT is an exported universal variable'
  same_dumps before after
}

@test "lists come back as lists, and empty as empty" {
  run_shell <<END
set -gx AWS_REGION a 'b c' d
set -gx AWS_DEFAULT_REGION
set -g AWS_VAULT x y
$(code_load)
$(code_awsrole plain)
$(code_awsrole external)
$(code_awsrole off)
set -S AWS_REGION AWS_DEFAULT_REGION AWS_VAULT
END
  has_part '$AWS_REGION: set in global scope, exported, with 3 elements' '$AWS_REGION[2]: |b c|' \
    '$AWS_DEFAULT_REGION: set in global scope, exported, with 0 elements' '$AWS_VAULT: set in global scope, unexported, with 2 elements'
}

@test "a variable for one command goes to the core with it" {
  run_shell <<END
$(code_load)
AWS_SHARED_CREDENTIALS_FILE=/nowhere $(code_awsrole plain)
$(code_status elsewhere)
$(code_awsrole plain)
$(code_status here)
AWS_REGION=x $(code_awsrole external)
$(code_status hidden)
$(code_show AWSROLE_PROFILE)
END
  has 'elsewhere status 3' 'here status 0' 'hidden status 1' 'AWSROLE_PROFILE exported plain'
  has_part 'AWS_REGION is a local variable'
}

# ---- what is kept

@test "odd names are served from their files, and a use is written down when it is another" {
  local name names=('a/b' 'x:y*z?' '50%' 'back\slash "q" <|>' "it's" 'ünïcode' 'UPPER' 'a b')
  for name in "${names[@]}"; do profile "$name" plain; done
  {
    code_load
    for name in "${names[@]}" 'a b'; do code_awsrole "$name"; done
    code_awsrole --refresh 'a b'
    code_awsrole nobody
    code_awsrole -
    echo 'env | string match -q "AWSROLE_SHELL=*"; and echo left behind'
  } >"$BATS_TEST_TMPDIR/lines"
  run_shell <"$BATS_TEST_TMPDIR/lines"
  has_no 'left behind'
  # The last is that of the dash.
  printf '%s\n' "${names[@]}" 'a b' >"$BATS_TEST_TMPDIR/uses"
  diff "$BATS_TEST_TMPDIR/uses" "$CACHE/uses"
  environment+=(CORE_STATUS=77)
  for name in "${names[@]}"; do
    run_shell <<<"$(code_load && code_awsrole "$name" && code_show AWSROLE_PROFILE)"
    has "AWSROLE_PROFILE exported $name"
  done
  # Only into a file of our own, and where there is none it is no error.
  mv "$CACHE/uses" "$BATS_TEST_TMPDIR/uses" && ln -s "$BATS_TEST_TMPDIR/uses" "$CACHE/uses"
  run_shell <<<"$(code_load && code_awsrole UPPER && code_status linked)"
  has 'linked status 0'
  [ "$(tail -1 "$BATS_TEST_TMPDIR/uses")" = 'a b' ]
  rm "$CACHE/uses" && mkdir "$CACHE/uses"
  run_shell <<<"$(code_load && code_awsrole UPPER && code_status folder)"
  has 'folder status 0'
  [ "${#lines[@]}" = 2 ]
}

@test "what the core says that is no switch is shown, and half of a switch is refused" {
  cat >"$BATS_TEST_TMPDIR/core" <<'END'
#!/bin/sh
case "$*" in
  *text*) printf 'one\n\ntwo $(touch x)\n'; exit "${CODE-0}" ;;
  *half*) printf 'awsrole-session 2 half\nfor -\nstates - - -\ntimes 0 0\nsays x\nshows - -\nunset\nAWS_REGION=evil\n' ;;
  *path*) printf 'awsrole-session 2 p\nfor -\nstates - - -\ntimes 0 0\nsays x\nshows - -\nunset\nPATH=evil\nend\n' ;;
  *shape*) printf 'awsrole-session 2 p\nfor -\nstates - - -\ntimes 0 0\nsays x\nshows - -\nunset\nAWS_A AWS_B=1\nend\n' ;;
  *whole*) printf 'awsrole-session 2 w\nfor -\nstates - - -\ntimes 0 0\nsays said $(touch x) \\n %%s\nshows - -\nunset\nAWS_REGION=a=b $(touch x)\nend\n' ;;
esac
END
  chmod 755 "$BATS_TEST_TMPDIR/core"
  mkdir "$BATS_TEST_TMPDIR/shell" && mv "$BATS_TEST_TMPDIR/core" "$BATS_TEST_TMPDIR/shell/awsrole"
  run_shell <<END
$(code_load)
set -g __awsrole_root $(quote "$BATS_TEST_TMPDIR")
$(code_awsrole text)
$(code_status text)
CODE=9 $(code_awsrole text)
$(code_status failed)
$(code_awsrole half)
$(code_status half)
$(code_awsrole path)
$(code_awsrole shape)
$(code_status shape)
$(code_show AWS_REGION AWSROLE_NAMES)
$(code_awsrole whole)
$(code_status whole)
$(code_show AWS_REGION)
END
  [[ $output == $'one\n\ntwo $(touch x)\ntext status 0\none\n\ntwo $(touch x)\nfailed status 9\n'* ]]
  has 'half status 1' 'shape status 1' 'AWS_REGION unset' 'AWSROLE_NAMES unset' 'whole status 0' 'said $(touch x) \n %s' \
    'AWS_REGION exported a=b $(touch x)'
  [ "$(grep -c "^awsrole's answer was incomplete" <<<"$output")" = 3 ]
}

@test "list marks the profile that this shell holds" {
  run_shell <<END
$(code_load)
$(code_awsrole plain)
$(code_awsrole list plain)
END
  grep -q '^plain \*' <<<"$output"
}

# ---- older versions

@test "without a clock every switch and Tab asks the core, and there are no minutes" {
  run_shell <<END
$(code_load)
set -g __awsrole_clock
$(code_awsrole plain)
$(code_awsrole plain)
$(code_show AWSROLE_PROFILE)
complete -C 'awsrole pl'
complete -C 'awsrole pl'
__awsrole_segment
$(code_awsrole off)
END
  has 'AWSROLE_PROFILE exported plain' "plain"$'\t'"$ROLE/plain"
  has_part '(plain) '
  has_no Missing
  [ "$(grep -c "^plain: $ROLE/plain, eu-west-1$" <<<"$output")" = 2 ]
  [ "$(core_starts)" = 4 ]
}

# ---- where it lives

# An installation with start-up files, into a home of its own.
release_install() { HOME=$HOME_FOLDER "$BATS_FILE_TMPDIR/release/install.sh" "$@"; }
files() { (cd "$HOME_FOLDER" && find . -not -path './.aws*' -printf '%p %y %m %s %T@\n' | grep -Ev '^\.(/\.config|/\.local)? ' | sort); }

@test "install.sh: a new fish has it, without a Tab; again is nothing new; --uninstall takes it back" {
  local before conf=$HOME_FOLDER/.config/fish/conf.d/awsrole.fish after
  mkdir -p "$HOME_FOLDER/.config/fish" # of somebody who uses it
  before=$(cd "$HOME_FOLDER" && find . | sort)
  run -0 release_install --prefix "$HOME_FOLDER/it's \$here"
  [[ $output == *'Added awsrole to ~/.config/fish/conf.d/awsrole.fish'* ]]
  run -0 env -i "${environment[@]}" fish -c 'functions -q awsrole; and complete -C "awsrole lis"; string match -q "*here/bin" -- $PATH; and echo on PATH; awsrole plain; awsrole off'
  has $'list\tList your profiles and kept sessions' 'on PATH'
  has_part "plain: $ROLE/plain"
  fish --no-execute "$conf"
  after=$(stat -c '%Y %Z %i' "$conf")
  run -0 release_install --prefix "$HOME_FOLDER/it's \$here"
  [ "$(stat -c '%Y %Z %i' "$conf")" = "$after" ]
  rm -rf "$HOME_FOLDER/.cache" "$HOME_FOLDER/.local" "$HOME_FOLDER/.aws/cli"
  find "$HOME_FOLDER/.config/fish" -type f -not -name awsrole.fish -delete
  rmdir "$HOME_FOLDER"/.config/fish/*/ 2>/dev/null || :
  run -0 release_install --uninstall --prefix "$HOME_FOLDER/it's \$here"
  [ "$(cd "$HOME_FOLDER" && find . | sort)" = "$before" ]
}

@test "install.sh: what is the user's in fish's folder stays; --no-rc touches nothing" {
  local folder=$HOME_FOLDER/xdg/fish/conf.d
  export XDG_CONFIG_HOME=$HOME_FOLDER/xdg
  run -0 release_install --no-rc
  [ ! -e "$HOME_FOLDER/xdg" ]
  mkdir -p "$folder"
  printf 'set -g mine 1' >"$folder/awsrole.fish"
  run -0 release_install
  run -0 fish --no-config -c "source '$folder/awsrole.fish'; echo \$mine; functions -q awsrole; and echo there"
  [ "$output" = $'1\nthere' ]
  run -0 release_install --uninstall
  [ "$(cat "$folder/awsrole.fish" && echo .)" = 'set -g mine 1.' ]
}

@test "install.sh: a file that is wired to nothing is no error at the start of fish" {
  run -0 release_install
  rm -r "$HOME_FOLDER/.local/share/awsrole"
  run -0 env -i "${environment[@]}" fish -c 'echo fine'
  [ "$output" = fine ]
}

@test "awsrole init fish | source, and a relative path" {
  run_shell <<END
$(quote "$PREFIX/bin/awsrole") init fish | source
$(code_awsrole plain)
$(code_show AWSROLE_PROFILE)
$(code_awsrole list)
$(code_status list)
END
  has 'AWSROLE_PROFILE exported plain' 'list status 0'
  run_shell <<END
cd $(quote "$PREFIX/share/awsrole")
source shell/awsrole.fish
cd /
$(code_awsrole --refresh plain)
$(code_status slashes)
cd $(quote "$PREFIX/share/awsrole/shell")
source awsrole.fish
cd /
$(code_awsrole --refresh plain)
$(code_status name)
END
  has 'slashes status 0' 'name status 0'
}

@test "a core that is gone is said" {
  run_shell <<END
$(code_load)
set -g __awsrole_root /nowhere
$(code_awsrole plain)
$(code_status gone)
$(code_awsrole list)
$(code_status list)
END
  has 'awsrole: its program is gone from /nowhere; open a new shell, or install it again' 'gone status 1' 'list status 1'
}
