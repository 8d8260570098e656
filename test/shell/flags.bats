#!/usr/bin/env bats
# Roles by ARN and flags for one switch, in every shell.
# shellcheck disable=SC2016 # code for other shells stands in quotes

bats_require_minimum_version 1.5.0

load lib/sandboxed

# shellcheck disable=SC2034 # lib/shells.bash reads it
SHELLS=(bash zsh fish powershell)

in_each_shell 'a role by its ARN and by ACCOUNT:NAME, and back with a dash' by_arn
by_arn() {
  run_shell <<END
$(code_load)
$(code_awsrole "$ROLE/plain" --source-profile user101)
$(code_status arn)
$(code_show AWSROLE_PROFILE AWSROLE_ROLE_ARN AWSUME_PROFILE)
$(code_awsrole --source-profile=user101 123456789012:external --external-id partner-7/east)
$(code_status short)
$(code_show AWSROLE_PROFILE AWSROLE_ROLE_ARN)
$(code_awsrole -)
$(code_status back)
$(code_show AWSROLE_PROFILE)
$(code_awsrole -)
$(code_show AWSROLE_PROFILE)
$(code_awsrole off)
$(code_status off)
$(code_show AWSROLE_PROFILE)
END
  has 'arn status 0' "AWSROLE_PROFILE exported $ROLE/plain" "AWSROLE_ROLE_ARN exported $ROLE/plain" \
    'AWSUME_PROFILE exported 123456789012:plain' 'short status 0' 'AWSROLE_PROFILE exported 123456789012:external' \
    "AWSROLE_ROLE_ARN exported $ROLE/external" 'back status 0' 'off status 0' 'AWSROLE_PROFILE unset'
  [ "$(grep -c "^AWSROLE_PROFILE exported $ROLE/plain\$" <<<"$output")" = 2 ]
  [ "$(grep -c '^AWSROLE_PROFILE exported 123456789012:external$' <<<"$output")" = 2 ]
  # The ARN is said once.
  grep -q "^$ROLE/plain, us-east-1, " <<<"$output"
  # The way back has the flags of the switch that it repeats, and so their session.
  [ "$(assume_roles)" = 2 ]
}

in_each_shell 'AWS_PROFILE says whose credentials assume a role' by_environment
by_environment() {
  run_shell <<END
$(code_load)
$(code_export AWS_PROFILE user101)
$(code_awsrole "$ROLE/plain")
$(code_status switch)
$(code_show AWSROLE_PROFILE AWS_PROFILE)
$(code_awsrole 123456789012:plain)
$(code_status again)
$(code_awsrole off)
$(code_show AWS_PROFILE)
END
  has 'switch status 0' "AWSROLE_PROFILE exported $ROLE/plain" 'AWS_PROFILE unset' 'again status 0' 'AWS_PROFILE exported user101'
}

in_each_shell 'the value of a flag is no profile and no command, in any order and form' any_order
any_order() {
  local number=0 words
  {
    code_load
    while read -r words; do
      number=$((number + 1))
      # shellcheck disable=SC2086 # these are words
      code_awsrole $words
      code_status "line$number"
      code_show AWSROLE_PROFILE AWS_REGION
      code_awsrole off
    done <<'END'
--region eu-west-3 plain
plain --region eu-west-3
--region=eu-west-3 plain
--tag off=1 --tag list=2 --transitive-tag off --region eu-west-3 plain
--session-name list --source-identity whoami --external-id off --duration 15m plain --region eu-west-3
--policy-arn arn:aws:iam::aws:policy/X --source-profile user101 --region eu-west-3 -- plain
--mfa-serial arn:aws:iam::123456789012:mfa/off plain
END
  } >"$BATS_TEST_TMPDIR/lines"
  run_shell <"$BATS_TEST_TMPDIR/lines"
  # The last wants a code, and there is no terminal for it.
  has 'line1 status 0' 'line2 status 0' 'line3 status 0' 'line4 status 0' 'line5 status 0' 'line6 status 0' 'line7 status 4'
  [ "$(grep -c '^AWSROLE_PROFILE exported plain$' <<<"$output")" = 6 ]
  [ "$(grep -c '^AWS_REGION exported eu-west-3$' <<<"$output")" = 6 ]
  [ "$(asked 'requests.find(({ sourceIdentity }) => sourceIdentity).roleSessionName')" = list ]
}

