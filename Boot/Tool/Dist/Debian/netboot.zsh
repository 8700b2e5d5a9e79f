#compdef netboot
# Completion for zsh: the tool itself says what may come next; where it says nothing, files.

local line="${(j: :)words[2,CURRENT]}"
local -a found
found=(${(f)"$(netboot "[suggest:${#line}]" "$line" 2>/dev/null)"})
[[ $PREFIX == -* ]] || found=(${found:#[-/]*})
(( $#found )) && compadd -a found || _files
