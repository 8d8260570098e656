# awsrole for fish 3.1 and later: `awsrole PROFILE` puts the session of an AWS role into this shell.
#
# A session arrives as lines of `key value`, from awsrole's cache or from the core. They are read into local variables,
# checked as a whole, and only then applied; nothing is ever evaluated. What the shell held before its first switch is
# kept in unexported globals, one for each name of $__awsrole_names: $__awsrole_was_NAME is a letter for its kind and
# then its elements, so that `awsrole off` can put it back.
#
# Helpers that are --no-scope-shadowing read and set the local variables of their callers, which say so.

# `awsrole init fish` sets the root in a line of its own, as its text is sourced from no file.
switch (status filename)
    case '/*/shell/awsrole.fish'
        set -gu __awsrole_root (string replace -r '/shell/awsrole\.fish\z' '' -- (status filename))
    case '*/awsrole.fish'
        set -gu __awsrole_root $PWD/(string replace -r '[^/]*\z' '' -- (status filename))..
    case awsrole.fish
        set -gu __awsrole_root $PWD/..
    case '*'
        set -gu __awsrole_root $__awsrole_root
end

# Older versions have no clock and cannot compare files: they ask the core each time, and show no minutes.
if string match -qr '^(3\.([6-9]|\d\d)|[4-9]|\d\d)' -- $version
    set -gu __awsrole_clock /
else
    set -gu __awsrole_clock
end

function awsrole --description 'Switch this shell to the role of an AWS profile'
    set -l fish_trace # the secrets must not reach a trace
    test -n "$IFS" || set -lx IFS \n # without it a command substitution is not split
    __awsrole_main $argv
end

# What the words ask for: a switch, a command that the shell answers itself, or one of the core's.
function __awsrole_main
    set -l verb
    set -l name
    set -l skip
    set -l rest
    __awsrole_adopt
    for word in $argv
        if test -n "$skip"
            set skip
            continue
        else if test -n "$rest"
            set name $word
            break
        end
        switch $word
            case --
                set rest 1
                test -n "$verb" || set verb switch
            case --version --help -h --dry-run
                set verb core
                break
            case -
                test -n "$verb" || set verb previous
            case '-*'
                __awsrole_takes_value $word && set skip 1
            case '*'
                test -z "$verb" || continue
                switch $word
                    case off
                        set verb off
                    case whoami
                        set verb here
                    case exec list explain clear demo init credential-process session-lines index-lines
                        set verb core
                        break
                    case '*'
                        set verb switch
                        set name $word
                end
        end
    end
    switch "$verb"
        case switch
            __awsrole_switch "$name" $argv
        case previous off
            if test (builtin count $argv) -gt 1
                __awsrole_say "awsrole $argv[-1]: '$verb' takes no other words; run: awsrole --help"
                return 2
            else if test $verb = off
                __awsrole_off
            else if not set -q __awsrole_previous[1]
                __awsrole_say 'awsrole -: there is no role before this one in this shell; run: awsrole PROFILE'
                return 2
            else
                __awsrole_main $__awsrole_previous
            end
        case core
            __awsrole_from_base 1 __awsrole_start $argv
        case '*' # whoami and the bare word speak of what this shell holds
            __awsrole_start $argv
    end
end

# True for an option whose value is the next word.
function __awsrole_takes_value
    builtin contains -- $argv[1] --mfa-code --source-profile --region --duration --session-name --external-id --mfa-serial \
        --source-identity --tag --transitive-tag --policy --policy-arn
end

function __awsrole_say
    builtin printf '%s\n' $argv[1] >&2
end

# Only exported local variables reach a function that shadows; what is hidden has to reach the program, too.
function __awsrole_start --no-scope-shadowing
    set -l launcher $__awsrole_root/shell/awsrole
    test -x "$launcher" || set launcher (command -s awsrole)
    if test -z "$launcher"
        __awsrole_say "awsrole: its program is gone from "(string join '' -- $__awsrole_root)"; install it again"
        return 1
    end
    command $launcher $argv
end

