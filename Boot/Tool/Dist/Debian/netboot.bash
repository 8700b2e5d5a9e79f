# Completion for bash: the tool itself says what may come next; where it says nothing, files.

_netboot() {
    local line=${COMP_LINE:0:COMP_POINT} word=${COMP_WORDS[COMP_CWORD]} IFS=$'\n' found
    line=${line#"${line%%[![:space:]]*}"}
    line=${line#*[[:space:]]}
    found=$(netboot "[suggest:${#line}]" "$line" 2>/dev/null)
    case $word in
        -*) ;;
        *) found=$(grep -v '^[-/]' <<<"$found") ;; # options only where one has begun
    esac
    COMPREPLY=($(compgen -W "$found" -- "$word"))
}
complete -o default -F _netboot netboot
