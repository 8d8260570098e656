# shellcheck shell=bash
# awsrole for bash-it: a link to this file belongs into its folder custom/. The awsrole that is on PATH is loaded.
if type -P awsrole >/dev/null; then eval "$(command awsrole init bash)"; fi
