# shellcheck shell=bash disable=SC2034,SC2154 # the variables are those of awsrole.bash
# What awsrole.bash needs in Git Bash on Windows, which starts programs that are no POSIX programs. zsh does not read it.
__awsrole_git_bash=1

# Git Bash would rewrite a secret that begins with a slash into a Windows path.
case ";${MSYS2_ENV_CONV_EXCL-};" in
  *';AWSROLE_SHELL;'*) ;;
  *)
    builtin export "MSYS2_ENV_CONV_EXCL=${MSYS2_ENV_CONV_EXCL:+$MSYS2_ENV_CONV_EXCL;}AWS_ACCESS_KEY_ID;AWS_SECRET_ACCESS_KEY;AWS_SESSION_TOKEN;AWSROLE_SHELL"
    ;;
esac

# Makes the caller's `key` the one that PowerShell has, so that one session file serves both, and finds the cache there.
__awsrole_git_bash_key() {
  if [[ ${XDG_CACHE_HOME-} != /* && -n ${LOCALAPPDATA-} ]]; then folder=${LOCALAPPDATA//\\//}/awsrole; fi
  if [[ $key == - ]]; then return 0; fi
  local path=''
  __awsrole_native "$home"
  home=$path
  __awsrole_native "${AWS_CONFIG_FILE-}"
  key=$home\|${path:-$home/.aws/config}\|
  __awsrole_native "${AWS_SHARED_CREDENTIALS_FILE-}"
  key=$key${path:-$home/.aws/credentials}\|${AWS_ENDPOINT_URL_STS:-${AWS_ENDPOINT_URL-}}
}

# Sets the caller's `path` to what a native program gets: `/c/Users/u` is `C:\Users\u`. Git Bash is never older than 4.4.
__awsrole_native() {
  local LC_ALL=C letter=${1:1:1}
  path=$1
  if [[ $path == /[A-Za-z]/* ]]; then path=${path:2} path=${letter^}:${path//\//\\}; fi
}

# A native program has no terminal here: the core reads the MFA code from its standard input, and the echo is turned off
# and on again however it ends. Words that look like paths stay as they are.
__awsrole_git_bash_ask() {
  local word='' terminal=''
  for word in "$@"; do
    if [[ $word == /* || $1 == complete ]]; then builtin export 'MSYS2_ARG_CONV_EXCL=*'; fi
  done
  if [[ $1 != session-lines || ! -t 0 ]] || ! terminal=$(\command stty -g 2>/dev/null); then return 0; fi
  # shellcheck disable=SC2064 # as it is now
  builtin trap "command stty '${terminal//\'/}'" EXIT
  builtin trap 'exit 130' INT
  builtin trap 'exit 143' TERM HUP
  command stty -echo
  (__awsrole_core "$@")
  exit
}
