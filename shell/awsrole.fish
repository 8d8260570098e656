# awsrole for fish 3.1 and later: `awsrole NAME` puts the session of an AWS role into this shell.
# docs/contributing.md says what every wrapper does, and why. What the shell held before its first switch is kept in
# unexported globals: for each name of $__awsrole_names, $__awsrole_was_NAME is its scope (empty if it was unset), `x` or `u`
# (exported or not) and its elements. Helpers that are --no-scope-shadowing read and set local variables of their callers.

# `awsrole init fish` sets the root in a line of its own, as its text is sourced from no file.
set -l name; set -l file (status filename)
string match -q '/*' -- $file || set file $PWD/$file
string match -q '*.fish' -- $file && set -gu __awsrole_root (string replace -r '/shell/awsrole\.fish\z' '' -- $file)

# Older versions have no clock and cannot compare files: they ask the core each time, and show no minutes.
set -gu __awsrole_clock (string match -qr '^(3\.([6-9]|\d\d)|[4-9]|\d\d)' -- $version && builtin echo /)

# The build writes the version.
set -gu __awsrole_loaded 'fish 0.1.0'
# The build writes this line (src/commands/names.ts).
set -gu __awsrole_commands ' off - status exec env list explain whoami console clear new protect unprotect add rotate keys unlock lock doctor setup demo init help credential-process complete session-lines index-lines choice-line '
# The build writes what people are offered (src/commands/names.ts).
set -gu __awsrole_offered 'off:Put back what this shell held before|-:Go back to the role before, as `cd -` does|status:Show what this shell holds, and for how long|exec:Run one command with a role|env:Print a role for another program to read|list:List your profiles and kept sessions|explain:Show what a switch would do|whoami:Ask AWS who you are in this shell|console:Open the AWS console with a role|clear:Remove kept sessions, of a profile or all|new:Write a profile for a role, and try it|protect:Move long-lived keys out of the AWS files|unprotect:Write stored keys back, in plain text|add:Store the keys of a new user|rotate:Replace stored keys with new ones|keys:List where long-lived keys are; never a secret|unlock:Open the age files for a while, 8h by default|lock:Close the age files that unlock has opened|doctor:Find out what is wrong, and what to do|setup:Add awsrole to the start-up files of your shells|demo:Try awsrole without an AWS account|init:Print the function for a start-up file|help:Show this help, or more about one command'
set -l IFS \n # without it a command substitution is not split
set __awsrole_commands (string split -n ' ' -- $__awsrole_commands)
set __awsrole_offered (string replace : \t -- (string split '|' -- $__awsrole_offered))

# What no terminal may be sent, in a class of a regular expression.
set -gu __awsrole_controls '\x00-\x1f\x7f-\x9f\x{61c}\x{200e}\x{200f}\x{2028}-\x{202e}\x{2066}-\x{2069}\x{feff}'

if test -n "$AWSROLE_NAMES" && not set -q __awsrole_names[1]
    set -gu __awsrole_names (string match -r '^AWS[A-Z0-9_]*\z' -- (string split ' ' -- $AWSROLE_NAMES))
    set -gu __awsrole_inherited 1
    set -gu __awsrole_current -- $AWSROLE_PROFILE
    for name in $__awsrole_names
        set -gu __awsrole_was_$name '' u
    end
end

function awsrole --description 'Switch this shell to the role of an AWS profile'
    set -l fish_trace # the secrets must not reach a trace
    test -n "$IFS" || set -lx IFS \n
    set -lx AWSROLE_CHOOSE; set -lx AWSROLE_HELD $AWSROLE_PROFILE
    status is-interactive && test -t 1 -a -t 2 && set AWSROLE_CHOOSE 1
    test "$argv" = - && set -q __awsrole_previous[1] && set argv --again $__awsrole_previous
    if builtin contains -- "$argv" off '--again off'
        __awsrole_off
    else if not set -q argv[1] && test -n "$AWSROLE_CHOOSE"
        set -l lines (__awsrole_start choice-line)
        __awsrole_answer $status
    else if not set -q argv[1] || builtin contains -- $argv[1] - status whoami console doctor # of what this shell holds
        set -lx AWSROLE_LOADED $__awsrole_loaded
        __awsrole_start $argv
    else if builtin contains -- $argv[1] $__awsrole_commands
        __awsrole_from_base 1 $argv
    else
        __awsrole_switch $argv
    end
