# Completion of `halfword` for fish. Installed as fish/vendor_completions.d/halfword.fish.

set -l commands inspect call doctor help
set -l none "not __fish_seen_subcommand_from $commands"

complete -c halfword -f
complete -c halfword -n "$none" -a inspect -d 'Say what a library is, and whether it can be called'
complete -c halfword -n "$none" -a call -d 'Call one function of a library'
complete -c halfword -n "$none" -a doctor -d 'Try what works on this machine'
complete -c halfword -n "$none" -a help -d 'Explain a command, or list all error codes'
complete -c halfword -n "$none" -l version -d 'Print the version'
complete -c halfword -s h -l help -d 'Print this help'
complete -c halfword -l json -d 'Print one JSON document, errors too'
complete -c halfword -n "__fish_seen_subcommand_from inspect call doctor" -l search -x \
    -a '(__fish_complete_directories)' -d 'Look for libraries and dependencies here first'
complete -c halfword -n "__fish_seen_subcommand_from inspect" -l no-load -d 'Only read the file'
complete -c halfword -n "__fish_seen_subcommand_from call" -l symbol -x -d 'Call this export instead'
complete -c halfword -n "__fish_seen_subcommand_from call" -l deadline -x -d 'End the worker if the call takes longer'
complete -c halfword -n "__fish_seen_subcommand_from call" -l repeat -x -d 'Make the call so often'
complete -c halfword -n "__fish_seen_subcommand_from inspect call" -F
complete -c halfword -n "__fish_seen_subcommand_from help" -a 'errors inspect call doctor'