in_each_shell 'a flag with odd characters in it comes through as it is' odd_values
odd_values() {
  run_shell <<END
$(code_load)
$(code_awsrole plain --tag 'team=a b' --tag 'url=https://x/y@z' --tag 'e=' --tag 'u=straße')
$(code_status tags)
$(code_awsrole plain --external-id '$(touch x)`touch x`; touch x')
$(code_status hostile)
END
  has 'tags status 0' 'hostile status 2'
  has_part '--external-id: external_id of profile "plain" is "$(touch x)`touch x`; touch x", which AWS would refuse'
  [ "$(asked 'Object.entries(requests[0].tags).join(" ")')" = 'e, team,a b u,straße url,https://x/y@z' ]
}

in_each_shell 'a switch with a flag neither reads nor writes the session file of the name' no_session_file
no_session_file() {
  run_shell <<END
$(code_load)
$(code_awsrole plain --region eu-west-3)
$(code_status first)
END
  has 'first status 0'
  [ ! -e "$(session_file plain)" ]
  run_shell <<END
$(code_load)
$(code_awsrole plain)
$(code_show AWS_REGION)
$(code_awsrole plain --region eu-west-3)
$(code_show AWS_REGION)
$(code_awsrole plain)
END
  has 'AWS_REGION exported eu-west-1' 'AWS_REGION exported eu-west-3'
  grep -q '^AWS_REGION=eu-west-1$' "$(session_file plain)"
  # The first, the plain one and the flagged one went to the core; the last was served by the shell.
  [ "$(core_starts)" = 3 ]
}

in_each_shell 'a wrong flag changes nothing, and its error names it' wrong
wrong() {
  run_shell <<END
$(code_load)
$(code_awsrole external)
$(code_awsrole plain --tag novalue)
$(code_status tag)
$(code_awsrole plain --region a --region b)
$(code_status twice)
$(code_awsrole plain --region=)
$(code_status empty)
$(code_awsrole "$ROLE/plain")
$(code_status source)
$(code_awsrole --tag plain)
$(code_status eaten)
$(code_show AWSROLE_PROFILE)
END
  has 'tag status 2' 'twice status 2' 'empty status 2' 'source status 3' 'eaten status 2' 'AWSROLE_PROFILE exported external'
  has_part '--tag: a session tag of profile "plain" is "novalue"' '--region: it was given 2 times' '--region: its value is empty' \
    'name a profile: --source-profile PROFILE' 'which profile? no name was given'
  [ "$(assume_roles)" = 1 ]
}

in_each_shell '--dry-run and explain say what would be done, and switch nothing' dry_run
dry_run() {
  run_shell <<END
$(code_load)
$(code_awsrole external)
$(code_awsrole plain --dry-run --region eu-west-3)
$(code_status behind)
$(code_awsrole --dry-run "$ROLE/plain" --source-profile user101)
$(code_status before)
$(code_awsrole explain plain)
$(code_status explain)
$(code_show AWSROLE_PROFILE AWS_REGION)
END
  has 'behind status 0' 'before status 0' 'explain status 0' 'AWSROLE_PROFILE exported external'
  [ "$(grep -c "AssumeRole $ROLE/plain" <<<"$output")" = 3 ]
  grep -Eq 'AWS_REGION +eu-west-3 +--region' <<<"$output"
  [ "$(assume_roles)" = 1 ]
  [ ! -e "$(session_file plain)" ]
}

in_each_shell 'exec takes the flags, and leaves what stands after -- to the command' with_exec
with_exec() {
  run_shell <<END
$(code_load)
$(code_awsrole exec 123456789012:plain --source-profile user101 --tag a=1 -- printf '<%s>' --tag b=2 --dry-run)
$(code_status exec)
$(code_show AWSROLE_PROFILE)
END
  has_part '<--tag><b=2><--dry-run>'
  has_part 'exec status 0' 'AWSROLE_PROFILE unset'
  [ "$(asked 'JSON.stringify(requests[0].tags)')" = '{"a":"1"}' ]
}

