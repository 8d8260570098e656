# awsrole for elvish (0.19 and later): `awsrole NAME` puts the session of an AWS role into this shell.
#
# A session comes as lines from the core. They are checked as a whole, and only then applied; no value is ever evaluated. What
# the shell held before its first switch is in $base. `awsrole init elvish` sets $root in a line of its own.
use math
use re
use str

# The build writes this line (src/commands/names.ts).
var commands = ' off - status exec env list explain whoami console clear new protect unprotect add rotate keys unlock lock doctor setup demo init help credential-process complete session-lines index-lines choice-line '

var held = []
var base = [&]
var current = [off]
var previous = []
var inherited = $false

# In a child of a switched shell only the names of the variables are known, not what they were before.
if (has-env AWSROLE_NAMES) {
  set held = [(str:split ' ' (get-env AWSROLE_NAMES) | each {|name| if (re:match '^AWS[A-Z0-9_]*$' $name) { put $name } })]
  set inherited = $true
  if (has-env AWSROLE_PROFILE) { set current = [(get-env AWSROLE_PROFILE)] }
}

fn say {|text| echo $text >&2 }

# Runs the launcher, which comes with its own messages: an exception has its status.
fn start {|@words|
  var program = $root/shell/awsrole
  if (not (has-external $program)) { set program = awsrole } # an update may have put it elsewhere
  var launcher = (external $program)
  $launcher $@words
}

# Ends with a status.
fn end-with {|status text|
  say $text
  e:sh -c 'exit "$1"' sh $status
}

fn value {|name| if (has-env $name) { get-env $name } else { put '' } }

# What the variables of some names are; those that are not set are left out.
fn values {|names|
  var found = [&]
  for name $names { if (has-env $name) { set found[$name] = (get-env $name) } }
  put $found
}

# Makes the variables what `values` has found.
fn assign {|names found|
  for name $names { if (has-key $found $name) { set-env $name $found[$name] } else { unset-env $name } }
}

# Runs the launcher in the environment that a switch starts from.
fn from-base {|@words|
  var names = [$@held AWSROLE_NAMES AWSROLE_SHELL AWSROLE_HELD]
  var now = (values $names)
  try {
    set-env AWSROLE_HELD (value AWSROLE_PROFILE)
    assign $names[..-1] $base
    set-env AWSROLE_SHELL -
    start $@words
  } finally {
    assign $names $now
  }
}

# With a ? in the place of what a terminal would obey.
fn clean {|text| re:replace '\p{C}' '?' $text }

# Keeps the words of the state the shell is in now, for `awsrole -`.
fn remember {|words|
  if (not-eq $words $current) {
    set previous = $current
    set current = $words
  }
}

fn off {
  if (eq $held []) {
    say 'no role is held in this shell'
    return
  }
  var left = 'the shell is as it was before'
  if $inherited { set left = 'removed '(value AWSROLE_NAMES)'; only the shell that switched can put back what they were' }
  set left = 'left '(value AWSROLE_PROFILE)': '$left
  assign [$@held AWSROLE_NAMES] $base
  set held = []
  set base = [&]
  set inherited = $false
  remember [off]
  say (clean $left)
}

# How long it is until the end of a session, `58m`; nothing for 0, which is no end.
fn time-left {|expires|
  if (not (re:match '^[1-9][0-9]{0,11}$' $expires)) {
    put ''
    return
  }
  var minutes = (math:floor (/ (+ (- $expires (e:date +%s)) 59) 60))
  if (< $minutes 1) {
    put EXPIRED
  } elif (< $minutes 100) {
    put $minutes'm'
  } else {
    put (math:floor (/ $minutes 60))h(printf %02d (% $minutes 60))m
  }
}

# Takes lines apart; nothing unless they are whole and well-formed.
fn parse {|text|
  var lines = [(str:split "\n" $text)]
  if (or (< (count $lines) 10) (not-eq $lines[-2..] [end ''])) { return }
  var header = (str:join ' ' [(each {|line| put [(str:split ' ' $line)][0] } $lines[1..7])])
  if (not (and (re:match '^awsrole-session 2 .' $lines[0]) (eq $header 'for states times says shows unset'))) { return }
  var set = [&]
  var names = []
  for line $lines[7..-2] {
    if (or (not (re:match '^AWS[A-Z0-9_]*=' $line)) (re:match '\p{Cc}' $line)) { return }
    var name value = (str:split &max=2 '=' $line)
    set set[$name] = $value
    set names = [$@names $name]
  }
  var unset = [(str:split ' ' $lines[6])][1..]
  var expires = [(str:split ' ' $lines[3])][-1]
  if (not (re:match '^[0-9]{1,12}$' $expires)) { return }
  for name $unset { if (not (re:match '^AWS[A-Z0-9_]*$' $name)) { return } }
  put [&set=$set &names=$names &unset=$unset &says=(str:trim-prefix $lines[4] 'says ') &expires=$expires]
}

