#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2154 # code for other shells stands in quotes; what one file sets another uses
# The profile of a folder, and what direnv has for one.

bats_require_minimum_version 1.5.0

load lib/sandboxed

# shellcheck disable=SC2034 # lib/shells.bash reads it
SHELLS=(bash zsh fish powershell)

end_folder() {
  rm -f "$WORK/.awsrole"
  rmdir "$WORK/below" 2>/dev/null || :
}

teardown() {
  end_folder
  end_test
}

in_each_shell 'awsrole . switches to the profile that the folder names, and says which file does' folder_profile
folder_profile() {
  echo plain >"$WORK/.awsrole"
  mkdir "$WORK/below"
  run_shell <<END
$(code_load)
cd below
$(code_awsrole .)
$(code_status in)
$(code_show AWSROLE_PROFILE)
$(code_awsrole off)
$(code_awsrole -)
$(code_show AWSROLE_PROFILE)
$(code_awsrole . --region us-west-2)
$(code_status flags)
$(code_awsrole exec . -- printenv AWSROLE_PROFILE)
END
  has 'in status 0' 'flags status 2' plain
  has_part "$WORK/.awsrole: plain"
  [ "$(grep -Fc 'AWSROLE_PROFILE exported plain' <<<"$output")" -eq 2 ]
}

in_each_shell 'a file that others can write, that names nothing or is not there changes nothing' folder_refused
folder_refused() {
  local what
  for what in 'chmod g+w .awsrole' ': >.awsrole' 'printf "a\nb\n" >.awsrole' 'rm .awsrole' 'chown 1 .awsrole'; do
    end_folder
    echo plain >"$WORK/.awsrole"
    (cd "$WORK" && eval "$what") || continue
    run_shell <<END
$(code_load)
$(code_awsrole .)
$(code_status refused)
$(code_show AWSROLE_PROFILE)
END
    has 'refused status 3' 'AWSROLE_PROFILE unset'
  done
}

# As direnv does when the prompt finds another folder: it changes the variables of the shell.
in_each_shell 'what direnv had for a folder is not revived in another one' folder_left
folder_left() {
  run_shell <<END
$(code_load)
$(code_export DIRENV_DIR -/one)
$(code_export AWS_PROFILE one)
$(code_awsrole plain)
$(code_export DIRENV_DIR '')
$(code_awsrole off)
$(code_show AWS_PROFILE)
$(code_export DIRENV_DIR -/one)
$(code_export AWS_PROFILE one)
$(code_awsrole plain)
$(code_awsrole off)
$(code_show AWS_PROFILE)
END
  has 'AWS_PROFILE unset' 'AWS_PROFILE exported one'
}
