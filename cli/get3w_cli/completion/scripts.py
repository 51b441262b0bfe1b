"""The completion scripts of the shells: each asks `get3w _complete` for the words."""

from __future__ import annotations

# `\tfiles` and `\tfolders` leave the word to the shell.
BASH = r"""_get3w() {
    local IFS=$'\n' line current="${COMP_WORDS[COMP_CWORD]}"
    local -a words=("${COMP_WORDS[@]:1:COMP_CWORD}")
    COMPREPLY=()
    # bash takes = for a word of its own.
    if [[ $current == "=" ]]; then
        current=""; words[-1]=""
    elif ((COMP_CWORD > 1)) && [[ ${COMP_WORDS[COMP_CWORD-1]} == "=" ]]; then
        unset 'words[-2]'; words=("${words[@]}")
    fi
    for line in $("${COMP_WORDS[0]}" _complete "${words[@]}" 2>/dev/null); do
        [[ $line == $'\tfiles' || $line == $'\tfolders' ]] && compopt -o filenames 2>/dev/null
        case $line in
            $'\tfiles') COMPREPLY+=($(compgen -f -- "$current")) ;;
            $'\tfolders') COMPREPLY+=($(compgen -d -- "$current")) ;;
            *) COMPREPLY+=("$(printf '%q' "$line")") ;;
        esac
    done
}
complete -F _get3w get3w
"""

ZSH = r"""#compdef get3w
_get3w() {
    local line
    local -a found
    for line in "${(@f)$("${words[1]}" _complete "${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
        case $line in
            $'\tfiles') _files ;;
            $'\tfolders') _files -/ ;;
            ?*) found+=("$line") ;;
        esac
    done
    (( $#found )) && compadd -Q -- "${(@q)found}"
}
compdef _get3w get3w
"""

FISH = r"""function __get3w_complete
    set -l words (commandline -opc)[2..-1] (commandline -ct)
    for line in (get3w _complete $words 2>/dev/null)
        switch $line
            case \tfiles
                __fish_complete_path (commandline -ct)
            case \tfolders
                __fish_complete_directories (commandline -ct)
            case '*'
                echo $line
        end
    end
end
complete -c get3w -f -a '(__get3w_complete)'
"""

SCRIPTS = {"bash": BASH, "zsh": ZSH, "fish": FISH}