# A switch by the words of the command line. Where the core fails, this ends with its status.
fn switch {|@words|
  var text = (from-base session-lines $@words | slurp)
  if (not (str:has-prefix $text 'awsrole-session ')) {
    print $text # like the answer to --help
    return
  }
  var sessions = [(parse $text)]
  if (eq $sessions []) {
    end-with 1 'awsrole''s answer was incomplete or of another version, so nothing was changed; open a new shell, or install awsrole again'
  }
  var session = $sessions[0]
  var changes = [(all $session[names]) (all $session[unset])]
  if (not-eq $changes $held) {
    assign $held $base
    set held = $changes
    set base = (values $held)
  }
  assign $held $session[set]
  set-env AWSROLE_NAMES (str:join ' ' $session[names])
  if (eq $words[0] --again) { set words = $words[1..] }
  remember $words
  var left = (time-left $session[expires])
  if (str:has-suffix $left m) { set left = $left' left' }
  say (str:join ', ' [$session[says] (if (not-eq $left '') { put $left })])
}

# The first word decides what is asked for.
fn awsrole {|@words|
  var first = status
  if (not-eq $words []) { set first = $words[0] }
  if (or (eq $words [off]) (and (eq $words [-]) (eq $previous [off]))) {
    off
  } elif (and (eq $words [-]) (eq $previous [])) {
    end-with 2 'awsrole -: there is no role before this one in this shell; run: awsrole PROFILE'
  } elif (eq $words [-]) {
    switch --again $@previous
  } elif (has-value [status whoami doctor console] $first) {
    start $@words # of what this shell holds
  } elif (has-value [(str:split ' ' (str:trim-space $commands))] $first) {
    from-base $@words
  } else {
    switch $@words
  }
}

# Who this shell is and for how long, if it still holds what was put there: what stands in front of the prompt.
fn segment {
  var name = (value AWSROLE_PROFILE)
  if (or (eq $name '') (eq (value AWSROLE_PROMPT) off)) { return }
  if (re:match '^arn:.*/' $name) { set name = (value AWSROLE_ACCOUNT_ID)':'(re:replace '.*/' '' $name) }
  if (or (not-eq (value AWS_ACCESS_KEY_ID) (value AWSROLE_ACCESS_KEY_ID)) (has-env AWS_PROFILE)) {
    set name = $name'?'
  } elif (and (has-value ['' 0] (value AWSROLE_EXPIRES)) (not (has-env AWS_SESSION_TOKEN))) {
    set name = $name' keys'
  } else {
    set name = (str:trim-space $name' '(time-left (value AWSROLE_EXPIRES)))
  }
  put '('(clean $name)') '
}

# The editor, which is there only in an interactive shell.
var editor = [(try {
    eval '
      put $edit:completion:arg-completer $edit:complete-filename~ $edit:complex-candidate~ $edit:prompt $edit:add-var~
      put {|of| set edit:completion:arg-completer[awsrole] = $of } {|of| set edit:prompt = $of }
    '
  } catch { })]
if (not-eq $editor []) {
  var completers complete-filename~ complex-candidate~ theirs add-var~ set-completer~ set-prompt~ = $@editor
  if (has-key $completers awsrole) {
    # Loaded once more, it goes on from where it was.
    set held base current previous inherited = ($completers[awsrole] &state=$true)
  } else {
    set-prompt { segment; $theirs }
  }
  # What may become of the last of the words: the core knows, the names of profiles too.
  set-completer {|&state=$false @words|
    if $state {
      put $held $base $current $previous $inherited
    } else {
      var answer = [(try { from-base complete elvish (all $words[1..]) 2>/dev/null | from-lines } catch { })]
      if (eq $answer [files]) {
        complete-filename $@words
      } elif (not-eq $answer []) {
        for line $answer[1..] {
          var offer = [(str:split "\t" $line)]
          complex-candidate $offer[0] &display=(str:join '  ' $offer)
        }
      }
    }
  }
  add-var awsrole~ $awsrole~
}