# Calls a function with what the shell held before its first switch: from variable number $argv[1] of the kept ones on,
# each hides the global one by a local one. So nothing has to be put back, however the function ends.
function __awsrole_from_base --no-scope-shadowing
    if not set -q __awsrole_names[$argv[1]]
        set -l AWSROLE_NAMES
        $argv[2] $argv[3..-1]
        return
    end
    set -l __awsrole_hidden $__awsrole_names[$argv[1]]
    set -l __awsrole_was __awsrole_was_$__awsrole_hidden
    set __awsrole_was $$__awsrole_was
    if builtin contains -- $__awsrole_was[1] x X
        set -e __awsrole_was[1]
        set -lx $__awsrole_hidden $__awsrole_was
        __awsrole_from_base (builtin math $argv[1] + 1) $argv[2..-1]
    else
        set -l $__awsrole_hidden
        __awsrole_from_base (builtin math $argv[1] + 1) $argv[2..-1]
    end
end

# Reads the core's lines into the caller's `lines`. By a pipe: a command substitution would not get what is piped to us.
function __awsrole_ask --no-scope-shadowing
    __awsrole_start session-lines $argv | read -z -d \n -a lines
    return $pipestatus[1]
end

# In a child of a switched shell only the names of the variables are known, not what they were before.
function __awsrole_adopt
    if test -z "$AWSROLE_NAMES" || set -q __awsrole_names[1]
        return 0
    end
    set -gu __awsrole_names (string match -r '^AWS[A-Z0-9_]*\z' -- (string split ' ' -- $AWSROLE_NAMES))
    for name in $__awsrole_names
        set -gu __awsrole_was_$name u
    end
    set -gu __awsrole_inherited 1
    if not set -q __awsrole_current[1] && test -n "$AWSROLE_PROFILE"
        set -gu __awsrole_current -- $AWSROLE_PROFILE
    end
end

# Sets the caller's `base` to what a variable was before the first switch.
function __awsrole_base --no-scope-shadowing
    set base __awsrole_was_$argv[1]
    if set -q $base
        set base $$base
        set -e base[1]
    else
        set base $$argv[1]
    end
end

# Keeps a variable: u(nset), s(hell) or x (exported); X or S when it is a universal one, which is only ever hidden.
function __awsrole_keep
    set -l kind u
    if set -qgx $argv[1]
        set kind x
    else if set -qg $argv[1]
        set kind s
    else if set -qUx $argv[1]
        set kind X
    else if set -qU $argv[1]
        set kind S
    end
    set -gu __awsrole_was_$argv[1] $kind $$argv[1]
end

function __awsrole_put_back
    set -l was __awsrole_was_$argv[1]
    set was $$was
    set -l kind $was[1]
    set -e was[1]
    set -eg $argv[1]
    switch $kind
        case x
            set -gx $argv[1] $was
        case s
            set -gu $argv[1] $was
    end
    set -eg __awsrole_was_$argv[1]
end

function __awsrole_off
    if not set -q __awsrole_names[1]
        __awsrole_say 'no role is held in this shell'
        return 0
    end
    set -l left $AWSROLE_PROFILE
    test -n "$left" || set left 'the role'
    set -l removed $AWSROLE_NAMES
    __awsrole_changeable $__awsrole_names AWSROLE_NAMES || return
    for name in $__awsrole_names
        __awsrole_put_back $name
    end
    set -eg AWSROLE_NAMES
    set -l inherited $__awsrole_inherited
    set -eg __awsrole_names
    set -eg __awsrole_inherited
    set -eg __awsrole_renewal
    __awsrole_remember off
    if test -n "$inherited"
        __awsrole_say "left $left: removed $removed; what they were before, only the shell that switched knows"
    else
        __awsrole_say "left $left: the shell is as it was before"
    end
end

# The words of the state the shell is in now, for `awsrole -`.
function __awsrole_remember
    set -l now $__awsrole_current
    set -q now[1] || set now off
    test "$argv" = "$now" || set -gu __awsrole_previous $now
    set -gu __awsrole_current $argv
end

