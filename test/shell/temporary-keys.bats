#!/usr/bin/env bats
# Keys that another tool wrote into the credentials file, and that end: in every shell, and by the launcher.
# shellcheck disable=SC2016 # code for other shells stands in quotes

bats_require_minimum_version 1.5.0

load lib/sandboxed

# shellcheck disable=SC2034 # lib/shells.bash reads it
SHELLS=(bash zsh fish powershell)

# tool_keys SECONDS: a credentials file of one section, whose keys end so soon, as aws-mfa writes it. Sets end.
tool_keys() {
  end=$(($(date +%s) + $1))
  cat >"$HOME_FOLDER/.aws/credentials" <<END
[tool]
assumed_role = False
aws_access_key_id = ASIATOOL0000000EXAMPLE
aws_secret_access_key = notARealSecret
aws_session_token = notARealToken
region = us-east-1
expiration = $(date -u -d "@$end" '+%Y-%m-%d %H:%M:%S')
END
  settle
}

launcher() { run env -C "$WORK" -i "${environment[@]}" "$PREFIX/bin/awsrole" "$@"; }

in_each_shell 'until when is said and shown; kept, and served without the core' say_until_when
say_until_when() {
  tool_keys 3570
  open_terminal
  enter 'awsrole tool'
  wait_for '^tool: a session, us-east-1, (59|60)m left'
  wait_for '^\(tool (59|60)m\) ready> '
  enter 'awsrole tool'
  [ "$(core_starts)" -eq 1 ]
  launcher exec tool -- sh -c 'echo "$AWS_ACCESS_KEY_ID $AWS_CREDENTIAL_EXPIRATION"'
  [ "$output" = "ASIATOOL0000000EXAMPLE $(date -u -d "@$end" +%Y-%m-%dT%H:%M:%SZ)" ]
  [ "$(core_starts)" -eq 1 ]
}

in_each_shell 'served to their end and not beyond' not_beyond
not_beyond() {
  local seconds
  { code_prelude && code_load && code_awsrole tool && code_status switch; } >"$BATS_TEST_TMPDIR/switch"
  # A slow machine gets more time.
  for seconds in 6 30 120; do
    tool_keys "$seconds"
    run_script "$BATS_TEST_TMPDIR/switch"
    [ "$(date +%s)" -ge "$end" ] || break
  done
  has 'switch status 0'
  [ -f "$(session_file tool)" ]
  until [ "$(date +%s)" -gt "$end" ]; do sleep 0.2; done
  run_script "$BATS_TEST_TMPDIR/switch"
  has 'switch status 4'
  has_part 'credentials:7: the temporary keys of profile "tool" ended at ' 'aws-mfa wrote them; run: aws-mfa --profile tool'
  launcher exec tool -- echo served
  [ "$status" -eq 4 ]
  has_no 'served'
  launcher credential-process tool
  [ "$status" -eq 4 ]
  has_no notARealSecret
}
