# awsrole for nushell (0.101 and later): `awsrole NAME` puts the session of an AWS role into this shell.
#
# A session comes as lines from the core. They are checked as a whole, and only then applied; nothing is ever evaluated. What
# the shell held before its first switch is in $env.__AWSROLE, a record, which child processes do not get. `awsrole init nushell`
# sets __awsrole_root in a line of its own.

# The build writes this line (src/commands/names.ts).
const __awsrole_commands = ' off - status exec env list explain whoami console clear new protect unprotect add rotate keys unlock lock doctor setup demo init help credential-process complete session-lines index-lines choice-line '

# Switch this shell to the role of an AWS profile. The first word decides what is asked for.
def --env --wrapped awsrole [...words: string@__awsrole_complete] {
    let piped = $in
    let first = $words.0? | default status
    if $first in [status whoami doctor console] {
        $piped | __awsrole_run $words # of what this shell holds
    } else if $first in ($__awsrole_commands | split row ' ') and $words not-in [[off] [-]] {
        $piped | __awsrole_ask $words
    } else {
        let answer = $piped | __awsrole_answer $words
        if ($answer | describe) == string { return $answer }
        # Here, and once: what a function changes may be hidden twice, and hide-env takes away one of them.
        hide-env --ignore-errors AWSROLE_NAMES ...$answer.hide
        load-env ($answer.load | merge { __AWSROLE: $answer.state })
        print --stderr $answer.says
    }
}

# What is to be changed in the environment for a switch, `off` or `-`; a text where the core has answered something else.
# Where the core fails, this ends with its status.
def __awsrole_answer [words: list<string>] {
    let piped = $in
    let state = __awsrole_state
    if $words == [off] or ($words == [-] and $state.previous == [off]) {
        __awsrole_off $state
    } else if $words != [-] {
        $piped | __awsrole_switch $state $words
    } else if ($state.previous | is-empty) {
        __awsrole_fail 2 'awsrole -: there is no role before this one in this shell; run: awsrole PROFILE'
    } else {
        $piped | __awsrole_switch $state [--again ...$state.previous]
    }
}

# Ends with a status.
def __awsrole_fail [status: int, text: string] {
    print --stderr $text
    ^sh -c 'exit "$1"' sh $status
}

# In a child of a switched shell only the names of the variables are known, not what they were before.
def __awsrole_state [] {
    if $env.__AWSROLE? != null and ($env.__AWSROLE.held | is-not-empty) { return $env.__AWSROLE }
    let state = $env.__AWSROLE? | default { held: [], base: {}, current: [off], previous: [], inherited: false }
    let names = $env.AWSROLE_NAMES? | default '' | split row ' ' | where $it =~ '^AWS[A-Z0-9_]*$'
    if ($names | is-empty) { return $state }
    $state | merge { held: $names, current: [($env.AWSROLE_PROFILE? | default '')], inherited: true }
}

# Runs the launcher; where nothing is piped to it, it has the shell's own standard input.
def __awsrole_run [words: list<string>] {
    let piped = $in
    let launcher = $"($__awsrole_root)/shell/awsrole"
    # An update may have put it elsewhere.
    let launcher = if ($launcher | path exists) { $launcher } else { 'awsrole' }
    if $piped == null { ^$launcher ...$words } else { $piped | ^$launcher ...$words }
}

# Runs the core in the environment that a switch starts from, which is gone with this function.
def __awsrole_ask [words: list<string>] {
    let piped = $in
    let state = __awsrole_state
    let profile = $env.AWSROLE_PROFILE? | default ''
    hide-env --ignore-errors AWSROLE_NAMES ...$state.held
    load-env ($state.base | merge { AWSROLE_SHELL: '-', AWSROLE_HELD: $profile })
    $piped | __awsrole_run $words
}

def __awsrole_off [state: record] {
    if ($state.held | is-empty) {
        return { hide: [], load: {}, state: $state, says: 'no role is held in this shell' }
    }
    let left = if $state.inherited {
        $'removed ($env.AWSROLE_NAMES?); only the shell that switched can put back what they were'
    } else {
        'the shell is as it was before'
    }
    {
        hide: $state.held
        load: $state.base
        state: ($state | merge { held: [], base: {}, inherited: false } | __awsrole_remember [off])
        says: ($"left ($env.AWSROLE_PROFILE? | default 'the role'): ($left)" | __awsrole_clean)
    }
}

# With a ? in the place of what a terminal would obey.
def __awsrole_clean [] { str replace --all --regex '\p{C}' '?' }

# Keeps the words of the state the shell is in now, for `awsrole -`.
def __awsrole_remember [words: list<string>] {
    if $words == $in.current { $in } else { $in | merge { previous: $in.current, current: $words } }
}