end

# Only exported local variables reach a function that shadows; what is hidden has to reach the program, too.
function __awsrole_start --no-scope-shadowing
    set -l launcher $__awsrole_root/shell/awsrole
    test -x "$launcher" || set launcher (command -s awsrole)
    if test -z "$launcher"
        builtin echo "awsrole: its program is gone from $__awsrole_root; open a new shell, or install it again" >&2
        return 1
    end
    test "$argv[1]" = exec && command -sq bash && set launcher bash --posix -p $launcher
    command $launcher $argv
end

# Starts the core with what the shell held before its first switch: from variable number $argv[1] of the kept ones on,
# each hides the global one by a local one. So nothing has to be put back, however this ends.
function __awsrole_from_base --no-scope-shadowing
    if not set -q __awsrole_names[$argv[1]]
        set -l AWSROLE_NAMES
        __awsrole_start $argv[2..-1]
        return
    end
    set -l __awsrole_was __awsrole_was_$__awsrole_names[$argv[1]]; set __awsrole_was $$__awsrole_was
    set -l "-$__awsrole_was[2]" $__awsrole_names[$argv[1]] $__awsrole_was[3..-1]
    __awsrole_from_base (builtin math $argv[1] + 1) $argv[2..-1]
end

# Reads what the core prints into the caller's `lines`. By a pipe: a command substitution would not get what is piped to us.
function __awsrole_ask --no-scope-shadowing
    set -lx AWSROLE_SHELL $key
    __awsrole_from_base 1 $argv | read -z -d \n -a lines
    set -l code $pipestatus[1]
    test -n "$lines[-1]" || set -e lines[-1] # what follows the last newline
    return $code
end

function __awsrole_put_back
    for name in $__awsrole_names
        set -l was __awsrole_was_$name; set was $$was
        set -eg __awsrole_was_$name
        test $name = AWS_PROFILE -a "$DIRENV_DIR" != "$__awsrole_direnv" && continue
        set -eg $name
        test "$was[1]" = g && set -g -$was[2] $name $was[3..-1]
    end
end

function __awsrole_off
    if not set -q __awsrole_names[1]
        builtin echo 'no role is held in this shell' >&2
        return 0
    end
    set -l left 'the shell is as it was before'
    set -q __awsrole_inherited && set left "removed $AWSROLE_NAMES; only the shell that switched can put back what they were"
    set left (string replace -ar "[$__awsrole_controls]" '?' -- "left $AWSROLE_PROFILE: $left")
    __awsrole_changeable $__awsrole_names AWSROLE_NAMES || return
    __awsrole_put_back
    set -eg AWSROLE_NAMES; set -eg __awsrole_names; set -eg __awsrole_inherited; set -eg __awsrole_renewal
    __awsrole_remember off
    builtin echo $left >&2
end

# Keeps the words of the state the shell is in now; false when they are those of the state before.
function __awsrole_remember
    set -q __awsrole_current[1] || set -gu __awsrole_current off
    test "$argv" != "$__awsrole_current" || return
    set -gu __awsrole_previous $__awsrole_current
    set -gu __awsrole_current $argv
end

# False, with a message, when a local variable of the caller stands before one of the words: better no switch than one
# that is only seen after it. Only exported ones are seen here.
function __awsrole_changeable
    set -ql $argv __awsrole_none # the status is how many there are not
    set -q argv[$status] || return 0
    for name in $argv
        set -ql $name && break
    end
    builtin echo "awsrole: $name is a local variable where this was called, so nothing was changed; leave out: set -lx $name" >&2
    return 1
end

# Does what the core says in the caller's `lines` in place of a session. $argv is the core's status.
function __awsrole_answer --no-scope-shadowing
    set -l name (string replace -rf '^awsrole-choice (.*)' '$1' -- "$lines[1]")
    if test $argv -ne 0 || not set -q name[1]
        set -q lines[1] && builtin printf '%s\n' $lines
        return $argv
    end
    __awsrole_switch (string match -r '^--(?= )' -- $name) (string replace -r '^-- ' '' -- $name)