# False, with a message, when a local variable of the caller stands before one of the words: better no switch than one
# that is only seen after it. Only exported ones are seen here.
function __awsrole_changeable
    for name in $argv
        if set -ql $name
            __awsrole_say "awsrole: $name is a local variable where this was called, so nothing was changed; leave out: set -lx $name"
            return 1
        end
    end
    return 0
end

# A switch to profile $argv[1]; the other words are those of the command line.
function __awsrole_switch
    set -l profile $argv[1]
    set -l words $argv[2..-1]
    set -l plain
    set -l now
    set -l folder
    set -l lines
    set -l sets
    set -l unsets
    __awsrole_now
    if not set -q words[2] || test "$words[1]" = --
        set -q words[3] || set plain 1
    end
    if not begin
            test -n "$plain" && __awsrole_read_file && __awsrole_fits && __awsrole_parse
        end
        set lines
        __awsrole_from_base 1 __awsrole_ask $words || return
        string match -q '*'\r -- $lines[1] && set lines (string trim -rc \r -- $lines) # native programs end their lines so
        if not __awsrole_parse
            __awsrole_say 'awsrole: the core did not answer with whole session lines, so nothing was changed; install awsrole again'
            return 1
        end
    end
    __awsrole_take || return
    # Only what was asked for by name alone is renewed by that name.
    set -l renew
    if test -n "$plain" && string match -qr '^renew-after (?<renew>[0-9]{1,11})\z' -- $lines[11] && test -n "$renew"
        set -gu __awsrole_renewal $renew $profile
    else
        set -eg __awsrole_renewal
    end
    __awsrole_remember $words
    __awsrole_tell
    return 0
end

# Puts the caller's `sets` and `unsets` into the shell; false, with nothing changed, when that cannot be.
function __awsrole_take --no-scope-shadowing
    set -l names (string replace -r ' .*' '' -- $sets)
    if test "$names $unsets" = "$__awsrole_names"
        __awsrole_changeable $names $unsets AWSROLE_NAMES || return
    else
        __awsrole_changeable $names $unsets $__awsrole_names AWSROLE_NAMES || return
    end
    for name in $unsets
        if set -qUx $name
            __awsrole_say "awsrole: $name is an exported universal variable, which cannot be hidden, so nothing was changed; run: set -eU $name"
            return 1
        end
    end
    test "$names $unsets" = "$__awsrole_names" || __awsrole_rebase $names $unsets
    set -l values (string replace -r '^[A-Z0-9_]* ' '' -- $sets)
    for name in $names
        set -gx $name $values[1]
        set -e values[1]
    end
    for name in $unsets
        set -eg $name
        # A universal one stays what it is in other shells; here it is hidden.
        set -qU $name && set -gu $name
    end
    set -gx AWSROLE_NAMES "$names"
    return 0
end

# Keeps what the words were before, and puts back what only the role before this one had changed.
function __awsrole_rebase
    for name in $__awsrole_names
        builtin contains -- $name $argv || __awsrole_put_back $name
    end
    for name in $argv
        set -q __awsrole_was_$name || __awsrole_keep $name
    end
    set -gu __awsrole_names $argv
end

# Sets the caller's `now` to epoch seconds, or to nothing. The shell has no clock, but it knows how old a file is.
function __awsrole_now --no-scope-shadowing
    if test -n "$__awsrole_clock"
        set now (builtin math (builtin path mtime $__awsrole_clock) + (builtin path mtime -R $__awsrole_clock))
    end
end

# Sets the caller's `folder` to awsrole's cache.
function __awsrole_cache --no-scope-shadowing
    if string match -q '/*' -- "$XDG_CACHE_HOME"
        set folder "$XDG_CACHE_HOME/awsrole"
    else
        set folder "$HOME/.cache/awsrole"
    end
end

