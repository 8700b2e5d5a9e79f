# Completion for fish: the tool itself says what may come next; fish adds files.

function __netboot_complete
    set -l words (commandline -opc) (commandline -ct)
    set -l line (string join ' ' -- $words[2..-1])
    set -l found (netboot "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null)
    if string match -q -- '-*' (commandline -ct)
        string match -- '-*' $found
    else
        string match -rv '^[-/]' -- $found
    end
end
complete -c netboot -a '(__netboot_complete)'