end

function __awsrole_switch
    set -l key -; set -l files; set -l folder; set -l now; set -l lines; set -l fields; set -l names; set -l time; set -l colour
    set -l plain; set -l words $argv
    test "$words[1]" != --again || set -e words[1]
    set -q words[2] || set plain (string match -v -- '-*' $words)
    __awsrole_place
    if not set -q plain[1] || not __awsrole_read_session $plain || not string match -q 'shows - *' -- $lines[6]
        __awsrole_ask session-lines $argv
        set -l code $status
        if test $code -ne 0 || not string match -q 'awsrole-session *' -- "$lines[1]"
            __awsrole_answer $code
            return
        else if not __awsrole_parse
            builtin echo "awsrole's answer was incomplete or of another version, so nothing was changed; open a new shell, or install awsrole again" >&2
            return 1
        end
        __awsrole_time $fields[7]
    end
    __awsrole_take || return
    set -gu __awsrole_renewal $fields[6] $plain
    if __awsrole_remember $words && set -q plain[1] && test -f $folder/uses -a -w $folder/uses -a ! -L $folder/uses
        builtin printf '%s\n' $plain 2>/dev/null >>$folder/uses
    end
    # Without a clock there is no time, and what is over is not left.
    string replace -r '^says (.*?)(,  left|(?<=EXPIRED) left)?\z' '$1' -- "$lines[5], $time left" >&2
end

# Sets the caller's `folder` to awsrole's cache, `files` to the AWS files and the settings, and `key` to this shell's key.
function __awsrole_place --no-scope-shadowing
    set folder "$HOME/.cache/awsrole"
    string match -q '/*' -- "$XDG_CACHE_HOME" && set folder "$XDG_CACHE_HOME/awsrole"
    set -l values
    for name in AWS_CONFIG_FILE AWS_SHARED_CREDENTIALS_FILE AWS_ENDPOINT_URL_STS AWS_ENDPOINT_URL AWS_IGNORE_CONFIGURED_ENDPOINT_URLS
        set -l was __awsrole_was_$name
        set -q $was && set -q __awsrole_inherited && return
        set -l value $$name
        set -q $was && set was $$was && set value $was[3..-1]
        set values $values "$value"
    end
    test -z "$values[5]" || return
    test -n "$values[1]" || set values[1] "$HOME/.aws/config"
    test -n "$values[2]" || set values[2] "$HOME/.aws/credentials"
    test -n "$values[3]" || set values[3] $values[4]
    set files $values[1..2] "$HOME/.config/awsrole/config"
    string match -q '/*' -- "$XDG_CONFIG_HOME" && set files[3] "$XDG_CONFIG_HOME/awsrole/config"
    string match -q '/*|/*|/*|*' -- "$HOME|$values[1]|$values[2]|$values[3]" && set key "$HOME|$values[1]|$values[2]|$values[3]"
end

# Takes apart the kept lines of name $argv[1], as __awsrole_parse; false when there are none to serve.
function __awsrole_read_session --no-scope-shadowing
    set -l file $argv[1]
    if string match -qr '[%/\\\\:*?"<>|]' -- $file
        for letter in % / \\ : '*' '?' '"' '<' '>' '|'
            set file (string replace -a -- $letter (builtin printf '%%%X' "'$letter") $file)
        end
    end
    __awsrole_read_kept shell "s-$file.session" "awsrole-session 2 $argv[1]" && __awsrole_parse || return
    __awsrole_time $fields[7]
    test -n "$now" && test $fields[6] -gt $now
end