# Reads the session file of a plain profile name into the caller's `lines`; false when there is none to trust.
function __awsrole_read_file --no-scope-shadowing
    if test -z "$now" || not string match -qr '^[A-Za-z0-9_][A-Za-z0-9_.@+=,-]*\z' -- $profile
        return 1
    end
    __awsrole_cache
    # Of an open file nothing can be asked here. These are asked of the path, and nobody else can change what it leads to:
    # both folders are ours, and the core keeps nothing where others can write.
    set -l file $profile
    string match -qr '[A-Z]' -- $file && set file (string replace -ar '[A-Z]' '%$0' -- $file)
    set file $folder/shell/s-$file.session
    test -f $file && test ! -L $file && test -O $file || return
    test -O $folder && test ! -L $folder/shell && test -O $folder/shell || return
    read -z -d \n -a lines <$file 2>/dev/null
    set -q lines[14]
end

# Takes the caller's `lines` apart; false unless they are whole, well-formed and of the profile asked for.
# The first thirteen are the header, in this order, and need not be understood here.
function __awsrole_parse --no-scope-shadowing
    # What the newline at the end is followed by.
    test -z "$lines[-1]" && set -e lines[-1]
    set -q lines[15] && test "$lines[1]" = 'awsrole-session 1' && test "$lines[2]" = "profile $profile" || return
    test "$lines[-1]" = end && string match -qr '^expires(?: [0-9]{1,11})?\z' -- $lines[12] || return
    string match -q 'until*' -- $lines[13] || return
    string match -qrv '^(set AWS[A-Z0-9_]* |unset AWS[A-Z0-9_]*\z)' -- $lines[14..-2] && return 1
    set sets (string replace -rf '^set ' '' -- $lines[14..-2])
    set unsets (string replace -rf '^unset ' '' -- $lines[14..-2])
    set -q sets[1]
end

# True when the session file's header was made for a shell like this one, from the AWS files as they are, and it lasts.
function __awsrole_fits --no-scope-shadowing
    set -l base
    set -l renew
    string match -qr '^renew-after (?<renew>[0-9]{1,11})\z' -- $lines[11] && test $renew -gt $now || return
    test -n "$HOME" && test "$lines[3]" = "home $HOME" || return
    __awsrole_base AWS_IGNORE_CONFIGURED_ENDPOINT_URLS
    test -z "$base" || return
    __awsrole_base AWS_ENDPOINT_URL_STS
    test -n "$base" || __awsrole_base AWS_ENDPOINT_URL
    test -z "$base" || set base " $base"
    test "$lines[10]" = "endpoint$base" && __awsrole_made_from $lines[4..9]
end

# True when six header lines name this shell's AWS files in the state that they are in.
function __awsrole_made_from --no-scope-shadowing
    __awsrole_base AWS_CONFIG_FILE
    __awsrole_unchanged config "$base" $argv[1..3] || return
    __awsrole_base AWS_SHARED_CREDENTIALS_FILE
    __awsrole_unchanged credentials "$base" $argv[4..6]
end

# True when an AWS file ($argv[1], at $argv[2] or in its default place) is in the state that three header lines recorded:
# its place, the stamp with its modification time, and where it leads if it is a link. Uses the caller's `folder`.
function __awsrole_unchanged --no-scope-shadowing
    set -l file $argv[2]
    set -l place $file
    if test -z "$file"
        set file $HOME/.aws/$argv[1]
        set place '~/.aws/'$argv[1]
    end
    test "$argv[3]" = "$argv[1]-file $place" && string match -q '/*' -- $file || return
    if test "$argv[4]" = "$argv[1]-stamp absent"
        test ! -e $file
        return
    end
    set -l stamp
    string match -qr "^$argv[1]-stamp (?<stamp>[0-9a-f.]+)\z" -- $argv[4] || return
    set -l target
    if string match -qr "^$argv[1]-target (?<target>.+)\z" -- $argv[5]
        test $file -ef $target || return
    else if test -L $file
        return 1
    end
    set stamp $folder/stamps/$stamp
    test -f $file && test -f $stamp && test ! $file -nt $stamp && test ! $file -ot $stamp
end

