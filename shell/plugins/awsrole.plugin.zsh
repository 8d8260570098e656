# awsrole for oh-my-zsh, antidote, zinit and other plugin managers of zsh. In an installed awsrole it loads what lies
# beside it; in a clone, where nothing is built, the awsrole that is on PATH.
if [[ -f ${${(%):-%x}:A:h:h:h}/dist/cli.mjs ]]; then
  source "${${(%):-%x}:A:h:h}/awsrole.zsh"
elif (( $+commands[awsrole] )); then
  eval "$(command awsrole init zsh)"
fi