# Reads file $argv[2] in folder $argv[1] of the cache into the caller's `lines`; false unless it is ours, whole, begins with
# line $argv[3], and was made for this shell's key and the caller's `files` as they are.
function __awsrole_read_kept --no-scope-shadowing
    test "$key" != - -a -n "$__awsrole_clock" || return
    set -l place $folder/$argv[1]; set -l file $place/$argv[2]
    # Of an open file nothing can be asked here. These are asked of the path, and nobody else can change what it leads to.
    test -f $file -a ! -L $file -a -O $file -a -O $folder -a ! -L $place -a -O $place || return
    read -z -d \n -a lines <$file 2>/dev/null
    test -n "$lines[-1]" || set -e lines[-1]
    test "$lines[1]" = $argv[3] && test "$lines[2]" = "for $key" && test "$lines[-1]" = end || return
    string match -qr '^states( [0-9a-f.]+| absent){'(builtin count $files)'}\z' -- "$lines[3]" || return
    set -l stamps (string split ' ' -- $lines[3])[2..-1]
    for file in $files
        if test $stamps[1] = absent
            test ! -e $file -a ! -L $file || return
        else
            set -l stamp $folder/stamps/$stamps[1]
            test -f $file -a -f $stamp -a ! $file -nt $stamp -a ! $file -ot $stamp || return
        end
        set -e stamps[1]
    end
end

# Takes the caller's `lines` apart into `names` and `fields` (states C R S times RENEW EXPIRES unset NAME...); false
# unless they are whole and well-formed.
function __awsrole_parse --no-scope-shadowing
    set -q lines[9] && test "$lines[-1]" = end || return
    string match -q 'awsrole-session 2 ?*' -- $lines[1] && string match -q 'says ?*' -- $lines[5] || return
    set fields (string split ' ' -- $lines[3..4] $lines[7])
    string match -qr '^states( [0-9a-f.]+| absent| -){3} times( [0-9]{1,12}){2} unset( AWS[A-Z0-9_]*)*\z' -- "$fields" || return
    string match -qrv '^AWS[A-Z0-9_]*=' -- $lines[8..-2] && return 1
    string match -qr "[$__awsrole_controls]" -- $lines[5..-1] && return 1 # a path in the second may hold anything
    set names (string replace -r '=.*' '' -- $lines[8..-2])
end

# Puts the caller's `lines` into the shell; false, with nothing changed, when that cannot be.
function __awsrole_take --no-scope-shadowing
    __awsrole_changeable $names $fields[9..-1] $__awsrole_names AWSROLE_NAMES || return
    for name in $fields[9..-1]
        set -qUx $name || continue
        builtin echo "awsrole: $name is an exported universal variable, which cannot be hidden, so nothing was changed; run: set -eU $name" >&2
        return 1
    end
    if test "$names $fields[9..-1]" != "$__awsrole_names"
        __awsrole_put_back
        set -gu __awsrole_names $names $fields[9..-1]
        set -gu __awsrole_direnv $DIRENV_DIR
        for name in $__awsrole_names
            set -l was '' u
            for scope in U g
                set -q -$scope $name && set was $scope u
                set -q -$scope -x $name && set was $scope x
            end
            set -gu __awsrole_was_$name $was $$name
        end
    end
    set -l values (string replace -r '^[^=]*=' '' -- $lines[8..-2])
    for name in $names
        set -gx $name $values[1]; set -e values[1]
    end
    for name in $fields[9..-1]
        set -eg $name
        set -qU $name && set -gu $name # a universal one stays what it is in other shells
    end
    set -gx AWSROLE_NAMES "$names"
    return 0
end

# Sets the caller's `now` to epoch seconds, `time` to how long it is until $argv[1] and `colour` to how that is shown;
# without a clock it leaves them. The shell has none, but it knows how old a file is.
function __awsrole_time --no-scope-shadowing
    string match -qr '^[1-9][0-9]{0,11}\z' -- "$argv[1]" && test -n "$__awsrole_clock" || return 0
    set -l age (builtin path mtime $__awsrole_clock; builtin path mtime -R $__awsrole_clock)
    set now (builtin math $age[1] + $age[2]; builtin math "floor(($argv[1] - ($age[1] + $age[2]) + 59) / 60)")
    set time $now[2]"m"
    if test $now[2] -lt 1
        set time EXPIRED; set colour red
    else if test $now[2] -ge 100
        set time (builtin printf '%dh%02dm' (builtin math "floor($now[2] / 60)") (builtin math $now[2] % 60))
    else if test $now[2] -le 10
        set colour yellow
    end
    set -e now[2]