in_each_shell 'at a terminal: the code is asked for, and the prompt shows an ARN in short' at_terminal
at_terminal() {
  open_terminal
  submit "awsrole $ROLE/role101 --source-profile user101 --mfa-serial $DEVICE"
  wait_for "^MFA code for $DEVICE: *$"
  type_line "$(mfa_code)"
  finished
  [ "$status" -eq 0 ]
  wait_for '^\(123456789012:role101 [0-9]+m\) '
  enter "$(code_export AWSROLE_PROMPT_FORMAT '[%p/%a/%t] ')"
  wait_for '^\[123456789012:role101/123456789012/[0-9]+m\] '
  enter "$(code_export AWS_PROFILE other)"
  wait_for '^\[123456789012:role101/123456789012/\?\] '
}

in_each_shell 'at a terminal: a credential_process gets the PIN that it asks for, and the shell nothing of it' asks_for_pin
asks_for_pin() {
  cat >"$HOME_FOLDER/ask" <<'END'
#!/bin/sh
printf 'PIN: ' >&2
read -r pin
printf 'PIN had %s letters\n' "${#pin}" >&2
echo '{"Version": 1, "AccessKeyId": "AKIAUSER10100EXAMPLE", "SecretAccessKey": "sandbox+user101/notARealSecret0EXAMPLEKE"}'
END
  chmod 755 "$HOME_FOLDER/ask"
  printf '\n[profile card]\ncredential_process = "%s"\nregion = eu-west-1\n' "$HOME_FOLDER/ask" >>"$HOME_FOLDER/.aws/config"
  settle
  open_terminal
  submit 'awsrole card'
  wait_for '^PIN: '
  type_line 4711
  wait_for '^PIN had 4 letters'
  finished
  [ "$status" -eq 0 ]
  submit "awsrole exec card -- sh -c 'read -r line; echo \"\$AWSROLE_PROFILE got \$line\"'"
  wait_for '^PIN: ' 2
  type_line 47
  wait_for '^PIN had 2 letters'
  type_line 'my input'
  wait_for '^card got my input'
  finished
  [ "$status" -eq 0 ]
  not_on_screen 'not found'
}

in_each_shell 'at a terminal: an mfa_process gets the PIN that it asks for, and the shell nothing of it' asks_for_pin_of_mfa
asks_for_pin_of_mfa() {
  cat >"$HOME_FOLDER/give code" <<'END'
#!/bin/sh
printf 'PIN: ' >&2
read -r pin
printf 'PIN had %s letters\n' "${#pin}" >&2
cat "$HOME/code"
END
  chmod 755 "$HOME_FOLDER/give code"
  profile token role101 "mfa_serial = $DEVICE" "mfa_process = \"$HOME_FOLDER/give code\""
  mfa_code >"$HOME_FOLDER/code"
  open_terminal
  submit 'awsrole token'
  wait_for '^PIN: '
  type_line 4711
  wait_for '^PIN had 4 letters'
  finished
  [ "$status" -eq 0 ]
  rm -r "$CACHE" "$HOME_FOLDER/.aws/cli"
  control reset -X POST >/dev/null
  submit "awsrole exec token -- sh -c 'read -r line; echo \"\$AWSROLE_PROFILE got \$line\"'"
  wait_for '^PIN: ' 2
  type_line 47
  wait_for '^PIN had 2 letters'
  type_line 'my input'
  wait_for '^token got my input'
  finished
  [ "$status" -eq 0 ]
  not_on_screen 'not found'
  # Neither a pipe nor the code's line is taken from whom it is meant for.
  rm -r "$CACHE" "$HOME_FOLDER/.aws/cli"
  control reset -X POST >/dev/null
  submit "echo 'for cat' | awsrole exec token -- cat"
  wait_for '^PIN: PIN had 0 letters'
  wait_for '^for cat'
  finished
}
