# awsrole for fisher, which copies this file. The awsrole that is on PATH is loaded.
if status is-interactive; and command -q awsrole
    command awsrole init fish | source
end