end

# Before each prompt: takes a renewed session, and wraps fish_prompt, also one that was defined in the meantime.
function __awsrole_prompt --on-event fish_prompt
    # In some versions the event comes for the `read` of a command, too.
    set -q AWSROLE_PROFILE && test (status current-command) = fish || return 0
    set -l fish_trace
    test -n "$IFS" || set -lx IFS \n
    __awsrole_renew
    test "$AWSROLE_PROMPT" != off -o -n "$AWSROLE_GUARD" && builtin functions -q fish_prompt || return 0
    set -gu __awsrole_shown (string replace -rf "^awsrole's segment, then __awsrole_prompt_" '' -- (builtin functions -Dv fish_prompt)[-1])
    test -z "$__awsrole_shown" || return 0 # ours, or a copy that somebody has put back (as Python's virtualenv does)
    # Copies of earlier ones may be called by what was made around them, so each keeps its name.
    set -l __awsrole_number (builtin functions -a | string match -r '^__awsrole_prompt_.*' | builtin count)
    builtin functions -c fish_prompt __awsrole_prompt_$__awsrole_number
    function fish_prompt -V __awsrole_number --description "awsrole's segment, then __awsrole_prompt_$__awsrole_number"
        set -l __awsrole_text (__awsrole_prompt_$__awsrole_number $argv) # first, so that it finds $status and $pipestatus
        # One that is called by another one shows none. In front of the last line, as a theme may fill the first one to the edge.
        if test -n "$AWSROLE_PROFILE" && test "$AWSROLE_PROMPT" != off -o -n "$AWSROLE_GUARD" && test "$__awsrole_shown" = "$__awsrole_number"
            set -q __awsrole_text[1] || set __awsrole_text ''
            set __awsrole_text[-1] (__awsrole_segment)"$__awsrole_text[-1]"
        end
        string replace -a \x1e \n -- $__awsrole_text
    end
    set -gu __awsrole_shown $__awsrole_number
end

# Prints who this shell is and for how long, in one line: a line break is a \x1e. It is shown and never taken for code.
function __awsrole_segment
    test -n "$IFS" || set -lx IFS \n
    set -l name $AWSROLE_PROFILE
    string match -q 'arn:*/*' -- $name && set name $AWSROLE_ACCOUNT_ID:(string replace -r '.*/' '' -- $name)
    set -l text $name; set -l colour cyan; set -l time; set -l now
    if test "$AWS_ACCESS_KEY_ID" = "$AWSROLE_ACCESS_KEY_ID" && not set -q AWS_PROFILE[1]
        __awsrole_time $AWSROLE_EXPIRES
        builtin contains -- "$AWSROLE_EXPIRES" '' 0 && test -z "$AWS_SESSION_TOKEN" && set time keys && set colour yellow
        test -z "$time" || set text "$name $time"
    else
        set time '?'; set colour red; set text "$name?"
    end
    set -l paint (builtin set_color $colour)
    set -l format '(%s) '
    set -q AWSROLE_PROMPT_FORMAT && set format "$AWSROLE_PROMPT_FORMAT"
    if test -n "$AWSROLE_GUARD"
        set paint (builtin set_color --background red brwhite)
        string match -qr '%[sp]' -- "$format" || set format '(%s) '
    else if test "$colour" = cyan && string match -qr '^[0-9;]{1,12}\z' -- "$AWSROLE_COLOR"
        set paint \e"[$AWSROLE_COLOR"m
    end
    if test "$format" != '(%s) '
        set -l fields (string replace -ar "[$__awsrole_controls]" '?' -- "$text" "$name" "$time" "$AWS_REGION" "$AWSROLE_ACCOUNT_ID" "$AWSROLE_ACCOUNT_NAME" %)
        set text
        for part in (string split \n -- $format | string replace -ar "[$__awsrole_controls]" '?' | string join \x1e | string match -ar '%.?|[^%]+')
            set -l at (builtin contains -i -- $part %s %p %t %r %a %n %%) && set part $fields[$at]
            set text "$text$part"
        end
    else
        set text "($text) "
        string match -qr "[$__awsrole_controls]" -- $text && set text (string replace -ar "[$__awsrole_controls]" '?' -- $text)
    end
    test -z "$NO_COLOR" && test "$TERM" != dumb && set text $paint$text(builtin set_color normal)
    builtin printf '%s\n' $text