# Says what the shell holds now. Uses the caller's `profile`, `lines` and `now`.
function __awsrole_tell --no-scope-shadowing
    set -l text "$profile: long-lived keys"
    if test "$lines[12]" != expires
        set text "$profile: a session"
        set -q AWSROLE_ACCOUNT_ID && set text "$text in account $AWSROLE_ACCOUNT_ID"
    end
    set -q AWSROLE_ROLE_ARN && set text "$profile: $AWSROLE_ROLE_ARN"
    test "$profile" = "$AWSROLE_ROLE_ARN" && set text $profile
    test -z "$AWS_REGION" || set text "$text, $AWS_REGION"
    test "$lines[12]" = expires || set text "$text, $lines[13]"
    set -l expires
    if test -n "$now" && string match -qr '^expires (?<expires>.+)' -- $lines[12]
        set -l minutes (builtin math "floor(($expires - $now + 30) / 60)")
        if test $minutes -lt 1
            set text "$text (less than 1 min)"
        else if test $minutes -lt 60
            set text "$text ($minutes min)"
        else if test (builtin math $minutes % 60) -eq 0
            set text "$text ("(builtin math $minutes / 60)" h)"
        else
            set text "$text ("(builtin math "floor($minutes / 60)")" h "(builtin math $minutes % 60)" min)"
        end
    end
    __awsrole_say $text
end

# ---- the prompt

# Before each prompt: looks for a renewed session, and sees to it that fish_prompt is the one that draws the segment.
# Whatever has redefined fish_prompt in the meantime is wrapped in its turn.
function __awsrole_prompt --on-event fish_prompt
    # In some versions the event comes for the `read` of a command, too; nothing may change under that.
    set -q AWSROLE_PROFILE && test (status current-command) = fish || return 0
    set -l fish_trace
    test -n "$IFS" || set -lx IFS \n
    set -l now
    __awsrole_now
    if set -q __awsrole_renewal[2] && test -n "$now" && test "$now" -ge "$__awsrole_renewal[1]"
        __awsrole_renew
    end
    test "$AWSROLE_PROMPT" != off && builtin functions -q fish_prompt || return 0
    set -l number (string replace -rf "^awsrole's segment, then __awsrole_prompt_" '' -- (builtin functions -Dv fish_prompt)[-1])
    if test -n "$number"
        # Ours, or a copy that somebody has put back (as Python's virtualenv does).
        set -gu __awsrole_shown $number
        return 0
    end
    # starship shows the role itself, by AWSUME_PROFILE.
    if test "$AWSROLE_PROMPT" != on && string match -qi '*starship*' -- (builtin functions fish_prompt)
        return 0
    end
    # Copies of earlier ones may be called by what was made around them, so each keeps its name.
    set number 1
    while builtin functions -q __awsrole_prompt_$number
        set number (builtin math $number + 1)
    end
    builtin functions -c fish_prompt __awsrole_prompt_$number
    __awsrole_wrap $number
    set -gu __awsrole_shown $number
end

# Makes fish_prompt the segment and then what fish_prompt number $argv[1] prints.
function __awsrole_wrap -a __awsrole_number
    function fish_prompt -V __awsrole_number --description "awsrole's segment, then __awsrole_prompt_$__awsrole_number"
        # First of all, so that it finds $status and $pipestatus.
        set -l __awsrole_text (__awsrole_prompt_$__awsrole_number $argv)
        # One that is called by another one shows none.
        if set -q AWSROLE_PROFILE && test "$__awsrole_shown" = "$__awsrole_number"
            set -l __awsrole_segment (__awsrole_segment)
            set __awsrole_text[1] "$__awsrole_segment$__awsrole_text[1]"
        end
        string replace -a \x1e \n -- $__awsrole_text
    end
end

# True while the shell holds what was put there.
function __awsrole_true
    test "$AWS_ACCESS_KEY_ID" = "$AWSROLE_ACCESS_KEY_ID" && not set -q AWS_PROFILE[1]
end