def __awsrole_switch [state: record, words: list<string>] {
    let text = $in | __awsrole_ask [session-lines ...$words]
    if $text !~ '^awsrole-session ' { return $text } # like the answer to --help
    let session = __awsrole_parse ($text | str trim --right --char "\n" | split row "\n")
    if $session == null {
        __awsrole_fail 1 "awsrole's answer was incomplete or of another version, so nothing was changed; open a new shell, or install awsrole again"
    }
    let held = $session.set | columns | append $session.unset
    # What the shell held before its first switch: as it is now, but for what was kept then.
    let before = $env | __awsrole_part {|name| $name not-in $state.held } | merge $state.base
    {
        hide: ($state.held | append $held)
        load: ($state.base | __awsrole_part {|name| $name not-in $session.unset } | merge $session.set
            | merge { AWSROLE_NAMES: ($session.set | columns | str join ' ') })
        state: ($state | merge {
            held: $held
            base: ($before | __awsrole_part {|name| $name in $held })
        } | __awsrole_remember ($words | skip while {|word| $word == '--again' }))
        says: ([$session.says (__awsrole_left $session.expires)] | compact --empty | str join ', ')
    }
}

# Those of a record whose names the closure is true for.
def __awsrole_part [wanted: closure] {
    transpose name value | where {|it| do $wanted $it.name } | reduce --fold {} {|it, all| $all | insert $it.name $it.value }
}

# The lines, taken apart; nothing unless they are whole and well-formed.
def __awsrole_parse [lines: list<string>] {
    if ($lines | length) < 9 or ($lines | last) != end or $lines.0 !~ '^awsrole-session 2 .' { return }
    let header = $lines | skip 1 | first 6
    if ($header | each { split row ' ' | first } | str join ' ') != 'for states times says shows unset' { return }
    let variables = $lines | skip 7 | drop 1
    let unset = $header.5 | split row ' ' | skip 1
    let expires = $header.2 | split row ' ' | last
    if not ($variables | all { $in =~ '^AWS[A-Z0-9_]*=' }) or not ($unset | all { $in =~ '^AWS[A-Z0-9_]*$' }) { return }
    if $expires !~ '^[0-9]{1,12}$' or ($lines | skip 4 | any { $in =~ '\p{Cc}' }) { return }
    let set = $variables | parse --regex '^(?<name>[^=]*)=(?<value>.*)$' | reduce --fold {} {|it, all| $all | upsert $it.name $it.value }
    { set: $set, unset: $unset, says: ($header.3 | str substring 5..), expires: $expires }
}

# How long it is until the end of a session, `58m left`; nothing for 0, which is no end.
def __awsrole_left [expires: string] {
    if $expires !~ '^[1-9][0-9]{0,11}$' { return '' }
    let seconds = ($expires | into int) - (date now | into int) // 1_000_000_000
    let minutes = ($seconds + 59) // 60
    if $minutes < 1 {
        'EXPIRED'
    } else if $minutes < 100 {
        $'($minutes)m left'
    } else {
        $'($minutes // 60)h($minutes mod 60 | fill --alignment right --character "0" --width 2)m left'
    }
}

# Who this shell is and for how long, if it still holds what was put there: what stands in front of the prompt.
def __awsrole_segment [] {
    let name = $env.AWSROLE_PROFILE? | default ''
    if $name == '' or $env.AWSROLE_PROMPT? == off { return '' }
    let short = if $name =~ '^arn:.*/' { $"($env.AWSROLE_ACCOUNT_ID?):($name | split row / | last)" } else { $name }
    let expires = $env.AWSROLE_EXPIRES? | default '0'
    let text = if $env.AWS_ACCESS_KEY_ID? != $env.AWSROLE_ACCESS_KEY_ID? or $env.AWS_PROFILE? != null {
        $'($short)?'
    } else if $expires == '0' and $env.AWS_SESSION_TOKEN? == null {
        $'($short) keys'
    } else {
        $short + ' ' + (__awsrole_left $expires | str replace ' left' '') | str trim --right
    }
    $'($text) ' | $"\(($in | str trim --right)) " | __awsrole_clean
}

# What may stand at the cursor: the core knows, the names of profiles too.
def __awsrole_complete [line: string] {
    let words = $line | split row --regex '\s+' | skip 1
    let answer = try { __awsrole_ask [complete nushell ...$words] err> /dev/null | lines } catch { [] }
    if $answer.0? != words { return null } # of files nushell knows
    $answer | skip 1 | split column "\t" value description
}

if $env.__AWSROLE_PROMPT? == null {
    $env.__AWSROLE_PROMPT = [$env.PROMPT_COMMAND?]
    $env.PROMPT_COMMAND = {||
        let theirs = $env.__AWSROLE_PROMPT.0
        (__awsrole_segment) + (if ($theirs | describe) == closure { do $theirs } else { $theirs | default '' })
    }
}