end

# Leaves a role when its guard says so, takes over what another terminal has renewed, and has the core renew where the
# settings say so.
function __awsrole_renew
    set -l key -; set -l files; set -l folder; set -l now; set -l lines; set -l fields; set -l names; set -l time; set -l colour
    test -n "$AWSROLE_GUARD_ENDS" && __awsrole_time (string replace -r '^0+' '' -- "$AWSROLE_GUARD_ENDS")
    if test "$time" = EXPIRED
        builtin echo 'awsrole: the time limit of this guarded role has passed' >&2
        __awsrole_off
        return
    end
    set -q __awsrole_renewal[2] && test "$AWS_ACCESS_KEY_ID" = "$AWSROLE_ACCESS_KEY_ID" && not set -q AWS_PROFILE[1] || return
    __awsrole_time $AWSROLE_EXPIRES
    test -n "$now" && test $now -ge $__awsrole_renewal[1] || return
    __awsrole_place
    if not __awsrole_read_session $__awsrole_renewal[2]
        test "$AWSROLE_RENEW" = auto && test $now -ge (builtin math $__awsrole_renewal[1] + $fish_pid % 60) || return
        set -q __awsrole_renewal[3] && test $now -lt (builtin math $__awsrole_renewal[3] + 60) && return
        set __awsrole_renewal[3] $now
        set -lx AWSROLE_SHELL $key
        __awsrole_from_base 1 session-lines --renew $__awsrole_renewal[2]
        return
    end
    set -l ends $AWSROLE_GUARD_ENDS
    test $fields[7] -gt $AWSROLE_EXPIRES || return
    builtin contains -- "AWSROLE_ROLE_ARN=$AWSROLE_ROLE_ARN" $lines ||
        builtin contains -- "AWSROLE_MFA_SERIAL=$AWSROLE_MFA_SERIAL" $lines || return
    __awsrole_take 2>/dev/null && set __awsrole_renewal[1] $fields[6]
    test -z "$ends" || set -gx AWSROLE_GUARD_ENDS $ends
end

# Prints what may stand at the cursor, a description after a tab. The shell itself escapes odd names.
function __awsrole_complete
    set -l fish_trace
    test -n "$IFS" || set -lx IFS \n
    set -l words (builtin commandline -opc)[2..-1]
    set -l current (builtin commandline -ct)
    set -l word (string unescape -- "$current")
    if test "$words[1]" = exec && builtin contains -- -- $words
        # A command line of its own, as it was typed.
        set -l rest (string replace -rf '(?s)^.*?\s(["\']?)--\1\s+' '' -- (builtin commandline -cp | string collect) | string collect)
        builtin complete -C "$rest"
    else if builtin contains -- "$words" '' exec && not string match -q -- '-*' "$word"
        set -l key -; set -l files; set -l folder; set -l lines
        __awsrole_place
        set -e files[3] # names do not hang on awsrole's settings
        __awsrole_read_kept completion index 'awsrole-index 2' || __awsrole_ask index-lines 2>/dev/null </dev/null
        set -l taken # by a command: such a name stands only after `exec` or `--`
        set -q words[1] || set taken (string join '|' -- $__awsrole_commands)
        test "$lines[1]" = 'awsrole-index 2' && test "$lines[-1]" = end && set -q lines[5] &&
            string match -rv "^(-|($taken)\t)" -- $lines[4..-2]
        set -q words[1] || builtin printf '%s\n' $__awsrole_offered
    else
        set -l answer (__awsrole_from_base 1 complete fish $words "$word" 2>/dev/null </dev/null)
        test "$answer[1]" = files && builtin complete -C "'' $current"
        test "$answer[1]" = words && string join \n -- $answer[2..-1]
    end
end

builtin complete -e -c awsrole
builtin complete -c awsrole -f -k -a '(__awsrole_complete)'
