# Completion of `halfword` for bash. Installed as bash-completion/completions/halfword.

_halfword() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command='' at
  COMPREPLY=()
  for ((at = 1; at < COMP_CWORD; ++at)); do
    case ${COMP_WORDS[at]} in
      inspect | call | doctor | help)
        command=${COMP_WORDS[at]}
        break
        ;;
    esac
  done

  case $before in
    --search)
      mapfile -t COMPREPLY < <(compgen -d -- "$word")
      return
      ;;
    --symbol | --deadline | --repeat) return ;;
  esac

  local options=''
  case $command in
    '') options='--help --version --json' ;;
    inspect) options='--help --json --search --no-load' ;;
    call) options='--help --json --search --symbol --deadline --repeat' ;;
    doctor) options='--help --json --search' ;;
    help) options='--help --json' ;;
  esac
  if [[ $word == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$options" -- "$word")
    return
  fi
  case $command in
    '') mapfile -t COMPREPLY < <(compgen -W 'inspect call doctor help' -- "$word") ;;
    help) mapfile -t COMPREPLY < <(compgen -W 'errors inspect call doctor' -- "$word") ;;
    inspect) mapfile -t COMPREPLY < <(compgen -f -- "$word") ;;
    call)
      # The file comes first; among the values only @FILE can be completed.
      if [[ $word == @* ]]; then
        mapfile -t COMPREPLY < <(compgen -f -P @ -- "${word#@}")
      else
        mapfile -t COMPREPLY < <(compgen -f -- "$word")
      fi
      ;;
  esac
}
complete -o filenames -F _halfword halfword