# Prints who this shell is and for how long, in one line: a line break is a \x1e. It is shown and never taken for code.
function __awsrole_segment
    test -n "$AWSROLE_PROFILE" && test "$AWSROLE_PROMPT" != off || return 0
    test -n "$IFS" || set -lx IFS \n
    set -l name $AWSROLE_PROFILE
    string match -q 'arn:*/*' -- $name && set name $AWSROLE_ACCOUNT_ID:(string replace -r '.*/' '' -- $name)
    set -l text $name
    set -l time
    set -l now
    set -l colour cyan
    __awsrole_now
    if not __awsrole_true
        set time '?'
        set colour red
        set text "$text?"
    else if test -n "$now" && string match -qr '^[0-9]{1,11}\z' -- $AWSROLE_EXPIRES
        set -l left (builtin math "floor(($AWSROLE_EXPIRES - $now + 59) / 60)")
        if test $AWSROLE_EXPIRES -le $now
            set time EXPIRED
            set colour red
        else if test $left -lt 100
            set time $left"m"
            test $left -gt 10 || set colour yellow
        else
            set -l minutes (builtin math $left % 60)
            test $minutes -gt 9 || set minutes 0$minutes
            set time (builtin math "floor($left / 60)")h$minutes"m"
        end
        set text "$text $time"
    end
    if set -q AWSROLE_PROMPT_FORMAT
        set -l format (string replace -a \n \x1e -- "$AWSROLE_PROMPT_FORMAT")
        set -l filled
        for part in (string match -ar '%.?|[^%]+' -- $format)
            switch $part
                case %s
                    set filled $filled $text
                case %p
                    set filled $filled $name
                case %t
                    set filled $filled $time
                case %r
                    set filled $filled $AWS_REGION
                case %a
                    set filled $filled $AWSROLE_ACCOUNT_ID
                case %%
                    set filled $filled %
                case '*'
                    set filled $filled $part
            end
        end
        set text (string join '' -- $filled)
    else
        set text "($text) "
    end
    if test -z "$NO_COLOR" && test "$TERM" != dumb
        set text (builtin set_color $colour)$text(builtin set_color normal)
    end
    builtin printf '%s\n' $text
end

# Takes over what another terminal has renewed: the same role under the same name, for longer, from the files as they are.
# Nothing is asked and nothing started; an edit of the files never moves this shell to another role.
# Uses the caller's `now`.
function __awsrole_renew --no-scope-shadowing
    set -l profile $__awsrole_renewal[2]
    set -l folder
    set -l lines
    set -l sets
    set -l unsets
    __awsrole_true && __awsrole_read_file && __awsrole_fits && __awsrole_parse || return 0
    set -l expires (string replace -rf '^expires ' '' -- $lines[12])
    string match -qr '^[0-9]{1,11}\z' -- $AWSROLE_EXPIRES && test -n "$expires" && test $expires -gt $AWSROLE_EXPIRES || return 0
    builtin contains -- "AWSROLE_ROLE_ARN $AWSROLE_ROLE_ARN" $sets || return 0
    __awsrole_take 2>/dev/null && set __awsrole_renewal[1] (string replace 'renew-after ' '' -- $lines[11])
    return 0
end

# ---- completion

