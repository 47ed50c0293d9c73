# bash completion of the csops commands. The options come from --help, the
# columns from the header of the file on the command line, so nothing here
# needs to change with them.

# The options of a command, one a line; those that take a value end in "=".
_csops_options() {
	"$1" --help 2>/dev/null |
	    sed -n 's/^  *\(-[^ ], \)\{0,1\}\(--[a-z][a-z-]*=\{0,1\}\).*/\2/p'
}

# The columns of the first data file among the words, one a line.
_csops_columns() {
	local word
	for word in "${COMP_WORDS[@]:1}"; do
		case $word in
		-* | *.rules) continue ;;
		esac
		[[ -f $word && -r $word ]] || continue
		# Its head is enough, and a long file is not waited for.
		case $word in
		*.gz) gzip -dc -- "$word" ;;
		*) cat -- "$word" ;;
		esac 2>/dev/null | head -n 100 |
		    cs-check fields -o csv --columns=column - 2>/dev/null |
		    sed -e 1d -e 's/^"\(.*\)"$/\1/' -e 's/""/"/g'
		return
	done
}

_csops_words() { # WORD...
	printf '%s\n' "$@"
}

# The words that fit an option's value; nothing: file names.
_csops_values() { # OPTION
	case $1 in
	--by | --id | --email | --name | --account | --source | --consent | \
	    --time | --columns | --ahead) _csops_columns ;;
	--input | -i) _csops_words auto csv tsv jsonl ;;
	--output | -o) _csops_words csv tsv jsonl table excel ;;
	--engine) _csops_words fast ref both ;;
	--on-error) _csops_words refuse stop ;;
	--output-encoding) _csops_words cp932 eucjp utf-8 utf-16 ;;
	--progress | --color) _csops_words auto always never ;;
	--gate) _csops_words strict ;;
	--missing) _csops_words skip empty error ;;
	--period) _csops_words week month quarter year ;;
	esac
}

# Offers the lines that begin as the word does. Names come from data: they are
# quoted, and never seen by compgen -W, which would run what stands in them.
_csops_offer() { # HEAD WORD
	local line
	while IFS= read -r line; do
		[[ $line == "$2"* ]] || continue
		if [[ $line != --* ]]; then
			printf -v line %q "$line"
		fi
		COMPREPLY+=("$1$line")
	done
}

_csops() {
	local cur=${COMP_WORDS[COMP_CWORD]} before='' option='' head='' options
	COMPREPLY=()
	options=$'\n'$(_csops_options "$1")$'\n'
	((COMP_CWORD > 0)) && before=${COMP_WORDS[COMP_CWORD - 1]}
	# "--by=pl" arrives as the words "--by", "=" and "pl".
	if [[ $cur == = ]]; then
		option=$before cur=''
	elif [[ $before == = ]]; then
		option=${COMP_WORDS[COMP_CWORD - 2]}
	elif [[ $cur == --*=* ]]; then
		option=${cur%%=*} head=$option= cur=${cur#*=}
	elif [[ $before == -[io] || $options == *$'\n'"$before="$'\n'* ]]; then
		option=$before
	elif [[ $cur == -* ]]; then
		_csops_offer '' "$cur" <<<"$options"
		[[ ${COMPREPLY[0]-} == *= ]] && compopt -o nospace 2>/dev/null
		return 0
	fi
	case $option in
	--by | --columns) # a list: what stands before the last comma stays
		if [[ $cur == *,* ]]; then
			head=$head${cur%,*},
			cur=${cur##*,}
		fi
		;;
	esac
	[[ -z $option ]] || _csops_offer "$head" "$cur" \
	    < <(_csops_values "$option")
	if [[ ${#COMPREPLY[@]} == 0 ]]; then
		mapfile -t COMPREPLY < <(compgen -P "$head" -f -- "$cur")
		compopt -o filenames 2>/dev/null
	fi
	return 0
}

complete -F _csops cs-ingest cs-score cs-segment cs-funnel cs-mailgen cs-check
