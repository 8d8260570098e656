# Completion of `awsrole` for packages (vendor_completions.d), in a fish that has not loaded awsrole itself. `awsrole
# complete` answers everything.
if not functions -q __awsrole_complete
    function __awsrole_package_complete
        set -l words (commandline -opc)[2..-1]
        set -l current (commandline -ct)
        if test "$words[1]" = exec; and contains -- -- $words
            # A command line of its own, from there on as it was typed.
            set -l rest (string replace -rf '(?s)^.*?\s(["\']?)--\1\s+' '' -- (commandline -cp | string collect) | string collect)
            complete -C "$rest"
            return
        end
        set -l answer (command awsrole complete fish $words (string unescape -- "$current") 2>/dev/null </dev/null)
        test "$answer[1]" = files; and complete -C "'' $current"
        test "$answer[1]" = words; and string join \n -- $answer[2..-1]
    end
    complete -c awsrole -f -k -a '(__awsrole_package_complete)'
end