# Prints what may stand at the cursor, a description after a tab. The shell itself escapes odd names.
function __awsrole_complete
    set -l fish_trace
    test -n "$IFS" || set -lx IFS \n
    set -l words (builtin commandline -opc)
    set -l given
    set -l literal
    set -l value
    set -e words[1]
    for word in $words
        if test -n "$value"
            set value
            continue
        else if test -z "$literal" && __awsrole_takes_value $word
            set value $word
            continue
        end
        switch $word
            case --
                if test "$given[1]" = exec
                    # A command line of its own, from there on as it was typed.
                    builtin complete -C (string replace -r '(?s)^.*?\s--\s+' '' -- (builtin commandline -cp | string collect))
                    return
                end
                set literal 1
            case '-?*'
            case '*'
                set given $given $word
        end
    end
    set -l current (builtin commandline -ct)
    if test "$value" = --mfa-code
        builtin printf '%s\t%s\n' - 'read it from standard input'
    else if test "$value" = --source-profile
        __awsrole_profiles
    else if test "$value" = --policy
        __fish_complete_path $current
    else if test -n "$value"
        return
    else if test -z "$literal" && string match -q -- '--source-profile=*' $current
        string replace -r '^' -- '--source-profile=' (__awsrole_profiles)
    else if test -n "$literal"
        set -q given[1] || __awsrole_profiles
    else if string match -q -- '-*' $current
        switch "$given[1]"
            case list whoami explain
                builtin printf '%s\t%s\n' --json 'as JSON'
        end
        switch "$given[1]"
            case list whoami init demo clear off -
            case '*'
                builtin printf '%s\t%s\n' --source-profile 'the profile whose credentials assume the role' \
                    --region 'the region of the session' --duration 'how long it lasts: 1h30m, 45m, or seconds' \
                    --session-name 'the session name, which CloudTrail shows' \
                    --external-id 'the external id that the trust policy asks for' \
                    --mfa-serial 'the ARN or serial number of your MFA device' \
                    --source-identity 'who you are, for CloudTrail' --tag 'a session tag: KEY=VALUE' \
                    --transitive-tag 'the key of a tag to hand on to further roles' \
                    --policy 'a file with a policy that narrows the session' \
                    --policy-arn 'the ARN of a policy that narrows it'
        end
        switch "$given[1]"
            case list whoami init demo clear off - explain
            case '*'
                builtin printf '%s\t%s\n' --refresh 'get a new session now, for a long run' \
                    --mfa-code 'read the MFA code from standard input' -- 'then a profile named like a command, or a command'
        end
        builtin contains -- "$given[1]" exec list whoami init demo clear off - explain ||
            builtin printf '%s\t%s\n' --dry-run 'say what would be done, and do nothing'
        set -q given[1] || builtin printf '%s\t%s\n' --version 'show the version'
        builtin printf '%s\t%s\n' --debug 'say what is done' --help 'show help'
    else
        switch "$given"
            case ''
                __awsrole_profiles off exec list explain whoami clear demo init credential-process session-lines index-lines
                builtin printf '%s\t%s\n' off 'put back what the shell held before' - 'go back to the role before this one' \
                    exec 'run a command with a profile' list 'list the profiles' explain 'say what a switch would do' whoami 'ask AWS who this shell is' \
                    clear 'remove kept sessions' demo 'try it in a sandbox' init 'print the shell function'
            case exec explain clear
                __awsrole_profiles
            case init
                builtin printf '%s\n' bash zsh fish powershell
            case demo
                builtin printf '%s\t%s\n' code 'the current MFA code'
            case 'exec *'
                builtin printf '%s\t%s\n' -- 'then a command'
        end
    end
end

# Prints the profiles but those among the words: from the index while it is of the AWS files as they are, else from the
# core, which writes it anew.
function __awsrole_profiles
    set -l folder
    set -l base
    set -l lines
    __awsrole_cache
    set -l file "$folder/completion/index"
    if test -n "$__awsrole_clock" && test -n "$HOME" && test -f $file && test ! -L $file && test -O $file && test -O $folder
        read -z -d \n -a lines <$file 2>/dev/null
        test -z "$lines[-1]" && set -e lines[-1]
    end
    if test "$lines[1]" != 'awsrole-index 1' || test "$lines[2]" != "home $HOME" || test "$lines[-1]" != end ||
            not __awsrole_made_from $lines[3..8]
        set lines (__awsrole_from_base 1 __awsrole_start index-lines 2>/dev/null </dev/null)
        string match -q '*'\r -- "$lines[1]" && set lines (string trim -rc \r -- $lines)
        test "$lines[1]" = 'awsrole-index 1' && test "$lines[-1]" = end || return
    end
    test (builtin count $lines) -gt 9 || return
    set lines $lines[9..-2]
    if builtin contains -- -- (builtin commandline -opc)
        builtin printf '%s\n' $lines
    else
        string match -rv '^('(string join '|' -- '-.*' $argv)')\t' -- $lines
    end
end

builtin complete -e -c awsrole
builtin complete -c awsrole -f -k -a '(__awsrole_complete)'
